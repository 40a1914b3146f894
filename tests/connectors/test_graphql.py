"""GraphQL departments: validated queries, many keys per query, errors of single keys."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from graphql import GraphQLError, build_schema, graphql

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
    MalformedReplyError,
    ReplyTooLargeError,
    Rows,
)
from adapters.manifest import ManifestError, load_department
from tests.connectors.forest_department import (
    department,
    look_up,
    numbers,
    records,
    results_of,
    row,
    warning_parts,
    write_department,
)
from tests.support.servers import http_server

SDL = """
type Query {
  applications(of: [ID!], first: Int, after: String): [Row]
  pages(of: [ID!], first: Int!, after: String): Page!
  citizen(no: ID!): Citizen
  boom: String!
}
type Citizen { rows: [Row!]! }
type Page { rows: [Row!]!  end: String  more: Boolean! }
type Row { number: String  citizen: ID  status: String  made: String  note: String  name: String }
"""
FIELDS = "number citizen status made note name"
BATCH: dict[str, Any] = {
    "call": {
        "query": f"query Of($of: [ID!]) {{ applications(of: $of) {{ {FIELDS} }} }}",
        "variables": {"of": "{keys}"},
    },
    "keys": {"at_once": 50},
    "rows": "applications",
    "key": "citizen",
}
EACH: dict[str, Any] = {
    "call": {
        "query": f"query One($no: ID!) {{ citizen(no: $no) {{ rows {{ {FIELDS} }} }} }}",
        "variables": {"no": "{key}"},
        "each_key": True,
    },
    "keys": {"at_once": 50},
    "rows": "rows",
    "key": "citizen",
}


class Root:
    """Serves rows over GraphQL; the note `FAIL` and the citizen `FAIL` raise errors."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def applications(self, _: Any, of: list[str] | None = None, **__: Any) -> list[Any]:
        return [self._shown(r) for r in self.rows if of is None or str(r["citizen"]) in of]

    def citizen(self, _: Any, no: str) -> dict[str, Any] | None:
        if no == "FAIL":
            raise GraphQLError("no such luck", extensions={"code": "UNLUCKY"})
        found = [self._shown(r) for r in self.rows if str(r["citizen"]) == no]
        return {"rows": found} if found else None

    def pages(self, _: Any, of: list[str], first: int, after: str | None = None) -> dict[str, Any]:
        start = int(after or 0)
        window = self.rows[start : start + first]
        more = start + first < len(self.rows)
        return {"rows": window, "end": str(start + len(window)), "more": more}

    def boom(self, _: Any) -> str:
        raise GraphQLError("boom", extensions={"code": "BOOM"})

    def _shown(self, source: dict[str, Any]) -> dict[str, Any]:
        def note(_: Any) -> Any:
            if source.get("note") == "FAIL":
                raise GraphQLError("note is broken", extensions={"code": "NOTE"})
            return source.get("note")

        return {**source, "note": note}


Serve = Callable[[web.Request], Awaitable[web.Response]]


def board(rows: list[dict[str, Any]], bodies: list[Any] | None = None) -> Serve:
    schema = build_schema(SDL)

    async def handler(request: web.Request) -> web.Response:
        body = await request.json()
        if bodies is not None:
            bodies.append(body)
        result = await graphql(
            schema, body["query"], root_value=Root(rows), variable_values=body["variables"]
        )
        return web.json_response(result.formatted)

    return handler


def connector(url: str, **more: Any) -> dict[str, Any]:
    return {"kind": "graphql", "url": f"{url}/graphql", **more}


def answering(body: Any, status: int = 200) -> Serve:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    return handler


async def outcomes(adapter: ManifestAdapter, *keys: str) -> dict[str, Any]:
    """Return for each key the numbers of its applications, or the class of its error."""
    return {
        key: [r.application_reference_number for r in records(found)]
        if isinstance(found, Rows)
        else type(found)
        for key, found in (await results_of(adapter, *keys)).items()
    }


@pytest.mark.parametrize("capability", [BATCH, EACH])
async def test_a_thousand_rows(capability: dict[str, Any], tmp_path: Path) -> None:
    rows = [row(f"F/{n}", str(n % 10)) for n in range(1000)]
    async with (
        http_server(board(rows)) as url,
        department(tmp_path, connector(url), capability) as adapter,
    ):
        found = await numbers(adapter, *map(str, range(10)), "none")
    assert found == {
        **{str(key): [f"F/{n}" for n in range(1000) if n % 10 == key] for key in range(10)},
        "none": [],
    }


