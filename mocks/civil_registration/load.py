"""Fills the registers and makes the account that the hub reads with."""

from mocks.civil_registration.mariadb import MariadbServer
from mocks.civil_registration.tables import TABLES
from mocks.databases.command import READER, READER_PASSWORD, Rows

DATABASE = "ulb"
PROCEDURE = """CREATE PROCEDURE births_of(IN persons TEXT)
READS SQL DATA
SELECT * FROM bd_appl WHERE FIND_IN_SET(TRIM(pers_no), persons) ORDER BY upd_ts"""


async def load(server: MariadbServer, rows: Rows) -> None:
    """Database, tables, rows, a stored procedure, and a reader who may only read."""
    connection = await server.connect()
    try:
        async with connection.cursor() as cursor:
            # CHAR is compared with its blanks there, as the old application wants it.
            await cursor.execute(f"CREATE DATABASE {DATABASE} COLLATE utf8mb4_nopad_bin")
            await cursor.execute(f"USE {DATABASE}")
            await cursor.execute("SET SESSION sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'")
            for table in TABLES:
                await cursor.execute(table.definition())
                places = ", ".join(["%s"] * len(table.columns))
                if rows[table.name]:
                    await cursor.executemany(
                        f"INSERT INTO {table.name} VALUES ({places})", rows[table.name]
                    )
                for columns in table.indexes:
                    await cursor.execute(f"ALTER TABLE {table.name} ADD INDEX ({columns})")
            await cursor.execute(PROCEDURE)
            user = f"{READER}@localhost"
            await cursor.execute(f"CREATE USER {user} IDENTIFIED BY '{READER_PASSWORD}'")
            await cursor.execute(f"GRANT SELECT, EXECUTE ON {DATABASE}.* TO {user}")
            await cursor.execute("SET GLOBAL sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'")
    finally:
        await connection.ensure_closed()
