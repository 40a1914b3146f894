"""One department with the same rows on every path by which a value can reach the hub."""

import asyncio
import codecs
import csv
import datetime as dt
import io
import json
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.sax.saxutils import escape

from aiohttp import web

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import Capability, DepartmentError, Rows
from adapters.manifest import load_department
from mocks.certificates.postgresql import SUPERUSER, PostgresqlServer, start_postgresql
from mocks.civil_registration.mariadb import ADMINISTRATOR, MariadbServer, start_mariadb
from mocks.databases.server import DatabaseMissingError
from schema.provenance import SourceState
from tests.connectors.soap_department import envelope
from tests.connectors.soap_wsdls import ROW, document_wsdl, rpc_wsdl
from tests.support.calls import call_context
from tests.support.servers import http_server, in_thread

KEY = "C1"
COLUMNS = ("owner", "number", "status", "name", "made", "secs", "millis", "day", "rating", "amount")
WIDTH = 90
"""Bytes of a column in a fixed-width file."""
URL = "SAME_VALUE_URL"
LOOK_UPS = (Capability.GRIEVANCES_BY_CITIZEN, Capability.BENEFITS_BY_CITIZEN)
FIELDS = {
    "grievance": (
        "registration_number", "status_notes", "grievance_status", "department_status",
        "requested_datetime", "updated_datetime", "stored_due_date", "rating",
    ),
    "benefit": ("benefit_number", "benefit_value", "benefit_date"),
}  # fmt: skip
RECORDS: dict[str, dict[str, Any]] = {
    "grievance": {
        "registrationNumber": "number",
        "statusNotes": "name",
        "grievanceStatus": {"path": "status", "codes": "status"},
        "departmentStatus": {"fields": {"code": "status"}},
        "requestedDatetime": "made",
        "updatedDatetime": {"path": "secs", "format": "epoch"},
        "dueDate": {"path": "millis", "format": "epoch-ms"},
        "rating": "rating",
    },
    "benefit": {
        "benefitNumber": "number",
        "enrollmentStatus": {"value": "UNKNOWN"},
        "departmentStatus": {"fields": {"code": "status"}},
        "benefitValue": {"path": "amount", "unit": "rupees"},
        "benefitDate": "day",
        "holderKey": "owner",
    },
}
CODES = {
    "tables": {
        "status": {"enum": "GrievanceStatus", "codes": {"02": "PENDING_AT_LME", "4": "RESOLVED"}}
    }
}


NIL = '<{} xsi:nil="true"/>'


class Number(str):
    """A number as JSON writes it, without quotes. Other formats have no quotes anyway."""

    __slots__ = ()


Value = str | None
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Reply:
    """What every path returns.

    Attributes:
        rows: the rows.
        charset: character set of a text format that can declare it.
        bom: whether texts in UTF-8 begin with a byte-order mark.
        nulls: indexes of entries that are null in lists over HTTP. Other formats have none.
    """

    rows: Sequence[Row]
    charset: str = "utf-8"
    bom: bool = False
    nulls: frozenset[int] = frozenset()

    @property
    def entries(self) -> list[Row | None]:
        """The rows with the nulls between them."""
        entries: list[Row | None] = list(self.rows)
        for index in sorted(self.nulls):
            entries.insert(index, None)
        return entries


Answer = list[tuple[dict[str, Any], list[tuple[str, str | None, str | None]]]]
"""The values and the warnings of each record, or the rows' warnings if there is no record."""


def as_json(reply: Reply) -> bytes:
    def written(value: Value) -> str:
        return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)

    def of_row(row: Row) -> str:
        return "{" + ", ".join(f'"{name}": {written(value)}' for name, value in row.items()) + "}"

    rows = ", ".join("null" if row is None else of_row(row) for row in reply.entries)
    content = f'{{"rows": [{rows}], "data": {{"rows": [{rows}]}}}}'
    return (codecs.BOM_UTF8 if reply.bom else b"") + content.encode()


def elements(row: Row) -> str:
    return "".join(
        NIL.format(name) if value is None else f"<{name}>{escape(value)}</{name}>"
        for name, value in row.items()
    )


