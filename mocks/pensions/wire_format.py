"""XML form of the pensions department's applications."""

from datetime import date, datetime
from xml.sax.saxutils import escape

from mocks.dirty_text import dirty, one_of, padded, text_or_blank
from mocks.population.citizen import Citizen
from mocks.population.records import Application, TimelineEvent
from mocks.population.services import PENSIONS

SOURCE_CODES = {"CSC": "C", "KIOSK": "K", "PORTAL": "P"}
BLANK_REMARKS = (None, "", "NA", "-", "not avaiable")
"""Spellings of an empty value; None leaves the element out."""


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>"


def _nil(name: str) -> str:
    return f'<{name} xsi:nil="true"/>'


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%d/%m/%Y %H:%M:%S") if moment else ""


def application_element(
    application: Application, applicant: Citizen, external_ref: str = ""
) -> str:
    """Return an Application element, with dirty texts and several spellings of empty values.

    Args:
        external_ref: the sender's reference of a received application.
    """
    key = application.reference
    guardian = applicant.guardian
    parts = [
        _element("ApplicationNo", application.reference),
        _element("BeneficiaryNo", padded(application.owner, f"{key} owner")),
        _element("SchemeCode", PENSIONS.service(application.service_code).wire_code),
        _element("ApplicantName", dirty(applicant.name.latin, f"{key} name")),
        _element("FatherHusbandName", dirty(guardian.name, f"{key} guardian"))
        if guardian
        else _nil("FatherHusbandName"),
        _element("MobileNo", text_or_blank(applicant.mobile, f"{key} mobile")),
        _element("StatusCode", application.status_code),
        _element("StatusText", padded(PENSIONS.label(application.status_code), f"{key} label")),
        _remarks(application),
        _element("AppliedOn", _day(application.applied_at.date())),
        _element("LastActionOn", _moment(application.updated_at)),
        _due(application),
        _pending(application),
        _element("SourceCode", SOURCE_CODES[application.source]),
        _element("ExternalRef", external_ref) if external_ref else "",
        "<History>",
        *(_event_element(event, f"{key} {nth}") for nth, event in enumerate(application.timeline)),
        "</History>",
    ]
    return f"<Application>{''.join(parts)}</Application>"


def _remarks(application: Application) -> str:
    key = f"{application.reference} remarks"
    if application.remarks is not None:
        return _element("Remarks", dirty(application.remarks, key))
    blank = one_of(BLANK_REMARKS, key)
    return "" if blank is None else _element("Remarks", blank)


def _due(application: Application) -> str:
    if application.due_on is not None:
        return _element("DueOn", _day(application.due_on))
    return one_of((_nil("DueOn"), "<DueOn/>"), f"{application.reference} due")


def _pending(application: Application) -> str:
    officer = application.pending_with
    if officer is None:
        return ""
    key = f"{application.reference} pending"
    designation = _element("Designation", dirty(officer.designation, key))
    office = _element("Office", padded(officer.location_name, key))
    return f"<PendingWith>{designation}{office}</PendingWith>"


def _event_element(event: TimelineEvent, key: str) -> str:
    officer = event.performed_by
    action_no = event.action_no
    parts = (
        _nil("ActionNo") if action_no is None else _element("ActionNo", action_no),
        _element("Action", event.action),
        _element("TaskName", text_or_blank(event.task_name, f"{key} task")),
        _element("Designation", dirty(officer.designation, key) if officer else ""),
        _element("Office", officer.location_name if officer else ""),
        _element("ReceivedOn", _moment(event.received)),
        _element("ExecutedOn", _moment(event.executed)),
        _element("Remarks", text_or_blank(event.remarks, f"{key} remarks")),
        _element("StatusCode", event.status_code),
    )
    return f"<Event>{''.join(parts)}</Event>"
