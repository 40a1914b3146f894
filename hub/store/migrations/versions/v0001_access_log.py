"""Create the access log, and the key for the pseudonyms in it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "made_key",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="made_key_pk"),
    )
    op.create_table(
        "access_block",
        sa.Column("block_id", sa.LargeBinary(16), nullable=False),
        sa.Column("ended_us", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("block_id", name="access_block_pk"),
    )
    op.create_index("access_block_ended_us", "access_block", ["ended_us"])
    op.create_table(
        "access_subject",
        sa.Column("subject", sa.LargeBinary(16), nullable=False),
        sa.Column("ended_us", sa.BigInteger, nullable=False),
        sa.Column("block_id", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("subject", "ended_us", "block_id", name="access_subject_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("access_subject_ended_us", "access_subject", ["ended_us"])
