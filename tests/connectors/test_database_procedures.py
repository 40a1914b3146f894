"""Writes by procedures: types of values, errors, and what a lost connection leaves behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from sqlalchemy.dialects.oracle import oracledb

from adapters.connectors.database.dialects import Bounds, parse_url
from adapters.connectors.database.failures import fault_of, write_error_of
from adapters.connectors.database.procedures import WRITE_CALLS, ProcedureWrites
from adapters.connectors.database.settings import DatabaseWrite
from adapters.connectors.database.writer import Write, _SqlalchemySession
from adapters.connectors.write_replies import WritePlan, WriteReplyRule, WriteResponse
from adapters.contract import (
    DepartmentAuthError,
    DepartmentFaultError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
)
from tests.connectors.databases import READER, ServedDatabase
from tests.connectors.test_database_failures import ora

RULES = WriteReplyRule()
IST = ZoneInfo("Asia/Kolkata")
BOUNDS = Bounds(connections=4, seconds=5, reply_bytes=1 << 20, rows=100, timezone=IST)
TABLES = """
CREATE TABLE entry (
  ref TEXT PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, amount NUMERIC(6, 2), day DATE,
  local_ts TIMESTAMP, ts TIMESTAMPTZ, tags TEXT[], form JSONB, file BYTEA, is_new BOOLEAN, n INT
);
CREATE FUNCTION store(ref TEXT, amount NUMERIC, day DATE, local_ts TIMESTAMP, ts TIMESTAMPTZ,
                      tags TEXT[], form JSONB, file BYTEA, is_new BOOLEAN, n INT)
RETURNS TABLE (number TEXT) LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF ref = 'sleeps' THEN PERFORM pg_sleep(30); END IF;
  IF ref = 'raises' THEN RAISE EXCEPTION 'Ram Devi may not apply' USING ERRCODE = 'H0042'; END IF;
  INSERT INTO entry VALUES (ref, amount, day, local_ts, ts, tags, form, file, is_new, n);
  RETURN QUERY SELECT 'No. ' || ref;
