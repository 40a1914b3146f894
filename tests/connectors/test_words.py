"""Errors, warnings and faults that clients see contain no words of Python or of its libraries."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from adapters.adapter import ManifestAdapter
from adapters.contract import DepartmentError, Rows
from tests.connectors import soap_department
from tests.connectors.forest_department import department, results_of, row
from tests.connectors.soap_flavours import FLAVOURS
from tests.connectors.soap_wsdls import document_wsdl
from tests.support.calls import call_context
from tests.support.servers import http_server

PYTHON = re.compile(
    r"<class|object at 0x|\bNone(Type)?\b|\bTrue\b|\bFalse\b|\w(Error|Exception|Warning)\b|"
    r"\w+\(\w*=|\{'|\['|\bb'|\bb\"|\b(dict|str|tuple|bytes|datetime|Decimal|Element|Traceback|Part|Row)\b|"
    r"zeep|lxml|aiohttp|asyncpg|orjson|msgspec|llhttp|keyword argument|utf-8. codec"
)
"""Words and notations of Python, and names of the hub's libraries."""

VALUES: list[Any] = [
    None,
    True,
    False,
    7,
    1.5,
    "",
    "x",
    [],
    [None],
    ["x", 1],
    {},
    {"p": None, "q": [True]},
    [[{"c": 1}]],
]
FIELDS = ("number", "citizen", "status", "note", "made", "name")


def words_in(result: Rows | DepartmentError) -> Iterator[str]:
    """Yield every text of a result that clients see."""
    if isinstance(result, DepartmentError):
        yield result.message
        if result.fault is not None:
            yield from (result.fault.code, result.fault.string or "")
            for name, text in (result.fault.detail or {}).items():
                yield from (name, text)
        return
    for warning in result.warnings:
        yield from (warning.code, warning.field_path or "", warning.raw or "")


async def check(adapter: ManifestAdapter) -> None:
    try:
        results = list((await results_of(adapter, "7")).values())
    except DepartmentError as error:
        results = [error]
    for text in (each for result in results for each in words_in(result)):
        assert PYTHON.search(text) is None, text


async def check_all(folder: Path, bodies: list[bytes], status: int = 200, **connector: Any) -> None:
    remaining = iter(bodies)

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=next(remaining), status=status, content_type="application/json")

    capability = {"call": {"path": "/of"}, "rows": "data", "key": "citizen", "total": "count"}
    if connector.get("kind") == "graphql":
        capability = {
            "call": {"query": "query Q($of: ID) { data }", "variables": {"of": "{key}"}},
            "rows": "data",
            "key": "citizen",
        }
    async with http_server(handler) as url:
        address = "url" if connector.get("kind") == "graphql" else "base_url"
        filled = {"kind": "rest", address: url, **connector}
        async with department(folder, filled, capability) as adapter:
            for _ in bodies:
                await check(adapter)


def rows_of(values: list[Any]) -> list[Any]:
    return [
        {"data": [{**row("F/1", "7"), field: value}]} for field, value in product(FIELDS, values)
    ]


BODIES = [
    *VALUES,
    *({"data": value} for value in VALUES),
    *({"data": [value]} for value in VALUES),
    *({"data": [row("F/1", "7")], "count": value} for value in VALUES),
    *rows_of(VALUES),
]


async def test_json(tmp_path: Path) -> None:
    await check_all(tmp_path, [orjson.dumps(body) for body in BODIES])


ENVELOPES: list[dict[str, Any]] = [
    {"ok": "status=true"},
    {"error": "error", "code": "error/code", "message": "error/text"},
    {"ok": "status=true", "auth_failed": ["None", "True", "7"]},
]


@pytest.mark.parametrize("status", [200, 400, 503])
@pytest.mark.parametrize("envelope", ENVELOPES, ids=str)
async def test_envelopes(envelope: dict[str, Any], status: int, tmp_path: Path) -> None:
    failures: list[Any] = [*VALUES]
    for code, message in product(VALUES, VALUES):
        failures.append({"status": code, "code": code, "message": message})
        failures.append({"status": False, "error": {"code": code, "text": message}})
    bodies = [orjson.dumps(failure) for failure in failures]
    await check_all(tmp_path, bodies, status, envelope=envelope)


