"""Runs a case: builds its adapter, serves its reply, makes its call, compares the result."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability, DepartmentError, Rows
from adapters.manifest import Manifest
from adapters.manifest.document import read_document
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.validation import validate
from adapters.record_types import record_type_of
from adapters.workbench.cases.comparison import differences, differences_of_warnings
from adapters.workbench.cases.page import Block, Case, CaseCall, CaseExpectation, read_case
from adapters.workbench.contract_tests.checks import ContractBrokenError
from adapters.workbench.contract_tests.subjects import context, opened
from adapters.workbench.look_ups import look_up_all
from adapters.workbench.replay.addresses import load_with_placeholders
from adapters.workbench.replay.server import RecordedReply
from adapters.workbench.replay.stages import (
    CONTENT_TYPES,
    Stage,
    delivered_rows_stage,
    http_stage,
    rows_stage,
    tables_stage,
)
from schema.provenance import Record, SourceWarning
from schema.status import ApplicationStatus

REMEDY = "correct the manifest or the block `yaml expect`"
DEFAULTS = {
    "manifest": "manifest: 1",
    "department": "department: case",
    "label": "label: {en: Case}",
    "identity": "identity: {scheme: CASE_NO}",
}


async def run_case(path: Path, beside: Path | None = None) -> None:
    """Run the case.

    Args:
        path: page of the case.
        beside: folder of a manifest; the page's files replace its files. None: the page has all.

    Raises:
        ContractBrokenError: the result is not the expected one.
        ManifestError: the page is wrong.
    """
    case = read_case(path)
    call: CaseCall = _read(case, case.call, CaseCall)
    expect: CaseExpectation = _read(case, case.expect, CaseExpectation)
    with tempfile.TemporaryDirectory(prefix="hub-case-") as temporary:
        folder = Path(temporary) / "department"
        _lay_out(case, folder, beside)
        try:
            await _run(case, load_with_placeholders(folder), call, expect)
        except ManifestError as error:
            raise ManifestError([_in_page(each, case) for each in error.problems]) from None


async def _run(case: Case, manifest: Manifest, call: CaseCall, expect: CaseExpectation) -> None:
    if call.capability not in manifest.file.capabilities:
        message = "the manifest does not have this capability"
        raise ManifestError([Problem(case.path, case.call.line, "call", message, "add it")])
    with _stage(manifest, call.capability, case.replies) as stage:
        async with opened(stage.manifest) as adapter:
            await _compare(case, adapter, call, expect)
        _compare_requests(case, stage, expect.requests)


def _in_page(problem: Problem, case: Case) -> Problem:
    """Return the problem at its line in the page, if its file is a block of the page."""
    block = case.files.get(problem.path.name)
    if block is None:
        return problem
    return replace(problem, path=case.path, line=problem.line + block.line)


def _read(case: Case, block: Block, model: type[Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="hub-case-") as temporary:
        path = Path(temporary) / "block.yaml"
        path.write_text(block.text, encoding="utf-8")
        try:
            document = read_document(path)
        except ManifestError as error:
            raise _moved(error.problems, case, block) from None
    problems: list[Problem] = []
    found = validate(model, document.content, document, problems)
    if found is None:
        raise _moved(problems, case, block)
    return found


def _moved(problems: Sequence[Problem], case: Case, block: Block) -> ManifestError:
    """Return the problems at their lines in the page."""
    return ManifestError(
        [replace(each, path=case.path, line=each.line + block.line) for each in problems]
    )


def _lay_out(case: Case, folder: Path, beside: Path | None) -> None:
    """Write the manifest's folder for the case."""
    if beside is not None:
        shutil.copytree(beside, folder, ignore=shutil.ignore_patterns("samples", "cases", "*.py"))
    folder.mkdir(exist_ok=True)
    for name, block in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text.replace("${case}", str(folder)), encoding="utf-8")
    written = folder / "department.yaml"
    if not written.exists():
        raise ManifestError.single(case.path, "there is no block `yaml department.yaml`", "add it")
    if beside is None:
        given = read_document(written).content
        missing = [line for key, line in DEFAULTS.items() if key not in given]
        written.write_text(
            written.read_text(encoding="utf-8") + "\n".join(missing) + "\n", encoding="utf-8"
        )


