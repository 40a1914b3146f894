"""Create the tables of files that the hub writes for departments."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "outgoing_file",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("outbox", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("made_us", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("temporary_name", sa.Text, nullable=False),
        sa.Column("claimed_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("department", "outbox", "sequence", name="outgoing_file_pk"),
    )
    op.create_table(
        "outgoing_row",
        sa.Column("number", sa.Integer().with_variant(sa.BigInteger, "postgresql"), nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("outbox", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("queued_us", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger),
        sa.PrimaryKeyConstraint("number", name="outgoing_row_pk"),
    )
    op.create_index(
        "outgoing_row_receipt", "outgoing_row", ["department", "outbox", "receipt"], unique=True
    )
    op.create_index(
        "outgoing_row_sequence", "outgoing_row", ["department", "outbox", "sequence", "number"]
    )
