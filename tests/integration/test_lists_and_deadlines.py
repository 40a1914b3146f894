"""Order, filters, counts and deadlines of lists, and the worklist over several departments."""

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest

from schema.working_days import today_in_india
from tests.integration.queries import HEAD
from tests.support.processes import Hub, Mock

LIST = """query ($id: String!, $sort: RequestSort!, $first: Int, $last: Int, $before: String) {
  citizen(by: {memberIdentifier: $id}) {
    applications(sort: $sort, first: $first, last: $last, before: $before) {
    totalCount nodes { id requestedDatetime updatedDatetime dueDate statusGroup }
    pageInfo { startCursor hasPreviousPage hasNextPage } } } }"""
FINISHED = ("DONE", "REFUSED")


def applications(hub: Hub, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = hub.data(LIST, id=HEAD, **variables)["citizen"]["applications"]
    return found


def test_each_order_has_the_same_rows(hub: Hub) -> None:
    lists = {
        sort: applications(hub, sort=sort, first=100)["nodes"]
        for sort in ("NEWEST_FIRST", "OLDEST_FIRST", "UPDATED_FIRST", "DUE_FIRST")
    }
    assert len({frozenset(row["id"] for row in rows) for rows in lists.values()}) == 1
    newest = [row["requestedDatetime"] for row in lists["NEWEST_FIRST"]]
    assert newest == sorted(newest, reverse=True)
    assert [row["requestedDatetime"] for row in lists["OLDEST_FIRST"]] == newest[::-1]
    due = [row["dueDate"] for row in lists["DUE_FIRST"] if row["statusGroup"] not in FINISHED]
    assert due == sorted(due, key=lambda day: day or "9999")


def test_pages_from_the_end_are_the_list(hub: Hub) -> None:
    whole = [row["id"] for row in applications(hub, sort="NEWEST_FIRST", first=100)["nodes"]]
    found: list[str] = []
    before = None
    for _ in range(20):
        page = applications(hub, sort="NEWEST_FIRST", last=2, before=before)
        found = [row["id"] for row in page["nodes"]] + found
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert found == whole


def test_counts_are_those_of_the_whole_list(hub: Hub) -> None:
    query = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
      all: applications(first: 100) { nodes { statusGroup } }
      some: applications(statusGroup: [DONE, WAITING_FOR_CITIZEN], first: 100) {
        totalCount nodes { statusGroup } counts { statusGroup count } }
      grievances { counts { statusGroup count } nodes { statusGroup actionRequired } } } }"""
    citizen = hub.data(query, id=HEAD)["citizen"]
    groups = [row["statusGroup"] for row in citizen["all"]["nodes"]]
    counts = {each["statusGroup"]: each["count"] for each in citizen["some"]["counts"]}
    assert counts == {group: groups.count(group) for group in counts}
    assert sum(counts.values()) == len(groups)
    shown = {row["statusGroup"] for row in citizen["some"]["nodes"]}
    assert shown <= {"DONE", "WAITING_FOR_CITIZEN"}
    assert citizen["some"]["totalCount"] == counts["DONE"] + counts["WAITING_FOR_CITIZEN"]
    assert sum(each["count"] for each in citizen["grievances"]["counts"]) == len(
        citizen["grievances"]["nodes"]
    )


@pytest.mark.parametrize("name", ["applications", "benefits", "certificates", "grievances"])
def test_a_filter_by_department_calls_no_other(
    name: str, hub: Hub, departments: dict[str, Mock]
) -> None:
    chosen = "helpdesk" if name == "grievances" else "certificates"
    query = f"""query ($id: String!) {{ citizen(by: {{memberIdentifier: $id}}) {{
      {name}(department: "{chosen}") {{ sources {{ department {{ identifier }} }} }} }} }}"""
    sources = hub.data(query, id=HEAD)["citizen"][name]["sources"]
    called = {each["department"]["identifier"] for each in sources}
    assert called <= {chosen}


def test_first_and_last_together_are_an_error(hub: Hub) -> None:
    query = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
      benefits(first: 1, last: 1) { totalCount } } }"""
    (error,) = hub.query(query, id=HEAD)["errors"]
    assert "`first` or `last`" in error["message"]


