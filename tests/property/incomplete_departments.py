"""Departments that leave rows out, and the hub's answers about them.

The departments are an HTTP server with pages, a SQLite database and a folder of files. Each runs in
the test's process and can misbehave in the ways that `test_incomplete_departments.py` chooses.
"""

import asyncio
import contextlib
import datetime as dt
import re
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from unittest.mock import Mock

import strawberry
from aiohttp import web

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability, DepartmentError, LookUpReply, SearchReply
from adapters.workbench.look_ups import look_up_all
from hub.access import Principal, Role
from hub.federation.gateway import PrincipalRequest
from hub.federation.records import BoundApplications
from schema.application import Application
from schema.citizen import Citizen, IdentityLink
from schema.provenance import SourceState, SourceStatus
from schema.sources import SourcedRows
from schema.worklist import WorklistFilterInput, load_worklist
from tests.connectors import deliveries
from tests.connectors.deliveries import CSV, FIXED
from tests.connectors.manifests import adapter_of
from tests.support.calls import call_context
from tests.support.disclosure import open_disclosure
from tests.support.ids import IDS
from tests.support.servers import http_server

T = TypeVar("T")

CITIZENS = ("7", "8")
"""The citizens that each query is about."""
STRANGER = "9"
SIZE = 4
"""Rows that the hub requests for each page."""
MOST_PAGES = 80
COMPLETE_STATES = frozenset({SourceState.LIVE, SourceState.CACHED})
REPORTING_CODES = frozenset({"INCOMPLETE", "UNUSABLE_ROW", "BAD_LINE", "LATE_FILE"})


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows and the department's status that a client of the hub receives for one citizen.

    Attributes:
        numbers: numbers of the applications.
        source: the entry in `sources`; None if the operation failed as a whole.
        errors: errors in the response.
    """

    numbers: Sequence[str]
    source: SourceStatus | None
    errors: Sequence[Exception] = ()

    @classmethod
    def of(cls, outcome: Any) -> "Answer":
        if isinstance(outcome, Exception):
            return cls((), None, (outcome,))
        (source,) = cast("SourcedRows[Application]", outcome).sources
        return cls([each.application_reference_number for each in outcome.rows], source)

    @property
    def is_complete(self) -> bool:
        """Return True if the answer does not report that anything is missing."""
        return self.source is not None and self.source.state in COMPLETE_STATES

    def reports(self, code: str) -> bool:
        """Return True if `sources` has a warning with this code."""
        return self.source is not None and code in {each.code for each in self.source.warnings}

    def check(self, required: Collection[str], possible: Collection[str]) -> None:
        """Check that no row is missing without a report, doubled or invented.

        Args:
            required: numbers that a complete answer has.
            possible: numbers that an answer may have.
        """
        assert len(set(self.numbers)) == len(self.numbers), "a row is doubled"
        assert set(self.numbers) <= set(possible), "a row is invented"
        missing = set(required) - set(self.numbers)
        if self.is_complete:
            assert not missing, f"{sorted(missing)} are missing, reported as {self.source}"
        for error in self.errors:
            assert isinstance(error, DepartmentError), repr(error)
        if self.source is not None and self.source.state is SourceState.INCOMPLETE:
            self._check_warnings()

    def _check_warnings(self) -> None:
        assert self.source is not None
        codes = {each.code for each in self.source.warnings}
        assert codes & REPORTING_CODES, self.source
        for warning in self.source.warnings:
            if warning.code == "INCOMPLETE":
                assert re.search(r"\d", warning.raw or ""), warning


class Hub:
    """The part of the hub that answers from one department, without cache and breaker."""

    def __init__(self, adapter: ManifestAdapter) -> None:
        self._adapter = adapter

    async def of_citizens(self) -> dict[str, Answer]:
        """Return the answer for each of `CITIZENS`, from one operation."""
        citizens = [
            Citizen(
                member_identifier=number,
                family_identifier="F",
                links=[IdentityLink("TESTED_NO", number)],
            )
            for number in CITIZENS
        ]
        outcomes = await self._applications().by_citizen(citizens)
        return dict(zip(CITIZENS, map(Answer.of, outcomes), strict=True))

    async def changes_since(self, moment: dt.datetime) -> Answer:
        """Return the applications that changed at this moment or later."""
        capability = Capability.APPLICATIONS_CHANGES_SINCE
        try:
            reply = await self._adapter.search(capability, {"since": moment}, call_context())
        except DepartmentError as error:
            return Answer((), None, (error,))
        source = SourceStatus(
            department_identifier="tested",
            state=reply.rows.state,
            warnings=list(reply.rows.warnings),
        )
        rows = cast("Sequence[Application]", reply.rows.records)
        return Answer([str(each.application_reference_number) for each in rows], source)

    async def worklist(self, first: int) -> list[Answer]:
        """Return the answers of all pages of a worklist with `first` rows each."""
        noted: list[Exception] = []
        sources = SimpleNamespace(
            applications=self._applications(),
            catalogue=SimpleNamespace(department_identifier=lambda name: name),
            ids=IDS,
        )
        context = SimpleNamespace(sources=sources, errors=noted, today=dt.date(2026, 11, 24))
        info = cast("Any", Mock(context=context))
        wanted = WorklistFilterInput(departments=[strawberry.ID("tested")])
        pages: list[Answer] = []
        after: str | None = None
        while len(pages) < MOST_PAGES:
            try:
                page = await load_worklist(info, wanted, first, after)
            except DepartmentError as error:
                return [*pages, Answer((), None, (error,))]
            (source,) = page.sources
            numbers = [str(edge.application_reference_number) for edge in page.nodes]
            pages.append(Answer(numbers, source))
            after = page.page_info.end_cursor(info)
            if not page.page_info.has_next_page:
                return pages
        raise AssertionError("the worklist does not end")

    def _applications(self) -> BoundApplications:
        request = PrincipalRequest(Principal(Role.OFFICER), call_context())
        directory = cast("Any", self)
        return BoundApplications(
            Application,
            Capability.APPLICATIONS_BY_CITIZEN,
            directory,
            directory,
            request,
            open_disclosure(request, directory),
        )

    # The hub's directory and gateway, for this one department.

    def with_capability(self, _: Capability) -> Sequence[str]:
        return ["tested"]

    def scheme_of(self, _: str) -> str:
        return "TESTED_NO"

    def placeholders_of(self, _: str, capability: Capability) -> frozenset[str]:
        return frozenset({"status_codes", "since"})

    async def look_up(
        self, request: PrincipalRequest, _: str, capability: Capability, keys: Sequence[str],
        subjects: Sequence[str], wait_until: float | None,
    ) -> LookUpReply:  # fmt: skip
        return await look_up_all(self._adapter, capability, keys, request.call)

    async def search(
        self, request: PrincipalRequest, _: str, capability: Capability, criteria: Mapping[str, Any]
    ) -> SearchReply:
        return await self._adapter.search(capability, criteria, request.call)


class Laboratory:
    """An event loop, and what is open in it until the end of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()

    def run(self, awaitable: Awaitable[T]) -> T:
        async def wait() -> T:
            return await awaitable

        return self._runner.run(wait())

    def hub(self, name: str, connector: dict[str, Any], capabilities: dict[str, Any]) -> Hub:
        """Return a hub with a department of this connector."""

        async def open_adapter() -> ManifestAdapter:
            adapter = adapter_of(self.folder / name, connector, capabilities)
            self._stack.push_async_callback(adapter.close)
            return adapter

        return Hub(self.run(open_adapter()))

    def serve(self, department: "PagedDepartment") -> str:
        return self.run(self._stack.enter_async_context(http_server(department)))

    def close(self) -> None:
        self.run(self._stack.aclose())
        self._runner.close()