def as_xml(body: bytes | str, reply: Reply) -> bytes:
    """Encode an XML document in the reply's character set."""
    text = body.decode() if isinstance(body, bytes) else body
    text = text.replace('encoding="utf-8"', f'encoding="{reply.charset}"')
    content = text.encode(reply.charset)
    return (codecs.BOM_UTF8 if reply.bom and reply.charset == "utf-8" else b"") + content


def rest_xml(reply: Reply) -> bytes:
    rows = "".join(
        NIL.format("row") if row is None else f"<row>{elements(row)}</row>" for row in reply.entries
    )
    declared = '<?xml version="1.0" encoding="utf-8"?>'
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return as_xml(f"{declared}<reply {xsi}>{rows}</reply>", reply)


def soap_document(reply: Reply) -> bytes:
    rows = "".join(
        NIL.format("Row") if row is None else f"<Row>{elements(row)}</Row>" for row in reply.entries
    )
    return as_xml(envelope(f'<FindResponse xmlns="urn:forest">{rows}</FindResponse>'), reply)


def soap_encoded(reply: Reply) -> bytes:
    items = "".join(
        NIL.format("item") if row is None else f'<item xsi:type="f:Row">{elements(row)}</item>'
        for row in reply.entries
    )
    array = f'<rows enc:arrayType="f:Row[{len(reply.entries)}]" xsi:type="enc:Array">{items}</rows>'
    return as_xml(envelope(f'<f:FindResponse xmlns:f="urn:forest">{array}</f:FindResponse>'), reply)


def described_row(types: Mapping[str, str]) -> str:
    """Return the schema type of a row."""
    inner = "".join(
        f'<xs:element name="{name}" type="xs:{types.get(name, "string")}" minOccurs="0" '
        'nillable="true"/>'
        for name in COLUMNS
    )
    return f'<xs:complexType name="Row"><xs:sequence>{inner}</xs:sequence></xs:complexType>'


TYPED = {
    "made": "dateTime", "day": "date", "secs": "decimal", "millis": "long", "rating": "int",
    "amount": "decimal",
}  # fmt: skip
WSDLS = {
    "document": document_wsdl().replace(ROW, described_row({})),
    "typed": document_wsdl().replace(ROW, described_row(TYPED)),
    "rpc": rpc_wsdl("encoded").replace(ROW, described_row({})),
}


@dataclass
class ValuePath:
    """One path.

    Attributes:
        name: name of the path.
        adapter: the hub's adapter of the department.
        offer: makes the department return a reply.
    """

    name: str
    adapter: ManifestAdapter
    offer: Callable[[Reply], Awaitable[None]]


