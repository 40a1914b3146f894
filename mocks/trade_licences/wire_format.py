"""JSON form of ServicePlus applications: attributes have numbers, values are joined with `~`.

Each version of the service's form has other attribute numbers.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from mocks.dirty_text import dirty, json_or_blank, text_or_blank
from mocks.population.citizen import Citizen
from mocks.population.records import Application, TimelineEvent
from mocks.population.town_departments import TRADE_LICENCES

BASE_SERVICE = "1385"
GENDERS = {"F": "2~Female", "M": "1~Male", "T": "3~Transgender"}


@dataclass(frozen=True, slots=True)
class FormVersion:
    """The attribute numbers of one version of the form."""

    service_id: str
    name: str
    gender: str
    mobile: str
    partners: str


VERSIONS = (
    FormVersion("1385", "122792", "122801", "122805", "122930"),
    FormVersion("1602", "122866", "122875", "122879", "123004"),
)


def wire_application(
    application: Application, applicant: Citizen, external_reference: str = ""
) -> dict[str, Any]:
    """Return an application as JSON, with times as dd-mm-yyyy HH:MM:SS.

    Args:
        external_reference: the sender's reference of a received application.
    """
    key = application.reference
    version = VERSIONS[crc32(key.encode()) % len(VERSIONS)]
    district = applicant.address.district
    officer = application.pending_with
    return {
        "initiated_data": {
            "appl_id": str(9_000_000 + crc32(key.encode()) % 1_000_000),
            "appl_ref_no": application.reference,
            "ext_ref_no": external_reference,
            "applied_by": application.owner,
            "service_id": version.service_id,
            "base_service_id": BASE_SERVICE,
            # The office stores the day only.
            "submission_date": application.applied_at.strftime("%d-%m-%Y 00:00:00"),
            "submission_mode": application.source,
            "submission_location": f"{district.code}~{district.name}",
            "due_date": application.due_on.strftime("%d-%m-%Y") if application.due_on else "",
            "appl_status": application.status_code,
            "appl_status_desc": TRADE_LICENCES.label(application.status_code),
            "last_action_date": _moment(application.updated_at),
            "remarks": json_or_blank(application.remarks, f"{key} remarks"),
            "pending_with": f"{officer.designation}~{officer.location_name}" if officer else "",
            "attribute_details": _attributes(version, application, applicant),
        },
        "execution_data": [_task(event, key) for event in application.timeline],
    }


def _attributes(
    version: FormVersion, application: Application, applicant: Citizen
) -> dict[str, str | None]:
    key = application.reference
    return {
        version.name: dirty(applicant.name.latin, f"{key} name"),
        version.gender: GENDERS.get(applicant.gender, ""),
        version.mobile: json_or_blank(applicant.mobile, f"{key} mobile"),
        version.partners: _partners(version.partners, application, applicant),
    }


def _partners(number: str, application: Application, applicant: Citizen) -> str:
    """Return a repeated field as JSON text: `f1` is the count, `NUMBER_1`, ... are the values."""
    count = crc32(f"{application.reference} partners".encode()) % 3
    guardian = applicant.guardian
    names = [guardian.name if guardian else "", applicant.name.devanagari][:count]
    packed = {"f1": str(count)} | {f"{number}_{n}": name for n, name in enumerate(names, 1)}
    return json.dumps(packed, ensure_ascii=False)


def _task(event: TimelineEvent, application_key: str) -> dict[str, Any]:
    key = f"{application_key} {event.status_code}"
    officer = event.performed_by
    return {
        "task_details": {
            "task_name": event.task_name,
            "action_name": event.action,
            "action_no": event.action_no,
            "received_time": _moment(event.received) if event.received else "",
            "executed_time": _moment(event.executed) if event.executed else "",
            "user_detail": {
                "designation": officer.designation,
                "location_name": officer.location_name,
            }
            if officer
            else {},
        },
        "official_form_details": {"remarks": text_or_blank(event.remarks, f"{key} remarks")},
    }


def _moment(moment: datetime) -> str:
    return moment.strftime("%d-%m-%Y %H:%M:%S")
