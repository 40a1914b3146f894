"""GraphQL objects of the board's applications, as nested dicts."""

from typing import Any

from mocks.dirty_text import dirty, json_or_blank, padded
from mocks.population.citizen import Citizen
from mocks.population.clock import iso_instant
from mocks.population.records import Application, Officer, TimelineEvent
from mocks.population.work_departments import LABOUR_WELFARE


def wire_application(
    application: Application, applicant: Citizen, hub_reference: str
) -> dict[str, Any]:
    """Return an application in the form of `Application` in the schema."""
    key = application.reference
    return {
        "reference": application.reference,
        "hubRef": hub_reference or None,
        "service": LABOUR_WELFARE.service(application.service_code).wire_code,
        "applicant": {
            "lwbNo": application.owner,
            "name": dirty(applicant.name.latin, f"{key} name"),
            "mobile": json_or_blank(applicant.mobile, f"{key} mobile"),
        },
        "state": _state(application.status_code, key),
        "note": application.remarks,
        "submittedOn": application.applied_at.date().isoformat(),
        "changedAt": iso_instant(application.updated_at),
        "dueOn": application.due_on.isoformat() if application.due_on else None,
        "via": application.source,
        "desk": _desk(application.pending_with, key),
        "steps": [_step(nth, event, key) for nth, event in enumerate(application.timeline)],
    }


def _step(nth: int, event: TimelineEvent, application_key: str) -> dict[str, Any]:
    key = f"{application_key} {nth}"
    return {
        "action": event.action,
        "task": event.task_name,
        "by": _desk(event.performed_by, key),
        "receivedAt": iso_instant(event.received) if event.received else None,
        "doneAt": iso_instant(event.executed) if event.executed else None,
        "remark": json_or_blank(event.remarks, f"{key} remark"),
        "state": _state(event.status_code, key),
    }


def _state(code: str, key: str) -> dict[str, str]:
    return {"code": code, "label": padded(LABOUR_WELFARE.label(code), f"{key} label")}


def _desk(officer: Officer | None, key: str) -> dict[str, str] | None:
    if officer is None:
        return None
    return {"post": dirty(officer.designation, f"{key} post"), "office": officer.location_name}
