"""The tables of two old registers, each designed by another programmer."""

from mocks.databases.tables import TableDefinition
from mocks.population.districts import DISTRICTS

OLD_DISTRICT_CODES = {district.name: f"{n:02d}" for n, district in enumerate(DISTRICTS, start=1)}
"""Two-digit codes, older than the national Local Government Directory."""

# Births and deaths. Nothing is unique: a registration number may occur twice.
BD_APPL = TableDefinition(
    "bd_appl",
    (
        ("appl_no", "CHAR(24) NOT NULL"),
        ("pers_no", "CHAR(12) NOT NULL"),
        ("nm", "CHAR(60)"),
        ("appl_dt", "CHAR(10)"),
        ("upd_ts", "DATETIME NOT NULL"),
        ("due_dt", "CHAR(10)"),
        ("st_txt", "CHAR(20)"),
        ("obj_flg", "CHAR(1)"),
        ("rmk", "CHAR(120)"),
        ("pend_desig", "CHAR(40)"),
        ("pend_dist", "CHAR(2)"),
        ("hub_ref", "CHAR(20)"),
    ),
    ("appl_no", "pers_no", "upd_ts, appl_no", "hub_ref"),
)
# Marriages: the same columns under other names.
MRG_APPL = TableDefinition(
    "mrg_appl",
    (
        ("regn_no", "CHAR(24) NOT NULL"),
        ("person", "CHAR(12) NOT NULL"),
        ("party_nm", "CHAR(60)"),
        ("regn_dt", "CHAR(10)"),
        ("chg_ts", "DATETIME NOT NULL"),
        ("prom_dt", "CHAR(10)"),
        ("status", "CHAR(20)"),
        ("objection", "CHAR(1)"),
        ("remarks", "CHAR(120)"),
        ("with_desig", "CHAR(40)"),
        ("with_dist", "CHAR(2)"),
        ("hub_ref", "CHAR(20)"),
    ),
    ("regn_no", "person", "chg_ts, regn_no", "hub_ref"),
)
# The persons of the Family ID register, with their numbers of this department.
PERSON = TableDefinition(
    "person",
    (
        ("pers_no", "CHAR(12)"),
        ("member", "CHAR(12) NOT NULL"),
    ),
    ("pers_no", "member"),
)
TABLES = (BD_APPL, MRG_APPL, PERSON)