@contextmanager
def laboratory(folder: Path) -> Iterator[Laboratory]:
    opened = Laboratory(folder)
    with contextlib.closing(opened):
        yield opened


@dataclass(frozen=True, slots=True)
class PagedRule:
    """How a manifest reads a list.

    Attributes:
        pages: the manifest's `pages`; empty if each reply has the whole list. The capability then
            has `total`.
        query: the call's query.
    """

    pages: Mapping[str, Any]
    query: Mapping[str, str]

    @property
    def announces_rows(self) -> bool:
        return "total" in self.pages or not self.pages

    @property
    def announces_pages(self) -> bool:
        return "count" in self.pages

    @property
    def by(self) -> str:
        return str(self.pages.get("by", "page"))

    def capability(self) -> dict[str, Any]:
        """Return the look-up of the manifest."""
        call: dict[str, Any] = {"path": "/applications", "query": {"of": "{keys}", **self.query}}
        total = {}
        if self.pages:
            call["pages"] = {**self.pages, "most": MOST_PAGES}
        else:
            total = {"total": "total"}
        return {"call": call, "keys": {"at_once": 50}, "rows": "rows", "key": "person", **total}


BY_NUMBER = {"page": "{page}"}
BY_OFFSET = {"offset": "{offset}"}
BY_CURSOR = {"after": "{cursor}"}
RULES = (
    PagedRule({"count": "pages"}, BY_NUMBER),
    PagedRule({"count": "pages", "at_once": 3}, BY_NUMBER),
    PagedRule({"count": "pages", "total": "total", "size": SIZE}, BY_NUMBER),
    PagedRule({"total": "total", "size": SIZE}, BY_NUMBER),
    PagedRule({"total": "total", "size": SIZE, "at_once": 2}, BY_NUMBER),
    PagedRule({"size": SIZE}, BY_NUMBER),
    PagedRule({"by": "offset", "size": SIZE}, BY_OFFSET),
    PagedRule({"by": "offset", "size": SIZE, "total": "total"}, BY_OFFSET),
    PagedRule({"by": "offset", "size": SIZE, "total": "total", "at_once": 2}, BY_OFFSET),
    PagedRule({"by": "cursor", "next": "next"}, BY_CURSOR),
    PagedRule({"by": "cursor", "next": "next", "more": "more"}, BY_CURSOR),
    PagedRule({"by": "cursor", "next": "next", "total": "total"}, BY_CURSOR),
    PagedRule({"by": "link"}, {}),
    PagedRule({"by": "link", "total": "total"}, {}),
    PagedRule({}, {"size": "1000"}),
)
WORKLIST_QUERIES = (
    {"offset": "{offset}", "size": "{limit}"},
    {"page": "{page}", "size": "{limit}"},
)


