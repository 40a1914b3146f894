"""Delete the rows of file deliveries: they were not encrypted. The hub reads the files again."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("kept_row_key", "kept_row", "kept_file"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608