@pytest.mark.parametrize("capability", [BATCH, EACH])
async def test_nulls_missing_fields_and_unknown_codes(
    capability: dict[str, Any], tmp_path: Path
) -> None:
    rows = [
        row("F/1", "7", name="रामदेवी", note=""),
        row("F/2", "7", name=None, note="NA"),
        {**row("F/3", "7"), "made": "31/02/2026"},
        {**row("F/4", "7"), "status": "2"},
        {**row("F/4", "7"), "status": "02"},
        {**row("F/5", "7"), "number": None},
    ]
    async with (
        http_server(board(rows)) as url,
        department(tmp_path, connector(url), capability) as adapter,
    ):
        found = (await look_up(adapter, "7"))["7"]
    shown = [
        (r.application_reference_number, r.applicant_name, r.department_status.code)
        for r in records(found)
    ]
    assert shown == [
        ("F/1", "रामदेवी", "04"),
        ("F/2", None, "04"),
        ("F/3", None, "04"),
        ("F/4", None, "2"),
        ("F/4", None, "02"),
    ]
    assert sorted(map(warning_parts, found.warnings), key=str) == [
        ("INVALID_VALUE", "requestedDatetime", "31/02/2026"),
        ("UNKNOWN_CODE", "applicationStatus", "2"),
        ("UNUSABLE_ROW", "applicationReferenceNumber", None),
    ]


async def test_rows_of_others_are_left_out_when_a_filter_is_ignored(tmp_path: Path) -> None:
    rows = [row(f"F/{n}", str(n)) for n in range(300)]
    call = {"query": f"{{ applications {{ {FIELDS} }} }}"}
    for whole_table, warnings in ((False, [("UNREQUESTED_ROW", None, None)]), (True, [])):
        capability = {**BATCH, "call": {**call, "whole_table": whole_table}}
        async with (
            http_server(board(rows)) as url,
            department(tmp_path, connector(url), capability) as adapter,
        ):
            found = await look_up(adapter, "7", "8")
        assert {k: len(records(own)) for k, own in found.items()} == {"7": 1, "8": 1}
        assert [list(map(warning_parts, own.warnings)) for own in found.values()] == [
            warnings,
            warnings,
        ]


async def test_an_error_in_a_row_fails_only_its_key(tmp_path: Path) -> None:
    rows = [row("F/1", "7"), row("F/2", "8", note="FAIL"), row("F/3", "9"), row("F/4", "8")]
    async with (
        http_server(board(rows)) as url,
        department(tmp_path, connector(url), BATCH) as adapter,
    ):
        assert await outcomes(adapter, "7", "8", "9") == {
            "7": ["F/1"],
            "8": DepartmentFaultError,
            "9": ["F/3"],
        }


def with_nulls(numbers: list[str | None], failed: int) -> Serve:
    """Serve rows of these numbers, and an error of the row at an index."""
    rows = [None if each is None else row(f"F/{each}", each) for each in numbers]
    answer = {"data": {"applications": rows}, "errors": [error(path=["applications", failed])]}
    return answering(answer)


@pytest.mark.parametrize(
    ("numbers", "failed"),
    [(["7", None, "9"], 1), ([None, "8", None], 2), ([None, None, None], 0)],
)
async def test_an_error_of_a_null_fails_the_key_in_its_position(
    numbers: list[str | None], failed: int, tmp_path: Path
) -> None:
    async with (
        http_server(with_nulls(numbers, failed)) as url,
        department(tmp_path, connector(url), BATCH) as adapter,
    ):
        found = await outcomes(adapter, "7", "8", "9")
    expected = {key: [f"F/{key}"] if key in numbers else [] for key in ("7", "8", "9")}
    assert found == {**expected, "789"[failed]: DepartmentFaultError}


@pytest.mark.parametrize("numbers", [["9", None, "7"], ["7", None], ["7", None, "8", "9"]])
async def test_an_error_of_a_null_whose_key_is_not_known_fails_the_call(
    numbers: list[str | None], tmp_path: Path
) -> None:
    async with (
        http_server(with_nulls(numbers, 1)) as url,
        department(tmp_path, connector(url), BATCH) as adapter,
    ):
        with pytest.raises(DepartmentFaultError):
            await outcomes(adapter, "7", "8", "9")


