"""The contract: what every adapter must do. One function for each sentence of it.

Each raises `ContractBrokenError` when the sentence is not true, and `CanNotReplayError` when that
can't be found out here. They are the same for every department.
"""

import asyncio
import copy
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from lxml import etree

from adapters.adapter import ManifestAdapter
from adapters.assembly import record_type_of
from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
    LookUpReply,
    ReplyTooLargeError,
    SearchReply,
)
from adapters.testing.replay import Reply
from adapters.testing.samples import Sample
from adapters.testing.stages import (
    CanNotReplayError,
    http_stage,
    troubles_of,
)
from adapters.testing.subjects import (
    CORRELATION_ID,
    Subject,
    context,
    keys_of,
    opened,
    replies_of,
    stage_of,
)
from schema.provenance import Record, SourceWarning

UNKNOWN_KEYS = ("999999999", "no such key", "ढूँढो", "%2F/../x'--", "0" * 300)
MOST_DAMAGES = 120
MOST_WORDS = 30
_WORD = re.compile(rb"[^\s,;|~]+")
GIVE_UP_SECONDS = 0.3
CANCELLED_WITHIN = 2.0

Criteria = Mapping[str, object]
SEARCHES: Mapping[Capability, Criteria] = {
    Capability.CITIZENS_SEARCH: {"name": "Ram Devi", "district": "Karnal"},
    Capability.APPLICATIONS_SEARCH: {"statuses": None, "since": None, "offset": 0, "limit": 20},
    Capability.APPLICATIONS_CHANGES_SINCE: {"since": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
}


class ContractBrokenError(Exception):
    """An adapter does not do what every adapter must do.

    Attributes:
        message: what it does instead.
        remedy: where to look.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


async def sample_is_read_whole(subject: Subject, sample: Sample) -> None:
    """Every record of a recorded reply is read, with the warnings that are told of it only."""
    where = f"samples/{sample.path.name}"
    with subject.stage(sample) as stage:
        async with opened(stage.manifest) as adapter:
            try:
                records, warnings = await _ask(adapter, sample)
            except DepartmentError as error:
                wanted = sample.told.error
                if not sample.is_error or (wanted is not None and wanted != error.code):
                    raise ContractBrokenError(
                        f"{where} gives {error.code}: {error.message}",
                        "correct the call, or say `error:` in samples.yaml",
                    ) from None
                return
    if sample.is_error:
        raise ContractBrokenError(
            f"{where} is an error, and gives {len(records)} records instead",
            "say in the connector how the department tells errors",
        )
    _compare_count(where, sample, records)
    kind = record_type_of(sample.capability)
    strangers = [r for r in records if not isinstance(r, kind)]
    if strangers:
        raise ContractBrokenError(
            f"{where} gives records of another type than {kind.__name__}", "correct `record`"
        )
    given = warnings_told(warnings)
    if given != sorted(sample.told.warnings):
        raise ContractBrokenError(
            f"{where} gives the warnings {given or 'none'}, not {sample.told.warnings or 'none'}",
            "correct the field rules, or list them under `warnings:` in samples.yaml",
        )


def warnings_told(warnings: Sequence[SourceWarning]) -> list[str]:
    """As `samples.yaml` lists them."""
    return sorted(f"{each.code} {each.field_path or ''}".strip() for each in warnings)


def _compare_count(where: str, sample: Sample, records: list[Record]) -> None:
    expected = sample.told.records
    if expected is None and not records and not sample.path.stem.endswith("-none"):
        raise ContractBrokenError(
            f"{where} gives no record",
            "correct `rows` and `key`, or say `records: 0` in samples.yaml",
        )
    if expected is not None and len(records) != expected:
        raise ContractBrokenError(
            f"{where} gives {len(records)} records, not {expected}", "correct `rows` and `key`"
        )


async def _ask(
    adapter: ManifestAdapter, sample: Sample
) -> tuple[list[Record], list[SourceWarning]]:
    """Records and warnings of all keys; raises the error of any of them."""
    if sample.capability.is_search:
        reply = await _search(adapter, sample.capability)
        return list(reply.rows.records), list(reply.rows.warnings)
    found = await adapter.look_up(sample.capability, await keys_of(adapter, sample), context())
    records: list[Record] = []
    warnings: list[SourceWarning] = []
    strays = 0
    for rows in found.results.values():
        if isinstance(rows, DepartmentError):
            raise rows
        records += rows.records
        own = [w for w in rows.warnings if w.code != "UNASKED_ROW"]
        warnings += own
        # They stand with every key of a group.
        strays = max(strays, len(rows.warnings) - len(own))
    return records, [*warnings, *[SourceWarning(code="UNASKED_ROW")] * strays]


async def _search(adapter: ManifestAdapter, capability: Capability) -> SearchReply:
    return await adapter.search(capability, SEARCHES[capability], context())


async def keys_get_their_own_rows(
    adapter: ManifestAdapter, capability: Capability, expected: Mapping[str, int | None]
) -> None:
    """A batch gives each key its rows; `expected` says how many, None where nobody knows."""
    reply = await adapter.look_up(capability, list(expected), context())
    if reply.results.keys() != expected.keys():
        raise ContractBrokenError("a look-up does not answer the keys asked", "correct `key`")
    for count, rows in zip(expected.values(), reply.results.values(), strict=True):
        if isinstance(rows, DepartmentError):
            raise ContractBrokenError(
                f"a key that is known gives {rows.code}", "correct the call of the capability"
            )
        numbers = {record.local_id() for record in rows.records}  # type: ignore[attr-defined]
        if count is not None and len(numbers) != count:
            raise ContractBrokenError(
                f"a key has {count} records and gives {len(numbers)}", "correct `rows` and `key`"
            )
        for record in rows.records:
            _has_origin(adapter, capability, record)


def _has_origin(adapter: ManifestAdapter, capability: Capability, record: Record) -> None:
    origin = record.origin
    if not isinstance(record, record_type_of(capability)) or origin is None:
        raise ContractBrokenError("a record does not say where it comes from", "correct `record`")
    if (origin.department, origin.correlation_id) != (adapter.department, CORRELATION_ID):
        raise ContractBrokenError("a record says that it comes from elsewhere", "report this")


async def unknown_key_is_no_rows(adapter: ManifestAdapter, capability: Capability) -> None:
    """A key that the department does not know has no rows, which is no error."""
    for key in UNKNOWN_KEYS:
        try:
            reply = await adapter.look_up(capability, [key], context())
        except (DepartmentFaultError, DepartmentRefusedError) as error:
            raise ContractBrokenError(
                f"a key that nobody has, of {len(key)} characters, gives {error.code}",
                "name the reply for it: `empty`, `empty_statuses`",
            ) from None
        rows = reply.results[key]
        if isinstance(rows, DepartmentError) or list(rows.records):
            what = "an error" if isinstance(rows, DepartmentError) else "rows"
            raise ContractBrokenError(
                f"a key that nobody has gives {what}",
                "name the reply for it: `empty`, `empty_statuses`, or `key`",
            )


async def failure_is_a_department_error(subject: Subject, capability: Capability) -> None:
    """However the department fails, it is a typed error that names the department."""
    for trouble in troubles_of(subject.manifest):
        with trouble.stage(subject.manifest) as stage:
            async with opened(stage.manifest) as adapter:
                await fails_as_department_error(adapter, capability, trouble.name)


async def fails_as_department_error(
    adapter: ManifestAdapter, capability: Capability, trouble: str
) -> None:
    try:
        reply: LookUpReply | SearchReply
        if capability.is_search:
            reply = await _search(adapter, capability)
        else:
            reply = await adapter.look_up(capability, ["1"], context())
            if all(isinstance(each, DepartmentError) for each in reply.results.values()):
                return
    except DepartmentError as error:
        if error.department != adapter.department:
            raise ContractBrokenError("an error names another department", "report this") from None
        return
    except Exception as error:
        raise ContractBrokenError(
            f"when {trouble}, it raises {type(error).__name__}", "report this"
        ) from None
    raise ContractBrokenError(
        f"when {trouble}, it says that there are no rows", "say how the department tells errors"
    )


async def cancelled_call_leaves_the_line_usable(subject: Subject, capability: Capability) -> None:
    """A call that is given up ends at once, and the next one goes through."""
    samples = subject.samples_of(capability)
    if subject.kind in ("database", "files"):
        raise CanNotReplayError(f"the connector `{subject.kind}` can't be made to hang here")
    replies = replies_of(samples[0], samples[0].path.read_bytes()) if samples else []
    # A login goes through: it is shared, so nobody's giving up ends it.
    with http_stage(subject.manifest, [*replies[:-1], Reply(hangs=True)]) as stage:
        assert stage.server is not None
        async with opened(stage.manifest) as adapter:
            begun = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(GIVE_UP_SECONDS):
                    await adapter.look_up(capability, ["1"], context())
            except TimeoutError:
                pass
            if asyncio.get_running_loop().time() - begun > CANCELLED_WITHIN:
                raise ContractBrokenError("a call that is given up goes on", "report this")
            if replies:
                stage.server.replies = replies
                await adapter.look_up(capability, ["1"], context())


async def too_large_reply_is_refused(subject: Subject, capability: Capability) -> None:
    """A reply beyond `limits` is refused, never cut in silence."""
    samples = [each for each in subject.samples_of(capability) if each.told.records != 0]
    if not samples:
        raise CanNotReplayError("no sample of a row to send")
    sample = max(samples, key=lambda each: each.path.stat().st_size)
    of_rows = subject.kind in ("database", "files")
    few_bytes = max(sample.path.stat().st_size // 2, 1)
    limits = subject.manifest.file.limits.model_copy(
        update={"rows": 0} if of_rows else {"reply_bytes": few_bytes}
    )
    file = subject.manifest.file.model_copy(update={"limits": limits})
    with stage_of(replace(subject.manifest, file=file), sample) as stage:
        async with opened(stage.manifest) as adapter:
            try:
                reply = await adapter.look_up(capability, sample.told.keys or ["1"], context())
            except ReplyTooLargeError:
                return
            if any(isinstance(each, ReplyTooLargeError) for each in reply.results.values()):
                return
    raise ContractBrokenError("a reply beyond `limits` is taken", "report this")


async def damaged_replies_cost_their_own_rows(subject: Subject, sample: Sample) -> None:
    """A value of a wrong type, missing, or unknown: warnings or a typed error, never a crash."""
    damages = damages_of(sample.path.read_bytes(), sample.path.suffix)
    with subject.stage(sample) as stage:
        if stage.refill is None:
            raise CanNotReplayError("this sample can't be damaged here")
        if stage.is_read_once:
            for damaged in islice(damages, MOST_DAMAGES):
                stage.refill(damaged)
                async with opened(stage.manifest) as adapter:
                    await _ask_damaged(adapter, sample)
            return
        async with opened(stage.manifest) as adapter:
            for damaged in islice(damages, MOST_DAMAGES):
                stage.refill(damaged)
                await _ask_damaged(adapter, sample)


async def _ask_damaged(adapter: ManifestAdapter, sample: Sample) -> None:
    with suppress(DepartmentError):
        try:
            await _ask(adapter, sample)
        except DepartmentError:
            raise
        except Exception as error:
            raise ContractBrokenError(
                f"a damaged {sample.path.name} raises {type(error).__name__}",
                "report this, with the sample",
            ) from None


def damages_of(content: bytes, suffix: str) -> Iterator[bytes]:
    """The reply with one leaf after the other made wrong: emptied, of another type, gone."""
    if suffix == ".json":
        yield from _damaged_json(json.loads(content))
    elif suffix == ".xml":
        yield from _damaged_xml(content)
    elif suffix in (".csv", ".txt"):
        yield from _damaged_lines(content)
    else:
        raise CanNotReplayError(f"a {suffix or 'nameless'} sample can't be damaged here")


def _damaged_json(tree: Any) -> Iterator[bytes]:
    for place in _leaves(tree, ()):
        for wrong in (None, "\u0000?", 3.5, {"x": "y"}):
            damaged = copy.deepcopy(tree)
            around = damaged
            for step in place[:-1]:
                around = around[step]
            if not place:
                continue
            around[place[-1]] = wrong
            yield json.dumps(damaged).encode()


def _leaves(tree: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    children: Any = ()
    if isinstance(tree, dict):
        children = tree.items()
    elif isinstance(tree, list):
        # The first two rows stand for all.
        children = enumerate(tree[:2])
    else:
        yield place
    for key, child in children:
        yield from _leaves(child, (*place, key))


def _damaged_lines(content: bytes) -> Iterator[bytes]:
    """Lines gone, cut and doubled; words replaced by others as wide, by text that is none too."""
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        for other in (b"", line[: len(line) // 2], line + line):
            yield b"".join([*lines[:number], other, *lines[number + 1 :]])
    for word in islice(_WORD.finditer(content), MOST_WORDS):
        for wrong in (b"?", b" ", b"\xff"):
            width = word.end() - word.start()
            yield content[: word.start()] + wrong * width + content[word.end() :]


def _damaged_xml(content: bytes) -> Iterator[bytes]:
    tree = etree.fromstring(content)
    count = sum(1 for element in tree.iter("*") if not len(element))
    for number in range(count):
        for wrong in ("", "?", None):
            damaged = copy.deepcopy(tree)
            leaf = [element for element in damaged.iter("*") if not len(element)][number]
            parent = leaf.getparent()
            if wrong is not None:
                leaf.text = wrong
            elif parent is not None:
                parent.remove(leaf)
            yield etree.tostring(damaged, encoding="utf-8", xml_declaration=True)
