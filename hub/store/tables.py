"""Every table of the hub. A change here needs a migration: a next file in `migrations/versions`.

Moments are microseconds since 1970 (UTC): exact in both databases, and in a page's cursor.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData(
    naming_convention={"pk": "%(table_name)s_pk", "ix": "%(table_name)s_%(column_0_name)s"}
)

# Keys that the hub made for itself because nobody gave it any.
made_key = Table(
    "made_key",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

# Calls to departments, packed by the moment (hub/access/records.py).
access_block = Table(
    "access_block",
    metadata,
    Column("block_id", LargeBinary(16), primary_key=True),
    Column("ended_us", BigInteger, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
)

# Whom a block concerns. The primary key is the order in which a citizen's log is read; the index is
# for deleting what is old.
access_subject = Table(
    "access_subject",
    metadata,
    Column("subject", LargeBinary(16), primary_key=True),
    Column("ended_us", BigInteger, primary_key=True, index=True),
    Column("block_id", LargeBinary(16), primary_key=True),
    sqlite_with_rowid=False,
)

# Departments that are closed by order; `until_us` is null where they stay closed until resumed.
department_pause = Table(
    "department_pause",
    metadata,
    Column("department", Text, primary_key=True),
    Column("until_us", BigInteger),
    Column("note", Text),
)

# Files of departments that have been read, and their rows by what they are about
# (adapters/connectors/files/rows.py). `problems` is JSON: pairs of line and reason.
kept_file = Table(
    "kept_file",
    metadata,
    Column("department", Text, primary_key=True),
    Column("file", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("modified_s", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("layout", LargeBinary, nullable=False),
    Column("as_of_us", BigInteger, nullable=False),
    Column("read_us", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("problems", LargeBinary, nullable=False),
)

kept_row = Table(
    "kept_row",
    metadata,
    Column("department", Text, primary_key=True),
    Column("file", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("as_of_us", BigInteger, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("kept_row_as_of", "department", "file", "as_of_us"),
)

# By which keys a row is found; a row that was replaced may still have an old one here.
kept_row_key = Table(
    "kept_row_key",
    metadata,
    Column("department", Text, primary_key=True),
    Column("file", Text, primary_key=True),
    Column("column", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Index("kept_row_key_identity", "department", "file", "identity"),
    sqlite_with_rowid=False,
)
