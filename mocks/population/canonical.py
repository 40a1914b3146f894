"""True data of a citizen in the hub's vocabulary: what the hub must return, as JSON."""

from datetime import date, datetime
from typing import Any
from unicodedata import normalize

from mocks.population.certificate_file import digilocker_uri, file_of, verification_url
from mocks.population.citizen import Citizen
from mocks.population.clock import iso_instant, iso_midnight
from mocks.population.payments import payments_of_award, payments_of_pension
from mocks.population.records import (
    Application,
    Benefit,
    Certificate,
    Grievance,
    Officer,
    Payment,
    TimelineEvent,
)
from mocks.population.services import (
    CERTIFICATE_STATES,
    CERTIFICATE_TYPES,
    EVERYTHING,
    GRIEVANCE_CHANNELS,
    GRIEVANCE_SERVICES,
    GRIEVANCE_STATES,
    UNKNOWN_CODE,
    Department,
    Status,
)
from mocks.population.town_departments import CIVIL_REGISTRATION
from mocks.population.work_departments import LABOUR_WELFARE

_UNKNOWN: dict[str, Any] = {"channel": "UNKNOWN", "timeline": []}
"""Values of fields that a department does not store; all other such fields are null."""

CORRECTED_LABELS = {"APPROVED": "Approved", "aprooved": "Approved"}
"""The hub's labels of statuses that clerks typed in their own spelling."""

SEXES = {"F": "FEMALE", "M": "MALE", "T": "OTHER", "": "UNKNOWN"}
GUARDIAN_RELATIONS = {"W/O": "WIFE_OF", "S/O": "SON_OF", "D/O": "DAUGHTER_OF"}
MARITAL_STATUSES = {
    "S": "SINGLE",
    "M": "MARRIED",
    "W": "WIDOWED",
    "A": "ANNULLED",
    "D": "DIVORCED",
    "L": "SEPARATED",
    "U": "UNKNOWN",
}
RELATIONSHIPS = {
    "SELF": "SELF",
    "SPS": "SPOUSE",
    "SON": "SON",
    "DAU": "DAUGHTER",
    "FTH": "FATHER",
    "MTH": "MOTHER",
    "DAUINLAW": "DAUGHTER_IN_LAW",
    "SONINLAW": "SON_IN_LAW",
    "GRNDSON": "GRANDSON",
    "GRNDDAU": "GRANDDAUGHTER",
}


def canonical_person(citizen: Citizen) -> dict[str, Any]:
    """Return the person as JSON, without the records of departments."""
    guardian = citizen.guardian
    return {
        "memberId": citizen.member_id,
        "familyId": citizen.family_id,
        "relationship": RELATIONSHIPS[citizen.relation],
        "personName": citizen.name.latin,
        "personNameLocal": citizen.name.devanagari if citizen.name_local_known else None,
        "sex": SEXES[citizen.gender],
        "birthDate": citizen.born.isoformat(),
        "deathDate": _day(citizen.died),
        "maritalStatus": MARITAL_STATUSES[citizen.marital_status],
        "phoneNumber": citizen.mobile,
        "guardianName": guardian.name if guardian else None,
        "guardianRelation": GUARDIAN_RELATIONS[guardian.relation] if guardian else None,
        "links": {scheme: list(numbers) for scheme, numbers in citizen.links.items()},
    }


def canonical_application(department: Department, application: Application) -> dict[str, Any]:
    """Return an application with its timeline as JSON; only the day of submission is known."""
    code = application.status_code
    stored = {
        "department": department.name,
        "applicationReferenceNumber": application.reference,
        "serviceCode": application.service_code,
        "applicationStatus": department.status(code).value,
        "departmentStatus": {"code": code, "label": _label(department, code)},
        "statusNotes": application.remarks,
        "requestedDatetime": iso_midnight(application.applied_at.date()),
        "updatedDatetime": iso_instant(application.updated_at),
        "dueDate": _day(application.due_on),
        "channel": application.source,
        "pendingWith": _officer(application.pending_with),
        "timeline": [_event(department, event) for event in application.timeline],
    }
    return stored | {name: _UNKNOWN.get(name) for name in EVERYTHING - department.keeps}


def _label(department: Department, code: str) -> str | None:
    """Return the label of a status for citizens; None if there is only the code."""
    label = department.label(code)
    if label == code and department.status(code) is Status.UNKNOWN:
        return None
    return CORRECTED_LABELS.get(label, label) if department is CIVIL_REGISTRATION else label


def _action(department: Department, event: TimelineEvent) -> str | None:
    """Return the text of an action for citizens; None if there is only its code."""
    if department is LABOUR_WELFARE:
        return event.action.capitalize()
    return None if event.action == event.status_code == UNKNOWN_CODE else event.action


