"""The revenue database: PostgreSQL, or a SQLite file that is attached as `rev`."""

import socket

from mocks.certificates.load import DATABASE, load
from mocks.certificates.postgresql import start_postgresql
from mocks.certificates.rows import all_rows
from mocks.certificates.session import PostgresqlSession
from mocks.certificates.tables import TABLES
from mocks.databases.command import READER, READER_PASSWORD, DatabaseDepartment, run_database
from mocks.faults import DATABASE_FAULTS
from mocks.options import MockOptions

DEPARTMENT = DatabaseDepartment(
    name="certificates",
    called="the revenue database is",
    scheme="postgresql",
    database=DATABASE,
    tables=TABLES,
    rows_of=all_rows,
    start=start_postgresql,
    load=load,
    new_session=PostgresqlSession,
    faults=DATABASE_FAULTS,
    shell=f"psql postgresql://{READER}:{READER_PASSWORD}@{{host}}:{{port}}/{DATABASE}",
    sqlite_note=": attach it as rev",
)


async def run(
    options: MockOptions, listener: socket.socket, control_listener: socket.socket
) -> int:
    """Runs until stopped; the exit status."""
    return await run_database(DEPARTMENT, options, listener, control_listener)
