"""Create the table of departments that an administrator closed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "department_pause",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("until_us", sa.BigInteger),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("department", name="department_pause_pk"),
    )