async def test_an_error_in_an_alias_fails_only_its_key(tmp_path: Path) -> None:
    bodies: list[Any] = []
    rows = [row("F/1", "7"), row("F/2", "8", note="FAIL"), row("F/3", "9")]
    async with (
        http_server(board(rows, bodies)) as url,
        department(tmp_path, connector(url), EACH) as adapter,
    ):
        assert await outcomes(adapter, "7", "FAIL", "8", "9", "none") == {
            "7": ["F/1"],
            "FAIL": DepartmentFaultError,
            "8": DepartmentFaultError,
            "9": ["F/3"],
            "none": [],
        }
    (body,) = bodies
    assert body["variables"] == {
        "no_0": "7", "no_1": "FAIL", "no_2": "8", "no_3": "9", "no_4": "none",
    }  # fmt: skip
    assert "k4: citizen(no: $no_4)" in body["query"]


async def test_an_error_with_one_key_per_call_fails_that_key(tmp_path: Path) -> None:
    capability = {**EACH, "keys": {"at_once": 1}}
    async with (
        http_server(board([row("F/1", "7")])) as url,
        department(tmp_path, connector(url), capability) as adapter,
    ):
        assert await outcomes(adapter, "7", "FAIL") == {
            "7": ["F/1"],
            "FAIL": DepartmentFaultError,
        }


def error(code: str | None = None, path: Any = None, message: str = "no") -> dict[str, Any]:
    error: dict[str, Any] = {"message": message}
    if code is not None:
        error["extensions"] = {"code": code}
    if path is not None:
        error["path"] = path
    return error


ROW = row("F/1", "7")
WHOLE: list[tuple[Any, int, type[DepartmentError]]] = [
    ({"errors": [error("UNAUTHENTICATED")], "data": None}, 200, DepartmentAuthError),
    ({"errors": [error("UNAUTHENTICATED")]}, 401, DepartmentAuthError),
    ({}, 403, DepartmentAuthError),
    ({"errors": [error("BAD_USER_INPUT")]}, 400, DepartmentRefusedError),
    ({"errors": [error("MAINTENANCE")]}, 503, DepartmentMaintenanceError),
    ({"errors": [error()]}, 200, DepartmentFaultError),
    ({"errors": [error("X", path=["other"])], "data": {"applications": [ROW]}}, 200,
     DepartmentFaultError),
    ({"errors": [error("X", path=["applications"])], "data": {"applications": None}}, 200,
     DepartmentFaultError),
    ({"errors": [error("X", path=["applications", 0])], "data": {"applications": [None]}}, 200,
     DepartmentFaultError),
    ({"errors": [error("X", path=["applications", 9, "x"])], "data": {"applications": [ROW]}},
     200, DepartmentFaultError),
    ({"errors": [error("X", path="x")], "data": {"applications": [ROW]}}, 200,
     DepartmentFaultError),
    ({"errors": "no", "data": None}, 200, MalformedReplyError),
    ({"data": None}, 200, MalformedReplyError),
    ({"data": []}, 200, MalformedReplyError),
    ([], 200, MalformedReplyError),
    (None, 500, DepartmentFaultError),
    ({"data": {"applications": 7}}, 200, MalformedReplyError),
    ({"data": {"applications": "x"}}, 200, MalformedReplyError),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "expected"), WHOLE)
async def test_an_error_outside_rows_fails_the_call(
    body: Any, status: int, expected: type[DepartmentError], tmp_path: Path
) -> None:
    async with (
        http_server(answering(body, status)) as url,
        department(tmp_path, connector(url), BATCH) as adapter,
    ):
        with pytest.raises(expected):
            await numbers(adapter, "7", "8")


async def test_error_codes_from_the_manifest(tmp_path: Path) -> None:
    settings = {"maintenance": ["CLOSED"], "auth_failed": ["WHO"], "refused": ["HUH"]}
    for code, expected in (
        ("CLOSED", DepartmentMaintenanceError),
        ("WHO", DepartmentAuthError),
        ("HUH", DepartmentRefusedError),
        ("FORBIDDEN", DepartmentFaultError),
    ):
        async with (
            http_server(answering({"errors": [error(code)]})) as url,
            department(tmp_path, connector(url, **settings), BATCH) as adapter,
        ):
            with pytest.raises(expected):
                await numbers(adapter, "7")


