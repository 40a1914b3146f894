"""Alembic's migrations of the hub's tables, run at each start."""