async def test_graphql(tmp_path: Path) -> None:
    responses: list[Any] = [{"data": body} for body in BODIES]
    for message, code in product(VALUES, VALUES):
        error = {"message": message, "extensions": {"code": code}, "path": ["data", 0]}
        responses += [{"errors": [error]}, {"data": {"data": [row("F/1", "7")]}, "errors": [error]}]
    responses += [{"errors": value} for value in VALUES]
    await check_all(tmp_path, [orjson.dumps(each) for each in responses], kind="graphql")


def xml_of(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"<item>{xml_of(each)}</item>" for each in value)
    if isinstance(value, dict):
        return "".join(f"<{name}>{xml_of(each)}</{name}>" for name, each in value.items())
    return "" if value is None else str(value).lower()


XML = [
    b"",
    b"<reply>",
    b"<reply/>",
    b"<data><x/></data>",
    b"<!DOCTYPE x []><reply/>",
    b"<reply>\xe0\xa4</reply>",
    *(f"<reply><data>{xml_of(value)}</data></reply>".encode() for value in VALUES),
    *(
        f"<reply><data>{xml_of({**row('F/1', '7'), field: value})}</data></reply>".encode()
        for field, value in product(FIELDS, VALUES)
    ),
]


async def test_xml(tmp_path: Path) -> None:
    remaining = iter(XML)

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=next(remaining), content_type="text/xml")

    capability = {"call": {"path": "/of"}, "rows": "reply/data", "key": "citizen"}
    async with http_server(handler) as url:
        connector = {"kind": "rest", "base_url": url, "replies": "xml"}
        async with department(tmp_path, connector, capability) as adapter:
            for _ in XML:
                await check(adapter)


def answering(body: bytes, status: int) -> soap_department.Answer:
    return lambda _: soap_department.Reply(body, status)


async def words_of_soap(adapter: ManifestAdapter) -> list[str]:
    try:
        reply = await adapter.look_up(soap_department.BY_CITIZEN, ["A1"], call_context())
    except DepartmentError as error:
        return list(words_in(error))
    return list(words_in(reply.results["A1"]))


FAULTS = [
    "<s:Fault/>",
    "<s:Fault><faultcode/><faultstring/></s:Fault>",
    "<s:Fault><faultcode>s:Server</faultcode><faultstring><b>x</b></faultstring></s:Fault>",
    "<s:Fault><faultstring>x</faultstring><detail><code/><errorCode>7</errorCode></detail></s:Fault>",
    "<Other/>",
    "",
]


@pytest.mark.parametrize("flavour_name", FLAVOURS)
async def test_soap(flavour_name: str, server: soap_department.SoapServer, tmp_path: Path) -> None:
    flavour = FLAVOURS[flavour_name]
    adapter = soap_department.department(
        tmp_path, server.url, flavour.wsdl, call=flavour.call, rows=flavour.rows,
        at_once=flavour.at_once,
    )  # fmt: skip
    texts: list[Any] = [each for each in VALUES if isinstance(each, str | None)] + ["31/02/2026"]
    names = ("Number", "Owner", "Status", "Notes", "Applied", "Changed", "Name")
    plain = {"Number": "N1", "Owner": "A1", "Status": "01"}
    replies = [flavour.write([{**plain, name: text}]) for name, text in product(names, texts)]
    replies += [soap_department.envelope(fault) for fault in FAULTS]
    replies += [body for body in XML if not body.startswith(b"<reply><data>")]
    for status, reply in product((200, 500), replies):
        server.answer = answering(reply, status)
        for text in await words_of_soap(adapter):
            assert PYTHON.search(text) is None, text
    await adapter.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{Owner: "{keys}", Ovner: x}', "it has no element Ovner"),
        ("{Owner: {a: {b: 1}}}", "a type that the WSDL does not allow"),
    ],
)
async def test_arguments_that_do_not_fit_the_wsdl(
    arguments: str, words: str, server: soap_department.SoapServer, tmp_path: Path
) -> None:
    adapter = soap_department.department(
        tmp_path,
        server.url,
        document_wsdl(),
        call=f"operation: Find\narguments: {arguments}",
        rows="Row",
    )
    (text, *_) = await words_of_soap(adapter)
    await adapter.close()
    assert words in text
    assert PYTHON.search(text) is None
