"""Writes to a GraphQL department: mutations, partial results, errors."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from adapters.contract import (
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
    MalformedReplyError,
)
from adapters.manifest import ManifestError
from adapters.writes import WriteReply
from tests.connectors.writing_department import RECEIPT, application, submit, writing_department
from tests.support.servers import http_server

SDL = """
type Query { ping: String }
type Mutation { apply(input: ApplyInput!): Applied }
input ApplyInput { ref: ID! name: String! trade: String born: String note: String declared: String }
type Applied { number: String problems: [String!] }
"""
MUTATION = "mutation Apply($input: ApplyInput!) { apply(input: $input) { number problems } }"
WRITE: dict[str, Any] = {
    "call": {
        "mutation": MUTATION,
        "variables": {"input": {"ref": "{receipt}", "<<": "{fields}"}},
    },
    "reply": {
        "reference": "data/apply/number",
        "rules": [
            {"path": "data/apply/number", "means": "DONE"},
            {"path": "data/apply/problems/0", "means": "REFUSED"},
            {"path": "@fault/code", "one_of": ["ROLLED_BACK"], "means": "NOT_DONE"},
        ],
    },
}


def error(code: str) -> dict[str, Any]:
    return {"message": "It failed.", "extensions": {"code": code}}


async def outcome(
    folder: Path, reply: Any, received: list[Any] | None = None, write: Any = None
) -> WriteReply | DepartmentError:
    async def handle(request: web.Request) -> web.Response:
        if received is not None:
            received.append(orjson.loads(await request.read()))
        return web.Response(body=reply if isinstance(reply, bytes) else orjson.dumps(reply))

    async with http_server(handle) as url:
        connector = {"kind": "graphql", "url": url, "sdl": "forest.graphql"}
        writes = {"submit_application": write or WRITE}
        files = {"forest.graphql": SDL}
        async with writing_department(folder, connector, writes, files=files) as adapter:
            try:
                return await submit(adapter, application())
            except DepartmentError as failure:
                return failure


async def test_a_mutation_is_sent_with_the_form_as_variables(tmp_path: Path) -> None:
    received: list[Any] = []
    reply = await outcome(tmp_path, {"data": {"apply": {"number": "F/1"}}}, received)
    assert isinstance(reply, WriteReply)
    assert reply.reference == "F/1"
    (body,) = received
    assert body["variables"] == {
        "input": {
            "ref": RECEIPT,
            "name": "Asha Devi",
            "trade": "12",
            "born": "29/02/1980",
            "declared": "Y",
        }
    }
    assert body["query"].startswith("mutation Apply(")


FAILURES: list[tuple[Any, type[DepartmentError], bool]] = [
    ({"data": {"apply": {"number": None, "problems": ["Wrong"]}}}, DepartmentRefusedError, True),
    ({"data": None, "errors": [error("BAD_USER_INPUT")]}, DepartmentRefusedError, True),
    ({"data": None, "errors": [error("MAINTENANCE")]}, DepartmentMaintenanceError, True),
    ({"data": {"apply": None}, "errors": [error("ROLLED_BACK")]}, DepartmentFaultError, True),
    ({"data": {"apply": None}, "errors": [error("TIMEOUT")]}, DepartmentFaultError, False),
    (
        {"errors": [{"message": "Unknown field", "locations": [{"line": 1, "column": 1}]}]},
        DepartmentRefusedError,
        True,
    ),
    (
        {
            "data": None,
            "errors": [{"message": "No", "locations": [{"line": 1}], "path": ["apply"]}],
        },
        DepartmentFaultError,
        False,
    ),
    ({"data": {"apply": {"number": None}}}, MalformedReplyError, False),
    ({"data": {"apply": None}}, MalformedReplyError, False),
    (b"{", MalformedReplyError, False),
]


@pytest.mark.parametrize(("reply", "kind", "not_done"), FAILURES)
async def test_a_mutation_that_confirms_nothing(
    reply: Any, kind: type[DepartmentError], not_done: bool, tmp_path: Path
) -> None:
    received: list[Any] = []
    failure = await outcome(tmp_path, reply, received)
    assert isinstance(failure, kind)
    assert failure.not_done is not_done
    assert len(received) == 1


async def test_a_mutation_with_values_was_executed_although_a_field_failed(tmp_path: Path) -> None:
    reply = {"data": {"apply": {"number": "F/1"}}, "errors": [error("SMS_FAILED")]}
    plain = {**WRITE, "reply": {"reference": "data/apply/number"}}
    assert isinstance(await outcome(tmp_path, reply, write=plain), WriteReply)


@pytest.mark.parametrize(
    ("mutation", "words"),
    [
        ("query Ping { ping }", "exactly one operation, a mutation"),
        (MUTATION.replace("number", "numero"), "numero"),
        ("mutation {", "Syntax Error"),
        (MUTATION.replace("$input: ApplyInput!", "$input: ApplyInput!, $x: Int!"), r"\$x"),
    ],
)
async def test_a_mutation_is_checked_when_the_manifest_is_loaded(
    mutation: str, words: str, tmp_path: Path
) -> None:
    write = {**WRITE, "call": {**WRITE["call"], "mutation": mutation}}
    with pytest.raises(ManifestError, match=words) as caught:
        await outcome(tmp_path, {}, write=write)
    assert caught.value.problems[0].key.startswith("writes.submit_application.call")
