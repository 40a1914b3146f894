"""Describes a department's database from its catalogue: tables, columns, keys."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.workbench.introspection.description import (
    DescribedOperation,
    Description,
    IntrospectionError,
    Kind,
    ValueShape,
)

MOST_TABLES = 300
DIALECTS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+asyncpg",
    "mysql": "mysql+asyncmy",
    "mariadb": "mariadb+asyncmy",
}
REFUSED = ("28P01", "28000", "3D000", "1044", "1045", "1049")
"""Codes of PostgreSQL and MySQL for a wrong password, user or database."""
KEY_KINDS = ("text", "integer", "number")
SYSTEM = frozenset({"information_schema", "pg_catalog", "mysql", "performance_schema", "sys"})


def describe_database(url: str) -> Description:
    """Read the catalogue of the database at `url`; no rows are read.

    Raises:
        IntrospectionError: the catalogue can't be read.
    """
    try:
        parsed = make_url(url)
        dialect = parsed.get_backend_name()
    except (SQLAlchemyError, ValueError):
        raise IntrospectionError("write the database as postgresql://user@host/name") from None
    if dialect not in DIALECTS:
        raise IntrospectionError(f"{dialect} is not supported; use one of {', '.join(DIALECTS)}")
    if dialect == "sqlite" and not Path(parsed.database or "").is_file():
        raise IntrospectionError(f"there is no file {parsed.database}")
    found = Description("database", parsed.database or dialect, {"kind": "database"})
    found.make = dialect
    found.connector["url"] = _without_login(parsed) if dialect != "sqlite" else url
    try:
        if dialect == "sqlite":
            engine = create_engine(f"sqlite:///file:{parsed.database}?mode=ro&uri=true")
            _read(inspect(engine), found, dialect)
            engine.dispose()
        else:
            _read_over_asyncio(parsed.set(drivername=DIALECTS[dialect]), found, dialect)
    except ModuleNotFoundError as error:
        raise IntrospectionError(f"the driver {error.name} is not installed") from None
    except Exception as error:
        # Drivers raise errors of their own, for example for a wrong password.
        raise IntrospectionError(f"the database can't be read: {_reason(error)}") from None
    return found


def _reason(error: BaseException) -> str:
    """Return why the catalogue can't be read. The driver's text may contain the password."""
    cause = getattr(error, "orig", None) or error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, TimeoutError):
        return "no reply in time"
    if isinstance(cause, OSError):
        return "the server can't be reached; check host and port"
    code = str(getattr(cause, "sqlstate", None) or next(iter(cause.args), ""))
    if code in REFUSED:
        return "user, password or the name of the database is wrong"
    return "the driver refuses it; check the address, user and password"


def _without_login(url: URL) -> str:
    """Return the address of a database without user, password and parameters."""
    plain = URL.create(url.get_backend_name(), None, None, url.host, url.port, url.database)
    return plain.render_as_string()


def _read_over_asyncio(url: Any, found: Description, dialect: str) -> None:
    async def read() -> None:
        engine = create_async_engine(url)
        try:
            async with asyncio.timeout(60), engine.connect() as connection:
                await connection.run_sync(lambda c: _read(inspect(c), found, dialect))
        finally:
            await engine.dispose()

    asyncio.run(read())


def _read(inspector: Any, found: Description, dialect: str) -> None:
    schemas = [None]
    if dialect == "postgresql":
        schemas = [
            s for s in inspector.get_schema_names() if s not in SYSTEM and not s.startswith("pg_")
        ]
    for schema in schemas:
        names = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
        for name in names:
            if len(found.operations) >= MOST_TABLES:
                found.note(
                    str(schema or name), f"more than {MOST_TABLES} tables; the rest is left out"
                )
                return
            try:
                found.operations.append(_table(inspector, name, schema, found, dialect))
            except SQLAlchemyError as error:
                found.note(f"table {name}", f"not read: {_reason(error)}")


def _table(
    inspector: Any, name: str, schema: str | None, found: Description, dialect: str
) -> DescribedOperation:
    position = f"table {schema + '.' if schema else ''}{name}"
    row = ValueShape(name, "object", many=True)
    for column in inspector.get_columns(name, schema):
        row.children.append(_column(column, position, found))
    keys = [*inspector.get_pk_constraint(name, schema).get("constrained_columns", ())]
    for foreign in inspector.get_foreign_keys(name, schema):
        keys += foreign["constrained_columns"]
        others = ", ".join(foreign["referred_columns"])
        found.comments.append(
            f"{name}({', '.join(foreign['constrained_columns'])}) refers to "
            f"{foreign['referred_table']}({others})."
        )
    for index in inspector.get_indexes(name, schema):
        keys += [column for column in index["column_names"] if column]
    quote = "`" if dialect in ("mysql", "mariadb") else '"'
    table = ".".join(f"{quote}{part}{quote}" for part in (schema, name) if part)
    operation = DescribedOperation(
        name, position, reply=ValueShape("reply", "object", children=[row])
    )
    by_name = {child.name: child for child in row.children}
    operation.arguments = [by_name[key] for key in dict.fromkeys(keys) if key in by_name]
    if not operation.arguments:
        found.note(
            position,
            "no key or index: every look-up reads the whole table; ask the department for an "
            "index on the column that is searched",
        )
        operation.arguments = [column for column in row.children if column.kind in KEY_KINDS]
    operation.call = {"table": table, "quote": quote, "dialect": dialect}
    return operation


def _column(column: Any, position: str, found: Description) -> ValueShape:
    try:
        python = column["type"].python_type
        kind: Kind = {
            "int": "integer",
            "float": "number",
            "Decimal": "number",
            "bool": "truth",
            "date": "date",
            "datetime": "datetime",
        }.get(python.__name__, "text")  # type: ignore[assignment]
    except NotImplementedError:
        kind = "text"
        if type(column["type"]).__name__ == "NullType":
            found.note(
                f"{position}, column {column['name']}",
                "SQLAlchemy does not know its type; it is read as text",
            )
    values = tuple(str(each) for each in getattr(column["type"], "enums", ()) or ())
    return ValueShape(
        column["name"], kind, values=values, documentation=column.get("comment") or ""
    )