@dataclass
class Laboratory:
    """All paths to the department.

    Attributes:
        loop: runs the adapters.
        folder: folder of the manifests.
        paths: the paths.
        closings: close the connections by which the tests fill databases.
    """

    loop: asyncio.Runner
    folder: Path
    paths: list[ValuePath] = field(default_factory=list)
    closings: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def gaps(self, reply: Reply) -> dict[str, tuple[SourceState, list[str | None], int]]:
        """Return the state, the INCOMPLETE texts and the number of records of each HTTP path."""
        return self.loop.run(self._gaps(reply))

    async def _gaps(self, reply: Reply) -> dict[str, tuple[SourceState, list[str | None], int]]:
        gaps = {}
        for path in self.paths:
            if path.name in OVER_HTTP:
                await path.offer(reply)
                found = await path.adapter.look_up(LOOK_UPS[0], [KEY], call_context())
                rows = found.results[KEY]
                assert isinstance(rows, Rows), (path.name, rows)
                missing = [each.raw for each in rows.warnings if each.code == "INCOMPLETE"]
                gaps[path.name] = rows.state, missing, len(rows.records)
        return gaps

    def answers(self, reply: Reply) -> dict[str, Answer | str]:
        """Return what the hub reads on each path: records and warnings, or the code of an error."""
        return self.loop.run(self._answers(reply))

    async def _answers(self, reply: Reply) -> dict[str, Answer | str]:
        answers = {}
        for path in self.paths:
            await path.offer(reply)
            answers[path.name] = await _answer(path.adapter)
        return answers

    def department(
        self,
        name: str,
        connector: Mapping[str, Any],
        call: Mapping[str, Any],
        rows: str | None = None,
        files: Mapping[str, str] | None = None,
        record: Mapping[str, Any] | None = None,
    ) -> ManifestAdapter:
        """Build the adapter of one path."""
        folder = self.folder / name
        folder.mkdir()
        capability = {"call": call, "keys": {"at_once": 1}, "key": "owner"}
        if rows is not None:
            capability["rows"] = rows
        url = str(connector.get("url", ""))
        if "url" in connector:
            # A manifest must not contain a password.
            connector = {**connector, "url": f"${{env:{URL}}}"}
        records = {
            "grievance": {**RECORDS["grievance"], **(record or {})},
            "benefit": {**RECORDS["benefit"], **({"holderGuardianName": WHOLE} if record else {})},
        }
        manifest = {
            "manifest": 1,
            "department": name,
            "label": {"en": name},
            "identity": {"scheme": "SAME_NO"},
            "connector": connector,
            "limits": {"deadline": "20s"},
            "capabilities": {
                which.value: {**capability, "record": which.value.split("s_")[0]}
                for which in LOOK_UPS
            },
            "records": records,
        }
        (folder / "department.yaml").write_text(json.dumps(manifest), encoding="utf-8")
        (folder / "codes.yaml").write_text(json.dumps(CODES), encoding="utf-8")
        for file, content in (files or {}).items():
            (folder / file).write_text(content, encoding="utf-8")
        with patch.dict(os.environ, {URL: url}):
            return build_adapter(load_department(folder))


WHOLE = {"expr": "has(row.owner) ? 'a rule that needs the whole row' : ''"}
"""The hub can't fill structs for such a rule, so it decodes JSON to mappings."""


async def _answer(adapter: ManifestAdapter) -> Answer | str:
    answer: Answer = []
    for which in LOOK_UPS:
        try:
            reply = await adapter.look_up(which, [KEY], call_context())
        except DepartmentError as error:
            return error.code_name
        rows = reply.results[KEY]
        if not isinstance(rows, Rows):
            return rows.code_name
        names = FIELDS[which.value.split("s_")[0]]
        left_out = [each for each in rows.warnings if each.code == "UNUSABLE_ROW"]
        answer += [({}, [(each.code, each.field_path, None)]) for each in left_out]
        for record in rows.records:
            warnings = [
                (each.code, each.field_path, " ".join((each.raw or "").split()))
                for each in record.row_warnings
            ]
            values = {name: _plain(getattr(record, name)) for name in names}
            answer.append((values, sorted(warnings, key=str)))
    return answer


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return vars(value) if hasattr(value, "__dict__") and not isinstance(value, type) else value


@contextmanager
def laboratory(folder: Path) -> Iterator[Laboratory]:
    """Start all paths. MariaDB is left out if it is not installed and not required."""
    with ExitStack() as opened:
        loop = opened.enter_context(asyncio.Runner())
        lab = Laboratory(loop, folder)
        postgresql = start_postgresql(None)
        opened.callback(postgresql.stop)
        mariadb = _start_mariadb()
        if mariadb is not None:
            opened.callback(mariadb.stop)
        opened.callback(lambda: loop.run(_close(lab)))
        _add_http(lab, opened)
        _add_sqlite(lab)
        _add_files(lab)
        loop.run(_add_postgresql(lab, postgresql))
        if mariadb is not None:
            loop.run(_add_mariadb(lab, mariadb))
        yield lab


def _start_mariadb() -> MariadbServer | None:
    try:
        return start_mariadb()
    except DatabaseMissingError:
        if os.environ.get("HUB_TESTS_NEED_MARIADB"):
            raise
        return None


async def _close(lab: Laboratory) -> None:
    for path in lab.paths:
        await path.adapter.close()
    for close in lab.closings:
        await close()


