"""Runs the registers of births, deaths and marriages: MariaDB, or a SQLite file."""

import socket

from mocks.civil_registration.mariadb import MariadbServer, start_mariadb
from mocks.civil_registration.procedures import DATABASE, RegisterTables
from mocks.civil_registration.procedures import PROCEDURE as TAKE_ENTRY
from mocks.civil_registration.procedures import TABLES as SUBMISSION_TABLES
from mocks.civil_registration.rows import all_rows
from mocks.civil_registration.session import MARIADB_FAULTS, MariadbSession
from mocks.civil_registration.tables import TABLES
from mocks.databases.command import (
    READER,
    READER_PASSWORD,
    DatabaseDepartment,
    Rows,
    run_database,
)
from mocks.databases.proxy import WRITE_FAULTS
from mocks.databases.submissions import DatabaseSubmissions
from mocks.options import MockOptions
from mocks.population import Population
from mocks.population.town_departments import CIVIL_REGISTRATION

BIRTHS_OF = """CREATE PROCEDURE births_of(IN persons TEXT)
READS SQL DATA
SELECT * FROM bd_appl WHERE FIND_IN_SET(TRIM(pers_no), persons) ORDER BY upd_ts"""


async def load(server: MariadbServer, rows: Rows) -> None:
    """Create the database, its tables and rows, a stored procedure, and the account READER."""
    connection = await server.connect()
    try:
        async with connection.cursor() as cursor:
            # The old application compares CHAR values with their trailing blanks.
            await cursor.execute(f"CREATE DATABASE {DATABASE} COLLATE utf8mb4_nopad_bin")
            await cursor.execute(f"USE {DATABASE}")
            await cursor.execute("SET SESSION sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'")
            for table in TABLES:
                await cursor.execute(table.definition())
                parameters = ", ".join(["%s"] * len(table.columns))
                if rows[table.name]:
                    await cursor.executemany(
                        f"INSERT INTO {table.name} VALUES ({parameters})", rows[table.name]
                    )
                for columns in table.indexes:
                    await cursor.execute(f"ALTER TABLE {table.name} ADD INDEX ({columns})")
            for statement in (BIRTHS_OF, *SUBMISSION_TABLES, TAKE_ENTRY):
                await cursor.execute(statement)
            user = f"{READER}@localhost"
            await cursor.execute(f"CREATE USER {user} IDENTIFIED BY '{READER_PASSWORD}'")
            await cursor.execute(f"GRANT EXECUTE ON {DATABASE}.* TO {user}")
            for readable in ("bd_appl", "mrg_appl"):
                await cursor.execute(f"GRANT SELECT ON {DATABASE}.{readable} TO {user}")
            await cursor.execute("SET GLOBAL sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'")
    finally:
        await connection.ensure_closed()


def submissions(server: MariadbServer, population: Population, _rows: Rows) -> DatabaseSubmissions:
    """Return what the procedure has received."""
    tables = RegisterTables(server, population)
    return DatabaseSubmissions(CIVIL_REGISTRATION, population, tables)


DEPARTMENT = DatabaseDepartment(
    name="civil-registration",
    subject="the registers are",
    scheme="mariadb",
    database=DATABASE,
    tables=TABLES,
    rows_of=all_rows,
    start=start_mariadb,
    load=load,
    new_session=MariadbSession,
    faults=(*MARIADB_FAULTS, *WRITE_FAULTS),
    submissions=submissions,
    shell=f"mariadb -h {{host}} -P {{port}} -u {READER} -p{READER_PASSWORD} {DATABASE}",
)


async def run(
    options: MockOptions, listener: socket.socket, control_listener: socket.socket
) -> int:
    """Run the mock until it is stopped. Return the exit status."""
    return await run_database(DEPARTMENT, options, listener, control_listener)
