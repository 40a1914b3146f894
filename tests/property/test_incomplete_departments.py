"""Departments that leave rows out at random: no answer is shown as complete unless it is."""

import datetime as dt
import logging
from collections.abc import Collection, Iterator
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.connectors.deliveries import CSV, FIXED, DeliveryFolder
from tests.property.incomplete_departments import (
    CITIZENS,
    CSV_WITH_TRAILER,
    DAMAGES,
    IST,
    KEYSETS,
    MOMENT_FORMATS,
    RULES,
    SIZE,
    STRANGER,
    WORKLIST_QUERIES,
    Answer,
    Hub,
    Laboratory,
    PagedDepartment,
    PagedRule,
    SqliteDepartment,
    delivered_file,
    laboratory,
    moment_text,
    row_of,
    row_with_owner,
)

STEPS = 8


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    # The hub logs each damaged file.
    logging.disable(logging.WARNING)
    with laboratory(tmp_path_factory.mktemp("incomplete")) as opened:
        yield opened
    logging.disable(logging.NOTSET)


def run(machine: type[RuleBasedStateMachine], runs: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def runs(quick: int, all_runs: int) -> pytest.MarkDecorator:
    """Parametrize a test with a number of runs for `make test`, and another for `make test-all`."""
    slow = pytest.param(all_runs, marks=[pytest.mark.slow, pytest.mark.timeout(300)])
    return pytest.mark.parametrize("runs", [quick, slow])


OWNER = st.sampled_from((*CITIZENS, CITIZENS[0], STRANGER))


class PagedMachine(RuleBasedStateMachine):
    """A department with pages: rows arrive, faults begin and end, and citizens send queries."""

    lab: ClassVar[Laboratory]
    department: ClassVar[PagedDepartment]
    hubs: ClassVar[dict[int, Hub]]

    @initialize(index=st.integers(0, len(RULES) - 1), owners=st.lists(OWNER, max_size=3 * SIZE))
    def start(self, index: int, owners: list[str]) -> None:
        self.paging: PagedRule = RULES[index]
        self.hub = self.hubs[index]
        self.numbers = count()
        self.department.recover()
        self.department.rows = []
        self.is_faulty = False
        self.arrive(owners)

    @property
    def announces_rows(self) -> bool:
        return self.paging.announces_rows and not self.department.announces_null

    @property
    def announces_pages(self) -> bool:
        return self.paging.announces_pages and not self.department.announces_null

    def arrive(self, owners: Collection[str]) -> None:
        self.department.rows += [row_with_owner(next(self.numbers), each) for each in owners]

    @rule(owners=st.lists(OWNER, min_size=1, max_size=SIZE))
    def rows_arrive(self, owners: list[str]) -> None:
        self.arrive(owners)

    @rule(index=st.integers(0, 50), name=st.sampled_from(["person", "ref", "status"]))
    def a_row_loses_a_value(self, index: int, name: str) -> None:
        if self.department.rows:
            row = self.department.rows[index % len(self.department.rows)]
            row[name] = None
            self.is_faulty = True

    @precondition(lambda self: self.announces_rows or self.paging.pages)
    @rule(most=st.integers(1, SIZE - 1), miscounts=st.booleans())
    def pages_get_short(self, most: int, miscounts: bool) -> None:
        if not self.announces_rows:
            self.department.change = None
        self.department.most = most
        self.department.miscounts_pages = miscounts and self.announces_rows
        self.is_faulty = True

    @precondition(lambda self: self.announces_rows)
    @rule(indexes=st.sets(st.integers(0, 4 * SIZE), min_size=1))
    def rows_get_lost(self, indexes: set[int]) -> None:
        self.department.lost = {f"R-{each}" for each in indexes}
        self.is_faulty = True

    @precondition(lambda self: self.announces_rows or self.announces_pages)
    @rule(index=st.integers(0, 3))
    def a_page_gets_lost(self, index: int) -> None:
        self.department.lost_page = index
        self.is_faulty = True

    @precondition(lambda self: self.paging.announces_rows or self.paging.announces_pages)
    @rule()
    def the_total_becomes_null(self) -> None:
        # Without a total, other faults can't be noticed.
        self.department.recover()
        self.department.announces_null = True
        self.is_faulty = True

    @precondition(lambda self: self.announces_rows or "more" in self.paging.pages)
    @precondition(lambda self: self.paging.by in ("cursor", "link"))
    @rule(index=st.integers(0, 3))
    def the_way_to_the_next_page_is_missing(self, index: int) -> None:
        self.department.ends_after = index
        self.is_faulty = True

    @rule(change=st.sampled_from(["grows", "shifts"]))
    def the_list_grows_while_it_is_read(self, change: str) -> None:
        if not self.announces_rows:
            # A short page, and then the same row again, looks like the end of the list.
            self.department.recover()
        self.department.change = change
        self.is_faulty = True

    @precondition(lambda self: self.announces_rows)
    @rule()
    def the_list_shrinks_while_it_is_read(self) -> None:
        self.department.change = "shrinks"
        self.is_faulty = True

    @rule()
    def the_department_recovers(self) -> None:
        self.department.recover()
        for number, row in enumerate(self.department.rows):
            restored = row_with_owner(number, row["citizen"])
            row.update(restored | {"ref": row["ref"] or f"N-{number}"})
        self.is_faulty = False

    @rule()
    def citizens_send_a_query(self) -> None:
        before = self.owned()
        self.department.requests = 0
        answers = self.lab.run(self.hub.of_citizens())
        after = self.owned()
        for citizen in CITIZENS:
            required = before[citizen] & after[citizen]
            if self.department.change == "grows" and self.department.requests > 1:
                # Later pages announce the new rows.
                announced = self.announces_rows or self.announces_pages
                required = (after if announced else before)[citizen]
            possible = before[citizen] | after[citizen]
            answers[citizen].check(required, possible)
            if not self.is_faulty:
                assert answers[citizen].is_complete, answers[citizen]

    def owned(self) -> dict[str, set[str]]:
        """Return the numbers of each citizen's rows; a row without a number counts as missing."""
        return {
            citizen: {
                row["ref"] or f"a row of {citizen} without a number"
                for row in self.department.rows
                if row["citizen"] == citizen
            }
            for citizen in CITIZENS
        }

    def teardown(self) -> None:
        if hasattr(self, "hub"):
            self.citizens_send_a_query()


@runs(60, 2500)
def test_a_department_with_pages(lab: Laboratory, runs: int) -> None:
    PagedMachine.lab, PagedMachine.department = lab, PagedDepartment()
    url = lab.serve(PagedMachine.department)
    PagedMachine.hubs = {
        index: lab.hub(
            f"paged-{index}",
            {"kind": "rest", "base_url": url},
            {"applications_by_citizen": each.capability()},
        )
        for index, each in enumerate(RULES)
    }
    run(PagedMachine, runs)


PAGE = 3
"""Rows that the hub reads from the database at once."""
NOON = dt.datetime(2026, 11, 3, 12, 0, tzinfo=IST)


class DatabaseMachine(RuleBasedStateMachine):
    """A database of which the hub reads one page after another."""

    lab: ClassVar[Laboratory]
    department: ClassVar[SqliteDepartment]
    hubs: ClassVar[dict[int, Hub]]

    @initialize(index=st.integers(0, len(KEYSETS) - 1))
    def start(self, index: int) -> None:
        self.hub = self.hubs[index]
        self.department.empty()
        self.rows: list[tuple[str, str, dt.datetime | None]] = []
        self.is_faulty = False

    @rule(
        owners=st.lists(OWNER, min_size=1, max_size=2 * PAGE),
        minutes=st.one_of(st.none(), st.integers(-400, 400)),
        second=st.sampled_from([0, 0, 30]),
        written=st.sampled_from(MOMENT_FORMATS),
        name=st.sampled_from([None, "", "A", "B", "रा"]),
        value=st.sampled_from([None, 1, 2.5, "3"]),
    )
    def rows_arrive(
        self, owners: list[str], minutes: int | None, second: int, written: str, name: str | None,
        value: object,
    ) -> None:  # fmt: skip
        """Insert rows that are equal in all columns, except for their number and citizen."""
        moment = None
        if minutes is not None:
            has_seconds = written != "%Y-%m-%d %H:%M"
            moment = NOON + dt.timedelta(minutes=minutes, seconds=second * has_seconds)
        for owner in owners:
            number = len(self.rows)
            changed = None if moment is None else moment_text(moment, written)
            more = {"changed": changed, "name": name, "id": value}
            self.department.insert({**row_of(number, owner), **more})
            self.rows.append((f"R-{number}", owner, moment))

    @rule(owner=OWNER, name=st.sampled_from(["ref", "person", "status"]))
    def an_unusable_row_arrives(self, owner: str, name: str) -> None:
        number = len(self.rows)
        self.department.insert({**row_of(number, owner), name: None})
        # The statement selects the rows of a person: a row without one is not sent.
        if name != "person":
            self.rows.append((f"R-{number}", owner, None))
        self.is_faulty = True

    @rule()
    def citizens_send_a_query(self) -> None:
        answers = self.lab.run(self.hub.of_citizens())
        for citizen in CITIZENS:
            owned = {number for number, owner, _ in self.rows if owner == citizen}
            answers[citizen].check(owned, owned)

    @rule(minutes=st.integers(-400, 400), second=st.sampled_from([0, 30]))
    def the_hub_reads_changes(self, minutes: int, second: int) -> None:
        since = NOON + dt.timedelta(minutes=minutes, seconds=second)
        required = {number for number, _, moment in self.rows if moment and moment >= since}
        self.lab.run(self.hub.changes_since(since)).check(
            required, {number for number, _, _ in self.rows}
        )

    def teardown(self) -> None:
        if hasattr(self, "hub"):
            self.citizens_send_a_query()


@runs(60, 1000)
def test_a_department_with_a_database(lab: Laboratory, runs: int) -> None:
    department = SqliteDepartment(lab.folder / f"department-{runs}.db")
    DatabaseMachine.lab, DatabaseMachine.department = lab, department
    DatabaseMachine.hubs = {
        index: lab.hub(
            f"database-{index}",
            {"kind": "database", "url": department.url},
            {
                "applications_by_citizen": {
                    "call": {
                        "sql": "SELECT * FROM appl WHERE person IN :keys",
                        "keyset": keyset,
                        "page": PAGE,
                    },
                    "keys": {"at_once": 50},
                    "key": "person",
                },
                "applications_changes_since": {
                    "call": {
                        "sql": "SELECT * FROM appl",
                        "keyset": ["ref"],
                        "watermark": "changed",
                        "page": PAGE,
                    },
                },
            },
        )
        for index, keyset in enumerate(KEYSETS)
    }
    run(DatabaseMachine, runs)
    department.close()


class DeliveryMachine(RuleBasedStateMachine):
    """A department that delivers files: complete ones, damaged ones and none."""

    lab: ClassVar[Laboratory]
    folders: ClassVar[Iterator[Path]]

    @initialize(rule=st.sampled_from([CSV, CSV_WITH_TRAILER, FIXED]))
    def start(self, rule: dict[str, Any]) -> None:
        self.rule = rule
        self.folder = DeliveryFolder(next(self.folders), {**rule, "every": "24h", "grace": "1h"})
        self.hub = Hub(self.folder.adapter)
        self.sent: dict[str, str] = {}
        self.expected: dict[str, str] = {}
        self.last_good: dt.datetime | None = None
        self.is_newest_good = self.has_bad_line = False

    def deliver(self, content: bytes) -> None:
        """Deliver a file that was made now, and let an hour pass."""
        name = "F_{:%Y%m%d_%H%M}.txt" if self.rule is FIXED else "C_{:%Y%m%d%H%M}.csv"
        self.folder.put(name.format(self.folder.now), content)
        self.folder.now += dt.timedelta(hours=1)
        self.lab.run(self.folder.poll())

    def next_file(self, owners: Collection[str]) -> bytes:
        """Return a complete file: the rows of the last complete file, and one for each owner."""
        self.sent |= {f"R-{len(self.sent) + index}": each for index, each in enumerate(owners)}
        return delivered_file(self.rule, self.folder.now, self.sent)

    @rule(owners=st.lists(OWNER, min_size=1, max_size=4))
    def a_complete_file_arrives(self, owners: list[str]) -> None:
        made = self.folder.now
        self.deliver(self.next_file(owners))
        self.expected = dict(self.sent)
        self.last_good, self.is_newest_good, self.has_bad_line = made, True, False

    @rule(owners=st.lists(OWNER, min_size=2, max_size=4), index=st.integers(0, 20))
    def a_file_with_an_unreadable_line_arrives(self, owners: list[str], index: int) -> None:
        made = self.folder.now
        content = self.next_file(owners)
        lost = list(self.sent)[index % len(self.sent)].encode()
        self.deliver(content.replace(lost, b"\xff" * len(lost), 1))
        self.expected = dict(self.sent)
        self.last_good, self.is_newest_good, self.has_bad_line = made, True, True

    @rule(damage=st.sampled_from(list(DAMAGES)), owners=st.lists(OWNER, min_size=1, max_size=4))
    def a_damaged_file_arrives(self, damage: str, owners: list[str]) -> None:
        content = self.next_file(owners)
        if (damaged := DAMAGES[damage](content)) != content:
            self.deliver(damaged)
            self.is_newest_good = False

    @rule(hours=st.sampled_from([5, 30]))
    def no_file_arrives(self, hours: int) -> None:
        self.folder.now += dt.timedelta(hours=hours)
        self.lab.run(self.folder.poll())

    @rule()
    def citizens_send_a_query(self) -> None:
        self.lab.run(self.folder.poll())
        answers = self.lab.run(self.hub.of_citizens())
        for citizen in CITIZENS:
            self.check(answers[citizen], citizen)

    def check(self, answer: Answer, citizen: str) -> None:
        owned = {number for number, owner in self.expected.items() if owner == citizen}
        is_reported = self.has_bad_line and answer.reports("BAD_LINE")
        answer.check(() if is_reported else owned, self.sent)
        if self.last_good is None:
            assert not answer.is_complete, answer
            return
        assert answer.source is not None
        if answer.source.as_of is not None:
            assert answer.source.as_of <= self.last_good, "a damaged file renewed the rows' age"
        late = self.folder.now > self.last_good + dt.timedelta(hours=25)
        if not self.is_newest_good:
            assert not answer.is_complete or answer.source.warnings, answer
        elif not late and not self.has_bad_line:
            assert answer.is_complete, answer
        if late:
            assert not answer.is_complete, answer

    def teardown(self) -> None:
        if hasattr(self, "hub"):
            self.citizens_send_a_query()
            self.lab.run(self.folder.adapter.close())


@runs(40, 500)
def test_a_department_with_deliveries(lab: Laboratory, runs: int) -> None:
    DeliveryMachine.lab = lab
    DeliveryMachine.folders = (lab.folder / f"deliveries-{runs}-{n}" for n in count())
    run(DeliveryMachine, runs)


class WorklistMachine(RuleBasedStateMachine):
    """A department with a worklist, which an officer reads page by page."""

    lab: ClassVar[Laboratory]
    department: ClassVar[PagedDepartment]
    hubs: ClassVar[dict[int, Hub]]

    @initialize(index=st.integers(0, len(WORKLIST_QUERIES) - 1), rows=st.integers(0, 20))
    def start(self, index: int, rows: int) -> None:
        self.hub = self.hubs[index]
        self.department.recover()
        self.department.rows = [row_with_owner(number, "7") for number in range(rows)]
        self.is_faulty = False

    @rule(index=st.integers(0, 20))
    def a_row_becomes_unusable(self, index: int) -> None:
        if self.department.rows:
            self.department.rows[index % len(self.department.rows)]["status"] = None
            self.is_faulty = True

    @rule(most=st.integers(1, SIZE - 1))
    def pages_get_short(self, most: int) -> None:
        self.department.most = most
        self.is_faulty = True

    @rule(indexes=st.sets(st.integers(0, 20), min_size=1))
    def rows_get_lost(self, indexes: set[int]) -> None:
        self.department.lost = {f"R-{each}" for each in indexes}
        self.is_faulty = True

    @rule(first=st.integers(1, SIZE + 2))
    def an_officer_reads_the_worklist(self, first: int) -> None:
        pages = self.lab.run(self.hub.worklist(first))
        numbers = [number for page in pages for number in page.numbers]
        every = {row["ref"] for row in self.department.rows}
        for page in pages:
            page.check((), every)
        assert len(set(numbers)) == len(numbers), "a row is on two pages"
        if all(page.is_complete for page in pages):
            assert set(numbers) == every
        if not self.is_faulty:
            assert all(page.is_complete for page in pages)

    def teardown(self) -> None:
        if hasattr(self, "hub"):
            self.an_officer_reads_the_worklist(SIZE)


@runs(40, 1000)
def test_a_worklist(lab: Laboratory, runs: int) -> None:
    WorklistMachine.lab, WorklistMachine.department = lab, PagedDepartment()
    url = lab.serve(WorklistMachine.department)
    WorklistMachine.hubs = {
        index: lab.hub(
            f"worklist-{index}",
            {"kind": "rest", "base_url": url},
            {
                "applications_search": {
                    "call": {"path": "/applications", "query": dict(query)},
                    "rows": "rows",
                    "total": "total",
                }
            },
        )
        for index, query in enumerate(WORKLIST_QUERIES)
    }
    run(WorklistMachine, runs)
