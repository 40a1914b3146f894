"""Brings a database to the tables that this hub knows."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

# Any number, the same in all replicas: it names the lock that lets one of them migrate at a time.
MIGRATION_LOCK = 0x6369_7469


class NewerDatabaseError(Exception):
    """The database holds a revision that this hub does not know."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


def migrate(connection: Connection) -> None:
    """Runs the missing migrations in the connection's transaction, all or none.

    Raises `NewerDatabaseError`; the database is then as it was.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    config = Config()
    config.set_main_option("script_location", "hub.store:migrations")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise NewerDatabaseError(revision)
    command.upgrade(config, "head")