def _add_http(lab: Laboratory, opened: ExitStack) -> None:
    bodies: dict[str, tuple[bytes, str]] = {}

    async def respond(request: web.Request) -> web.Response:
        body, kind = bodies[request.path.strip("/").split("/")[0]]
        return web.Response(body=body, headers={"Content-Type": kind})

    url = opened.enter_context(in_thread(http_server(respond)))

    def add(
        name: str,
        write: Callable[[Reply], bytes],
        kind: str,
        connector: Mapping[str, Any],
        call: Mapping[str, Any],
        rows: str,
        **more: Any,
    ) -> None:
        async def offer(reply: Reply) -> None:
            charset = reply.charset if kind.endswith("xml") else "utf-8"
            bodies[name] = write(reply), f"{kind}; charset={charset}"

        adapter = lab.department(name, connector, call, rows, **more)
        lab.paths.append(ValuePath(name, adapter, offer))

    rest_call = {"path": "/rows", "query": {"of": "{key}"}}
    json_kind = "application/json"
    for name, record in (("rest-json-mappings", {"problemAddress": WHOLE}), ("rest-json", None)):
        rest = {"kind": "rest", "base_url": f"{url}/{name}"}
        add(name, as_json, json_kind, rest, rest_call, "rows", record=record)
    rest = {"kind": "rest", "base_url": f"{url}/rest-xml", "replies": "xml"}
    add("rest-xml", rest_xml, "text/xml", rest, rest_call, "reply/row")
    query = f"query Of($of: ID) {{ rows(of: $of) {{ {' '.join(COLUMNS)} }} }}"
    graphql = {"kind": "graphql", "url": f"{url}/graphql/"}
    call = {"query": query, "variables": {"of": "{key}"}}
    add("graphql", as_json, json_kind, graphql, call, "rows")
    for name, wsdl in WSDLS.items():
        soap = {"kind": "soap", "wsdl": "forest.wsdl", "endpoint": f"{url}/soap-{name}"}
        find = {"operation": "Find", "arguments": {"Owner": "{key}"}}
        write, rows = soap_document, "Row"
        if name == "rpc":
            find = {"operation": "Find", "arguments": {"criteria": {"Owner": "{key}"}}}
            write, rows = soap_encoded, "rows"
        add(f"soap-{name}", write, "text/xml", soap, find, rows, files={"forest.wsdl": wsdl})


TABLE = f"CREATE TABLE offered ({', '.join(f'{name} {{0}}' for name in COLUMNS)})"
OVER_HTTP = frozenset(
    {"rest-json-mappings", "rest-json", "rest-xml", "graphql", *(f"soap-{name}" for name in WSDLS)}
)
"""Names of the paths whose lists can contain null in place of a row."""
FIND = {"sql": "SELECT * FROM offered WHERE owner = :key"}


def _add_sqlite(lab: Laboratory) -> None:
    file = lab.folder / "same.sqlite"
    marks = ", ".join("?" * len(COLUMNS))
    with sqlite3.connect(file) as database:
        database.execute(TABLE.format(""))
    database.close()

    async def offer(reply: Reply) -> None:
        with sqlite3.connect(file) as database:
            database.execute("DELETE FROM offered")
            database.executemany(
                f"INSERT INTO offered VALUES ({marks})",
                [[_stored(row[name]) for name in COLUMNS] for row in reply.rows],
            )
        database.close()

    adapter = lab.department("sqlite", {"kind": "database", "url": f"sqlite:///{file}"}, FIND)
    lab.paths.append(ValuePath("sqlite", adapter, offer))


def _stored(value: Value) -> object:
    """Return a number as SQLite's own type if the type can hold it exactly."""
    if isinstance(value, Number):
        if value.lstrip("-").isdigit() and abs(int(value)) < 2**63:
            return int(value)
        if str(float(value)) == str(value):
            return float(value)
    return None if value is None else str(value)


