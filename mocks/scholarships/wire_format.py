"""JSON form of the scholarships department's applications and awards."""

from datetime import date, datetime
from typing import Any

from mocks.dirty_text import dirty, json_or_blank, one_of, padded, text_or_blank
from mocks.population.citizen import Citizen
from mocks.population.payments import AWARD_PAYMENT_STATES, payments_of_award
from mocks.population.records import Application, Benefit, Payment, TimelineEvent
from mocks.population.services import AWARD_STATES, SCHOLARSHIPS


def _day(day: date) -> str:
    return day.strftime("%d-%m-%Y")


def _moment(moment: datetime) -> str:
    return moment.strftime("%d-%m-%Y %H:%M:%S")


def wire_application(application: Application, student: Citizen) -> dict[str, Any]:
    """Return an application as JSON. Days are dd-mm-yyyy; `pendingWith` is "" if nobody has it."""
    key = application.reference
    officer = application.pending_with
    return {
        "applNo": application.reference,
        "studentId": application.owner,
        "studentName": dirty(student.name.latin, f"{key} name"),
        "schemeCode": SCHOLARSHIPS.service(application.service_code).wire_code,
        "status": application.status_code,
        "statusText": padded(SCHOLARSHIPS.label(application.status_code), f"{key} label"),
        "statusDate": _moment(application.updated_at),
        "appliedOn": _day(application.applied_at.date()),
        "dueOn": _day(application.due_on) if application.due_on else "NA",
        "mobile": json_or_blank(student.mobile, f"{key} mobile"),
        "remarks": json_or_blank(application.remarks, f"{key} remarks"),
        "source": application.source,
        "pendingWith": {
            "post": dirty(officer.designation, f"{key} post"),
            "office": officer.location_name,
        }
        if officer
        else "",
        "trail": [
            _wire_event(nth, event, key) for nth, event in enumerate(application.timeline, 1)
        ],
    }


def _wire_event(seq: int, event: TimelineEvent, application_key: str) -> dict[str, Any]:
    key = f"{application_key} {seq}"
    officer = event.performed_by
    return {
        "seq": seq,
        "step": event.task_name,
        "action": event.action,
        "post": dirty(officer.designation, key) if officer else one_of(("", "NA"), key),
        "office": officer.location_name if officer else one_of(("", "NA"), key),
        "in": _moment(event.received) if event.received else "",
        "out": _moment(event.executed) if event.executed else "",
        "note": text_or_blank(event.remarks, f"{key} note"),
        "status": event.status_code,
    }


def wire_award(award: Benefit) -> dict[str, Any]:
    """Return an award with its payments as JSON. Amounts are texts in whole rupees."""
    label, _ = AWARD_STATES[award.status_code]
    changed, paid = award.status_changed_on, award.paid_on
    return {
        "awardNo": award.number,
        "studentId": award.owner,
        "schemeCode": SCHOLARSHIPS.service(award.service_code).wire_code,
        "amount": str(award.amount_paise // 100),
        "sanctionedOn": _day(award.sanctioned_on),
        "state": award.status_code,
        "stateText": padded(label, f"{award.number} label"),
        "changedOn": _day(changed) if changed else "NA",
        "paidOn": _day(paid) if paid else "",
        "payments": [_wire_payment(payment, award) for payment in payments_of_award(award)],
    }


def _wire_payment(payment: Payment, award: Benefit) -> dict[str, Any]:
    first, last = payment.period
    code, label = AWARD_PAYMENT_STATES[payment.status]
    key = f"{award.number} {payment.status}"
    return {
        "from": _day(first),
        "upto": _day(last),
        "amount": str(payment.amount_paise // 100),
        "sentOn": _day(payment.paid_on) if payment.paid_on else "NA",
        "status": code,
        "statusText": padded(label, f"{key} label"),
        "npciCode": json_or_blank(payment.return_code, f"{key} code"),
        "account": payment.account_last4,
    }
