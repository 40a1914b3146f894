"""How an application passes through the statuses of a department, in simulated days."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mocks.population.citizen import Address, Citizen
from mocks.population.delivered_services import VALID_DAYS
from mocks.population.records import Application, Certificate, TimelineEvent
from mocks.population.services import Department, Service, Status
from mocks.population.timeline import WAITING, officer, pending_with, timeline

STEP = timedelta(days=2)
"""Simulated time that each step of a workflow takes."""
FIRST_RECEIVED = 500_000
"""Numbers of received records begin here, far from those of the generated ones."""
OUTCOMES = (Status.DELIVERED, Status.SENT_BACK, Status.REJECTED)
OUTCOME_WEIGHTS = (70, 15, 15)

Plan = Sequence[tuple[str, datetime]]
"""Status codes that an application will get, with their times, in order."""


def code_of(department: Department, *wanted: Status) -> str | None:
    """Return the department's first code for the first of these statuses that it has."""
    for status in wanted:
        for code, step in department.steps.items():
            if step.status is status:
                return code
    return None


def new_application(
    department: Department,
    service: Service,
    reference: str,
    owner: str,
    citizen: Citizen,
    applied_at: datetime,
    source: str,
) -> Application:
    """Return an application that has just arrived."""
    code = code_of(department, Status.SUBMITTED) or next(iter(department.steps))
    return Application(
        reference=reference,
        owner=owner,
        member_id=citizen.member_id,
        service_code=service.code,
        status_code=code,
        remarks=None,
        applied_at=applied_at,
        updated_at=applied_at,
        due_on=applied_at.date() + timedelta(days=service.days),
        source=source,
        pending_with=pending_with(department, code, citizen.address),
        timeline=timeline(department, [code], [applied_at], citizen.address),
    )


def first_plan(department: Department, application: Application) -> Plan:
    """Return what will become of a new application, drawn by its number: 70 % are delivered."""
    dice = random.Random(f"{department.name}/{application.reference}")
    outcome = dice.choices(OUTCOMES, OUTCOME_WEIGHTS)[0]
    final = code_of(department, outcome, Status.DELIVERED, Status.APPROVED)
    if final is None:
        return ()
    codes = (*department.steps[final].way, final)[1:]
    return [(code, application.applied_at + STEP * n) for n, code in enumerate(codes, 1)]


def plan_after_answer(department: Department, since: datetime) -> Plan:
    """Return what becomes of an application after the citizen answered a query."""
    final = code_of(department, Status.DELIVERED, Status.APPROVED)
    if final is None:
        return ()
    codes = [
        code
        for code in (*department.steps[final].way, final)
        if department.status(code) is not Status.SUBMITTED
    ]
    return [(code, since + STEP * n) for n, code in enumerate(codes)]


def advanced(
    department: Department,
    application: Application,
    code: str,
    moment: datetime,
    address: Address,
    remark: str | None = None,
) -> Application:
    """Return the application after it got another status."""
    step = department.steps[code]
    events = list(application.timeline)
    if events and events[-1].executed is None:
        events[-1] = replace(events[-1], executed=moment)
    answered = department.status(application.status_code) is Status.SENT_BACK
    received = events[-1].executed if events and not answered else moment
    if remark is None and step.remarks:
        remark = step.remarks[0]
    events.append(
        TimelineEvent(
            action=step.action,
            action_no=step.action_no,
            task_name=step.task_name,
            performed_by=officer(step.desk, address) if step.desk else None,
            received=received,
            executed=None if step.status in WAITING else moment,
            remarks=remark,
            status_code=code,
        )
    )
    return replace(
        application,
        status_code=code,
        remarks=remark,
        updated_at=moment,
        pending_with=pending_with(department, code, address),
        timeline=tuple(events),
    )


def due_steps(plan: Plan, until: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the steps of a plan up to this moment."""
    for code, moment in plan:
        if moment <= until:
            yield code, moment


def certificate_of(
    department: Department, application: Application, holder: Citizen
) -> Certificate | None:
    """Return the certificate of a received application; None until it is delivered."""
    if department.status(application.status_code) is not Status.DELIVERED:
        return None
    service = department.service(application.service_code)
    issued_on = application.updated_at.date()
    days = VALID_DAYS.get(service.code)
    serial = application.reference.rpartition("/")[2].lstrip("0")
    return Certificate(
        number=f"HR-{service.wire_code}-{issued_on.year}-{int(serial):06d}",
        application_reference=application.reference,
        owner=application.owner,
        member_id=application.member_id,
        service_code=service.code,
        holder_name_local=holder.name.devanagari,
        issued_on=issued_on,
        valid_to=issued_on + timedelta(days=days) if days else None,
        status_code="I",
        issued_by="ADC-cum-DCRIO" if service.code == "REV-INC" else "Tehsildar",
        updated_at=application.updated_at,
        superseded_on=None,
    )
