"""HTTP server of the scholarships department: `/api/v1`."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.failures import rest_failures
from mocks.faults.middleware import strikes
from mocks.faults.pages import PAGE_FAULTS, page_faults, page_size, rows_sent
from mocks.faults.transmission import OutgoingReply
from mocks.population import Population
from mocks.population.application_index import ApplicationIndex
from mocks.population.clock import parse_day
from mocks.population.records import Application, Benefit
from mocks.responses import (
    envelope_refusal,
    envelope_rows,
    json_response,
    query_words,
    whole_number,
)
from mocks.scholarships.wire_format import wire_application, wire_award

API_KEY = "demo-scholarship-key"
PAGE_LIMIT = 100
BATCH_LIMIT = 50
DEFAULT_PAGE_SIZE = 50
STATUS_CODES = re.compile(rb'"(?:status|state)":"(?P<code>(?!true"|false")[^"]*)"')

RowT = TypeVar("RowT")
Handler = Callable[[Request], Awaitable[Response]]


class RefusalError(Exception):
    """A request that is refused; `code` is the envelope's code, such as E413."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def build(population: Population) -> MockDepartment:
    """Return the department with the data of this population."""
    citizens = population.by_member_id
    newest_first = sorted(population.scholarship_applications, key=lambda a: a.reference)
    newest_first.sort(key=lambda a: a.updated_at, reverse=True)
    awards_of: dict[str, list[Benefit]] = {}
    for award in population.awards:
        awards_of.setdefault(award.owner, []).append(award)
    index = ApplicationIndex(newest_first)

    def matching(request: Request) -> list[Application]:
        students, numbers = _ids(request, "studentIds"), _ids(request, "applicationNos")
        if students is not None:
            return index.of_owners(students)
        if numbers is not None:
            return index.by_references(numbers)
        statuses, since = set(query_words(request, "statuses")), _since(request)
        if strikes(request, "ignored_filter"):
            statuses, since = set(), None
        return [
            application
            for application in newest_first
            if (not statuses or application.status_code in statuses)
            and (since is None or application.updated_at.date() >= since)
        ]

    async def applications(request: Request) -> Response:
        page = _Page(request)
        shown = page.of(matching(request))
        return page.response([wire_application(a, citizens[a.member_id]) for a in shown])

    async def awards(request: Request) -> Response:
        page = _Page(request)
        students = _ids(request, "studentIds")
        if students is None:
            raise RefusalError("E400", "studentIds is missing")
        found = [award for student in students for award in awards_of.get(student, ())]
        return page.response([wire_award(award) for award in page.of(found)])

    routes = [
        Route("/api/v1/applications", _with_api_key(applications)),
        Route("/api/v1/awards", _with_api_key(awards)),
    ]
    return MockDepartment(
        app=rest_app(routes, _misdirected),
        operation_of=route_namer(routes),
        failures=replace(
            rest_failures(
                b'{"status":"false","code":"E500","msg":"Internal error","data":""}', STATUS_CODES
            ),
            quirks={
                "ignored_filter": None,
                "misspelt_error": _misspelt_error,
                **dict.fromkeys(PAGE_FAULTS),
            },
        ),
        examples=(
            f"curl '{{url}}/api/v1/applications?pageSize=5' -H 'X-Api-Key: {API_KEY}'",
            f"curl '{{url}}/api/v1/awards?studentIds=STU2024000123' -H 'X-Api-Key: {API_KEY}'",
        ),
    )


class _Page:
    """The page that a request asks for, with the faults of this request."""

    def __init__(self, request: Request) -> None:
        self._page, self._size = _paging(request)
        self._faults = page_faults(request)
        self._total = 0

    def of(self, found: Sequence[RowT]) -> Sequence[RowT]:
        """Return the rows of this page that are sent."""
        self._total = len(found)
        size = page_size(self._size, self._total, self._faults)
        return rows_sent(found[(self._page - 1) * size : self._page * size], self._faults)

    def response(self, rows: list[dict[str, Any]]) -> Response:
        """Return the response, with the number of pages for the requested page size."""
        counts = {
            "page": self._page,
            "pages": -(-self._total // self._size),
            "total": self._total,
        }
        if not rows and "lost_rows" in self._faults and self._total:
            return json_response(
                {"status": "true", "code": "S100", "msg": "OK", **counts, "data": []}
            )
        return envelope_rows(rows, "OK", **counts)


def _with_api_key(handler: Handler) -> Handler:
    """Wrap a handler: check the API key first, and return refusals in the envelope."""

    async def handle(request: Request) -> Response:
        try:
            if request.headers.get("x-api-key") != API_KEY:
                raise RefusalError("E401", "Invalid API key")
            return await handler(request)
        except RefusalError as error:
            return envelope_refusal(error.code, str(error))

    return handle


def _misdirected(status: int, message: str) -> Response:
    return envelope_refusal(f"E{status}", message, status)


def _misspelt_error(reply: OutgoingReply) -> None:
    """Fail with the code as a real gateway of the state spells it (`docs/quirks.md` 23)."""
    reply.status, reply.body = 502, bytes(envelope_refusal("bad_gatewy", "Bad gatewy").body)


def _ids(request: Request, name: str) -> list[str] | None:
    if name not in request.query_params:
        return None
    ids = query_words(request, name)
    if len(ids) > BATCH_LIMIT:
        raise RefusalError("E414", f"At most {BATCH_LIMIT} {name}")
    return ids


def _paging(request: Request) -> tuple[int, int]:
    page = whole_number(request.query_params.get("page", "1"))
    size = whole_number(request.query_params.get("pageSize", str(DEFAULT_PAGE_SIZE)))
    if not page or not size:
        raise RefusalError("E400", "page and pageSize are whole numbers from 1")
    if size > PAGE_LIMIT:
        raise RefusalError("E413", f"pageSize is at most {PAGE_LIMIT}")
    return page, size


def _since(request: Request) -> date | None:
    text = request.query_params.get("from")
    if not text:
        return None
    try:
        return parse_day(text, "%d-%m-%Y")
    except ValueError as error:
        raise RefusalError("E400", "from is a day dd-mm-yyyy") from error
