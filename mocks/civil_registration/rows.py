"""The rows of the registers, as clerks typed them."""

from collections.abc import Iterator
from datetime import date, timedelta
from zlib import crc32

from mocks.civil_registration.tables import OLD_DISTRICT_CODES
from mocks.databases.tables import Row
from mocks.dirty_text import json_or_blank, one_of
from mocks.population import Population
from mocks.population.records import Application
from mocks.population.town_departments import CIVIL_REGISTRATION

NO_DATE = "00/00/0000"
MARRIAGE = "ULB-MRG"
TWINS = 12
"""One row in this many was typed twice, the first time with a wrong date."""


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else NO_DATE


def row_of(population: Population, application: Application) -> Row:
    """Return one application in the column order of both tables, without the padding of CHAR."""
    key = application.reference
    officer = application.pending_with
    with_citizen = CIVIL_REGISTRATION.status(application.status_code).value == "SENT_BACK"
    return (
        application.reference,
        application.owner,
        population.by_member_id[application.member_id].name.latin.upper(),
        _day(application.applied_at.date()),
        application.updated_at.isoformat(sep=" "),
        _day(application.due_on),
        application.status_code,
        "Y" if with_citizen else one_of(("N", " ", None), f"{key} objection"),
        json_or_blank(application.remarks, f"{key} remarks"),
        officer.designation if officer else one_of(("", None, "-"), f"{key} nobody"),
        OLD_DISTRICT_CODES[officer.location_name] if officer else None,
        None,
    )


def _twins(row: Row, application: Application) -> Iterator[Row]:
    """Yield the row, sometimes after an older row with the same number and a wrong date."""
    if crc32(application.reference.encode()) % TWINS == 0:
        wrong = _day(application.applied_at.date() - timedelta(days=30))
        older = (application.updated_at - timedelta(hours=6)).isoformat(sep=" ")
        yield (*row[:3], wrong, older, *row[5:])
    yield row


def all_rows(population: Population) -> dict[str, list[Row]]:
    """Return the rows by table name."""
    rows: dict[str, list[Row]] = {"bd_appl": [], "mrg_appl": []}
    rows["person"] = [
        (number, citizen.member_id)
        for citizen in population.citizens
        for number in citizen.links.get(CIVIL_REGISTRATION.scheme, ()) or (None,)
    ]
    for application in population.applications_at(CIVIL_REGISTRATION):
        table = "mrg_appl" if application.service_code == MARRIAGE else "bd_appl"
        rows[table] += _twins(row_of(population, application), application)
    return rows
