"""The rows of the revenue database, in the format of the old application."""

from collections.abc import Iterator
from datetime import date, timedelta

from mocks.databases.tables import Row
from mocks.dirty_text import json_or_blank, one_of
from mocks.population import Population
from mocks.population.certificate_file import digilocker_uri, file_of, verification_url
from mocks.population.records import Application
from mocks.population.services import CERTIFICATES

SOURCE_LETTERS = {"CSC": "C", "KIOSK": "K", "PORTAL": "P", "UNKNOWN": " "}
CERTIFICATE_TYPES = {"REV-SCC": 1, "REV-RES": 2, "REV-INC": 3, "REV-FRD": 4}
NO_DATE = "00/00/0000"
BLANK_OR_NULL = ("", None)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def application_rows(population: Population) -> Iterator[Row]:
    """Return the rows of the table `appl`."""
    for application in population.certificate_applications:
        key = application.reference
        applicant = population.by_member_id[application.member_id]
        officer = application.pending_with
        nobody = one_of(BLANK_OR_NULL, f"{key} nobody")
        yield (
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
        )


def history_rows(population: Population) -> Iterator[Row]:
    """Return the rows of the table `appl_hist`."""
    for application in population.certificate_applications:
        yield from _history_of(application)


def _history_of(application: Application) -> Iterator[Row]:
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


def certificate_rows(population: Population) -> Iterator[Row]:
    """Return the rows of the table `cert`.

    Some certificates have two rows; the older one has a wrong issue date.
    """
    for certificate in population.certificates:
        file = file_of(certificate, population.by_member_id[certificate.member_id])
        versions = [(certificate.issued_on, certificate.updated_at)]
        if certificate.superseded_on:
            older = certificate.updated_at - timedelta(hours=6)
            versions.insert(0, (certificate.superseded_on, older))
        for issued_on, updated_at in versions:
            yield (
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


def file_rows(population: Population) -> Iterator[Row]:
    """Return the rows of the table `cert_doc`."""
    for certificate in population.certificates:
        file = file_of(certificate, population.by_member_id[certificate.member_id])
        if file is not None:
            yield certificate.number, int(certificate.owner), file


def all_rows(population: Population) -> dict[str, list[Row]]:
    """Return the rows by table name."""
    return {
        "appl": list(application_rows(population)),
        "appl_hist": list(history_rows(population)),
        "cert": list(certificate_rows(population)),
        "cert_doc": list(file_rows(population)),
    }