END $$;
"""
NAMES = ["ref", "amount", "day", "local_ts", "ts", "tags", "form", "file", "is_new", "n"]
VALUES: dict[str, Any] = {
    "ref": "{receipt}",
    "amount": "{amount}",
    "day": "{day}",
    "local_ts": "{moment}",
    "ts": "{moment}",
    "tags": "{tags}",
    "form": "{fields}",
    "file": "{file}",
    "is_new": "{flag}",
    "n": "{count}",
}
BINDINGS: dict[str, object] = {
    "amount": "12.50",
    "day": date(2026, 11, 24),
    "moment": datetime(2026, 11, 24, 11, 30, tzinfo=UTC),
    "tags": ["a", "b"],
    "fields": {"name": "राम", "born": date(1990, 1, 2)},
    "file": b"\0\xff",
    "flag": "Y",
    "count": 3,
}


def writes_of(database: ServedDatabase, *, port: int | None = None, **call: Any) -> ProcedureWrites:
    given = {"procedure": "store", "arguments": NAMES, "values": VALUES} | call
    plan = WritePlan("submit_application", DatabaseWrite.model_validate(given), RULES)
    url, dialect = parse_url(database.url)
    if port is not None:
        url = url.set(port=port)
    return ProcedureWrites("tested", url, dialect, {plan.capability: plan}, BOUNDS, IST)


@pytest.fixture(scope="module")
async def owner(postgresql: ServedDatabase) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(postgresql.owner)
    await connection.execute(TABLES)
    await connection.execute(f"ALTER ROLE {READER} SET default_transaction_read_only = on")
    yield connection
    await connection.execute(f"ALTER ROLE {READER} RESET default_transaction_read_only")
    await connection.execute("DROP TABLE entry CASCADE; DROP FUNCTION store")
    await connection.close()


@pytest.fixture
async def writes(postgresql: ServedDatabase, owner: Any) -> AsyncIterator[ProcedureWrites]:
    await owner.execute("DELETE FROM entry")
    made = writes_of(postgresql)
    yield made
    await made.close()


async def submit(writes: ProcedureWrites, receipt: str, **changed: object) -> WriteResponse:
    bindings = {**BINDINGS, **changed, "receipt": receipt}
    return await writes.write("submit_application", bindings, 5.0)


async def count(owner: Any) -> int:
    found: int = await owner.fetchval("SELECT count(*) FROM entry")
    return found


async def test_values_are_bound_in_the_types_of_the_parameters(
    writes: ProcedureWrites, owner: Any
) -> None:
    response = await submit(writes, "A1")
    assert response.content == {"number": "No. A1"}
    assert (response.fault, response.failure) == ({}, None)
    row = await owner.fetchrow("SELECT * FROM entry")
    assert str(row["amount"]) == "12.50"
    assert row["day"] == date(2026, 11, 24)
    assert row["local_ts"].isoformat() == "2026-11-24T17:00:00"
    assert row["ts"] == BINDINGS["moment"]
    assert (row["tags"], row["file"], row["is_new"], row["n"]) == (["a", "b"], b"\0\xff", True, 3)
    assert row["form"] == '{"born": "1990-01-02", "name": "राम"}'


async def test_a_parameter_without_a_value_is_null(writes: ProcedureWrites, owner: Any) -> None:
    await submit(writes, "A1", amount=None, day=None, moment=None, tags=None, fields=None)
    row = await owner.fetchrow("SELECT * FROM entry")
    assert [row[name] for name in ("amount", "day", "ts", "tags", "form")] == [None] * 5


@pytest.mark.parametrize("changed", [{"amount": "many"}, {"day": "24/11/2026"}, {"count": "1.5"}])
async def test_a_value_that_does_not_fit_its_parameter_is_refused(
    writes: ProcedureWrites, owner: Any, changed: dict[str, object]
) -> None:
    response = await submit(writes, "A1", **changed)
    assert isinstance(response.failure, DepartmentRefusedError)
    assert response.failure.not_done
    assert await count(owner) == 0
    # The connection can be used again.
    await submit(writes, "A2")


async def test_an_error_of_the_function_reaches_the_rules(
    writes: ProcedureWrites, owner: Any
) -> None:
    response = await submit(writes, "raises")
    assert response.fault == {"code": "H0042", "string": "Ram Devi may not apply"}
    assert isinstance(response.failure, DepartmentFaultError)
    assert response.failure.not_done
    assert "Ram Devi" not in response.failure.message
    assert await count(owner) == 0


async def test_an_error_about_commit_has_no_effect(writes: ProcedureWrites, owner: Any) -> None:
    await submit(writes, "A1")
    # The constraint is deferred, so COMMIT reports the duplicate.
    response = await submit(writes, "A1")
    assert response.fault["code"] == "23505"
    assert isinstance(response.failure, DepartmentRefusedError)
    assert response.failure.not_done
    assert await count(owner) == 1


async def test_a_function_that_is_too_slow_has_no_effect(
    writes: ProcedureWrites, owner: Any
) -> None:
    bindings = {**BINDINGS, "receipt": "sleeps"}
    with pytest.raises(DepartmentTimeoutError) as caught:
        await writes.write("submit_application", bindings, 0.3)
    assert caught.value.not_done
    assert await count(owner) == 0
    for _ in range(50):
        running = await owner.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE query LIKE '%submit_%store(%' AND state = 'active' AND pid <> pg_backend_pid()"
        )
        if not running:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the function still runs")


async def test_a_refused_connection_has_no_effect(postgresql: ServedDatabase, owner: Any) -> None:
    writes = writes_of(postgresql, port=9)
    with pytest.raises(DepartmentUnreachableError) as caught:
        await submit(writes, "A1")
    assert caught.value.not_done
    await writes.close()


async def test_an_unknown_field_is_not_left_out_silently(
    postgresql: ServedDatabase, owner: Any
) -> None:
    writes = writes_of(postgresql, values={"ref": "{receipt}", "<<": "{fields}"})
    with pytest.raises(DepartmentRefusedError, match="no parameter 'born'"):
        await submit(writes, "A1")
    await writes.close()


async def test_a_database_without_procedures_refuses_writes(postgresql: ServedDatabase) -> None:
    call = {"procedure": "store", "arguments": ["ref"], "values": {"ref": "{receipt}"}}
    plan = WritePlan("submit_application", DatabaseWrite.model_validate(call), RULES)
    url, dialect = parse_url("sqlite:////nowhere.db")
    writes = ProcedureWrites("tested", url, dialect, {plan.capability: plan}, BOUNDS, IST)
    with pytest.raises(DepartmentRefusedError, match="no stored procedures"):
        await submit(writes, "A1")


async def test_mariadb_commits_only_when_the_hub_does(mariadb: ServedDatabase) -> None:
    connection = await mariadb.server.connect("tested")
    async with connection.cursor() as cursor:
        await cursor.execute("CREATE TABLE entry (ref VARCHAR(20) PRIMARY KEY) ENGINE = InnoDB")
        await cursor.execute(
            "CREATE PROCEDURE store_entry(IN p_ref TEXT) BEGIN INSERT INTO entry VALUES (p_ref); "
            "SELECT CONCAT('No. ', p_ref) AS number; END"
        )

        async def stored() -> list[str]:
            await cursor.execute("SELECT ref FROM entry ORDER BY ref")
            return [row[0] for row in await cursor.fetchall()]

        values = {"ref": "{receipt}"}
        writes = writes_of(mariadb, procedure="store_entry", arguments=["ref"], values=values)
        assert (await submit(writes, "A1")).content == {"number": "No. A1"}
        assert await stored() == ["A1"]
        response = await submit(writes, "A1")
        assert response.fault["code"] == "1062"
        assert isinstance(response.failure, DepartmentRefusedError)
        mariadb.proxy.switchboard.replace({"reset_after_write": 1})
        with pytest.raises(DepartmentUnreachableError) as caught:
            await submit(writes, "A2")
        mariadb.proxy.switchboard.clear()
        # The procedure has run, but without COMMIT the row disappears with the connection.
        assert caught.value.not_done
        for _ in range(50):
            if await stored() == ["A1"]:
                break
            await asyncio.sleep(0.05)
        assert await stored() == ["A1"]
        assert (await submit(writes, "A3")).content == {"number": "No. A3"}
        await writes.close()
        await cursor.execute("DROP TABLE entry")
        await cursor.execute("DROP PROCEDURE store_entry")
    await connection.ensure_closed()


@pytest.mark.parametrize(
    ("dialect", "error", "code", "kind"),
    [
        ("mysql", Exception(1062, "Duplicate"), "1062", DepartmentRefusedError),
        ("mysql", Exception(1644, "Not allowed"), "1644", DepartmentRefusedError),
        ("mysql", Exception(1213, "Deadlock"), "1213", DepartmentFaultError),
        ("mysql", Exception(2013, "Lost connection"), None, DepartmentUnreachableError),
        ("oracle", ora("ORA-00001"), "ORA-00001", DepartmentRefusedError),
        ("oracle", ora("DPY-4024"), None, DepartmentTimeoutError),
        ("oracle", ora("ORA-01017"), "ORA-01017", DepartmentAuthError),
        ("mssql", Exception("23000", "Duplicate key"), "23000", DepartmentRefusedError),
        ("mssql", Exception("HYT00", "timeout"), None, DepartmentTimeoutError),
        ("mssql", Exception("08S01", "link failure"), None, DepartmentUnreachableError),
        ("postgresql", asyncpg.AdminShutdownError("stop"), None, DepartmentUnreachableError),
        ("postgresql", asyncpg.QueryCanceledError("x"), "57014", DepartmentUnreachableError),
        ("postgresql", asyncpg.DeadlockDetectedError("x"), "40P01", DepartmentFaultError),
    ],
)
def test_an_error_of_the_database_differs_from_a_failed_connection(
    dialect: str, error: Exception, code: str | None, kind: type[Exception]
) -> None:
    reported = fault_of(dialect, error)
    assert (reported or {}).get("code") == code
    assert type(write_error_of("tested", dialect, error)) is kind


async def test_a_function_of_oracle_returns_the_reference_from_a_block() -> None:
    executed: list[tuple[str, object]] = []
    new_dialect: Any = oracledb.dialect

    class Connection:
        async def execute(self, clause: Any, bound: object) -> Any:
            compiled = clause.compile(dialect=new_dialect())
            assert compiled.has_out_parameters
            executed.append((str(compiled), bound))
            return SimpleNamespace(out_parameters={"reference": "N1"})

    session = _SqlalchemySession(cast("Any", Connection()), WRITE_CALLS["oracle"])
    row = await session.call(Write("rev.submit", "submit_application", ["CH1", None], False, 1.0))
    assert row == {"reference": "N1"}
    assert executed == [
        (
            "/* submit_application */ BEGIN :reference := rev.submit(:a0, :a1); END;",
            {"a0": "CH1", "a1": None},
        )
    ]
