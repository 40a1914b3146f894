"""Translates database errors to the hub's errors, per dialect."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
)
from schema.codes import FaultKind
from schema.errors import DepartmentFault

Kind = type[DepartmentError]
RowsT = TypeVar("RowsT", bound=Sequence[Any])

STALE_SECONDS = 5.0
"""If a connection is lost after it was idle for this time, a restart or a firewall may have closed
it in the meantime. If it was in use more recently, the database is failing."""


class StaleConnectionError(Exception):
    """A connection was lost after it was idle for `STALE_SECONDS`.

    Attributes:
        cause: the driver's error.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


UNFIT_ARGUMENT = "22000"
"""SQLSTATE that asyncpg reports, before it sends anything, if a value does not fit its column."""

_MYSQL: Mapping[int, Kind] = {
    1044: DepartmentAuthError,  # access to the database denied
    1045: DepartmentAuthError,  # access denied
    1698: DepartmentAuthError,  # access denied without a password
    1040: DepartmentUnreachableError,  # too many connections
    1053: DepartmentUnreachableError,  # server shutdown in progress
    1129: DepartmentUnreachableError,  # host is blocked
    1205: DepartmentTimeoutError,  # lock wait timeout
    1969: DepartmentTimeoutError,  # MariaDB: max_statement_time exceeded
    3024: DepartmentTimeoutError,  # MySQL: maximum statement execution time exceeded
}
_SQLITE: Mapping[str, Kind] = {
    "SQLITE_CANTOPEN": DepartmentUnreachableError,
    "SQLITE_BUSY": DepartmentUnreachableError,
    "SQLITE_LOCKED": DepartmentUnreachableError,
    "SQLITE_IOERR": DepartmentUnreachableError,
    "SQLITE_INTERRUPT": DepartmentTimeoutError,
    "SQLITE_AUTH": DepartmentAuthError,
}
_ORACLE: Mapping[str, Kind] = {
    "ORA-01005": DepartmentAuthError,  # null password
    "ORA-01017": DepartmentAuthError,  # invalid username or password
    "ORA-28000": DepartmentAuthError,  # account is locked
    "ORA-28001": DepartmentAuthError,  # password has expired
    "ORA-01013": DepartmentTimeoutError,  # cancelled
    "DPY-4024": DepartmentTimeoutError,  # call timeout
    "DPY-4011": DepartmentUnreachableError,  # connection closed
    "DPY-6005": DepartmentUnreachableError,  # can't connect
    "DPY-6000": DepartmentUnreachableError,  # listener refused
    "ORA-12541": DepartmentUnreachableError,  # no listener
    "ORA-01033": DepartmentUnreachableError,  # being started or shut down
}
_ODBC: Mapping[str, Kind] = {
    "28000": DepartmentAuthError,
    "HYT00": DepartmentTimeoutError,
    "HYT01": DepartmentTimeoutError,
}


async def read_again_if_stale(
    read: Callable[[], Awaitable[RowsT]],
    errors: tuple[type[Exception], ...],
    department: str,
    dialect: str,
) -> RowsT:
    """Run a statement, and run it once more if its connection was stale.

    The second attempt has a new connection. Other errors are not retried here: the link retries
    within a budget.

    Args:
        read: runs the statement.
        errors: errors of the driver.

    Raises:
        DepartmentError: the database failed.
    """
    try:
        try:
            return await read()
        except StaleConnectionError:
            return await read()
    except StaleConnectionError as error:
        raise error_of(department, dialect, error.cause) from None
    except errors as error:
        raise error_of(department, dialect, error) from None


def error_of(department: str, dialect: str, error: BaseException) -> DepartmentError:
    """Return the hub's error for an error of the driver or of SQLAlchemy.

    It contains the database's code but not its message, which may quote personal data.
    """
    cause: Any = getattr(error, "orig", None) or error
    kind, code = _READ.get(dialect, _of_sqlstate)(cause)
    fault = DepartmentFault(code, kind=FaultKind.DATABASE) if code else None
    return kind(department, _SENTENCES[kind].format(department), fault=fault)


_SENTENCES: Mapping[Kind, str] = {
    DepartmentAuthError: "{}'s database refused the hub's credentials.",
    DepartmentUnreachableError: "{}'s database can't be reached.",
    DepartmentTimeoutError: "{}'s database took too long.",
    DepartmentFaultError: "{}'s database reports a failure.",
    DepartmentRefusedError: "{}'s database can't use a value of this call.",
}


def _of_sqlstate(cause: Any) -> tuple[Kind, str | None]:
    """Return the kind of error and the code for PostgreSQL and unknown dialects."""
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if state is None:
        return DepartmentUnreachableError, None
    kind: Kind = DepartmentFaultError
    if state == UNFIT_ARGUMENT:
        kind = DepartmentRefusedError
    elif state.startswith("28"):
        kind = DepartmentAuthError
    elif state.startswith(("08", "57")):
        kind = DepartmentUnreachableError
    return kind, f"SQLSTATE {state}"


def _of_mysql(cause: Any) -> tuple[Kind, str | None]:
    number = cause.args[0] if getattr(cause, "args", None) else None
    if not isinstance(number, int):
        return DepartmentUnreachableError, None
    # Codes from 2000 to 2999 come from the client library: the connection failed.
    lost = DepartmentUnreachableError if 2000 <= number < 3000 else DepartmentFaultError
    return _MYSQL.get(number, lost), f"ERROR {number}"


def _of_sqlite(cause: Any) -> tuple[Kind, str | None]:
    name = getattr(cause, "sqlite_errorname", None)
    if name is None:
        return DepartmentUnreachableError, None
    base = "_".join(name.split("_")[:2])
    return _SQLITE.get(base, DepartmentFaultError), name


def _of_oracle(cause: Any) -> tuple[Kind, str | None]:
    details = cause.args[0] if getattr(cause, "args", None) else None
    code = getattr(details, "full_code", None)
    if not code:
        return DepartmentUnreachableError, None
    return _ORACLE.get(code, DepartmentFaultError), code


def _of_odbc(cause: Any) -> tuple[Kind, str | None]:
    state = str(cause.args[0]) if getattr(cause, "args", None) else ""
    if state.startswith("08") or not state:
        return DepartmentUnreachableError, f"SQLSTATE {state}" if state else None
    return _ODBC.get(state, DepartmentFaultError), f"SQLSTATE {state}"


_READ: Mapping[str, Callable[[Any], tuple[Kind, str | None]]] = {
    "mysql": _of_mysql,
    "mariadb": _of_mysql,
    "sqlite": _of_sqlite,
    "oracle": _of_oracle,
    "mssql": _of_odbc,
}
