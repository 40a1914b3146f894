"""The X-Road headers that a department receives: the citizen, the issue and the operation."""

from collections.abc import Iterator

import pytest
from aiohttp import web

from tests.support.processes import Hub, url_variable
from tests.support.servers import http_server, in_thread

QUERY = "query ($reference: String!) { application(reference: $reference) { applicantName } }"
XROAD = ("X-Road-UserId", "X-Road-Issue", "X-Road-Id")


@pytest.fixture
def security_server() -> Iterator[tuple[str, list[dict[str, str | None]]]]:
    """The URL of an X-Road security server, and the headers of each request to it."""
    seen: list[dict[str, str | None]] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append({name: request.headers.get(name) for name in XROAD})
        return web.json_response([])

    with in_thread(http_server(handle)) as url:
        yield url, seen


@pytest.mark.parametrize(("given", "member"), [(None, "7KNL042101"), ("", None)])
def test_the_citizen_and_the_issue_are_sent_in_headers(
    given: str | None, member: str | None, security_server: tuple[str, list[dict[str, str | None]]]
) -> None:
    url, seen = security_server
    names = {"HUB_ONLY_DEPARTMENTS": "trade-licences", url_variable("trade-licences"): url}
    hub = Hub({}, **names)
    try:
        hub.query(QUERY, token=given, reference="ULB-TRD/2026/1")
    finally:
        hub.stop()
    (request,) = seen
    assert request["X-Road-UserId"] == member
    assert request["X-Road-Issue"] == "ULB-TRD/2026/1"
    assert request["X-Road-Id"]
