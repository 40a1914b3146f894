"""The tables of the hub. Those of submissions are in `submission_tables.py`.

Each change needs a new migration in `migrations/versions`.

Times are stored as microseconds since 1970 (UTC), which both databases and page cursors keep
exactly.
"""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def microseconds_of(moment: dt.datetime) -> int:
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def moment_of(microseconds: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=microseconds)


metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "ix": "%(table_name)s_%(column_0_name)s",
        "uq": "%(table_name)s_%(column_0_name)s_uq",
    }
)

# Secret keys that the hub generated because its settings contain none.
made_key = Table(
    "made_key",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

# Departments that an administrator closed. `until_us` is null if they stay closed until resumed.
department_pause = Table(
    "department_pause",
    metadata,
    Column("department", Text, primary_key=True),
    Column("until_us", BigInteger),
    Column("note", Text),
)

# Files of departments that the hub has read. `problems` is JSON: pairs of line number and reason.
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

# The newest row of each identity, from all files together.
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

# Keys for finding rows. They may include a key that a row had before it was replaced.
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

# Files that the hub writes for departments. `temporary_name` is the name under which a process
# writes the file; it changes with the process.
outgoing_file = Table(
    "outgoing_file",
    metadata,
    Column("department", Text, primary_key=True),
    Column("outbox", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("made_us", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("temporary_name", Text, nullable=False),
    Column("claimed_us", BigInteger),
)

# Rows of these files. `sequence` is null until a row is in a file. `content` is encrypted, and
# deleted when the file was delivered; the receipt number stays, so that no row is sent twice.
outgoing_row = Table(
    "outgoing_row",
    metadata,
    Column("number", Integer().with_variant(BigInteger, "postgresql"), primary_key=True),
    Column("department", Text, nullable=False),
    Column("outbox", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("content", LargeBinary),
    Column("queued_us", BigInteger, nullable=False),
    Column("sequence", BigInteger),
    Index("outgoing_row_receipt", "department", "outbox", "receipt", unique=True),
    Index("outgoing_row_sequence", "department", "outbox", "sequence", "number"),
)

# Requests for consent, and the consents that citizens gave (hub/access/consent). `citizen` and
# `requester` are keyed hashes of a person's number and of a principal. `seal` covers all columns.
consent = Table(
    "consent",
    metadata,
    Column("consent_id", Text, primary_key=True),
    Column("citizen", LargeBinary(16), nullable=False),
    Column("requester", LargeBinary(16), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("departments", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("department", Text),
    Column("centre", Text),
    Column("seconds", BigInteger, nullable=False),
    Column("requested_us", BigInteger, nullable=False),
    Column("lapses_us", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("given_by", Text),
    Column("given_us", BigInteger),
    Column("expires_us", BigInteger),
    Column("ended_us", BigInteger),
    Column("artefact", Text),
    Column("seal", LargeBinary(16), nullable=False),
    Index("consent_citizen", "citizen", "requested_us"),
    Index("consent_requester", "requester", "citizen", "purpose"),
    Index(
        "consent_open",
        "requester",
        "citizen",
        "purpose",
        unique=True,
        sqlite_where=text("state = 'REQUESTED'"),
        postgresql_where=text("state = 'REQUESTED'"),
    ),
)

# The one-time code of a request for consent. `digest` is a keyed hash of the code.
one_time_code = Table(
    "one_time_code",
    metadata,
    Column("consent_id", Text, primary_key=True),
    Column("digest", LargeBinary(16), nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("tries", BigInteger, nullable=False),
)

# Number of acts in one hour of a citizen or a principal: codes sent, wrong codes, requests.
consent_count = Table(
    "consent_count",
    metadata,
    Column("person", LargeBinary(16), primary_key=True),
    Column("act", Text, primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

# Persons who may act for a citizen after the citizen's death. `nominee_number` is encrypted.
nomination = Table(
    "nomination",
    metadata,
    Column("nomination_id", Text, primary_key=True),
    Column("citizen", LargeBinary(16), nullable=False),
    Column("nominee", LargeBinary(16), nullable=False),
    Column("nominee_number", Text, nullable=False),
    Column("nominated_us", BigInteger, nullable=False),
    Column("withdrawn_us", BigInteger),
    Column("seal", LargeBinary(16), nullable=False),
    Index("nomination_citizen", "citizen"),
    Index("nomination_nominee", "nominee", "citizen"),
)

# Tokens, persons and centres that were cut off. The value of a person is a keyed hash.
# `until_us` is null if the revocation does not end.
revocation = Table(
    "revocation",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("revoked_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),
    Column("reason", Text, nullable=False),
)

# Administrative acts of commands, which wait until a hub process writes them to the access log.
# `claimed_us` is set while a process does that.
queued_act = Table(
    "queued_act",
    metadata,
    Column("act_id", Text, primary_key=True),
    Column("act", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("claimed_us", BigInteger),
)

# How often a table has changed. Processes watch the number, which is faster than to read the table.
change_counter = Table(
    "change_counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("changes", BigInteger, nullable=False),
)

# What the hub last started with: a digest of the policy and of the trusted documents, so that a
# change gets into the access log.
configuration = Table(
    "configuration",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False),
)
