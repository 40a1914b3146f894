"""Errors and statements of all dialects, including those without a test server."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from adapters.connectors.database import DatabaseCall, dialects
from adapters.connectors.database.dialects import Bounds, open_engine
from adapters.connectors.database.failures import error_of
from adapters.connectors.database.statements import compile_statement
from adapters.connectors.setup import SetupError
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
)


def ora(code: str) -> Exception:
    return Exception(SimpleNamespace(full_code=code, message=f"{code}: RAM DEVI 999900001111"))


@pytest.mark.parametrize(
    ("dialect", "error", "expected"),
    [
        ("mysql", Exception(1045, "Access denied for RAM DEVI"), DepartmentAuthError),
        ("mysql", Exception(1969, "max_statement_time exceeded"), DepartmentTimeoutError),
        ("mysql", Exception(2013, "Lost connection"), DepartmentUnreachableError),
        ("mysql", Exception(1146, "Table does not exist"), DepartmentFaultError),
        ("oracle", ora("ORA-01017"), DepartmentAuthError),
        ("oracle", ora("DPY-4024"), DepartmentTimeoutError),
        ("oracle", ora("ORA-12541"), DepartmentUnreachableError),
        ("oracle", ora("ORA-00942"), DepartmentFaultError),
        ("mssql", Exception("28000", "Login failed for RAM DEVI"), DepartmentAuthError),
        ("mssql", Exception("HYT00", "timeout"), DepartmentTimeoutError),
        ("mssql", Exception("08001", "no server"), DepartmentUnreachableError),
        ("mssql", Exception("42S02", "Invalid object"), DepartmentFaultError),
    ],
)
def test_a_database_code_becomes_an_error_of_the_hub(
    dialect: str, error: Exception, expected: type[DepartmentError]
) -> None:
    reported = error_of("tested", dialect, error)
    assert type(reported) is expected
    assert "RAM" not in f"{reported.message}{reported.fault}"
    assert "9999" not in f"{reported.message}{reported.fault}"


@pytest.mark.parametrize(
    ("name", "dialect", "expected"),
    [
        ("oracle", oracle, "FETCH FIRST"),
        ("mssql", mssql, "TOP"),
        ("mysql", mysql, "LIMIT"),
        ("postgresql", postgresql, "LIMIT"),
    ],
)
def test_pages_are_written_in_each_dialect(name: str, dialect: Any, expected: str) -> None:
    call = DatabaseCall.model_validate(
        {"sql": "SELECT * FROM appl", "keyset": ["chg", "ref"], "page": 10}
    )
    statement = compile_statement("applications_search", call, name, dt.UTC)
    page = statement.page_after({"chg": "2026", "ref": "A"}, 10)
    written = str(page.compile(dialect=dialect.dialect()))
    assert expected in written
    # Not every dialect can compare whole rows.
    assert written.count(">") == 2
    assert " OR " in written


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("postgresql", "SELECT * FROM s.of(:keys, :key)"),
        ("mysql", "CALL s.of(:keys, :key)"),
        ("mssql", "EXEC s.of :keys, :key"),
        ("oracle", "SELECT * FROM TABLE(s.of(:keys, :key))"),
    ],
)
def test_a_procedure_is_called_in_each_dialect(name: str, expected: str) -> None:
    call = DatabaseCall.model_validate({"procedure": "s.of", "arguments": ["keys", "key"]})
    statement = compile_statement("applications_search", call, name, dt.UTC)
    assert statement.clause.text.endswith(expected)
    assert statement.values({"keys": ["a", "b"], "key": 1}) == {"keys": "a,b", "key": 1}


@pytest.mark.parametrize(
    ("width", "bound"), [(None, ["A", "BB"]), (4, ["A   ", "BB  "]), (1, ["A", "BB"])]
)
def test_keys_are_padded_to_the_width_of_the_column(width: int | None, bound: list[str]) -> None:
    call = DatabaseCall.model_validate({"sql": "SELECT 1 WHERE a IN :keys", "pad": width})
    statement = compile_statement("applications_by_citizen", call, "sqlite", dt.UTC)
    assert statement.values({"keys": ["A", "BB"]}) == {"keys": bound}


async def test_an_engine_is_created_without_connecting() -> None:
    engine = open_engine(
        make_url("oracle://a:b@h/?service_name=x"), Bounds(2, 1.5, 1000, 10, dt.UTC)
    )
    assert engine.dialect.name == "oracle"
    await engine.dispose()


def test_a_driver_without_its_libraries_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_odbc(*_: object, **__: object) -> None:
        raise ImportError("libodbc.so.2: cannot open shared object file")

    monkeypatch.setattr(dialects, "create_async_engine", without_odbc)
    with pytest.raises(SetupError) as caught:
        open_engine(make_url("mssql://a:b@h/d?driver=x"), Bounds(2, 1.5, 1000, 10, dt.UTC))
    assert "libodbc" in caught.value.message
    assert "install" in caught.value.remedy
