"""One made-up department over every kind of connector, for the same awkward rows.

Rows have `number`, `citizen`, `status`, `made` and `name`, whatever the wire calls them.
"""

import datetime as dt
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncmy
import asyncpg
import orjson
from aiohttp import web

from adapters.contract import Rows
from tests.connectors import manifests, serving, soap_department
from tests.connectors.databases import Database, ServedDatabase
from tests.connectors.deliveries import CSV, FIXED, NOON, DeliveryFolder, detail, fixed_file
from tests.connectors.rest_wires import WIRES
from tests.connectors.soap_flavours import FLAVOURS
from tests.support.servers import http_server

Row = Mapping[str, Any]
"""Values by column: None is nil, a column that is not there is missing, a mapping is an object."""

CITIZEN = "A1"
COLUMNS = ("number", "citizen", "status", "made", "name")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one test's department stands: its manifest's folder, and its database if it has one."""

    folder: Path
    database: Database | None = None


Ask = Callable[[Place, Sequence[Row]], Awaitable[Rows]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connector, and what its wire can't say.

    Attributes:
        ask: has a real department hold the rows, and gives what the adapter makes of them.
        code: a status that the department's table knows.
        has_objects: whether a value may be an object.
        twins: rows that one becomes that comes twice.
        lines: whether rows are lines of a file, whose layout is told by `BAD_LINE`.
        database: the fixture of the database that it needs.
    """

    ask: Ask
    code: str = "02"
    has_objects: bool = False
    twins: int = 2
    lines: bool = False
    database: str | None = None


def _soap(flavour_name: str) -> Ask:
    names = dict(zip(COLUMNS, ("Number", "Owner", "Status", "Applied", "Name"), strict=True))

    async def ask(place: Place, rows: Sequence[Row]) -> Rows:
        flavour = FLAVOURS[flavour_name]
        found = [{names.get(n, n): value for n, value in row.items()} for row in rows]
        with soap_department.running_server() as server:
            server.answer = soap_department.says(flavour.write(found))
            adapter = soap_department.department(
                place.folder,
                server.url,
                flavour.wsdl,
                call=flavour.call,
                rows=flavour.rows,
                at_once=flavour.at_once,
            )
            try:
                return await soap_department.rows(adapter, CITIZEN)
            finally:
                await adapter.close()

    return ask


async def _served(
    place: Place, body: bytes, connector: Mapping[str, Any], capability: Mapping[str, Any]
) -> Rows:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body)

    async with http_server(handler) as url:
        address = "url" if connector["kind"] == "graphql" else "base_url"
        connector = {address: url, **connector}
        async with serving.department(place.folder, connector, capability) as adapter:
            return (await serving.look_up(adapter, CITIZEN))[CITIZEN]


def _rest(wire_name: str) -> Ask:
    async def ask(place: Place, rows: Sequence[Row]) -> Rows:
        wire = WIRES[wire_name]
        capability = {
            "call": {"path": "/applications", "query": {"of": "{key}"}},
            "rows": wire.rows,
            "key": "citizen",
        }
        return await _served(
            place, wire.write(rows), {"kind": "rest", **wire.connector}, capability
        )

    return ask


async def _graphql(place: Place, rows: Sequence[Row]) -> Rows:
    query = f"query Of($of: [ID!]) {{ applications(of: $of) {{ {' '.join(COLUMNS)} }} }}"
    capability = {
        "call": {"query": query, "variables": {"of": "{keys}"}},
        "keys": {"at_once": 9},
        "rows": "applications",
        "key": "citizen",
    }
    body = orjson.dumps({"data": {"applications": rows}})
    return await _served(place, body, {"kind": "graphql"}, capability)


async def _database(place: Place, rows: Sequence[Row]) -> Rows:
    database = place.database
    assert database is not None
    columns = list(dict.fromkeys(name for row in rows for name in row))
    await _fill(database, columns, [tuple(row.get(name) for name in columns) for row in rows])
    sql = database.sql
    for old, new in {"appl ": "awkward ", "person": "citizen", "BY ref": "BY number"}.items():
        sql = sql.replace(old, new)
    capability = {"call": {"sql": sql}, "keys": {"at_once": 9}, "key": "citizen"}
    adapter = manifests.adapter_of(
        place.folder,
        {"kind": "database", "url": database.url},
        {"applications_by_citizen": capability},
        record={
            "applicationReferenceNumber": "number",
            "requestedDatetime": {"path": "made", "format": "dd/mm/yyyy"},
            "applicantKey": "citizen",
        },
    )
    try:
        return (await manifests.rows_of(adapter, CITIZEN))[CITIZEN]
    finally:
        await adapter.close()