def _event(department: Department, event: TimelineEvent) -> dict[str, Any]:
    return {
        "action": _action(department, event),
        "actionNo": event.action_no,
        "taskName": event.task_name,
        "performedBy": _officer(event.performed_by),
        "receivedDatetime": _moment(event.received),
        "executedDatetime": _moment(event.executed),
        "remarks": event.remarks,
        "applicationStatus": department.status(event.status_code).value,
    }


def canonical_benefit(
    department: Department,
    states: dict[str, tuple[str, str]],
    payment_states: dict[str, tuple[str, str]],
    frequency: str,
    benefit: Benefit,
    holder: Citizen | None = None,
) -> dict[str, Any]:
    """Return a pension or a scholarship award as JSON.

    Args:
        states: by the department's status code, its label and the hub's status.
        payment_states: by the hub's payment status, the department's code and label.
        frequency: MONTHLY for pensions, YEARLY for awards.
        holder: the person, if the department sends the name.
    """
    name = holder.name.devanagari if holder and holder.name_local_known else None
    label, enrollment_status = states[benefit.status_code]
    is_pension = frequency == "MONTHLY"
    payments = payments_of_pension(benefit) if is_pension else payments_of_award(benefit)
    return {
        "department": department.name,
        "benefitId": benefit.number,
        "serviceCode": benefit.service_code,
        "enrollmentDate": benefit.sanctioned_on.isoformat(),
        "enrollmentStatus": enrollment_status,
        "statusChangeDate": _day(benefit.status_changed_on),
        "departmentStatus": {"code": benefit.status_code, "label": label},
        "benefitValue": {"amountPaise": benefit.amount_paise, "currency": "INR"},
        "benefitType": "CASH",
        "frequency": frequency,
        "benefitDate": _day(benefit.paid_on),
        "holderNameLocal": normalize("NFC", name) if name else None,
        "payments": [_payment(payment_states, payment) for payment in reversed(payments)],
    }


def _payment(states: dict[str, tuple[str, str]], payment: Payment) -> dict[str, Any]:
    code, label = states[payment.status]
    first, last = payment.period
    return_code = payment.return_code
    return {
        "paymentStatus": payment.status,
        "departmentStatus": {"code": code, "label": label},
        "period": {"from": first.isoformat(), "to": last.isoformat()},
        "amount": {"amountPaise": payment.amount_paise, "currency": "INR"},
        "paidOn": _day(payment.paid_on),
        "returnReason": {"code": return_code} if return_code else None,
        "maskedAccount": f"XXXX{payment.account_last4}",
    }


def canonical_certificate(certificate: Certificate, holder: Citizen) -> dict[str, Any]:
    """Return a certificate as JSON. If there are two rows for one number, the newest counts."""
    file = file_of(certificate, holder)
    label, status = CERTIFICATE_STATES[certificate.status_code]
    return {
        "department": "certificates",
        "certificateNumber": certificate.number,
        "certificateType": CERTIFICATE_TYPES[certificate.service_code],
        "departmentStatus": {"code": certificate.status_code, "label": label},
        "certificateStatus": status,
        "issueDate": certificate.issued_on.isoformat(),
        "validTo": _day(certificate.valid_to),
        "holderName": {"fullName": certificate.holder_name_local, "script": "DEVANAGARI"},
        "issuedBy": certificate.issued_by,
        "applicationReference": certificate.application_reference,
        "verificationUrl": verification_url(certificate),
        "digiLockerUri": digilocker_uri(certificate),
        "document": {"mediaType": "application/pdf", "sizeBytes": len(file)} if file else None,
    }


def canonical_grievance(grievance: Grievance) -> dict[str, Any]:
    """Return a grievance as JSON, with the registration number of the Chief Minister's office."""
    label, status = GRIEVANCE_STATES[grievance.status_code]
    return {
        "department": "helpdesk",
        "registrationNumber": grievance.registration_number,
        "categoryCode": grievance.service_code,
        "category": GRIEVANCE_SERVICES[grievance.service_code][0],
        "complaint": grievance.description,
        "grievanceStatus": status,
        "departmentStatus": {"code": grievance.status_code, "label": label},
        "statusNotes": grievance.status_notes,
        "requestedDatetime": iso_instant(grievance.requested_at),
        "updatedDatetime": iso_instant(grievance.updated_at),
        "dueDate": grievance.expected_at.date().isoformat() if grievance.expected_at else None,
        "channel": GRIEVANCE_CHANNELS[grievance.source],
        "rating": grievance.rating,
    }


def _officer(officer: Officer | None) -> dict[str, str] | None:
    if officer is None:
        return None
    return {"designation": officer.designation, "locationName": officer.location_name}


def _moment(local: datetime | None) -> str | None:
    return None if local is None else iso_instant(local)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
