"""The access log, and the key that hides whom it is about."""

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
        "access_record",
        sa.Column("record_id", sa.LargeBinary(16), nullable=False),
        sa.Column("request_in_us", sa.BigInteger, nullable=False),
        sa.Column("response_out_us", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("service_code", sa.Text, nullable=False),
        sa.Column("client_member", sa.Text, nullable=False),
        sa.Column("fault_code", sa.Text),
        sa.PrimaryKeyConstraint("record_id", name="access_record_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("access_record_request_in_us", "access_record", ["request_in_us"])
    op.create_table(
        "access_subject",
        sa.Column("subject", sa.LargeBinary(16), nullable=False),
        sa.Column("request_in_us", sa.BigInteger, nullable=False),
        sa.Column("record_id", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("subject", "request_in_us", "record_id", name="access_subject_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("access_subject_request_in_us", "access_subject", ["request_in_us"])