async def _fill(
    database: Database, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Makes the table `awkward` anew; numbers and citizens are padded, as in old databases."""
    typed = {"number": "CHAR(12)", "citizen": "CHAR(8)"}
    defined = ", ".join(f"{name} {typed.get(name, 'VARCHAR(200)')}" for name in columns)
    statements = ["DROP TABLE IF EXISTS awkward", f"CREATE TABLE awkward ({defined})"]
    if isinstance(database, ServedDatabase) and database.owner:
        connection = await asyncpg.connect(database.owner)
        for statement in [*statements, "GRANT SELECT ON awkward TO PUBLIC"]:
            await connection.execute(statement)
        await connection.copy_records_to_table("awkward", records=rows, columns=columns)
        await connection.close()
    elif database.name == "mariadb":
        url = urlsplit(database.url)
        mariadb = await asyncmy.connect(
            host=url.hostname, port=url.port, user=url.username, password=url.password,
            database=url.path[1:], autocommit=True, charset="utf8mb4",
        )  # fmt: skip
        async with mariadb.cursor() as cursor:
            for statement in statements:
                await cursor.execute(statement)
            marks = ", ".join(["%s"] * len(columns))
            await cursor.executemany(f"INSERT INTO awkward VALUES ({marks})", rows)
        await mariadb.ensure_closed()
    else:
        with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as sqlite, sqlite:
            for statement in statements:
                sqlite.execute(statement)
            marks = ", ".join("?" * len(columns))
            sqlite.executemany(f"INSERT INTO awkward VALUES ({marks})", rows)


async def _dropped(place: Place, rule: dict[str, Any], name: str, content: bytes) -> Rows:
    deliveries = DeliveryFolder(place.folder, rule)
    await deliveries.deliver(name, content)
    try:
        return (await manifests.rows_of(deliveries.adapter, CITIZEN))[CITIZEN]
    finally:
        await deliveries.adapter.close()


async def _csv(place: Place, rows: Sequence[Row]) -> Rows:
    names = {"number": "ref", "citizen": "person", "made": "applied"}
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names.get(name, name) for name in columns)]
    lines += [",".join("-" if row[n] is None else row[n] for n in columns) for row in rows]
    content = "".join(f"{line}\r\n" for line in lines).encode()
    return await _dropped(place, CSV, f"C_{NOON:%Y%m%d%H%M}.csv", content)


async def _fixed(place: Place, rows: Sequence[Row]) -> Rows:
    """What is missing is cut off the line's end; what is further stands in its filler."""
    lines = []
    for row in rows:
        texts = {n: "-" if row.get(n) is None else row[n] for n in COLUMNS}
        line = detail(
            texts["number"], texts["citizen"], texts["status"], texts["name"], texts["made"]
        )
        line = line if row.keys() >= set(COLUMNS) else line[:20]
        lines.append(line[:-5] + row["more"].encode()[:5].ljust(5) if "more" in row else line)
    made = NOON - dt.timedelta(hours=1)
    return await _dropped(place, FIXED, f"F_{made:%Y%m%d}.txt", fixed_file(made, lines))


KINDS = {
    "soap-literal": Kind(_soap("literal"), has_objects=True),
    "soap-encoded": Kind(_soap("encoded"), has_objects=True),
    "soap-multiref": Kind(_soap("multiref"), has_objects=True),
    "soap-diffgram": Kind(_soap("diffgram"), has_objects=True),
    "soap-xml-text": Kind(_soap("xml-text"), has_objects=True),
    "soap-packed": Kind(_soap("packed")),
    "rest-json": Kind(_rest("json"), has_objects=True),
    "rest-xml": Kind(_rest("xml"), has_objects=True),
    "graphql": Kind(_graphql, has_objects=True),
    "postgresql": Kind(_database, code="N", database="postgresql"),
    "mariadb": Kind(_database, code="N", database="mariadb"),
    "sqlite": Kind(_database, code="N", database="sqlite"),
    "csv": Kind(_csv, code="N", twins=1, lines=True),
    "fixed": Kind(_fixed, code="N", twins=1, lines=True),
}
