"""Create the tables of consents, one-time codes and nominations."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("consent_id", sa.Text, nullable=False),
        sa.Column("citizen", sa.LargeBinary(16), nullable=False),
        sa.Column("requester", sa.LargeBinary(16), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("departments", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("department", sa.Text),
        sa.Column("centre", sa.Text),
        sa.Column("seconds", sa.BigInteger, nullable=False),
        sa.Column("requested_us", sa.BigInteger, nullable=False),
        sa.Column("lapses_us", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("given_by", sa.Text),
        sa.Column("given_us", sa.BigInteger),
        sa.Column("expires_us", sa.BigInteger),
        sa.Column("ended_us", sa.BigInteger),
        sa.Column("artefact", sa.Text),
        sa.Column("seal", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name="consent_pk"),
    )
    op.create_index("consent_citizen", "consent", ["citizen", "requested_us"])
    op.create_index("consent_requester", "consent", ["requester", "citizen", "purpose"])
    is_open = sa.text("state = 'REQUESTED'")
    op.create_index(
        "consent_open",
        "consent",
        ["requester", "citizen", "purpose"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "one_time_code",
        sa.Column("consent_id", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("expires_us", sa.BigInteger, nullable=False),
        sa.Column("sent", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name="one_time_code_pk"),
    )
    op.create_table(
        "consent_count",
        sa.Column("person", sa.LargeBinary(16), nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person", "act", "hour", name="consent_count_pk"),
    )
    op.create_table(
        "nomination",
        sa.Column("nomination_id", sa.Text, nullable=False),
        sa.Column("citizen", sa.LargeBinary(16), nullable=False),
        sa.Column("nominee", sa.LargeBinary(16), nullable=False),
        sa.Column("nominee_number", sa.Text, nullable=False),
        sa.Column("nominated_us", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_us", sa.BigInteger),
        sa.Column("seal", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("nomination_id", name="nomination_pk"),
    )
    op.create_index("nomination_citizen", "nomination", ["citizen"])
    op.create_index("nomination_nominee", "nomination", ["nominee", "citizen"])