def row_of(number: int, citizen: str) -> dict[str, Any]:
    return {
        "ref": f"R-{number}",
        "person": citizen,
        "status": "N",
        "name": f"Name {number}",
        "applied": "03/11/2026",
    }


@dataclass
class PagedDepartment:
    """An HTTP server with pages.

    Attributes:
        rows: all rows; each has its true citizen in `citizen`.
        most: rows per page at most, whatever page size is requested.
        lost: numbers of rows that are announced, but not sent.
        lost_page: index of a page that is sent without its rows, if there are several pages; None
            for no page.
        ends_after: index of the page after which no next page is named; None for the last page.
        change: what happens to the list after the first request of a query: `grows`, `shifts` (a
            row is inserted before the first), `shrinks`; None for nothing.
        announces_null: the total and the number of pages are null.
        miscounts_pages: the number of pages is that of pages with the requested size.
        requests: number of requests since the last query began.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    most: int = MOST_PAGES
    lost: set[str] = field(default_factory=set)
    lost_page: int | None = None
    ends_after: int | None = None
    change: str | None = None
    announces_null: bool = False
    miscounts_pages: bool = False
    requests: int = 0

    def recover(self) -> None:
        """End all faults, except those of single rows."""
        self.most, self.lost, self.lost_page = MOST_PAGES, set(), None
        self.ends_after, self.change = None, None
        self.announces_null = self.miscounts_pages = False

    async def __call__(self, request: web.Request) -> web.Response:
        query = request.query
        keys = query["of"].split(",") if "of" in query else None
        found = [row for row in self.rows if keys is None or row["citizen"] in keys]
        requested = int(query.get("size", SIZE))
        size = min(requested, self.most)
        if "page" in query:
            start = (int(query["page"]) - 1) * size
        else:
            start = int(query.get("offset") or query.get("after") or 0)
        index, following = start // size, start + size
        total = None if self.announces_null else len(found)
        rows = [row for row in found[start:following] if row["ref"] not in self.lost]
        is_last = following >= len(found)
        if index == self.lost_page and len(found) > size:
            rows = []
        page_size = requested if self.miscounts_pages else size
        body: dict[str, Any] = {
            "rows": [sent(row) for row in rows],
            "total": total,
            "pages": None if total is None else -(-total // page_size),
            "next": None if is_last or index == self.ends_after else following,
            "more": not is_last,
        }
        headers = {}
        if body["next"]:
            headers["Link"] = (
                f'</applications?of={query.get("of", "")}&offset={following}>; rel="next"'
            )
        self.requests += 1
        if self.requests == 1:
            self._change(found)
        return web.json_response(body, headers=headers)

    def _change(self, found: list[dict[str, Any]]) -> None:
        number = len(self.rows) + 1000
        if self.change == "grows":
            self.rows += [row_with_owner(number + each, CITIZENS[0]) for each in range(SIZE)]
        elif self.change == "shifts":
            self.rows.insert(0, row_with_owner(number, CITIZENS[0]))
        elif self.change == "shrinks" and found:
            self.rows.remove(found[0])


def row_with_owner(number: int, citizen: str) -> dict[str, Any]:
    return {**row_of(number, citizen), "citizen": citizen}


def sent(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "citizen"}


COLUMNS = ("ref", "person", "status", "name", "applied", "changed", "id")
KEYSETS = (["ref"], ["changed", "ref"], ["name", "changed", "id"], ["changed"])
"""Orders of the rows. The last one has several rows with the same value."""
IST = dt.timezone(dt.timedelta(hours=5, minutes=30))
MOMENT_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S%z",
    "UTC",
)


def moment_text(moment: dt.datetime, written: str) -> str:
    """Return a time as the database has it, in Indian time; `UTC` is ISO 8601 with that zone."""
    if written == "UTC":
        return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return moment.astimezone(IST).strftime(written)


class SqliteDepartment:
    """A database with one table of applications."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        # Writing each row to the disk would take most of the test's time.
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA journal_mode = MEMORY")
        self._database.execute(f"CREATE TABLE appl ({', '.join(COLUMNS)})")
        self.url = f"sqlite:///{path}"

    def empty(self) -> None:
        self._database.execute("DELETE FROM appl")

    def insert(self, row: Mapping[str, Any]) -> None:
        self._database.execute(
            f"INSERT INTO appl VALUES ({', '.join('?' for _ in COLUMNS)})",
            [row.get(name) for name in COLUMNS],
        )

    def close(self) -> None:
        self._database.close()


