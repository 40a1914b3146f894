"""The tables of submissions, of their delivery, and of what belongs to them."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from hub.store.tables import metadata

# What citizens submitted to departments (hub/durable). `citizen` and `actor` are keyed hashes of
# persons, `key` and `reference` keyed hashes of the idempotency key and of the department's number.
# `content` and `result` are encrypted. `open_attempt` is the number of the attempt that has begun
# and has no known end: if it is set when a delivery starts, the submission may have been sent.
# `delivery` numbers the workflows of the submission; only the newest may change the row.
# `next_attempt_us` is set if the sweep must do something then. `inquiries` counts how often the
# department was asked whether it has the submission, `denials` how often it has said no.
submission = Table(
    "submission",
    metadata,
    Column("number", Integer().with_variant(BigInteger, "postgresql"), primary_key=True),
    Column("receipt", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("service", Text),
    Column("citizen", LargeBinary(16), nullable=False),
    Column("actor", LargeBinary(16), nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("content", LargeBinary),
    Column("state", Text, nullable=False),
    Column("reference", LargeBinary(16)),
    Column("result", LargeBinary),
    Column("attempts", BigInteger, nullable=False),
    Column("open_attempt", BigInteger),
    Column("delivery", BigInteger, nullable=False),
    Column("error", Text),
    Column("accepted_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Column("next_attempt_us", BigInteger),
    Column("inquiries", BigInteger, nullable=False),
    Column("denials", BigInteger, nullable=False),
    Index("submission_key", "actor", "key", unique=True),
    Index("submission_citizen", "citizen", "number"),
    Index("submission_reference", "department", "reference"),
    # Only this index keeps the sweep fast: most submissions have ended long ago.
    Index("submission_state", "state", "next_attempt_us"),
)

# What happened to a submission. `actor` and `note` are set for acts of operators.
submission_event = Table(
    "submission_event",
    metadata,
    Column("receipt", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("attempt", BigInteger),
    Column("error", Text),
    Column("actor", Text),
    Column("note", Text),
)

# Decisions that operators have to make about submissions. `closed_us` is null while it is open.
submission_task = Table(
    "submission_task",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("receipt", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("error", Text),
    Column("opened_us", BigInteger, nullable=False),
    Column("closed_us", BigInteger),
    Column("closed_by", Text),
    Column("outcome", Text),
    Column("note", Text),
    Index("submission_task_receipt", "receipt"),
    Index("submission_task_open", "department", "closed_us"),
)

# Departments to which nothing is delivered for now, because they are closed or do not answer.
delivery_hold = Table(
    "delivery_hold",
    metadata,
    Column("department", Text, primary_key=True),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
)

# Processes of the hub that deliver. A process that has not renewed its row for some seconds is
# dead, and the others take over its deliveries.
hub_process = Table(
    "hub_process",
    metadata,
    Column("process_id", Text, primary_key=True),
    Column("started_us", BigInteger, nullable=False),
    Column("renewed_us", BigInteger, nullable=False),
)

# Forms that citizens have not submitted yet. `citizen` and `actor` are keyed hashes; `content` is
# encrypted.
draft = Table(
    "draft",
    metadata,
    Column("draft_id", Text, primary_key=True),
    Column("citizen", LargeBinary(16), nullable=False),
    Column("actor", LargeBinary(16), nullable=False),
    Column("service", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Index("draft_citizen", "citizen", "updated_us"),
    Index("draft_expires", "expires_us"),
)

# Documents that citizens uploaded. Their contents are in the attachment store. `name` is encrypted;
# `key` is a keyed hash of the idempotency key. `receipt` is null until a submission contains the
# document.
attachment = Table(
    "attachment",
    metadata,
    Column("attachment_id", Text, primary_key=True),
    Column("citizen", LargeBinary(16), nullable=False),
    Column("actor", LargeBinary(16), nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("receipt", Text),
    Column("uploaded_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Index("attachment_key", "actor", "key", unique=True),
    Index("attachment_citizen", "citizen", "uploaded_us"),
    Index("attachment_receipt", "receipt"),
    Index("attachment_expires", "expires_us"),
)
