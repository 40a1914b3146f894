"""JSON form of the board's registrations."""

from datetime import date, datetime
from typing import Any

from mocks.dirty_text import dirty, json_or_blank, one_of, padded, text_or_blank
from mocks.population.citizen import Citizen
from mocks.population.clock import TODAY
from mocks.population.records import Application, TimelineEvent
from mocks.population.work_departments import LABOUR


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def wire_registration(
    application: Application, worker: Citizen, hub_reference: str
) -> dict[str, Any]:
    """Return one registration as JSON. Status codes are numbers."""
    key = application.reference
    officer = application.pending_with
    return {
        "regAppNo": application.reference,
        "hubRef": hub_reference,
        "bocwNo": application.owner,
        "workerName": dirty(worker.name.latin, f"{key} name"),
        "workerNameHi": json_or_blank(
            worker.name.devanagari if worker.name_local_known else None, f"{key} local name"
        ),
        "mobileNo": json_or_blank(worker.mobile, f"{key} mobile"),
        "serviceCd": LABOUR.service(application.service_code).wire_code,
        "statusCd": int(application.status_code),
        "statusDesc": padded(LABOUR.label(application.status_code), f"{key} label"),
        "appliedOn": _day(application.applied_at.date()),
        # Two datetime columns: a day at midnight, and a time on the day of the reply.
        "lastActionOn": application.updated_at.strftime("%Y-%m-%d 00:00:00"),
        "lastActionAt": f"{TODAY} {application.updated_at:%H:%M:%S}",
        "dueOn": _day(application.due_on) if application.due_on else one_of(("NA", None), key),
        "remarks": json_or_blank(application.remarks, f"{key} remarks"),
        "channel": application.source,
        "pendingDesig": dirty(officer.designation, f"{key} post") if officer else "NA",
        "pendingOffice": officer.location_name if officer else "",
        "history": [
            _wire_event(nth, event, key) for nth, event in enumerate(application.timeline, 1)
        ],
    }


def _wire_event(nth: int, event: TimelineEvent, application_key: str) -> dict[str, Any]:
    key = f"{application_key} {nth}"
    officer = event.performed_by
    return {
        "srNo": nth,
        "action": event.action,
        "actionCd": event.action_no,
        "stage": json_or_blank(event.task_name, f"{key} stage"),
        "desig": dirty(officer.designation, key) if officer else one_of(("", "NA"), key),
        "office": officer.location_name if officer else one_of(("", "NA"), key),
        "inTime": _moment(event.received) if event.received else "",
        "outTime": _moment(event.executed) if event.executed else None,
        "note": text_or_blank(event.remarks, f"{key} note"),
        "statusCd": int(event.status_code),
    }
