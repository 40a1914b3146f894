"""Remove the tables of the old access log. If they have entries, keep them as `old_access_…`.

The access log has a database of its own now (docs/decisions/0012). Entries of the old tables have
to be kept for a year; `accessLog` does not show them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    first = sa.text("SELECT 1 FROM access_block LIMIT 1")
    if op.get_bind().execute(first).first() is None:
        op.drop_table("access_subject")
        op.drop_table("access_block")
    else:
        op.rename_table("access_subject", "old_access_subject")
        op.rename_table("access_block", "old_access_block")
