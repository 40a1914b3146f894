"""The registers: MariaDB, or a SQLite file."""

import socket

from mocks.civil_registration.load import DATABASE, load
from mocks.civil_registration.mariadb import start_mariadb
from mocks.civil_registration.rows import all_rows
from mocks.civil_registration.session import MARIADB_FAULTS, MariadbSession
from mocks.civil_registration.tables import TABLES
from mocks.databases.command import READER, READER_PASSWORD, DatabaseDepartment, run_database
from mocks.options import MockOptions

DEPARTMENT = DatabaseDepartment(
    name="civil-registration",
    called="the registers are",
    scheme="mariadb",
    database=DATABASE,
    tables=TABLES,
    rows_of=all_rows,
    start=start_mariadb,
    load=load,
    new_session=MariadbSession,
    faults=MARIADB_FAULTS,
    shell=f"mariadb -h {{host}} -P {{port}} -u {READER} -p{READER_PASSWORD} {DATABASE}",
)


async def run(
    options: MockOptions, listener: socket.socket, control_listener: socket.socket
) -> int:
    """Runs until stopped; the exit status."""
    return await run_database(DEPARTMENT, options, listener, control_listener)