PAGED: dict[str, Any] = {
    **BATCH,
    "call": {
        "query": f"""query Of($of: [ID!], $first: Int!, $after: String) {{
          pages(of: $of, first: $first, after: $after) {{ rows {{ {FIELDS} }} end more }}
        }}""",
        "variables": {"of": "{keys}", "first": "{limit}", "after": "{cursor}"},
        "pages": {"by": "cursor", "size": 10, "next": "pages/end", "more": "pages/more"},
    },
    "rows": "pages/rows",
}


async def test_pages_by_cursor(tmp_path: Path) -> None:
    rows = [row(f"F/{n}", "7") for n in range(25)]
    bodies: list[Any] = []
    async with (
        http_server(board(rows, bodies)) as url,
        department(tmp_path, connector(url), PAGED) as adapter,
    ):
        assert await numbers(adapter, "7") == {"7": [f"F/{n}" for n in range(25)]}
    assert [body["variables"].get("after") for body in bodies] == [None, "10", "20"]
    capability = {**PAGED, "call": {**PAGED["call"], "pages": {"by": "cursor", "size": 10,
                  "next": "pages/end", "more": "pages/more", "most": 2}}}  # fmt: skip
    async with (
        http_server(board(rows)) as url,
        department(tmp_path, connector(url), capability) as adapter,
    ):
        with pytest.raises(ReplyTooLargeError):
            await numbers(adapter, "7")


async def test_a_query_is_persisted_by_its_hash(tmp_path: Path) -> None:
    bodies: list[Any] = []
    known: set[str] = set()
    answer = board([row("F/1", "7")])
    supported = True

    async def handler(request: web.Request) -> web.Response:
        body = await request.json()
        bodies.append(body)
        digest = body.get("extensions", {}).get("persistedQuery", {}).get("sha256Hash")
        if "query" not in body:
            if not supported:
                return web.json_response({"errors": [error(message="PersistedQueryNotSupported")]})
            if digest not in known:
                return web.json_response({"errors": [error("PERSISTED_QUERY_NOT_FOUND")]})
            return web.json_response({"data": {"applications": [row("F/1", "7")]}})
        known.add(digest)
        return await answer(request)

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url, persisted=True), BATCH) as adapter,
    ):
        assert await numbers(adapter, "7") == {"7": ["F/1"]}
        assert await numbers(adapter, "7") == {"7": ["F/1"]}
        assert ["query" in body for body in bodies] == [False, True, False]
        supported = False
        bodies.clear()
        assert await numbers(adapter, "7") == {"7": ["F/1"]}
        assert await numbers(adapter, "7") == {"7": ["F/1"]}
        assert ["query" in body for body in bodies] == [False, True, True]
        assert "extensions" not in bodies[2]


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"query": "{ applications { numbr } }"}, "Cannot query field 'numbr' on type 'Row'"),
    ({"query": "{ applications {"}, "Syntax Error"),
    ({"query": "mutation { boom }"}, "one operation, a query"),
    ({"query": "query A { boom } query B { boom }"}, "one operation, a query"),
    ({"query": "query A($no: ID!) { citizen(no: $no) { rows { name } } }"}, "requires $no"),
    ({"query": "{ boom }", "variables": {"o": "{keys}"}}, "no variable $o"),
    ({"query": "{ boom }", "variables": {"of": "{kyes}"}}, "unknown placeholder {kyes}"),
    ({"query": "{ boom }", "each_key": True}, "one root field, and a variable that contains {key}"),
]


@pytest.mark.parametrize(("call", "words"), MISTAKES)
def test_a_wrong_query_is_reported_when_the_manifest_is_loaded(
    call: dict[str, Any], words: str, tmp_path: Path
) -> None:
    settings = connector("http://x", sdl="forest.graphql")
    folder = write_department(tmp_path, settings, {**BATCH, "call": call})
    (folder / "forest.graphql").write_text(SDL)
    with pytest.raises(ManifestError) as caught:
        build_adapter(load_department(folder))
    problems = [str(problem) for problem in caught.value.problems]
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize(("sdl", "words"), [(None, "no file"), ("type {", "can't be read")])
def test_a_schema_that_can_not_be_read(sdl: str | None, words: str, tmp_path: Path) -> None:
    folder = write_department(tmp_path, connector("http://x", sdl="forest.graphql"), BATCH)
    if sdl is not None:
        (folder / "forest.graphql").write_text(sdl)
    with pytest.raises(ManifestError, match=words):
        build_adapter(load_department(folder))