CSV_WITH_TRAILER = {
    **CSV,
    "csv": {**cast("Any", CSV["csv"]), "trailer": {"marker": "#END", "count": 2}},
}


def delivered_file(rule: Mapping[str, Any], made: dt.datetime, rows: Mapping[str, str]) -> bytes:
    """Return a complete file.

    Args:
        rule: `FIXED`, `CSV` or `CSV_WITH_TRAILER`.
        made: when the department made it.
        rows: owner of each row by number.
    """
    if rule is FIXED:
        lines = [deliveries.detail(number, owner) for number, owner in rows.items()]
        return deliveries.fixed_file(made, lines)
    text = [deliveries.HEADER, *(f"{n},{owner},N,RAM,01/09/2026" for n, owner in rows.items())]
    if rule is CSV_WITH_TRAILER:
        text.append(f"#END,{len(rows)}")
    return "".join(f"{line}\n" for line in text).encode()


DAMAGES: Mapping[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "blank": lambda _: b"\n \n",
    "error page": lambda _: b"<html><body>503 Service Unavailable</body></html>\n",
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "zeros": lambda content: bytes(len(content)),
    "names in capitals": lambda content: content.replace(
        deliveries.HEADER.encode(), deliveries.HEADER.upper().encode()
    ),
    "half": lambda content: content[: len(content) // 2].rstrip(b"\n"),
}
"""What can happen to a file that makes it no complete file."""
