"""Runs the revenue database: PostgreSQL, or a SQLite file that is attached as `rev`."""

import io
import socket
from typing import Any

from mocks.certificates.postgresql import PostgresqlServer, start_postgresql
from mocks.certificates.procedures import DATABASE, SCHEMA, RevenueTables, create_procedures
from mocks.certificates.rows import all_rows
from mocks.certificates.session import PostgresqlSession
from mocks.certificates.tables import TABLES
from mocks.databases.command import (
    READER,
    READER_PASSWORD,
    DatabaseDepartment,
    Rows,
    run_database,
)
from mocks.databases.copying import copy_text
from mocks.databases.proxy import WRITE_FAULTS
from mocks.databases.submissions import DatabaseSubmissions
from mocks.faults import DATABASE_FAULTS
from mocks.options import MockOptions
from mocks.population import Population
from mocks.population.services import CERTIFICATES


async def load(postgresql: PostgresqlServer, rows: Rows) -> None:
    """Create the database, its tables, rows and indexes, and the account READER."""
    server = await postgresql.connect()
    await server.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{READER_PASSWORD}'")
    await server.execute(f"ALTER ROLE {READER} SET default_transaction_read_only = on")
    await server.execute(f"CREATE DATABASE {DATABASE} STRATEGY file_copy")
    await server.close()
    database = await postgresql.connect(DATABASE)
    await database.execute(f"CREATE SCHEMA {SCHEMA}")
    for table in TABLES:
        name = f"{SCHEMA}.{table.name}"
        await database.execute(table.definition(name))
        await database.copy_to_table(
            table.name,
            schema_name=SCHEMA,
            columns=table.column_names(),
            source=io.BytesIO(copy_text(rows[table.name])),
        )
        for columns in table.indexes:
            await database.execute(f"CREATE INDEX ON {name} ({columns})")
    await create_procedures(database)
    await _grant(database)
    await database.close()


READABLE = ", ".join(f"{SCHEMA}.{table.name}" for table in TABLES if table.name != "person")


async def _grant(database: Any) -> None:
    await database.execute(f"REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC")
    await database.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {READER}")
    await database.execute(f"GRANT SELECT ON {READABLE} TO {READER}")
    await database.execute("ANALYZE")


def submissions(
    server: PostgresqlServer, population: Population, rows: Rows
) -> DatabaseSubmissions:
    """Return what the functions have received."""
    tables = RevenueTables(server, population, rows)
    return DatabaseSubmissions(CERTIFICATES, population, tables)


DEPARTMENT = DatabaseDepartment(
    name="certificates",
    subject="the revenue database is",
    scheme="postgresql",
    database=DATABASE,
    tables=TABLES,
    rows_of=all_rows,
    start=start_postgresql,
    load=load,
    new_session=PostgresqlSession,
    faults=(*DATABASE_FAULTS, *WRITE_FAULTS),
    shell=f"psql postgresql://{READER}:{READER_PASSWORD}@{{host}}:{{port}}/{DATABASE}",
    sqlite_note=": attach it as rev",
    submissions=submissions,
)


async def run(
    options: MockOptions, listener: socket.socket, control_listener: socket.socket
) -> int:
    """Run the mock until it is stopped. Return the exit status."""
    return await run_database(DEPARTMENT, options, listener, control_listener)
