"""The rows of the revenue database, in the format of the old application."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from mocks.databases.tables import Row
from mocks.dirty_text import json_or_blank, one_of
from mocks.population import Population
from mocks.population.certificate_file import digilocker_uri, file_of, verification_url
from mocks.population.citizen import Citizen
from mocks.population.records import Application, Certificate
from mocks.population.services import CERTIFICATES

SOURCE_LETTERS = {"CSC": "C", "KIOSK": "K", "PORTAL": "P", "UNKNOWN": " "}
CERTIFICATE_TYPES = {"REV-SCC": 1, "REV-RES": 2, "REV-INC": 3, "REV-FRD": 4}
NO_DATE = "00/00/0000"
BLANK_OR_NULL = ("", None)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def application_row(population: Population, application: Application) -> Row:
    """Return an application in the column order of the table `appl`."""
    key = application.reference
    applicant = population.by_member_id[application.member_id]
    officer = application.pending_with
    nobody = one_of(BLANK_OR_NULL, f"{key} nobody")
    return (
        application.reference,
        int(application.owner),
        CERTIFICATES.service(application.service_code).wire_code,
        int(application.status_code),
        applicant.name.devanagari,
        json_or_blank(applicant.mobile, f"{key} mobile"),
        _day(application.applied_at.date()),
        application.updated_at,
        application.due_on,
        SOURCE_LETTERS[application.source],
        json_or_blank(application.remarks, f"{key} remarks"),
        officer.designation if officer else nobody,
        officer.location_name if officer else nobody,
        None,
    )


def history_of(application: Application) -> Iterator[Row]:
    """Return the rows of an application in the table `appl_hist`."""
    for seq, event in enumerate(application.timeline, start=1):
        key = f"{application.reference} {seq}"
        officer = event.performed_by
        nobody = one_of(("", "-", "NA"), f"{key} nobody")
        yield (
            application.reference,
            seq,
            int(event.status_code),
            event.task_name,
            officer.designation if officer else nobody,
            officer.location_name if officer else nobody,
            event.received,
            event.executed,
            json_or_blank(event.remarks, f"{key} remarks"),
        )


def certificate_row(
    certificate: Certificate, holder: Citizen, issued_on: date, updated_at: datetime
) -> Row:
    """Return one version of a certificate in the column order of the table `cert`."""
    file = file_of(certificate, holder)
    return (
        certificate.number,
        certificate.application_reference,
        int(certificate.owner),
        CERTIFICATE_TYPES[certificate.service_code],
        certificate.holder_name_local,
        _day(issued_on),
        _day(certificate.valid_to) if certificate.valid_to else NO_DATE,
        certificate.status_code,
        certificate.issued_by,
        updated_at,
        digilocker_uri(certificate),
        verification_url(certificate),
        "application/pdf" if file else one_of(BLANK_OR_NULL, f"{certificate.number} file"),
        len(file) if file else None,
    )


def certificate_rows(population: Population) -> Iterator[Row]:
    """Return the rows of the table `cert`.

    Some certificates have two rows; the older one has a wrong issue date.
    """
    for certificate in population.certificates:
        versions = [(certificate.issued_on, certificate.updated_at)]
        if certificate.superseded_on:
            older = certificate.updated_at - timedelta(hours=6)
            versions.insert(0, (certificate.superseded_on, older))
        holder = population.by_member_id[certificate.member_id]
        for issued_on, updated_at in versions:
            yield certificate_row(certificate, holder, issued_on, updated_at)


def file_row(certificate: Certificate, holder: Citizen) -> Row | None:
    """Return the row of a certificate in the table `cert_doc`; None if it has no file."""
    file = file_of(certificate, holder)
    return None if file is None else (certificate.number, int(certificate.owner), file)


def person_rows(population: Population) -> Iterator[Row]:
    """Return the rows of the table `person`: one for each number of the department."""
    for citizen in population.citizens:
        for number in citizen.links.get(CERTIFICATES.scheme, ()) or (None,):
            yield None if number is None else int(number), citizen.member_id


def all_rows(population: Population) -> dict[str, list[Row]]:
    """Return the rows by table name."""
    applications = population.certificate_applications
    files = (
        file_row(each, population.by_member_id[each.member_id]) for each in population.certificates
    )
    return {
        "appl": [application_row(population, each) for each in applications],
        "appl_hist": [row for each in applications for row in history_of(each)],
        "cert": list(certificate_rows(population)),
        "cert_doc": [row for row in files if row is not None],
        "person": list(person_rows(population)),
    }
