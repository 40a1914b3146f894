"""One fictional department behind every kind of connector, with the same awkward rows.

Rows have `number`, `citizen`, `status`, `made` and `name`, whatever the format calls them.
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
from tests.connectors import forest_department, manifests, soap_department
from tests.connectors.databases import Database, ServedDatabase
from tests.connectors.deliveries import CSV, FIXED, NOON, DeliveryFolder, detail, fixed_file
from tests.connectors.rest_wires import WIRES
from tests.connectors.soap_flavours import FLAVOURS
from tests.support.servers import http_server

Row = Mapping[str, Any]
"""Values by column: None is nil, an absent column is missing, a mapping is an object."""

CITIZEN = "A1"
COLUMNS = ("number", "citizen", "status", "made", "name")


@dataclass(frozen=True, slots=True)
class Location:
    """The manifest's folder of one test's department, and its database if it has one."""

    folder: Path
    database: Database | None = None


ReadRows = Callable[[Location, Sequence[Row]], Awaitable[Rows]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connector, and the limits of its format.

    Attributes:
        read_rows: puts rows into a real department, and returns what the adapter reads.
        code: a status in the department's code table.
        has_objects: True if a value may be an object.
        duplicates: number of rows that the adapter returns for a row that is sent twice.
        lines: True if rows are lines of a file, where a wrong layout is a `BAD_LINE`.
        database: name of the database fixture that it needs; None if it needs none.
    """

    read_rows: ReadRows
    code: str = "02"
    has_objects: bool = False
    duplicates: int = 2
    lines: bool = False
    database: str | None = None


def _soap(flavour_name: str) -> ReadRows:
    names = dict(zip(COLUMNS, ("Number", "Owner", "Status", "Applied", "Name"), strict=True))

    async def read_rows(location: Location, rows: Sequence[Row]) -> Rows:
        flavour = FLAVOURS[flavour_name]
        found = [{names.get(n, n): value for n, value in row.items()} for row in rows]
        with soap_department.running_server() as server:
            server.answer = soap_department.always(flavour.write(found))
            adapter = soap_department.department(
                location.folder,
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

    return read_rows


async def _served(
    location: Location, body: bytes, connector: Mapping[str, Any], capability: Mapping[str, Any]
) -> Rows:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body)

    async with http_server(handler) as url:
        address = "url" if connector["kind"] == "graphql" else "base_url"
        connector = {address: url, **connector}
        async with forest_department.department(location.folder, connector, capability) as adapter:
            return (await forest_department.look_up(adapter, CITIZEN))[CITIZEN]


def _rest(wire_name: str) -> ReadRows:
    async def read_rows(location: Location, rows: Sequence[Row]) -> Rows:
        wire = WIRES[wire_name]
        capability = {
            "call": {"path": "/applications", "query": {"of": "{key}"}},
            "rows": wire.rows,
            "key": "citizen",
        }
        return await _served(
            location, wire.write(rows), {"kind": "rest", **wire.connector}, capability
        )

    return read_rows


async def _graphql(location: Location, rows: Sequence[Row]) -> Rows:
    query = f"query Of($of: [ID!]) {{ applications(of: $of) {{ {' '.join(COLUMNS)} }} }}"
    capability = {
        "call": {"query": query, "variables": {"of": "{keys}"}},
        "keys": {"at_once": 9},
        "rows": "applications",
        "key": "citizen",
    }
    body = orjson.dumps({"data": {"applications": rows}})
    return await _served(location, body, {"kind": "graphql"}, capability)


async def _database(location: Location, rows: Sequence[Row]) -> Rows:
    database = location.database
    assert database is not None
    columns = list(dict.fromkeys(name for row in rows for name in row))
    await _fill(database, columns, [tuple(row.get(name) for name in columns) for row in rows])
    sql = database.sql
    for old, new in {"appl ": "awkward ", "person": "citizen", "BY ref": "BY number"}.items():
        sql = sql.replace(old, new)
    capability = {"call": {"sql": sql}, "keys": {"at_once": 9}, "key": "citizen"}
    adapter = manifests.adapter_of(
        location.folder,
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
    """Create the table `awkward`; numbers and citizens are padded, as in old databases."""
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


async def _delivered(location: Location, rule: dict[str, Any], name: str, content: bytes) -> Rows:
    deliveries = DeliveryFolder(location.folder, rule)
    await deliveries.deliver(name, content)
    try:
        return (await manifests.rows_of(deliveries.adapter, CITIZEN))[CITIZEN]
    finally:
        await deliveries.adapter.close()


async def _csv(location: Location, rows: Sequence[Row]) -> Rows:
    names = {"number": "ref", "citizen": "person", "made": "applied"}
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names.get(name, name) for name in columns)]
    lines += [",".join("-" if row[n] is None else row[n] for n in columns) for row in rows]
    content = "".join(f"{line}\r\n" for line in lines).encode()
    return await _delivered(location, CSV, f"C_{NOON:%Y%m%d%H%M}.csv", content)


async def _fixed(location: Location, rows: Sequence[Row]) -> Rows:
    """Return a line: missing fields are cut off its end, extra values are in its filler."""
    lines = []
    for row in rows:
        texts = {n: "-" if row.get(n) is None else row[n] for n in COLUMNS}
        line = detail(
            texts["number"], texts["citizen"], texts["status"], texts["name"], texts["made"]
        )
        line = line if row.keys() >= set(COLUMNS) else line[:20]
        lines.append(line[:-5] + row["more"].encode()[:5].ljust(5) if "more" in row else line)
    made = NOON - dt.timedelta(hours=1)
    return await _delivered(location, FIXED, f"F_{made:%Y%m%d}.txt", fixed_file(made, lines))


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
    "csv": Kind(_csv, code="N", duplicates=1, lines=True),
    "fixed": Kind(_fixed, code="N", duplicates=1, lines=True),
}
