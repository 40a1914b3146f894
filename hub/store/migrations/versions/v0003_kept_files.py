"""Create the tables of file deliveries and their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "kept_file",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("modified_s", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("layout", sa.LargeBinary, nullable=False),
        sa.Column("as_of_us", sa.BigInteger, nullable=False),
        sa.Column("read_us", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("problems", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("department", "file", "name", name="kept_file_pk"),
    )
    op.create_table(
        "kept_row",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("as_of_us", sa.BigInteger, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("department", "file", "identity", name="kept_row_pk"),
    )
    op.create_index("kept_row_as_of", "kept_row", ["department", "file", "as_of_us"])
    op.create_table(
        "kept_row_key",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "department", "file", "column", "key", "identity", name="kept_row_key_pk"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("kept_row_key_identity", "kept_row_key", ["department", "file", "identity"])