async def _add_postgresql(lab: Laboratory, server: PostgresqlServer) -> None:
    await server.wait_until_ready()
    connection = await server.connect()
    lab.closings.append(connection.close)
    await connection.execute(TABLE.format("text"))
    marks = ", ".join(f"${n}" for n in range(1, len(COLUMNS) + 1))

    async def offer(reply: Reply) -> None:
        await connection.execute("TRUNCATE offered")
        rows = [[row[name] for name in COLUMNS] for row in reply.rows]
        await connection.executemany(f"INSERT INTO offered VALUES ({marks})", rows)

    url = f"postgresql://{SUPERUSER}:{server.password}@/postgres?host={server.workspace}"
    adapter = lab.department("postgresql", {"kind": "database", "url": url}, FIND)
    lab.paths.append(ValuePath("postgresql", adapter, offer))


async def _add_mariadb(lab: Laboratory, server: MariadbServer) -> None:
    await server.wait_until_ready()
    connection = await server.connect()
    lab.closings.append(connection.ensure_closed)
    marks = ", ".join(["%s"] * len(COLUMNS))
    async with connection.cursor() as cursor:
        await cursor.execute("CREATE DATABASE same")
        await cursor.execute("USE same")
        await cursor.execute(TABLE.format("VARCHAR(400)"))

    async def offer(reply: Reply) -> None:
        async with connection.cursor() as cursor:
            await cursor.execute("DELETE FROM offered")
            for row in reply.rows:
                values = [None if row[name] is None else str(row[name]) for name in COLUMNS]
                await cursor.execute(f"INSERT INTO offered VALUES ({marks})", values)

    account = f"{ADMINISTRATOR}:{server.password}"
    url = f"mariadb://{account}@localhost/same?unix_socket={server.socket_path}"
    adapter = lab.department("mariadb", {"kind": "database", "url": url}, FIND)
    lab.paths.append(ValuePath("mariadb", adapter, offer))


def _add_files(lab: Laboratory) -> None:
    fields = {name: f"{n * WIDTH + 1}-{(n + 1) * WIDTH}" for n, name in enumerate(COLUMNS)}
    layouts: dict[str, tuple[dict[str, Any], Callable[[Reply], bytes]]] = {
        "csv": ({"csv": {"columns": list(COLUMNS)}}, _csv),
        "fixed": (
            {"fixed": {
                "line_bytes": WIDTH * len(COLUMNS), "header": {"marker": "#"}, "fields": fields,
            }},
            _fixed,
        ),
    }  # fmt: skip
    for name, (layout, write) in layouts.items():
        delivered = lab.folder / f"{name}-deliveries"
        delivered.mkdir()
        settings = {
            "kind": "files",
            "url": delivered.as_uri(),
            "settle": "1s",
            "poll": "1h",
            "files": {"rows": {"name": r"rows-\d+\.txt", **layout}},
        }
        call = {"file": "rows", "by": "owner"}
        adapter = lab.department(name, settings, call)
        lab.paths.append(ValuePath(name, adapter, _delivery(adapter, delivered, write)))


def _delivery(
    adapter: ManifestAdapter, folder: Path, write: Callable[[Reply], bytes]
) -> Callable[[Reply], Awaitable[None]]:
    connector: Any = adapter.connector
    delivered = 0

    async def offer(reply: Reply) -> None:
        nonlocal delivered
        delivered += 1
        await adapter.erase({KEY})
        (folder / f"rows-{delivered - 1}.txt").unlink(missing_ok=True)
        file = folder / f"rows-{delivered}.txt"
        file.write_bytes(write(reply))
        settled = time.time() - 60
        os.utime(file, (settled, settled))
        await connector.poll()

    return offer


def _csv(reply: Reply) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    lines.writerows([row[name] or "" for name in COLUMNS] for row in reply.rows)
    return (codecs.BOM_UTF8 if reply.bom else b"") + text.getvalue().encode()


def _fixed(reply: Reply) -> bytes:
    lines = [b"#".ljust(WIDTH * len(COLUMNS))]
    lines += [
        b"".join((row[name] or "").encode().ljust(WIDTH) for name in COLUMNS) for row in reply.rows
    ]
    return (codecs.BOM_UTF8 if reply.bom else b"") + b"".join(line + b"\n" for line in lines)
