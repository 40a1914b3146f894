"""Replies in pages: all rows, or a report of what is missing, and never an endless loop."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.connectors.http.pages import next_link
from adapters.contract import DepartmentFaultError, MalformedReplyError, ReplyTooLargeError
from adapters.manifest import ManifestError, load_department
from schema.provenance import SourceState
from tests.connectors.forest_department import department, look_up, numbers, row, write_department
from tests.support.servers import http_server

ROWS = [row(f"F/{n}", "7") for n in range(25)]
EVERY = {"7": [f"F/{n}" for n in range(25)]}
SIZE = 10


def capability(pages: dict[str, Any], **query: str) -> dict[str, Any]:
    call = {"path": "/applications", "query": {"of": "{key}", **query}, "pages": pages}
    return {"call": call, "rows": "rows", "key": "citizen"}


def connector(url: str) -> dict[str, Any]:
    return {"kind": "rest", "base_url": url}


class Pages:
    """Serves `ROWS` in pages; `spoil` changes a reply."""

    def __init__(self, spoil: Callable[[int, dict[str, Any]], None] | None = None) -> None:
        self.spoil = spoil
        self.queries: list[dict[str, str]] = []
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        self.queries.append(query)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.02)
        self.at_once -= 1
        start = int(query.get("offset") or query.get("after") or 0)
        if "page" in query:
            start = (int(query["page"]) - 1) * SIZE
        body: dict[str, Any] = {
            "rows": ROWS[start : start + SIZE],
            "pages": 3,
            "total": len(ROWS),
            "next": start + SIZE if start + SIZE < len(ROWS) else None,
            "more": start + SIZE < len(ROWS),
        }
        headers = {}
        if body["next"]:
            there = f"/applications?of=7&offset={start + SIZE}"
            headers["Link"] = f'</help>; rel=help, <{there}>; rel="prefetch next"; title="a, b"'
        if self.spoil is not None:
            self.spoil(len(self.queries), body)
        return web.json_response(body, headers=headers)


RULES: list[tuple[dict[str, Any], dict[str, str], int]] = [
    ({"count": "pages"}, {"page": "{page}"}, 3),
    ({"count": "pages", "at_once": 4}, {"page": "{page}"}, 3),
    ({"total": "total", "size": SIZE}, {"page": "{page}"}, 3),
    # Without an announced number, the end is an empty page.
    ({"size": SIZE}, {"page": "{page}"}, 4),
    ({"by": "offset", "size": SIZE}, {"offset": "{offset}"}, 4),
    (
        {"by": "offset", "size": SIZE, "total": "total", "at_once": 2},
        {"offset": "{offset}", "limit": "{limit}"},
        3,
    ),
    ({"by": "cursor", "next": "next"}, {"after": "{cursor}"}, 3),
    ({"by": "cursor", "next": "next", "more": "more"}, {"after": "{cursor}"}, 3),
    ({"by": "link"}, {}, 3),
]


@pytest.mark.parametrize(("pages", "query", "calls"), RULES)
async def test_all_pages_are_read(
    pages: dict[str, Any], query: dict[str, str], calls: int, tmp_path: Path
) -> None:
    server = Pages()
    async with (
        http_server(server) as url,
        department(tmp_path, connector(url), capability(pages, **query)) as adapter,
    ):
        assert await numbers(adapter, "7") == EVERY
    assert len(server.queries) == calls
    assert server.most_at_once == (2 if "at_once" in pages else 1)


@pytest.mark.parametrize(("pages", "query", "calls"), RULES)
async def test_more_pages_than_the_limit_are_an_error(
    pages: dict[str, Any], query: dict[str, str], calls: int, tmp_path: Path
) -> None:
    async with (
        http_server(Pages()) as url,
        department(tmp_path, connector(url), capability({**pages, "most": 2}, **query)) as adapter,
    ):
        with pytest.raises(ReplyTooLargeError, match="limit of 2 pages"):
            await numbers(adapter, "7")


@pytest.mark.parametrize(("pages", "query", "calls"), RULES)
async def test_more_rows_than_the_limit_are_an_error(
    pages: dict[str, Any], query: dict[str, str], calls: int, tmp_path: Path
) -> None:
    server = Pages()
    async with (
        http_server(server) as url,
        department(
            tmp_path, connector(url), capability(pages, **query), limits={"rows": 15}
        ) as adapter,
    ):
        with pytest.raises(ReplyTooLargeError, match="limit of 15 rows"):
            await numbers(adapter, "7")


def always_the_first(_: int, body: dict[str, Any]) -> None:
    body["rows"] = ROWS[:SIZE]


def a_circle(_: int, body: dict[str, Any]) -> None:
    body["next"], body["more"] = 10, True


@pytest.mark.parametrize(("pages", "query", "calls"), RULES)
async def test_a_page_that_repeats_is_an_error(
    pages: dict[str, Any], query: dict[str, str], calls: int, tmp_path: Path
) -> None:
    server = Pages(always_the_first)
    async with (
        http_server(server) as url,
        department(tmp_path, connector(url), capability(pages, **query)) as adapter,
    ):
        with pytest.raises(MalformedReplyError, match="the same page twice"):
            await numbers(adapter, "7")
    assert len(server.queries) <= calls


async def test_a_cursor_that_repeats_ends_the_list_with_a_gap(tmp_path: Path) -> None:
    server = Pages(a_circle)
    rule = capability({"by": "cursor", "next": "next"}, after="{cursor}")
    async with (
        http_server(server) as url,
        department(tmp_path, connector(url), rule) as adapter,
    ):
        assert await gap(adapter) == (
            20,
            "20 rows were received; the cursor of the next page is one of an earlier page",
        )
    assert len(server.queries) == 2


async def test_a_link_that_repeats_ends_the_list_with_a_gap(tmp_path: Path) -> None:
    calls = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        there = {"1": "2", "2": "1"}[request.query.get("p", "1")]
        rows = [row(f"F/{calls}", "7")]
        return web.json_response(
            {"rows": rows}, headers={"Link": f'</applications?of=7&p={there}>; rel="next"'}
        )

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), capability({"by": "link"}, p="1")) as adapter,
    ):
        assert await gap(adapter) == (
            3,
            "3 rows were received; the link to the next page leads to an earlier page",
        )
    assert calls == 3


async def gap(adapter: ManifestAdapter) -> tuple[int, str | None]:
    """Return the number of rows that were received, and which are missing."""
    rows = (await look_up(adapter, "7"))["7"]
    missing = [warning.raw for warning in rows.warnings if warning.code == "INCOMPLETE"]
    assert (rows.state is SourceState.INCOMPLETE) == bool(missing)
    return len(rows.records), missing[0] if missing else None


class UnevenPages:
    """Serves `ROWS`, and misbehaves.

    Attributes:
        most: rows per page at most.
        lost: indexes of rows that are counted, but not sent.
        grows: rows that are added after the first request.
        announces: keys of the reply that announce how many rows and pages there are.
    """

    def __init__(
        self,
        most: int = SIZE,
        *,
        lost: frozenset[int] = frozenset(),
        grows: int = 0,
        **announces: Any,
    ) -> None:
        self.most, self.lost, self.grows, self.announces = most, lost, grows, announces
        self.rows = list(ROWS)
        self.calls = 0

    async def __call__(self, request: web.Request) -> web.Response:
        query = request.query
        start = int(query.get("offset") or query.get("after") or 0)
        if "page" in query:
            start = (int(query["page"]) - 1) * self.most
        end, total = start + self.most, len(self.rows)
        rows = [each for n, each in enumerate(self.rows) if start <= n < end and n not in self.lost]
        body = {
            "rows": rows,
            "total": total,
            "pages": -(-total // self.most),
            "next": end if end < total else None,
            "more": end < total,
            **self.announces,
        }
        self.calls += 1
        if self.calls == 1:
            self.rows += [row(f"G/{n}", "7") for n in range(self.grows)]
        return web.json_response(body)


BY_PAGE, BY_OFFSET, BY_CURSOR = {"page": "{page}"}, {"offset": "{offset}"}, {"after": "{cursor}"}


@pytest.mark.parametrize(
    ("pages", "query"),
    [
        ({"total": "total", "size": SIZE}, BY_PAGE),
        ({"total": "total", "size": SIZE, "at_once": 3}, BY_PAGE),
        ({"size": SIZE}, BY_PAGE),
        ({"by": "offset", "total": "total", "size": SIZE}, BY_OFFSET),
        ({"by": "offset", "total": "total", "size": SIZE, "at_once": 3}, BY_OFFSET),
        ({"by": "offset", "size": SIZE}, BY_OFFSET),
    ],
)
@pytest.mark.parametrize("most", [1, 4, 7, 10, 13, 25, 40])
async def test_pages_of_another_size_are_read_on(
    pages: dict[str, Any], query: dict[str, str], most: int, tmp_path: Path
) -> None:
    async with (
        http_server(UnevenPages(most)) as url,
        department(tmp_path, connector(url), capability({**pages, "most": 30}, **query)) as adapter,
    ):
        assert await gap(adapter) == (25, None)
        assert await numbers(adapter, "7") == EVERY


@pytest.mark.parametrize(
    ("server", "pages", "query", "expected"),
    [
        (UnevenPages(lost=frozenset({3, 17})), {"total": "total", "size": SIZE}, BY_PAGE,
         (23, "23 of 25 rows were received")),
        (UnevenPages(lost=frozenset({3})), {"by": "offset", "total": "total", "size": SIZE},
         BY_OFFSET, (24, "24 of 25 rows were received")),
        (UnevenPages(lost=frozenset(range(10, 20))), {"count": "pages"}, BY_PAGE,
         (15, "1 of 3 pages are empty")),
        (UnevenPages(next=None), {"by": "cursor", "next": "next", "more": "more"}, BY_CURSOR,
         (10, "10 rows were received; the department has more, but sent no next cursor")),
        (UnevenPages(next=""), {"by": "cursor", "next": "next", "total": "total"}, BY_CURSOR,
         (10, "10 of 25 rows were received")),
        (UnevenPages(total=26), {"by": "link", "total": "total"}, {},
         (10, "10 of 26 rows were received")),
        (UnevenPages(more=True), {"by": "link", "more": "more"}, {},
         (10, "10 rows were received; the department has more, but sent no next link")),
        (UnevenPages(more=None), {"by": "cursor", "next": "next", "more": "more"}, BY_CURSOR,
         (25, None)),
        (UnevenPages(grows=8), {"count": "pages"}, BY_PAGE, (33, None)),
        (UnevenPages(grows=8), {"count": "pages", "at_once": 4}, BY_PAGE, (33, None)),
        (UnevenPages(grows=8), {"total": "total", "size": SIZE}, BY_PAGE, (33, None)),
        (UnevenPages(total=None), {"total": "total", "size": SIZE}, BY_PAGE, (25, None)),
        (UnevenPages(total=-1), {"by": "offset", "total": "total", "size": SIZE}, BY_OFFSET,
         (25, None)),
        (UnevenPages(pages=None), {"count": "pages"}, BY_PAGE, (25, None)),
        (UnevenPages(total="25.0"), {"total": "total", "size": SIZE}, BY_PAGE, (25, None)),
    ],
)  # fmt: skip
async def test_what_was_announced_is_compared_with_what_was_received(
    server: UnevenPages,
    pages: dict[str, Any],
    query: dict[str, str],
    expected: tuple[int, str | None],
    tmp_path: Path,
) -> None:
    async with (
        http_server(server) as url,
        department(tmp_path, connector(url), capability(pages, **query)) as adapter,
    ):
        assert await gap(adapter) == expected


async def test_rows_that_come_on_two_pages_are_shown_once_and_reported(tmp_path: Path) -> None:
    order = [0, 1, 2, 2, 3, 5]

    async def handler(request: web.Request) -> web.Response:
        start = int(request.query["offset"])
        return web.json_response({"rows": [ROWS[n] for n in order[start : start + 3]]})

    rule = capability({"by": "offset", "size": 3}, offset="{offset}")
    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), rule) as adapter,
    ):
        assert await gap(adapter) == (5, "1 rows came on two pages, so others may be missing")


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_a_rejected_page_after_a_short_one_is_the_end(status: int, tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.query["page"] == "2":
            return web.json_response({"error": "no such page"}, status=status)
        return web.json_response({"rows": ROWS[:3]})

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), capability({"size": SIZE}, **BY_PAGE)) as adapter,
    ):
        assert await gap(adapter) == (3, None)


async def test_a_link_to_another_server_is_not_followed(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        link = '<http://elsewhere.example/applications?p=2>; rel="next"'
        return web.json_response({"rows": [row("F/1", "7")]}, headers={"Link": link})

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), capability({"by": "link"})) as adapter,
    ):
        with pytest.raises(MalformedReplyError, match="another server"):
            await numbers(adapter, "7")


async def test_a_failed_page_fails_the_whole_call(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        page = int(request.query["page"])
        if page == 3:
            return web.json_response({}, status=500)
        return web.json_response({"pages": 5, "rows": [row(f"F/{page}", "7")]})

    rule = capability({"count": "pages", "at_once": 4}, page="{page}")
    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), rule) as adapter,
    ):
        with pytest.raises(DepartmentFaultError):
            await numbers(adapter, "7")


@pytest.mark.parametrize(
    "body", [{"pages": "many"}, {"pages": True}, {"pages": {}}, {"pages": 1.5}]
)
async def test_a_number_of_pages_that_is_not_a_number(body: dict[str, Any], tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"rows": [row("F/1", "7")], **body})

    rule = capability({"count": "pages"}, page="{page}")
    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), rule) as adapter,
    ):
        with pytest.raises(MalformedReplyError, match="number of pages"):
            await numbers(adapter, "7")


async def test_no_rows_are_one_empty_page(tmp_path: Path) -> None:
    calls = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.json_response({"rows": [], "pages": 0, "total": 0, "next": ""})

    for pages, query, _ in RULES:
        async with (
            http_server(handler) as url,
            department(tmp_path, connector(url), capability(pages, **query)) as adapter,
        ):
            assert await numbers(adapter, "7") == {"7": []}
    assert calls == len(RULES)


@pytest.mark.parametrize(
    "pages", [{}, {"by": "offset", "total": "total"}, {"by": "cursor"}, {"total": "total"}]
)
def test_a_rule_without_an_end_is_refused(pages: dict[str, Any], tmp_path: Path) -> None:
    folder = write_department(tmp_path, connector("http://x"), capability(pages))
    with pytest.raises(ManifestError):
        build_adapter(load_department(folder))


LINKS: list[tuple[list[str], str | None]] = [
    (["</a>; rel=next"], "/a"),
    (['</a>; rel="next"'], "/a"),
    (['</a>; rel="last"; REL="next"', '</b>;rel="NEXT"'], "/b"),
    (['<https://x/a,b;c?d=1>; title="x; rel=next"; rel="up next"'], "https://x/a,b;c?d=1"),
    (['</a>; rel="prev", , </b> ; title="a \\" , <c>" ; rel=next'], "/b"),
    (["</a>"], None),
    (["rel=next"], None),
    (["</a; rel=next"], None),
    ([""], None),
    ([], None),
]


@pytest.mark.parametrize(("headers", "target"), LINKS)
def test_link_headers(headers: list[str], target: str | None) -> None:
    assert next_link(headers) == target


@given(st.text(alphabet='<>;,="\\ \tnextrl/a', max_size=200))
def test_parsing_any_link_header_ends(header: str) -> None:
    found = next_link([header])
    assert found is None or found.strip() == found
