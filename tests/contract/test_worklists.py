"""Worklists: every department lists its applications, last changed first, in pages."""

import datetime as dt
from typing import Any, cast

import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability, Rows, SearchReply
from adapters.workbench.look_ups import look_up_all
from schema.application import Application
from schema.status import ApplicationStatus
from tests.contract.canonical import canonical
from tests.support.calls import call_context

SCHEMES = (
    "pensions",
    "scholarships",
    "certificates",
    "civil-registration",
    "labour",
    "labour-welfare",
    "trade-licences",
    "water",
    "power",
)
SIZE = 10
SINCE = dt.date(2026, 6, 1)


@pytest.fixture(params=SCHEMES)
def adapter(
    request: pytest.FixtureRequest, adapters: dict[str, ManifestAdapter]
) -> ManifestAdapter:
    return adapters[request.param]


async def search(adapter: ManifestAdapter, **criteria: Any) -> SearchReply:
    wanted = {"statuses": [], "since": None, "offset": 0, "limit": SIZE, **criteria}
    return await adapter.search(Capability.APPLICATIONS_SEARCH, wanted, call_context(30))


def rows_of(reply: SearchReply) -> list[Application]:
    return list(cast("Any", reply.rows.records))


async def test_pages_are_in_order_and_have_the_rows_of_look_ups(adapter: ManifestAdapter) -> None:
    replies = [await search(adapter, offset=SIZE * n, page_size=SIZE) for n in range(3)]
    rows = [row for reply in replies for row in rows_of(reply)]
    numbers = [str(row.application_reference_number) for row in rows]
    assert len(set(numbers)) == len(numbers) == 3 * SIZE
    changes = [row.updated_datetime for row in rows if row.updated_datetime is not None]
    assert len(changes) == len(rows)
    assert changes == sorted(changes, reverse=True)
    (total,) = {reply.total_count for reply in replies}
    assert total is not None
    assert total > 3 * SIZE
    found = await look_up_all(
        adapter, Capability.APPLICATIONS_BY_REFERENCE, numbers[:SIZE], call_context(30)
    )
    for row in rows[:SIZE]:
        looked_up = found.results[str(row.application_reference_number)]
        assert isinstance(looked_up, Rows)
        assert canonical(row) == canonical(cast("Application", looked_up.records[0]))


async def test_the_last_page_ends_the_list(adapter: ManifestAdapter) -> None:
    total = (await search(adapter)).total_count
    assert total is not None
    last = await search(adapter, offset=total - 3, page_size=SIZE)
    assert last.window is not None
    assert (len(rows_of(last)), last.window.has_more) == (3, False)


async def test_the_department_filters_by_status_and_day(adapter: ManifestAdapter) -> None:
    whole = await search(adapter)
    wanted = {"statuses": [ApplicationStatus.UNDER_PROCESS], "since": SINCE}
    reply = await search(adapter, **wanted)
    assert {row.application_status for row in rows_of(reply)} == {ApplicationStatus.UNDER_PROCESS}
    assert all(row.updated_datetime.date() >= SINCE for row in rows_of(reply))  # type: ignore[union-attr]
    assert reply.total_count is not None
    assert whole.total_count is not None
    assert 0 < reply.total_count < whole.total_count
    assert "UNREQUESTED_ROW" not in {each.code for each in reply.rows.warnings}
