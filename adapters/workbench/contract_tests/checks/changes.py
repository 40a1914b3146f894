"""Checks that changes can be followed: no change is lost between two calls."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability, DepartmentError
from adapters.workbench.contract_tests.checks.calls import SEARCHES, ContractBrokenError
from adapters.workbench.contract_tests.subjects import Subject, context, opened, stage_of
from adapters.workbench.look_ups import look_up_all
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
    """Check that changes come oldest first, and that continuing from any of them misses none.

    A database is called again from each change. A replay server always returns the same reply, so
    over HTTP the check only verifies that the request contains the moment.

    Raises:
        CanNotReplayError: no sample has a change.
        ContractBrokenError: changes are out of order, lost or repeated.
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
                raise CanNotReplayError("the samples contain no change")
            if sample.entry.records not in (None, len(moments)):
                raise ContractBrokenError(
                    f"{len(moments)} of {sample.entry.records} changes are read page by page",
                    "add to `keyset` a column that differs between rows of the same moment",
                )
            if moments != sorted(moments):
                raise ContractBrokenError(
                    "changes do not come oldest first", "order them by when they were changed"
                )
            if stage.server is not None:
                await _check_request_has_moment(adapter, stage)
                return
            for moment in dict.fromkeys(moments):
                if await _moments(adapter, moment) != [m for m in moments if m >= moment]:
                    raise ContractBrokenError(
                        "continuing from a change, other changes are lost or repeated",
                        "correct `watermark` and `keyset`",
                    )


async def changes_come_in_order(adapter: ManifestAdapter) -> None:
    """Check the order of the department's changes of the last week, and continue from one.

    Raises:
        ContractBrokenError: the changes are out of order.
    """
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
            "continuing from a change, the first change is not that one",
            "correct `watermark`, its time zone, or how `{since}` is written",
        )


async def _moments(adapter: ManifestAdapter, since: object) -> list[dt.datetime]:
    reply = await adapter.search(CHANGES, {"since": since}, context())
    moments: list[dt.datetime] = []
    for record in reply.rows.records:
        assert isinstance(record, Application)
        if record.updated_datetime is None:
            raise ContractBrokenError(
                "a change has no time, so no call can continue from it",
                "map `updatedDatetime`",
            )
        moments.append(record.updated_datetime)
    return moments


async def _check_request_has_moment(adapter: ManifestAdapter, stage: Stage) -> None:
    assert stage.server is not None
    first = stage.server.requests[-1]
    await _moments(adapter, LONG_AGO)
    if (
        first.line == stage.server.requests[-1].line
        and first.body == stage.server.requests[-1].body
    ):
        raise ContractBrokenError(
            "the request does not contain the moment of the last change",
            "write `{since}` in `call`",
        )


Newest = Mapping[str, Sequence[Record]]


async def newest_delivered_row_counts(subject: Subject, samples: Sequence[Sample]) -> None:
    """Check overlapping deliveries: in any order the newest version of each row counts.

    Args:
        subject: a department that delivers files.
        samples: deliveries of one kind of file, each with its keys.

    Raises:
        CanNotReplayError: fewer than two deliveries, or none changes a row.
        ContractBrokenError: an older row counts, or a row is lost.
    """
    keys = list(dict.fromkeys(key for each in samples for key in each.entry.keys))
    if len(samples) < 2 or not keys:
        raise CanNotReplayError("samples.yaml lists fewer than two deliveries with their keys")
    alone = [await _newest(subject, [each], keys) for each in samples]
    alone.sort(key=lambda found: found[0])
    expected: dict[str, Sequence[Record]] = {}
    changed = False
    for _, newest in alone:
        changed = changed or any(expected.get(n, rows) != rows for n, rows in newest.items())
        expected.update(newest)
    if not changed:
        raise CanNotReplayError(
            "no row differs between the recorded deliveries; record one that changes a row"
        )
    for order in (samples, list(reversed(samples))):
        _, together = await _newest(subject, order, keys)
        if together != expected:
            raise ContractBrokenError(
                "of overlapping deliveries, an older row counts or a row is lost",
                "correct `identity`, and where the file's time is (`stamp_format`)",
            )


async def _newest(
    subject: Subject, samples: Sequence[Sample], keys: Sequence[str]
) -> tuple[dt.datetime, Newest]:
    """Return the time of the newest delivery, and the records by number."""
    capability = samples[0].capability
    with deliveries_stage(subject.manifest, [each.path for each in samples]) as stage:
        async with opened(stage.manifest) as adapter:
            reply = await look_up_all(adapter, capability, keys, context())
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
