"""Alembic's environment: migrates the connection that `hub.store.migrations.migrate` supplies."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
