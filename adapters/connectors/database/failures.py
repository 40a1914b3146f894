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
    1927: DepartmentUnreachableError,  # connection was killed
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


def write_error_of(department: str, dialect: str, error: BaseException) -> DepartmentError:
    """Return the hub's error for an error that the database reported about a write.

    A value that breaks a rule of the database, or an error that the procedure raises on purpose,
    does not pass by itself: the department has refused the write.
    """
    found = error_of(department, dialect, error)
    reported = fault_of(dialect, error) or {}
    code = str(reported.get("code", ""))
    if code in _REFUSALS.get(dialect, frozenset()) or (
        dialect in ("postgresql", "mssql") and code[:2] in REFUSING_CLASSES
    ):
        message = _SENTENCES[DepartmentRefusedError].format(department)
        return DepartmentRefusedError(department, message, fault=found.fault)
    return found


def fault_of(dialect: str, error: BaseException) -> Mapping[str, str] | None:
    """Return `code` and `string` of an error that the database reported.

    Returns:
        None if the connection failed, so that the database may have done what was requested. The
        code is the SQLSTATE in PostgreSQL and SQL Server, otherwise the database's own number. The
        string may quote personal data.
    """
    cause: Any = getattr(error, "orig", None) or error
    arguments: tuple[Any, ...] = getattr(cause, "args", ())
    kind, _ = _READ.get(dialect, _of_sqlstate)(cause)
    code: object = getattr(cause, "sqlstate", None)
    string = str(cause)
    if dialect == "mysql" and len(arguments) > 1:
        code, string = arguments[0], arguments[1]
    elif dialect == "oracle" and arguments:
        code, string = getattr(arguments[0], "full_code", None), str(arguments[0])
    elif dialect == "mssql" and len(arguments) > 1:
        code, string = arguments[0], arguments[1]
    elif dialect == "sqlite":
        code = getattr(cause, "sqlite_errorname", None)
    if not code or kind is DepartmentUnreachableError or _is_of_driver(dialect, code):
        # PostgreSQL reports a cancelled statement in the class of a server that shuts down.
        return {"code": CANCELLED, "string": string} if code == CANCELLED else None
    return {"code": str(code), "string": string}


def _is_of_driver(dialect: str, code: object) -> bool:
    """Return whether a driver reports that the connection failed."""
    return (dialect == "oracle" and str(code).startswith("DPY-")) or (
        dialect == "mssql" and str(code).startswith("HYT")
    )


CANCELLED = "57014"
"""SQLSTATE of a statement that exceeded its time limit."""
REFUSING_CLASSES = ("22", "23")
"""Classes of SQLSTATE: data exception, and violation of a constraint."""
_REFUSALS: Mapping[str, frozenset[str]] = {
    # RAISE EXCEPTION of a function.
    "postgresql": frozenset({"P0001"}),
    # Null, duplicate, out of range, wrong value, too long, foreign key, check; SIGNAL '45000'.
    "mysql": frozenset({"1048", "1062", "1264", "1366", "1406", "1452", "3819", "4025", "1644"}),
    # Duplicate, null, too long, foreign key; errors of RAISE_APPLICATION_ERROR begin with ORA-20.
    "oracle": frozenset({"ORA-00001", "ORA-01400", "ORA-12899", "ORA-02291"}),
    # RAISERROR and THROW.
    "mssql": frozenset({"42000"}),
    "sqlite": frozenset({"SQLITE_CONSTRAINT"}),
}

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
