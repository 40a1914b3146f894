"""The five tables of the revenue database: an old schema of padded CHAR columns."""

from mocks.databases.tables import TableDefinition

APPL = TableDefinition(
    "appl",
    (
        ("appl_no", "CHAR(24) PRIMARY KEY"),
        ("person_no", "NUMERIC(10) NOT NULL"),
        ("svc_cd", "CHAR(3) NOT NULL"),
        ("st_cd", "NUMERIC(2) NOT NULL"),
        ("appl_nm_hi", "CHAR(60)"),
        ("mobile", "CHAR(12)"),
        ("appl_dt", "CHAR(10)"),
        ("upd_ts", "TIMESTAMP NOT NULL"),
        ("due_dt", "DATE"),
        ("src", "CHAR(1)"),
        ("remarks", "CHAR(120)"),
        ("pend_desig", "CHAR(40)"),
        ("pend_office", "CHAR(40)"),
        ("hub_ref", "CHAR(20)"),
    ),
    ("person_no", "upd_ts, appl_no", "hub_ref"),
)
APPL_HIST = TableDefinition(
    "appl_hist",
    (
        ("appl_no", "CHAR(24) NOT NULL"),
        ("seq", "INT NOT NULL"),
        ("act_cd", "NUMERIC(2) NOT NULL"),
        ("task_nm", "CHAR(40)"),
        ("desig", "CHAR(40)"),
        ("office", "CHAR(40)"),
        ("rcv_ts", "TIMESTAMP NOT NULL"),
        ("exe_ts", "TIMESTAMP"),
        ("remarks", "CHAR(120)"),
    ),
    ("appl_no",),
)
CERT = TableDefinition(
    "cert",
    (
        ("cert_no", "CHAR(24) NOT NULL"),
        ("appl_no", "CHAR(24) NOT NULL"),
        ("person_no", "NUMERIC(10) NOT NULL"),
        ("cert_typ", "NUMERIC(2) NOT NULL"),
        ("holder_nm_hi", "CHAR(60)"),
        ("issue_dt", "CHAR(10)"),
        ("valid_to", "CHAR(10)"),
        ("st_cd", "CHAR(1)"),
        ("sign_desig", "CHAR(40)"),
        ("upd_ts", "TIMESTAMP NOT NULL"),
        ("dl_uri", "CHAR(60)"),
        ("qr_url", "CHAR(80)"),
        ("doc_typ", "CHAR(20)"),
        ("doc_bytes", "NUMERIC(8)"),
    ),
    ("person_no", "cert_no", "appl_no", "upd_ts, appl_no"),
)
CERT_DOC = TableDefinition(
    "cert_doc",
    (
        ("cert_no", "CHAR(24) PRIMARY KEY"),
        ("person_no", "NUMERIC(10) NOT NULL"),
        ("pdf", "BYTEA NOT NULL"),
    ),
    (),
)
# The persons of the Family ID register, with their numbers of this department.
PERSON = TableDefinition(
    "person",
    (
        ("person_no", "NUMERIC(10)"),
        ("member", "CHAR(12) NOT NULL"),
    ),
    ("person_no", "member"),
)
TABLES = (APPL, APPL_HIST, CERT, CERT_DOC, PERSON)
