"""What has changed can be followed: nothing is lost between one question and the next."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability, DepartmentError
from adapters.workbench.contract_tests.checks.calls import SEARCHES, ContractBrokenError
from adapters.workbench.contract_tests.subjects import Subject, context, opened, stage_of
from adapters.workbench.replay.samples import Sample
from adapters.workbench.replay.stages import CanNotReplayError, Stage, deliveries_stage
from schema.application import Application
from schema.provenance import Record

CHANGES = Capability.APPLICATIONS_CHANGES_SINCE
LONG_AGO = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
A_WEEK = dt.timedelta(days=7)
ROWS_OF_A_PAGE = 2
"""Small, so that a few recorded rows are several pages."""


async def changes_can_be_followed(subject: Subject, sample: Sample) -> None:
    """Changes come oldest first, and whoever goes on from any of them misses none.

    A database's rows are asked for again from each of them on. A recorded reply over HTTP is the
    same whatever is asked: there it is only seen that the moment goes along.
    """
    manifest = subject.manifest
    model = manifest.file.capabilities[CHANGES]
    if subject.kind == "database":
        call = {**model.call, "page": ROWS_OF_A_PAGE}
        capabilities = {
            **manifest.file.capabilities,
            CHANGES: model.model_copy(update={"call": call}),
        }
        file = manifest.file.model_copy(update={"capabilities": capabilities})
        manifest = replace(manifest, file=file)
    with stage_of(manifest, sample) as stage:
        async with opened(stage.manifest) as adapter:
            moments = await _moments(adapter, SEARCHES[CHANGES]["since"])
            if not moments:
                raise CanNotReplayError("no sample of a change")
            if sample.entry.records not in (None, len(moments)):
                raise ContractBrokenError(
                    f"of {sample.entry.records} changes, {len(moments)} come page by page",
                    "name in `keyset` what tells two rows of one moment apart",
                )
            if moments != sorted(moments):
                raise ContractBrokenError(
                    "changes do not come oldest first", "order them by when they were changed"
                )
            if stage.server is not None:
                await _moment_goes_along(adapter, stage)
                return
            for moment in dict.fromkeys(moments):
                if await _moments(adapter, moment) != [m for m in moments if m >= moment]:
                    raise ContractBrokenError(
                        "going on from a change, others are lost or come again",
                        "correct `watermark` and `keyset`",
                    )


async def changes_come_in_order(adapter: ManifestAdapter) -> None:
    """The department itself, asked for a week: oldest first, and from one of them on none older."""
    moments = await _moments(adapter, dt.datetime.now(dt.UTC) - A_WEEK)
    if not moments:
        return
    middle = moments[len(moments) // 2]
    later = await _moments(adapter, middle)
    if moments != sorted(moments) or later != sorted(later):
        raise ContractBrokenError(
            "changes do not come oldest first", "order them by when they were changed"
        )
    if not later or later[0] != middle:
        raise ContractBrokenError(
            "going on from a change, the first is not that one",
            "correct `watermark`, its time zone, or how `{since}` is written",
        )


async def _moments(adapter: ManifestAdapter, since: object) -> list[dt.datetime]:
    reply = await adapter.search(CHANGES, {"since": since}, context())
    moments: list[dt.datetime] = []
    for record in reply.rows.records:
        assert isinstance(record, Application)
        if record.updated_datetime is None:
            raise ContractBrokenError(
                "a change does not say when it was, so nobody can go on from it",
                "map `updatedDatetime`",
            )
        moments.append(record.updated_datetime)
    return moments


async def _moment_goes_along(adapter: ManifestAdapter, stage: Stage) -> None:
    assert stage.server is not None
    first = stage.server.requests[-1]
    await _moments(adapter, LONG_AGO)
    if (
        first.line == stage.server.requests[-1].line
        and first.body == stage.server.requests[-1].body
    ):
        raise ContractBrokenError(
            "the department is not told since when changes are wanted", "write `{since}` in `call`"
        )


Newest = Mapping[str, Sequence[Record]]


async def newest_delivered_row_counts(subject: Subject, samples: Sequence[Sample]) -> None:
    """Of drops that overlap, in whatever order they come, each row's newest counts; none is lost.

    `samples` are drops of one kind of file, with the keys that are looked for in each.
    """
    keys = list(dict.fromkeys(key for each in samples for key in each.entry.keys))
    if len(samples) < 2 or not keys:
        raise CanNotReplayError("there are no two recorded drops, with their keys, to compare")
    alone = [await _newest(subject, [each], keys) for each in samples]
    alone.sort(key=lambda found: found[0])
    expected: dict[str, Sequence[Record]] = {}
    changed = False
    for _, newest in alone:
        changed = changed or any(expected.get(n, told) != told for n, told in newest.items())
        expected.update(newest)
    if not changed:
        raise CanNotReplayError("the recorded drops tell no change: record one that does")
    for order in (samples, list(reversed(samples))):
        _, together = await _newest(subject, order, keys)
        if together != expected:
            raise ContractBrokenError(
                "of drops that overlap, an older row counts, or one is lost",
                "say `identity` and where the stamp is",
            )


async def _newest(
    subject: Subject, samples: Sequence[Sample], keys: Sequence[str]
) -> tuple[dt.datetime, Newest]:
    """Up to when these drops tell, and the records by their numbers."""
    capability = samples[0].capability
    with deliveries_stage(subject.manifest, [each.path for each in samples]) as stage:
        async with opened(stage.manifest) as adapter:
            reply = await adapter.look_up(capability, keys, context())
    as_of = LONG_AGO
    records: dict[str, list[Record]] = {}
    for rows in reply.results.values():
        if isinstance(rows, DepartmentError):
            raise rows
        as_of = rows.as_of or as_of
        for record in rows.records:
            number = record.local_id()  # type: ignore[attr-defined]
            records.setdefault(number, []).append(replace(record, origin=None))
    return as_of, records