def _stage(
    manifest: Manifest, capability: Capability, blocks: Sequence[Block]
) -> AbstractContextManager[Stage]:
    kind = manifest.file.connector.kind
    text = blocks[0].text if blocks else "[]"
    if kind == "files" and not blocks:
        # The page holds the delivered files, at `url: file://${case}/deliveries` for example.
        return nullcontext(Stage(manifest))
    if kind == "files":
        return delivered_rows_stage(manifest, capability, text.encode())
    if kind != "database":
        return http_stage(manifest, [_reply(block) for block in blocks])
    if blocks and blocks[0].language == "sql":
        return tables_stage(manifest, text)
    return rows_stage(manifest, capability, text.encode())


def _reply(block: Block) -> RecordedReply:
    known = CONTENT_TYPES.get(f".{block.language}")
    own = {
        name: value
        for name, value in block.settings.items()
        if name not in ("status", "when", "breaks_after")
    }
    # Markdown requires the line break before the closing fence; it is not part of the reply.
    content = block.text.rstrip("\n").encode()
    return RecordedReply(
        content,
        int(block.settings.get("status", "200")),
        {**({"Content-Type": known} if known else {}), **own},
        block.settings.get("when", ""),
        breaks_after=int(block.settings["breaks_after"])
        if "breaks_after" in block.settings
        else None,
    )


async def _compare(
    case: Case, adapter: ManifestAdapter, call: CaseCall, expect: CaseExpectation
) -> None:
    try:
        by_key = await _results(adapter, call)
    except DepartmentError as error:
        if expect.error == error.code:
            return
        raise _broken(case, f"the call gives {error.code}: {error.message}") from None
    if expect.error is not None:
        # All keys must fail with the expected error.
        if {each.code for each in by_key.values() if isinstance(each, DepartmentError)} == {
            expect.error
        }:
            return
        raise _broken(case, f"the call does not give {expect.error}")
    found: dict[str, list[Record]] = {}
    warnings: list[SourceWarning] = []
    for key, rows in by_key.items():
        if isinstance(rows, DepartmentError):
            raise _broken(case, f"the key {key} gives {rows.code}: {rows.message}")
        found[key] = list(rows.records)
        warnings += rows.warnings
    record_type = record_type_of(call.capability)
    expected = expect.records
    if isinstance(expected, list):
        # A search has one list of records, and one key.
        expected = dict.fromkeys(list(found)[:1], expected)
    wrong = differences(found, expected, record_type) if expected is not None else []
    wrong += differences_of_warnings(warnings, expect.warnings)
    if wrong:
        raise _broken(case, "; ".join(wrong))


async def _results(
    adapter: ManifestAdapter, call: CaseCall
) -> Mapping[str, Rows | DepartmentError]:
    if not call.capability.is_search:
        return (await look_up_all(adapter, call.capability, call.keys, context())).results
    criteria = dict(call.criteria)
    for name in ("offset", "limit"):
        if name in criteria:
            criteria[name] = int(criteria[name])
    if criteria.get("statuses"):
        criteria["statuses"] = [ApplicationStatus[each] for each in criteria["statuses"]]
    return {"": (await adapter.search(call.capability, criteria, context())).rows}


def _compare_requests(case: Case, stage: Stage, expected: Sequence[Sequence[str]]) -> None:
    if not expected:
        return
    requests = stage.server.requests if stage.server else []
    if len(requests) != len(expected):
        raise _broken(case, f"{len(requests)} requests were sent, not {len(expected)}")
    for number, (request, texts) in enumerate(zip(requests, expected, strict=True), start=1):
        for text in texts:
            if not request.holds(text):
                raise _broken(case, f"request {number} ({request.line}) does not contain {text!r}")


def _broken(case: Case, message: str) -> ContractBrokenError:
    return ContractBrokenError(f"{case.path.name} ({case.title}): {message}", REMEDY)
