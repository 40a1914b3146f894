"""Create the tables of submissions, drafts and attachments."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("number", sa.Integer().with_variant(sa.BigInteger, "postgresql"), nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("citizen", sa.LargeBinary(16), nullable=False),
        sa.Column("actor", sa.LargeBinary(16), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reference", sa.LargeBinary(16)),
        sa.Column("result", sa.LargeBinary),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("open_attempt", sa.BigInteger),
        sa.Column("delivery", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("accepted_us", sa.BigInteger, nullable=False),
        sa.Column("updated_us", sa.BigInteger, nullable=False),
        sa.Column("next_attempt_us", sa.BigInteger),
        sa.Column("inquiries", sa.BigInteger, nullable=False),
        sa.Column("denials", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="submission_pk"),
        sa.UniqueConstraint("receipt", name="submission_receipt_uq"),
    )
    op.create_index("submission_key", "submission", ["actor", "key"], unique=True)
    op.create_index("submission_citizen", "submission", ["citizen", "number"])
    op.create_index("submission_reference", "submission", ["department", "reference"])
    op.create_index("submission_state", "submission", ["state", "next_attempt_us"])
    op.create_table(
        "submission_event",
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("attempt", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("actor", sa.Text),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("receipt", "position", name="submission_event_pk"),
    )
    op.create_table(
        "submission_task",
        sa.Column("task_id", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("opened_us", sa.BigInteger, nullable=False),
        sa.Column("closed_us", sa.BigInteger),
        sa.Column("closed_by", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("task_id", name="submission_task_pk"),
    )
    op.create_index("submission_task_receipt", "submission_task", ["receipt"])
    op.create_index("submission_task_open", "submission_task", ["department", "closed_us"])
    op.create_table(
        "delivery_hold",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("department", name="delivery_hold_pk"),
    )
    op.create_table(
        "hub_process",
        sa.Column("process_id", sa.Text, nullable=False),
        sa.Column("started_us", sa.BigInteger, nullable=False),
        sa.Column("renewed_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("process_id", name="hub_process_pk"),
    )
    op.create_table(
        "draft",
        sa.Column("draft_id", sa.Text, nullable=False),
        sa.Column("citizen", sa.LargeBinary(16), nullable=False),
        sa.Column("actor", sa.LargeBinary(16), nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("updated_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name="draft_pk"),
    )
    op.create_index("draft_citizen", "draft", ["citizen", "updated_us"])
    op.create_index("draft_expires", "draft", ["expires_us"])
    op.create_table(
        "attachment",
        sa.Column("attachment_id", sa.Text, nullable=False),
        sa.Column("citizen", sa.LargeBinary(16), nullable=False),
        sa.Column("actor", sa.LargeBinary(16), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("uploaded_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger),
        sa.PrimaryKeyConstraint("attachment_id", name="attachment_pk"),
    )
    op.create_index("attachment_key", "attachment", ["actor", "key"], unique=True)
    op.create_index("attachment_citizen", "attachment", ["citizen", "uploaded_us"])
    op.create_index("attachment_receipt", "attachment", ["receipt"])
    op.create_index("attachment_expires", "attachment", ["expires_us"])
