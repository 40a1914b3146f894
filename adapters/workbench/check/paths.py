"""Checks that the paths of a manifest are in the department's replies.

A path must be in what is beside the manifest: a WSDL, an OpenAPI document, a statement, a query or
the layout of a file. If that does not name everything, it must be in a recorded sample.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.contract import Capability
from adapters.manifest.document import KeyPath
from adapters.manifest.model import CapabilityModel
from adapters.mapping.rules import FieldRule, FieldRules
from adapters.mapping.targets import targets_of
from adapters.record_types import record_type_of
from adapters.workbench.check.described_calls import DescribedReply, described_reply
from adapters.workbench.check.findings import Findings, Severity
from adapters.workbench.check.reply_trees import OPEN, Names, closest, names_in_rows
from adapters.workbench.check.sample_rows import SampleRows, rows_of_samples

MOST_DEPTH = 6
NO_SAMPLE = "no sample"


@dataclass(frozen=True, slots=True)
class _Path:
    """A path of a field rule.

    Attributes:
        key_path: where the manifest has it.
        paths: the path, and the ones that are tried if it has no value.
        required: True if a row without it can't be used.
        names: the names in the object that the path starts from.
    """

    key_path: KeyPath
    paths: list[str]
    required: bool
    names: Names


@dataclass(frozen=True, slots=True)
class _Gap:
    """A path that the replies of one capability do not have."""

    severity: Severity
    message: str
    remedy: str
    required: bool


def check_paths(findings: Findings) -> None:
    """Report paths that no reply can have, or that no sample has.

    A field rule that several capabilities use is reported if the field is required, or if none of
    them has the path.
    """
    samples = rows_of_samples(findings.manifest)
    gaps: dict[KeyPath, list[_Gap | None]] = {}
    for capability, model in findings.manifest.file.capabilities.items():
        reply = described_reply(findings.manifest, capability)
        sampled = samples.get(capability)
        row, source = _row_names(findings, capability, model, reply, sampled)
        for path in _paths_of_capability(findings, capability, model, row):
            gaps.setdefault(path.key_path, []).append(_gap_of(path, reply, source))
    for key_path, found in gaps.items():
        missing = [each for each in found if each is not None]
        needed = [each for each in missing if each.required]
        if needed or (missing and len(missing) == len(found)):
            gap = (needed or missing)[0]
            findings.add(gap.severity, "paths", key_path, gap.message, gap.remedy)


def _row_names(
    findings: Findings,
    capability: Capability,
    model: CapabilityModel,
    reply: DescribedReply,
    sampled: SampleRows | None,
) -> tuple[Names, str]:
    """Check `rows` and `total`; return the names in a row, and what they come from."""
    here = ("capabilities", capability.value)
    found_rows = sampled is not None and bool(sampled.rows)
    has_gap = False
    for key, path in (("rows", model.rows), ("total", model.total)):
        gap = reply.gap(reply.root, path) if path else None
        is_seen = found_rows if key == "rows" else sampled is not None and sampled.has_total
        if gap is not None and not is_seen:
            has_gap = True
            message = f"{reply.source} has no {gap[0]!r} in the path {path!r}"
            findings.add(Severity.ERROR, "paths", (*here, key), message, closest(*gap))
        elif key == "total" and path and found_rows and not is_seen:
            message = f"no sample has the path {path!r}"
            findings.add(Severity.ERROR, "paths", (*here, key), message, "correct it")
    for key, path in _page_paths(model):
        gap = reply.gap(reply.root, path)
        if gap is not None:
            message = f"{reply.source} has no {gap[0]!r} in the path {path!r}"
            at = (*here, "call", "pages", key)
            findings.add(Severity.ERROR, "paths", at, message, closest(*gap))
    for sample in sampled.without_rows if sampled is not None and not has_gap else ():
        message = f"no row is found in {sample.name} at {model.rows or 'the top of the reply'!r}"
        remedy = "correct `rows`, or write `records: 0` for this sample in samples.yaml"
        findings.add(Severity.ERROR, "paths", (*here, "rows"), message, remedy)
    row = reply.root.at(model.rows)
    seen = names_in_rows(list(sampled.rows)) if sampled is not None and sampled.rows else None
    if seen is not None and row == OPEN:
        return seen, NO_SAMPLE
    if seen is not None and reply.may_be_incomplete:
        return row.joined(seen), reply.source
    return row, reply.source


def _page_paths(model: CapabilityModel) -> Iterator[tuple[str, str]]:
    pages = model.call.get("pages")
    for key in ("count", "total", "next", "more"):
        if isinstance(pages, dict) and isinstance(pages.get(key), str):
            yield key, pages[key]


def _paths_of_capability(
    findings: Findings, capability: Capability, model: CapabilityModel, row: Names
) -> Iterator[_Path]:
    for key, path in (("key", model.key), ("row", model.row)):
        if path is not None:
            yield _Path(("capabilities", capability.value, key), [path], True, row)
    rules = findings.manifest.file.records[model.record].rules
    start = ("records", model.record)
    yield from _paths_in(findings, rules, record_type_of(capability), row.at(model.row), start, 0)


def _gap_of(path: _Path, reply: DescribedReply, source: str) -> _Gap | None:
    gaps = [reply.gap(path.names, each) for each in path.paths]
    gap = gaps[0]
    if gap is None or None in gaps:
        return None
    is_strict = source != NO_SAMPLE and not reply.may_be_incomplete
    severity = Severity.ERROR if is_strict or path.required else Severity.WARNING
    where = f"the path {path.paths[0]!r}"
    message = (
        f"no sample has {where}"
        if source == NO_SAMPLE
        else f"{source} has no {gap[0]!r} in {where}"
    )
    return _Gap(severity, message, closest(*gap), path.required)


def _paths_in(
    findings: Findings,
    rules: FieldRules,
    record_type: type,
    names: Names,
    at: KeyPath,
    depth: int,
) -> Iterator[_Path]:
    targets = targets_of(record_type)
    for name, rule in rules.items():
        if name not in targets:
            continue
        here = (*at, name)
        required = targets[name].required and rule.default is None
        yield from _paths_of(rule, here, names, required=required)
        inner_type = targets[name].type
        inner = rule.fields
        if rule.record is not None and rule.record in findings.manifest.file.records:
            inner, here = (
                findings.manifest.file.records[rule.record].rules,
                ("records", rule.record),
            )
        if inner is None or depth >= MOST_DEPTH or not isinstance(inner_type, type):
            continue
        if rule.split is None and rule.numbered is None and not rule.format:
            inside = names.at(rule.path) if rule.path is not None else names
            yield from _paths_in(findings, inner, inner_type, inside, here, depth + 1)


def _paths_of(rule: FieldRule, here: KeyPath, names: Names, *, required: bool) -> Iterator[_Path]:
    if rule.path is not None:
        yield _Path(here, [rule.path, *rule.otherwise], required, names)
    for path in rule.concat.paths if rule.concat is not None else ():
        yield _Path((*here, "concat", path), [path], False, names)
    if rule.time is not None:
        yield _Path((*here, "time"), [rule.time.path], False, names)
