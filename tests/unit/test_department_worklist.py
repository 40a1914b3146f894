"""Pages of the worklist, while rows are inserted, deleted and changed between them."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import pytest

from adapters.contract import (
    Capability,
    DepartmentTimeoutError,
    Rows,
    SearchReply,
)
from hub.access import Principal, Role
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.worklist import BoundWorklist
from schema.application import Application
from schema.connections import Window
from schema.errors import HubError
from schema.provenance import SourceState
from schema.status import ApplicationStatus, DepartmentStatus
from schema.worklist_source import (
    WorklistFilter,
    WorklistPage,
    WorklistPosition,
    WorklistRequest,
)
from tests.support.calls import call_context
from tests.support.disclosure import open_disclosure

NOW = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


@dataclass
class Hub:
    """Departments in memory, each a list of numbers and of minutes ago of the last change."""

    lists: dict[str, list[tuple[str, int]]]
    down: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    """Numbers that the departments count, but do not send."""
    calls: int = 0

    def with_capability(self, _: Capability) -> list[str]:
        return list(self.lists)

    def placeholders_of(self, _: str, __: Capability) -> frozenset[str]:
        return frozenset({"status_codes"})

    async def search(
        self, _: object, department: str, __: Capability, criteria: Mapping[str, Any]
    ) -> SearchReply:
        self.calls += 1
        if department in self.down:
            raise DepartmentTimeoutError(department, "down")
        rows = sorted(self.lists[department], key=lambda row: row[1])
        offset, limit = criteria["offset"], criteria["limit"]
        counted = rows[offset : offset + limit]
        indexes = [n for n, row in enumerate(counted) if row[0] not in self.lost]
        is_whole = len(indexes) == len(counted)
        return SearchReply(
            Rows(
                [application(department, *counted[n]) for n in indexes],
                state=SourceState.LIVE if is_whole else SourceState.INCOMPLETE,
            ),
            len(rows),
            5,
            NOW,
            Window(len(counted), has_more=offset + limit < len(rows), indexes=indexes),
        )

    async def page(
        self,
        positions: Mapping[str, WorklistPosition],
        limit: int,
        departments: list[str] | None = None,
        checks: Mapping[WorklistFilter, Callable[[Application], bool | None]] | None = None,
    ) -> WorklistPage:
        directory = cast("Any", self)
        disclosure = open_disclosure(
            PrincipalRequest(Principal(Role.OFFICER), call_context()), directory
        )
        worklist = BoundWorklist(
            directory, cast("DepartmentGateway", directory), disclosure.request, disclosure
        )
        return await worklist.page(
            WorklistRequest(
                departments, [], None, {}, checks or {}, frozenset(), {}, limit, positions
            )
        )


def application(department: str, number: str, minutes: int) -> Application:
    return Application(
        application_reference_number=number,
        application_status=ApplicationStatus.UNDER_PROCESS,
        department_status=DepartmentStatus(code="1"),
        department_identifier=department,
        updated_datetime=NOW - dt.timedelta(minutes=minutes),
    )


def numbers(page: WorklistPage) -> list[str]:
    return [str(row.application_reference_number) for row in page.rows]


def hub(**sizes: int) -> Hub:
    """Return departments with so many rows; their last changes alternate."""
    return Hub(
        {
            name: [(f"{name}{n}", 10 * n + nth) for n in range(size)]
            for nth, (name, size) in enumerate(sizes.items())
        }
    )


async def read_all(hub: Hub, limit: int, change: Callable[[int], None]) -> list[str]:
    """Return the numbers on all pages; `change` is called after each page."""
    found: list[str] = []
    positions: Mapping[str, WorklistPosition] = {}
    for nth in range(200):
        page = await hub.page(positions, limit)
        found += numbers(page)
        if not page.has_next_page:
            return found
        positions = page.positions_after(len(page.rows))
        change(nth)
    raise AssertionError("the worklist does not end")


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_the_lists_are_merged_by_the_last_change(limit: int) -> None:
    found = await read_all(hub(a=8, b=3, c=0), limit, lambda _: None)
    assert found == ["a0", "b0", "a1", "b1", "a2", "b2", "a3", "a4", "a5", "a6", "a7"]


@pytest.mark.parametrize("seed", range(60))
async def test_no_row_is_lost_or_repeated_when_rows_are_inserted_and_deleted(seed: int) -> None:
    random = Random(seed)
    tested = hub(a=30, b=12)
    expected = {number for rows in tested.lists.values() for number, _ in rows}

    def change(nth: int) -> None:
        rows = tested.lists[random.choice("ab")]
        for n in range(random.choice([0, 1, 2, 9])):
            # New rows and changed rows are on top of the list.
            rows.append((f"new{nth}-{n}", -nth - 1))
        if random.random() < 0.5 and rows:
            deleted = rows.pop(random.randrange(len(rows)))
            expected.discard(deleted[0])

    found = await read_all(tested, random.choice([2, 3, 5]), change)
    assert len(set(found)) == len(found)
    assert expected <= set(found)


async def test_every_row_has_its_own_position() -> None:
    tested = hub(a=6, b=6)
    page = await tested.page({}, 5)
    assert numbers(page) == ["a0", "b0", "a1", "b1", "a2"]
    for count in range(1, 6):
        following = await tested.page(page.positions_after(count), 3)
        expected = ["a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3", "a4"]
        assert numbers(following) == expected[count : count + 3]


async def test_the_hub_applies_filters_that_the_department_cannot_apply() -> None:
    def is_even(row: Application) -> bool | None:
        number = int(str(row.application_reference_number)[1:])
        return None if number == 4 else number % 2 == 0

    tested = hub(a=50)
    checks = {WorklistFilter.DESK: is_even, WorklistFilter.STATUS: lambda _: False}
    page = await tested.page({}, 3, checks=checks)
    assert numbers(page) == ["a0", "a2", "a4"]
    assert page.has_next_page
    assert page.counts == {"a": None}
    (unapplied,) = page.unapplied
    assert (unapplied.filter, unapplied.is_applied_by_hub) == (WorklistFilter.DESK, False)
    following = await tested.page(page.positions_after(3), 3, checks=checks)
    assert numbers(following) == ["a6", "a8", "a10"]
    assert following.unapplied[0].is_applied_by_hub


async def test_a_page_without_matching_rows_leads_to_the_next_one() -> None:
    tested = hub(a=100)
    checks = {WorklistFilter.DESK: lambda row: row.application_reference_number == "a90"}
    positions: Mapping[str, WorklistPosition] = {}
    found: list[str] = []
    for _ in range(20):
        page = await tested.page(positions, 2, checks=checks)
        found += numbers(page)
        if not page.has_next_page:
            break
        positions = page.positions_after(len(page.rows))
    assert found == ["a90"]


async def test_counts_are_those_of_the_departments() -> None:
    tested = hub(a=8, b=3)
    tested.down = {"b"}
    page = await tested.page({}, 2)
    assert page.counts == {"a": 8, "b": None}
    assert [each.state.name for each in page.sources] == ["LIVE", "UNAVAILABLE"]


async def test_a_department_without_a_worklist_is_named() -> None:
    with pytest.raises(HubError, match="'x' has no worklist"):
        await hub(a=1, b=1).page({}, 5, ["a", "x"])


async def test_one_page_of_one_department_is_one_call() -> None:
    tested = hub(a=20)
    await asyncio.gather(tested.page({}, 5, ["a"]))
    assert tested.calls == 1


async def test_a_page_that_lacks_rows_is_not_filled() -> None:
    tested = hub(a=8)
    tested.lost = {"a1"}
    page = await tested.page({}, 3, ["a"])
    assert (numbers(page), tested.calls) == (["a0", "a2"], 1)
    assert [each.state.name for each in page.sources] == ["INCOMPLETE"]
    after = await tested.page(page.positions_after(2), 3, ["a"])
    assert numbers(after) == ["a3", "a4", "a5"]


async def test_a_page_that_lacks_rows_is_filled_if_the_hub_checks_a_filter() -> None:
    tested = hub(a=150)
    tested.lost = {"a1"}
    is_last = {WorklistFilter.TEXT: lambda row: row.application_reference_number == "a149"}
    assert numbers(await tested.page({}, 1, checks=is_last)) == ["a149"]
