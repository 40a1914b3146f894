"""Alembic migrations of the hub's tables. They run at each start of the hub."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

# An arbitrary number, equal in all replicas: only one of them may migrate at a time.
MIGRATION_LOCK = 0x6369_7469


class NewerDatabaseError(Exception):
    """A newer release of the hub migrated the database. The message is its unknown revision."""


def migrate(connection: Connection) -> None:
    """Run all missing migrations in the connection's transaction.

    Raises:
        NewerDatabaseError: the database has an unknown revision; nothing was changed.
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