DEADLINES = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
  applications(first: 100) { nodes { ...Deadline } }
  grievances(first: 100) { nodes { ...Deadline } } } }
fragment Deadline on CitizenRequest {
  __typename requestedDatetime dueDate dueDateSource isOverdue daysLeft statusGroup actionRequired
  channel department { identifier } service { processingTime } }"""


def test_deadlines_agree_with_due_dates(hub: Hub) -> None:
    citizen = hub.data(DEADLINES, id=HEAD)["citizen"]
    rows = citizen["applications"]["nodes"] + citizen["grievances"]["nodes"]
    assert {row["__typename"] for row in rows} == {"Application", "Grievance"}
    today = today_in_india()
    for row in rows:
        assert (row["dueDate"] is None) == (row["dueDateSource"] is None)
        if row["dueDate"] is None:
            continue
        due, is_open = dt.date.fromisoformat(row["dueDate"]), row["statusGroup"] not in FINISHED
        assert row["isOverdue"] == (is_open and due < today)
        assert (row["daysLeft"] is not None) == is_open
        if is_open:
            assert (row["daysLeft"] < 0) <= row["isOverdue"]


WORKLIST = """query ($filter: WorklistFilterInput!, $first: Int!, $after: String) {
  applications(filter: $filter, first: $first, after: $after) {
    totalCount isComplete
    nodes { id updatedDatetime isOverdue statusGroup department { identifier }
            pendingWith { designation } serviceCode requestedDatetime }
    counts { department { identifier } count }
    unappliedFilters { department { identifier } filter isAppliedByHub }
    sources { department { identifier } state }
    pageInfo { hasNextPage hasPreviousPage endCursor } } }"""


def worklist(hub: Hub, pages: int, first: int = 10, **wanted: Any) -> list[dict[str, Any]]:
    """Return pages of the worklist."""
    found: list[dict[str, Any]] = []
    after = None
    for _ in range(pages):
        page = hub.data(WORKLIST, filter=wanted, first=first, after=after)["applications"]
        found.append(page)
        after = page["pageInfo"]["endCursor"]
    return found


def test_the_worklists_of_all_departments_are_merged(hub: Hub) -> None:
    pages = worklist(hub, 3)
    rows = [row for page in pages for row in page["nodes"]]
    assert len({row["id"] for row in rows}) == 30
    assert len({row["department"]["identifier"] for row in rows}) > 1
    changes = [dt.datetime.fromisoformat(row["updatedDatetime"]) for row in rows]
    assert all(one >= other for one, other in pairwise(changes))
    first = pages[0]
    counts = {each["department"]["identifier"]: each["count"] for each in first["counts"]}
    assert set(counts) >= {"pensions", "scholarships", "certificates"}
    assert first["totalCount"] == sum(counts.values())
    assert first["unappliedFilters"] == []
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False, True, True]


def test_filters_are_applied_by_the_hub_and_listed(hub: Hub) -> None:
    (page,) = worklist(
        hub, 1, departments=["pensions", "certificates"], overdue=True, services=["SJE-OAS"]
    )
    assert page["nodes"]
    for row in page["nodes"]:
        # Rows of which the hub does not know whether they are overdue are shown too.
        assert row["isOverdue"] is not False
        assert row["serviceCode"] == "SJE-OAS"
    unapplied = {
        (each["department"]["identifier"], each["filter"]) for each in page["unappliedFilters"]
    }
    assert unapplied == {
        (department, name)
        for department in ("pensions", "certificates")
        for name in ("OVERDUE", "SERVICE")
    }


def test_a_cursor_of_other_filters_is_rejected(hub: Hub) -> None:
    (page,) = worklist(hub, 1, departments=["pensions"])
    variables: dict[str, Any] = {
        "filter": {"departments": ["pensions"], "overdue": True},
        "first": 10,
    }
    response = hub.query(WORKLIST, **variables, after=page["pageInfo"]["endCursor"])
    assert "other filters" in response["errors"][0]["message"]
