"""The cache: ages of copies, scopes, isolation of records, and erasure."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence

import pytest

from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentRefusedError,
    LookUpReply,
    Rows,
)
from adapters.manifest.limits import MaintenanceWindow
from hub.link.cache import InProcessCopies
from hub.link.copies import Copy, CopyKey, owners_of
from schema.application import Application
from schema.citizen import Citizen, IdentityLink
from schema.family import Family, FamilyMember
from schema.needed_fields import ALL_FIELDS, NeededFields
from schema.provenance import SourceState
from tests.link.scripted import (
    APPLICATIONS,
    HANG,
    Stage,
    application_of,
    fault,
    until,
)
from tests.link.stage_clock import BEGIN, StageClock
from tests.support.calls import call_context

RULE = {"fresh": "1m", "refresh": "1m", "stale": "4d"}
DAY = 86_400.0


def cached(**limits: object) -> Stage:
    return Stage(**{"cache": RULE, "retries": {"attempts": 1}, **limits})  # type: ignore[arg-type]


def rows_of(reply: LookUpReply, key: str = "1") -> Rows:
    rows = reply.results[key]
    assert isinstance(rows, Rows)
    return rows


async def renewed(stage: Stage) -> Rows:
    """Return the copy after the running refresh has renewed it."""
    async with asyncio.timeout(2):
        while (rows := rows_of(await stage.look_up("1"))).as_of != stage.clock.now():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    return rows


async def test_a_fresh_copy_is_returned_without_a_call() -> None:
    stage = cached()
    live = rows_of(await stage.look_up("1"))
    assert (live.state, live.as_of) == (SourceState.LIVE, None)
    stage.clock.advance(59)
    copy = rows_of(await stage.look_up("1"))
    assert (copy.state, copy.as_of) == (SourceState.CACHED, BEGIN)
    assert len(stage.adapter.calls) == 1
    (record,) = copy.records
    assert record.origin is not None
    assert record.origin.state is SourceState.CACHED
    assert stage.measured("hub_department_cached_keys_total", result="hit") == 1
    assert stage.measured("hub_department_cached_keys_total", result="miss") == 1


async def test_an_ageing_copy_is_returned_while_one_call_refreshes_it() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.clock.advance(61)
    stage.adapter.script = [0.02]
    copies = [rows_of(await stage.look_up("1")) for _ in range(3)]
    assert {rows.state for rows in copies} == {SourceState.CACHED}
    assert (await renewed(stage)).state is SourceState.CACHED
    assert len(stage.adapter.calls) == 2


async def test_a_refresh_outlives_the_operation_that_started_it() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.clock.advance(61)
    stage.adapter.script = [0.05]
    await stage.look_up("1", seconds=0.01)
    assert (await renewed(stage)).state is SourceState.CACHED
    assert len(stage.adapter.calls) == 2


async def test_a_copy_that_is_too_old_is_not_returned_as_cached() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.clock.advance(120)
    assert rows_of(await stage.look_up("1")).state is SourceState.LIVE


async def test_three_days_of_outage_leave_the_last_rows_readable() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.adapter.script = [fault()]
    for _ in range(3):
        stage.clock.advance(DAY)
        rows = rows_of(await stage.look_up("1"))
        assert (rows.state, rows.as_of) == (SourceState.STALE, BEGIN)
        assert isinstance(rows.failure, DepartmentError)
        assert len(rows.records) == 1
    stage.clock.advance(DAY)
    assert await stage.outcome("1") == "DEPARTMENT_FAULT"


async def test_a_key_without_a_copy_fails_beside_one_that_has_a_copy() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.adapter.script = [fault()]
    stage.clock.advance(DAY)
    reply = await stage.look_up("1", "2")
    assert rows_of(reply).state is SourceState.STALE
    assert isinstance(reply.results["2"], DepartmentError)


async def test_a_stale_copy_reports_maintenance_or_an_open_circuit() -> None:
    window = MaintenanceWindow.model_validate({"closes": "22:00", "opens": "23:00"})
    stage = cached(windows=[window])
    await stage.look_up("1")
    # From 14:30 to 22:30 in India.
    stage.clock.advance(8 * 3600)
    rows = rows_of(await stage.look_up("1"))
    assert rows.state is SourceState.STALE
    assert rows.failure is not None
    assert rows.failure.state is SourceState.MAINTENANCE
    assert rows.failure.back_at is not None
    assert len(stage.adapter.calls) == 1


async def test_rows_of_an_incomplete_reply_are_not_stored() -> None:
    stage = cached()
    stage.adapter.state = SourceState.INCOMPLETE
    assert rows_of(await stage.look_up("1")).state is SourceState.INCOMPLETE
    assert rows_of(await stage.look_up("1")).state is SourceState.INCOMPLETE
    assert len(stage.adapter.calls) == 2
    status = stage.link.status()
    assert status is not None
    assert status.state is SourceState.INCOMPLETE


async def test_an_incomplete_reply_does_not_replace_an_older_copy() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.clock.advance(DAY)
    stage.adapter.state = SourceState.INCOMPLETE
    assert rows_of(await stage.look_up("1")).state is SourceState.INCOMPLETE
    stage.adapter.script = [fault()]
    rows = rows_of(await stage.look_up("1"))
    assert (rows.state, rows.as_of) == (SourceState.STALE, BEGIN)


async def test_the_caller_reaches_the_adapter_through_every_stage() -> None:
    stage = cached()
    await stage.look_up("1", caller="7KNL042101")
    stage.clock.advance(90)
    await stage.look_up("1", caller="7KNL042101")
    await until(lambda: len(stage.adapter.calls) == 2)
    assert {context.caller for _, _, context in stage.adapter.calls} == {"7KNL042101"}


async def test_copies_are_separate_by_scope() -> None:
    stage = cached()
    await stage.look_up("1")
    assert rows_of(await stage.look_up("1", scope="OFFICER:")).state is SourceState.LIVE
    assert len(stage.adapter.calls) == 2


async def test_copies_hold_all_fields() -> None:
    stage = cached()
    await stage.look_up("1", needed=NeededFields({"Application": {"timeline"}}))
    _, _, context = stage.adapter.calls[0]
    assert context.needed is ALL_FIELDS


async def test_an_operation_changes_only_its_own_records() -> None:
    stage = cached()
    citizen = Citizen(member_identifier="7KNL042101", family_identifier="7KNL0421")
    for _ in range(3):
        (record,) = rows_of(await stage.look_up("1")).records
        assert isinstance(record, Application)
        assert record.known_applicant is None
        record.known_applicant = citizen


async def test_members_of_a_family_are_detached_too() -> None:
    member = Citizen(member_identifier="7KNL042101", family_identifier="7KNL0421")
    family = Family(family_identifier="7KNL0421", members=[FamilyMember(citizen=member)])
    (shown,) = Copy(Rows([family]), BEGIN).shown_as(SourceState.STALE).records
    assert isinstance(shown, Family)
    assert shown.members[0].citizen is not member
    assert shown.members[0].citizen.member_identifier == "7KNL042101"


async def test_a_failed_refresh_keeps_the_copy() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.clock.advance(61)
    stage.adapter.script = [fault()]
    assert rows_of(await stage.look_up("1")).state is SourceState.CACHED
    await until(lambda: len(stage.adapter.calls) == 2 and stage.is_idle())
    assert rows_of(await stage.look_up("1")).state is SourceState.CACHED


class BrokenStore(InProcessCopies):
    """A store that has copies and fails to store more."""

    broken = False

    async def put(
        self, copies: Mapping[CopyKey, Copy], seconds: float, erasures: int | None
    ) -> None:
        if self.broken:
            raise RuntimeError("member 7KNL042101")
        await super().put(copies, seconds, erasures)


async def test_an_unexpected_error_of_a_refresh_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = StageClock()
    store = BrokenStore(9, clock.monotonic)
    stage = cached(copies=store)
    await stage.look_up("1")
    stage.clock.advance(61)
    store.broken = True
    unretrieved: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unretrieved.append(context))
    with caplog.at_level(logging.ERROR):
        await stage.look_up("1")
        await until(lambda: "unexpected RuntimeError" in caplog.text)
    await asyncio.sleep(0)
    loop.set_exception_handler(None)
    assert unretrieved == []
    assert "7KNL042101" not in caplog.text


async def test_closing_cancels_refreshes() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.clock.advance(61)
    stage.adapter.script = [HANG]
    await stage.look_up("1")
    await until(lambda: stage.adapter.under_way == 1)
    await stage.link.close()
    assert stage.is_idle()


async def test_copies_of_an_erased_citizen_are_deleted() -> None:
    stage = cached()
    await stage.look_up("1", "2")
    await stage.look_up("1", scope="OFFICER:")
    assert await stage.link.erase(["1"]) == 2
    stage.adapter.script = [fault()]
    stage.clock.advance(DAY)
    reply = await stage.look_up("1", "2")
    assert isinstance(reply.results["1"], DepartmentError)
    assert rows_of(reply, "2").state is SourceState.STALE
    assert await stage.outcome("1", scope="OFFICER:") == "DEPARTMENT_FAULT"


async def landed() -> None:
    """An operation after an erasure does not join a look-up from before it."""
    await asyncio.sleep(0.01)


async def test_a_running_refresh_does_not_store_an_erased_citizen() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.clock.advance(61)
    stage.adapter.script = [0.02, fault()]
    await stage.look_up("1")
    await until(lambda: stage.adapter.under_way == 1)
    assert await stage.link.erase(["1"]) == 1
    await until(stage.is_idle)
    await landed()
    assert await stage.outcome("1") == "DEPARTMENT_FAULT"


async def test_a_running_look_up_does_not_store_an_erased_citizen() -> None:
    stage = cached()
    stage.adapter.script = [0.02, fault()]
    look_ups = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.under_way == 1)
    assert await stage.link.erase(["1"]) == 0
    assert rows_of(await look_ups).state is SourceState.LIVE
    assert await stage.outcome("1") == "DEPARTMENT_FAULT"


async def test_a_look_up_after_an_erasure_does_not_join_an_earlier_one() -> None:
    stage = cached()
    stage.adapter.script = [0.02]
    before = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.under_way == 1)
    await stage.link.erase(["1"])
    await stage.look_up("1")
    await before
    assert len(stage.adapter.calls) == 2
    # A reply requested after the erasure is stored.
    assert rows_of(await stage.look_up("1")).state is SourceState.CACHED
    assert len(stage.adapter.calls) == 2


async def test_a_refused_look_up_is_not_answered_from_a_copy() -> None:
    stage = cached()
    await stage.look_up("1")
    stage.clock.advance(DAY)
    stage.adapter.script = [DepartmentRefusedError("pensions", "gone")]
    assert await stage.outcome("1") == "DEPARTMENT_REFUSED"


async def test_rows_that_cannot_be_erased_are_not_stored() -> None:
    stage = cached()
    await stage.link.look_up(Capability.GRIEVANCES_BY_REGISTRATION_NUMBER, ["G-1"], call_context())
    await stage.link.look_up(Capability.GRIEVANCES_BY_REGISTRATION_NUMBER, ["G-1"], call_context())
    assert len(stage.adapter.calls) == 2


async def test_an_application_without_an_owner_is_not_stored() -> None:
    stage = cached()
    owners: list[str | None] = [None, "42"]

    async def look_up(_: Capability, keys: Sequence[str], __: object) -> LookUpReply:
        now = stage.clock.now()
        record = application_of("1", now)
        record.applicant_key = owners[0]
        return LookUpReply({key: Rows([record], (), key) for key in keys}, 1, now)

    stage.adapter.look_up = look_up  # type: ignore[assignment]

    async def state() -> SourceState:
        reply = await stage.link.look_up(
            Capability.APPLICATIONS_BY_REFERENCE, ["SJE-1"], call_context()
        )
        return rows_of(reply, "SJE-1").state

    assert [await state(), await state()] == [SourceState.LIVE, SourceState.LIVE]
    owners.pop(0)
    assert [await state(), await state()] == [SourceState.LIVE, SourceState.CACHED]


def test_owners_have_the_numbers_of_all_schemes() -> None:
    citizen = Citizen(
        member_identifier="7KNL042101",
        family_identifier="7KNL0421",
        links=[IdentityLink("STUDENT_ID", "S-9")],
    )
    assert {"7KNL042101", "S-9"} <= owners_of("STUDENT_ID:S-9", Rows([citizen]))
    assert "S-9" in owners_of("STUDENT_ID:S-9", Rows(()))
    family = Family(family_identifier="7KNL0421", members=[FamilyMember(citizen=citizen)])
    assert {"7KNL0421", "7KNL042101", "S-9"} <= owners_of("7KNL0421", Rows([family]))
    assert "42" in owners_of("SJE-1", Rows([application_of("42", BEGIN)]))


def copies_of(numbers: Collection[str]) -> dict[CopyKey, Copy]:
    return {
        ("", APPLICATIONS, number): Copy(Rows([application_of(number, BEGIN)]), BEGIN)
        for number in numbers
    }


async def test_the_store_in_process_is_limited_in_size_and_time() -> None:
    clock = StageClock()
    store = InProcessCopies(3, clock.monotonic)
    copies = copies_of(["1", "2", "3", "4"])
    await store.put(copies, 60, 0)
    kept = (await store.get(list(copies))).copies
    assert [each is not None for each in kept] == [False, True, True, True]
    clock.advance(60)
    assert (await store.get(list(copies))).copies == [None] * 4
    assert await store.erase(["2"]) == 0
