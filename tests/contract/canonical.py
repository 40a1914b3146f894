"""Converts an adapter's record to the form of the population's true data."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from schema.application import Application, Officer, PendingWith, TimelineEvent
from schema.language import Text

INDIA = ZoneInfo("Asia/Kolkata")


def canonical(record: Application) -> dict[str, Any]:
    return {
        "department": record.department_identifier,
        "applicationReferenceNumber": record.application_reference_number,
        "serviceCode": record.service_code,
        "applicationStatus": record.application_status.name,
        "departmentStatus": {
            "code": record.department_status.code,
            "label": record.department_status.label_in(),
        },
        "statusNotes": record.status_notes,
        "requestedDatetime": _moment(record.requested_datetime),
        "updatedDatetime": _moment(record.updated_datetime),
        "dueDate": record.stored_due_date.isoformat() if record.stored_due_date else None,
        "channel": record.channel.name,
        "pendingWith": _office(record.pending_with),
        "timeline": [_event(event) for event in record.timeline],
    }


def _event(event: TimelineEvent) -> dict[str, Any]:
    return {
        "action": _english(event.action),
        "actionNo": event.action_no,
        "taskName": _english(event.task_name),
        "performedBy": _office(event.performed_by),
        "receivedDatetime": _moment(event.received_datetime),
        "executedDatetime": _moment(event.executed_datetime),
        "remarks": event.remarks,
        "applicationStatus": event.application_status.name,
    }


def _office(held: PendingWith | Officer | None) -> dict[str, str | None] | None:
    if held is None:
        return None
    return {
        "designation": _english(held.designation),
        "locationName": _english(held.location_name),
    }


def _english(text: Text | None) -> str | None:
    return None if text is None else text.en


def _moment(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(INDIA).isoformat() if moment is not None else None
