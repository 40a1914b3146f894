"""No row of a database is lost between pages or at a watermark; a bad value costs one field."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Executable

from adapters.adapter import ManifestAdapter
from adapters.connectors.database import DatabaseConnector
from adapters.contract import Capability, MalformedReplyError
from schema.provenance import SourceState
from tests.connectors.databases import Database, ServedDatabase
from tests.connectors.manifests import adapter_of, rows_of, warnings_of
from tests.support.calls import call_context

CHANGES = Capability.APPLICATIONS_CHANGES_SINCE
SINCE = dt.datetime(2026, 11, 3, 4, 30, 30, 700_000, tzinfo=dt.UTC)
"""10:00:30.7 in the zone of the department."""


def paged(
    folder: Path, database: Database, columns: str, keyset: Sequence[str], page: int
) -> ManifestAdapter:
    sql = database.sql.partition("ORDER")[0].replace("*", f"appl.*, {columns}")
    call = {"sql": sql, "keyset": list(keyset), "page": page}
    capability = {"call": call, "keys": {"at_once": 100}, "key": "person"}
    connector = {"kind": "database", "url": database.url}
    return adapter_of(folder, connector, {"applications_by_citizen": capability})


async def references_of(adapter: ManifestAdapter, key: str = "MANY") -> list[str]:
    records: Sequence[Any] = (await rows_of(adapter, key))[key].records
    await adapter.close()
    return [each.application_reference_number for each in records]


ALL = [f"T-{n:05d}" for n in range(1000)]
FEW_CHANGED = "CASE WHEN ref < 'T-00700' THEN NULL ELSE chg END AS changed"


@pytest.mark.parametrize("page", [7, 250, 699, 700, 701, 5000])
@pytest.mark.parametrize(
    "columns",
    [
        FEW_CHANGED,
        "CASE WHEN ref >= 'T-00010' THEN NULL ELSE chg END AS changed",
        "CASE WHEN ref < 'T-00700' THEN NULL ELSE 1 END AS changed",
        "NULLIF(1, 1) AS changed",
    ],
)
async def test_rows_without_a_value_in_the_keyset_are_read(
    folder: Path, database: Database, columns: str, page: int
) -> None:
    adapter = paged(folder, database, columns, ["changed", "ref"], page)
    found = await references_of(adapter)
    assert len(found) == 1000
    assert sorted(found) == ALL


async def test_a_later_column_of_the_keyset_may_have_no_value(
    folder: Path, database: Database
) -> None:
    columns = f"1 AS same, {FEW_CHANGED}, NULLIF(ref, 'T-00500') AS number"
    adapter = paged(folder, database, columns, ["same", "changed", "number"], 100)
    assert sorted(await references_of(adapter)) == ALL


@pytest.mark.parametrize("page", [1, 7, 300, 1000])
@pytest.mark.parametrize("keyset", [["status"], ["half"], ["letter"], ["half", "status"]])
async def test_rows_with_equal_keys_are_neither_lost_nor_doubled(
    folder: Path, database: Database, keyset: list[str], page: int
) -> None:
    columns = (
        "CASE WHEN ref < 'T-00005' THEN 1 ELSE 2 END AS half, "
        # Equal in a collation that ignores case, and different in another.
        "CASE WHEN ref < 'T-00004' THEN 'a' WHEN ref < 'T-00500' THEN 'A' ELSE 'b' END AS letter"
    )
    adapter = paged(folder, database, columns, keyset, page)
    assert sorted(await references_of(adapter)) == ALL


@pytest.mark.parametrize("page", [9, 400])
@pytest.mark.parametrize(
    "array",
    [
        "string_to_array(ref, '-')",
        "ARRAY[{n} % 3, NULL]",
        "ARRAY[ARRAY[1, {n} % 3], ARRAY[{n}, NULL]]",
        "ARRAY[lower(ref), 'x']",
        "ARRAY[CASE WHEN {n} < 500 THEN 'a' ELSE 'A' END]",
        "CASE WHEN {n} < 500 THEN ARRAY[{n}] END",
        "CASE WHEN {n} < 500 THEN CAST('{{}}' AS int[]) ELSE ARRAY[{n}] END",
        "ARRAY[TIMESTAMP 'infinity', TIMESTAMP '2026-11-03 10:00:30']",
        "ARRAY[DATE '2026-11-03' + {n} % 3]",
        "int4range({n}, {n} + 1)",
    ],
)
async def test_an_array_may_be_in_the_keyset_of_postgresql(
    folder: Path, postgresql: Database, array: str, page: int
) -> None:
    column = f"{array.format(n='CAST(substr(ref, 3) AS int)')} AS parts"
    adapter = paged(folder, postgresql, column, ["parts", "ref"], page)
    assert sorted(await references_of(adapter)) == ALL


class Reader:
    """Changes the rows that another reader returns."""

    def __init__(self, connector: DatabaseConnector) -> None:
        self._reader = connector._reader
        connector._reader = self
        self.statements = 0

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        self.statements += 1
        return await self._reader.fetch(clause, values, most_rows)

    async def close(self) -> None:
        await self._reader.close()


class ShortPages(Reader):
    """A server that returns at most three rows for each statement."""

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        return (await super().fetch(clause, values, most_rows))[:3]


class Repetition(Reader):
    """A server that ignores the condition of a page."""

    def __init__(self, connector: DatabaseConnector) -> None:
        super().__init__(connector)
        self._first: Sequence[Any] = ()

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        self._first = self._first or await super().fetch(clause, values, most_rows)
        return [*self._first[-2:], *self._first]


async def test_all_rows_are_read_if_the_server_returns_fewer_than_requested(
    folder: Path, sqlite: Database
) -> None:
    adapter = paged(folder, sqlite, "1 AS one", ["ref"], 400)
    reader = ShortPages(adapter.connector)  # type: ignore[arg-type]
    assert await references_of(adapter) == ALL
    assert reader.statements == 335


async def test_a_short_page_costs_one_more_statement_and_an_empty_one_none(
    folder: Path, sqlite: Database
) -> None:
    for key, statements in (("DEVA", 2), ("NOBODY", 1)):
        adapter = paged(folder, sqlite, "1 AS one", ["ref"], 400)
        reader = Reader(adapter.connector)  # type: ignore[arg-type]
        await references_of(adapter, key)
        assert reader.statements == statements


async def test_a_row_that_comes_again_on_the_next_page_is_an_error(
    folder: Path, sqlite: Database
) -> None:
    adapter = paged(folder, sqlite, "1 AS one", ["ref"], 10)
    Repetition(adapter.connector)  # type: ignore[arg-type]
    with pytest.raises(MalformedReplyError, match="the keyset ref does not order the rows"):
        await rows_of(adapter, "MANY")
    await adapter.close()


async def test_a_look_up_with_fewer_rows_than_its_total_is_incomplete(
    folder: Path, database: Database
) -> None:
    sql = database.sql.partition("ORDER")[0].replace("*", "appl.*, {} AS total_count")
    for total, state in ((2, SourceState.LIVE), (3, SourceState.INCOMPLETE)):
        capability = {"call": {"sql": sql.format(total)}, "keys": {"at_once": 9}, "key": "person"}
        connector = {"kind": "database", "url": database.url}
        adapter = adapter_of(folder, connector, {"applications_by_citizen": capability})
        rows = (await rows_of(adapter, "TWIN"))["TWIN"]
        assert (len(rows.records), rows.state) == (2, state)
        missing = [("INCOMPLETE", None, "2 of 3 rows were received")]
        assert warnings_of(rows) == (missing if total == 3 else [])
        await adapter.close()


def moments_in(database: Database) -> dict[str, str]:
    """Return expressions of one moment, with the kind of each: `at`, `before`, `after`, `day`."""
    if database.name == "postgresql":
        return {
            "at": "TIMESTAMP '2026-11-03 10:00:30'",
            "at, with a fraction": "TIMESTAMP '2026-11-03 10:00:30.25'",
            "at, with a zone": "TIMESTAMPTZ '2026-11-03 04:30:30+00'",
            "at, with another zone": "TIMESTAMPTZ '2026-11-02 20:30:30-08'",
            "before": "TIMESTAMP '2026-11-03 10:00:29.9'",
            "before, with a zone": "TIMESTAMPTZ '2026-11-03 04:30:29+00'",
            "after": "TIMESTAMP 'infinity'",
            "day": "DATE '2026-11-03'",
            "before, day": "DATE '2026-11-02'",
        }
    if database.name == "mariadb":
        return {
            "at": "TIMESTAMP'2026-11-03 10:00:30'",
            "at, with a fraction": "TIMESTAMP'2026-11-03 10:00:30.25'",
            "at, with a zone": "FROM_UNIXTIME(1793680230)",
            "at, text": "'2026-11-03 10:00:30'",
            "at, text with minutes": "'2026-11-03 10:00'",
            "before, text with minutes": "'2026-11-03 09:59'",
            "at, text with T": "'2026-11-03T10:00:30'",
            "before": "TIMESTAMP'2026-11-03 10:00:29.9'",
            "before, text": "'2026-11-03 10:00:29'",
            "day": "DATE'2026-11-03'",
            "before, day": "DATE'2026-11-02'",
        }
    return {
        "at": "'2026-11-03 10:00:30'",
        "at, with a fraction": "'2026-11-03 10:00:30.25'",
        "at, with T": "'2026-11-03T10:00:30'",
        "at, with a zone": "'2026-11-03T04:30:30Z'",
        "at, with another zone": "'2026-11-02T20:30:30-08:00'",
        "at, with minutes": "'2026-11-03 10:00'",
        "before, with minutes": "'2026-11-03T09:59'",
        "before": "'2026-11-03 10:00:29.9'",
        "before, with a zone": "'2026-11-03 10:00:30+14:00'",
        "day": "'2026-11-03'",
        "before, day": "'2026-11-02'",
        "at, number": "1793680230",
    }


async def test_changes_of_the_same_second_are_found_in_any_precision_and_zone(
    folder: Path, database: Database
) -> None:
    for kind, moment in moments_in(database).items():
        call = {
            "sql": f"SELECT appl.*, {moment} AS moment FROM appl WHERE person NOT IN ('MANY')",
            "watermark": "moment",
            "keyset": ["ref", "applied"],
            "page": 2,
        }
        connector = {"kind": "database", "url": database.url}
        adapter = adapter_of(folder, connector, {"applications_changes_since": {"call": call}})
        found = await adapter.search(CHANGES, {"since": SINCE}, call_context())
        assert len(found.rows.records) == (0 if kind.startswith("before") else 6), kind
        await adapter.close()


async def test_since_in_a_statement_is_rounded_down_to_a_second(
    folder: Path, database: Database
) -> None:
    moment = {"sqlite": ":since", "mariadb": "CAST(:since AS DATETIME(6))"}.get(
        database.name, "CAST(:since AS TIMESTAMP)"
    )
    call = {"sql": f"SELECT appl.*, {moment} AS moment FROM appl WHERE person = 'DEVA'"}
    connector = {"kind": "database", "url": database.url}
    adapter = adapter_of(
        folder,
        connector,
        {"applications_changes_since": {"call": call}},
        record={"updatedDatetime": "moment"},
    )
    found: Any = await adapter.search(CHANGES, {"since": SINCE}, call_context())
    (record,) = found.rows.records
    assert record.updated_datetime == SINCE.replace(microsecond=0)
    await adapter.close()


BAD_DAYS = {
    "postgresql": {
        "DATE '20206-01-01'": "20206-01-01",
        "DATE 'infinity'": "infinity",
        "DATE '-infinity'": "-infinity",
        "DATE '0044-03-15 BC'": "0044-03-15 BC",
        "TIMESTAMP 'infinity'": "infinity",
        "TIMESTAMP '20206-01-01 10:42:07.25'": "20206-01-01 10:42:07.250000",
        "TIMESTAMPTZ '-infinity'": "-infinity",
        "TIMESTAMPTZ '20206-01-01 10:42:07+05:30'": "20206-01-01 05:12:07+00",
        "TIME '24:00'": "24:00:00",
        "INTERVAL '170000000 years'": "170000000 years 0 mons 0 days",
        "CAST('NaN' AS float8)": "nan",
    },
    "mariadb": {
        "CAST('2026-02-31' AS CHAR)": "2026-02-31",
        "TIME'838:59:59'": "34 days, 22:59:59",
        "X'ff61'": "\ufffda",
    },
    "sqlite": {
        "CAST(X'ff61' AS TEXT)": "?a",
        "X'ff61'": "\ufffda",
        "'20206-01-01'": "20206-01-01",
        "1e400": "inf",
    },
}
NO_DAYS = {
    "postgresql": ["DATE '0001-01-01'", "TIMESTAMP '0001-01-01'", "'0000-00-00'"],
    "mariadb": ["DATE'0000-00-00'", "TIMESTAMP'0000-00-00 00:00:00'", "DATE'0001-01-01'"],
    "sqlite": ["'0000-00-00'", "'0001-01-01 00:00:00'", "'00000000'"],
}


def with_day(folder: Path, database: Database, expression: str) -> ManifestAdapter:
    sql = database.sql.partition("ORDER")[0].replace("*", f"appl.*, {expression} AS due")
    capability = {"call": {"sql": sql}, "keys": {"at_once": 100}, "key": "person"}
    connector = {"kind": "database", "url": database.url}
    record = {"dueDate": {"path": "due", "format": "iso"}}
    return adapter_of(folder, connector, {"applications_by_citizen": capability}, record=record)


async def test_a_day_that_python_has_not_costs_one_field(folder: Path, database: Database) -> None:
    for expression, raw in BAD_DAYS[database.name].items():
        adapter = with_day(folder, database, expression)
        rows = (await rows_of(adapter, "DEVA"))["DEVA"]
        (record,) = rows.records
        assert record.applicant_name == "सुनीता कुमारी"  # type: ignore[attr-defined]
        assert warnings_of(rows) == [("INVALID_VALUE", "dueDate", raw)]
        await adapter.close()


async def test_a_day_of_zeros_and_the_first_day_mean_no_value(
    folder: Path, database: Database
) -> None:
    for expression in NO_DAYS[database.name]:
        adapter = with_day(folder, database, expression)
        rows = (await rows_of(adapter, "DEVA"))["DEVA"]
        (record,) = rows.records
        assert record.stored_due_date is None  # type: ignore[attr-defined]
        assert rows.warnings == [], expression
        await adapter.close()


async def test_a_moment_with_a_zone_has_the_day_of_the_department(
    folder: Path, postgresql: Database
) -> None:
    adapter = with_day(folder, postgresql, "TIMESTAMPTZ '2026-11-02 18:30+00'")
    (record,) = (await rows_of(adapter, "DEVA"))["DEVA"].records
    assert record.stored_due_date.isoformat() == "2026-11-03"  # type: ignore[attr-defined]
    await adapter.close()


async def test_a_text_of_a_database_without_an_encoding_costs_one_field(
    folder: Path, postgresql: ServedDatabase
) -> None:
    owner = await asyncpg.connect(postgresql.owner)
    await owner.execute("CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0")
    await owner.close()
    columns = "CAST(:key AS text) AS person, 'N' AS status, CAST('राम' AS text) AS name"
    sql = (
        f"SELECT 'T-1' AS ref, {columns}, convert_from('\\xe9'\\:\\:bytea, 'SQL_ASCII') AS due "
        f"UNION ALL SELECT 'T-2', {columns}, '2026-11-03'"
    )
    capability = {"call": {"sql": sql}, "key": "person"}
    url = postgresql.owner.replace("/postgres?", "/old?")
    connector = {"kind": "database", "url": url}
    record = {"dueDate": {"path": "due", "format": "iso"}}
    adapter = adapter_of(folder, connector, {"applications_by_citizen": capability}, record=record)
    for _ in range(2):
        rows = (await rows_of(adapter, "देवी"))["देवी"]
        found: Any = rows.records
        assert [each.application_reference_number for each in found] == ["T-1", "T-2"]
        assert [each.applicant_name for each in found] == ["राम", "राम"]
        assert found[1].stored_due_date is not None
        assert warnings_of(rows) == [("INVALID_VALUE", "dueDate", "?")]
    await adapter.close()
