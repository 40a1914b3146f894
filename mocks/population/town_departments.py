"""Departments for homes and towns, as data (see `mocks.population.services`)."""

from mocks.population.citizen import (
    CONSUMER_NO,
    RATION_CARD,
    SERVICEPLUS_ID,
    ULB_PERSON_NO,
    WATER_CONSUMER_NO,
)
from mocks.population.services import EVERYTHING, Department, Service, Status, Step

S = Status
WITHOUT_TIMELINE = EVERYTHING - {"timeline", "channel"}

# Three clerks used three spellings, because the old database has no list of statuses.
CIVIL_REGISTRATION = Department(
    name="civil-registration",
    scheme=ULB_PERSON_NO,
    services=(Service("ULB-BDC", "BDC", 14), Service("ULB-MRG", "MRG", 10)),
    front_desk="Registration Clerk",
    reference_digits=6,
    first_reference=3000,
    keeps=WITHOUT_TIMELINE,
    steps={
        "Received": Step("Received", S.SUBMITTED, "Receive", None, None, None, 14, ()),
        "Under Scrutiny": Step(
            "Under Scrutiny", S.UNDER_PROCESS, "Scrutinise", None, "Scrutiny",
            "Registration Clerk", 18, ("Received",),
        ),
        "Objection": Step(
            "Objection", S.SENT_BACK, "Object", None, "Scrutiny", "Registration Clerk", 8,
            ("Received", "Under Scrutiny"), ("Hospital slip is missing",),
        ),
        "Approved": Step(
            "Approved", S.APPROVED, "Approve", None, "Approval", "Local Registrar", 20,
            ("Received", "Under Scrutiny"),
        ),
        "APPROVED": Step(
            "APPROVED", S.APPROVED, "Approve", None, "Approval", "Local Registrar", 14,
            ("Received", "Under Scrutiny"),
        ),
        "aprooved": Step(
            "aprooved", S.APPROVED, "Approve", None, "Approval", "Local Registrar", 6,
            ("Received", "Under Scrutiny"),
        ),
        "Issued": Step(
            "Issued", S.DELIVERED, "Issue", None, "Issue", "Local Registrar", 12,
            ("Received", "Under Scrutiny", "Approved"), ("Copy handed over",),
        ),
        "Rejected": Step(
            "Rejected", S.REJECTED, "Reject", None, "Approval", "Local Registrar", 8,
            ("Received", "Under Scrutiny"), ("No such entry in the register",),
        ),
    },
)  # fmt: skip

WATER = Department(
    name="water",
    scheme=WATER_CONSUMER_NO,
    services=(Service("ULB-WSC", "7", 7),),
    front_desk="Junior Engineer",
    reference_digits=5,
    first_reference=400,
    keeps=WITHOUT_TIMELINE,
    steps={
        "P": Step("Pending", S.SUBMITTED, "Apply", None, None, None, 20, ()),
        "V": Step(
            "Site Visit", S.UNDER_PROCESS, "Visit", None, "Site visit", "Junior Engineer", 25,
            ("P",),
        ),
        "Q": Step(
            "Query", S.SENT_BACK, "Ask", None, "Scrutiny", "Junior Engineer", 10, ("P", "V"),
            ("Road-cut deposit not paid",),
        ),
        "S": Step(
            "Sanctioned", S.APPROVED, "Sanction", None, "Sanction", "Assistant Engineer", 12,
            ("P", "V"),
        ),
        "C": Step(
            "Connected", S.DELIVERED, "Connect", None, "Connection", "Assistant Engineer", 25,
            ("P", "V", "S"),
        ),
        "R": Step(
            "Refused", S.REJECTED, "Refuse", None, "Sanction", "Assistant Engineer", 8,
            ("P", "V"), ("No main within reach",),
        ),
    },
)  # fmt: skip

FOOD = Department(
    name="food",
    scheme=RATION_CARD,
    services=(Service("FDS-RCN", "RCN", 15),),
    front_desk="Inspector",
    reference_digits=6,
    first_reference=5000,
    keeps=frozenset({"statusNotes", "requestedDatetime", "updatedDatetime"}),
    steps={
        "1": Step("ENTERED", S.SUBMITTED, "Enter", None, None, None, 18, ()),
        "2": Step(
            "INSPECTION", S.UNDER_PROCESS, "Inspect", None, "Inspection", "Inspector", 24, ("1",)
        ),
        "3": Step(
            "OBJECTION", S.SENT_BACK, "Object", None, "Inspection", "Inspector", 8, ("1", "2"),
            ("Affidavit not attached",),
        ),
        "4": Step("PASSED", S.APPROVED, "Pass", None, "Approval", "AFSO", 12, ("1", "2")),
        "5": Step(
            "CARD ISSUED", S.DELIVERED, "Issue", None, "Issue", "AFSO", 30, ("1", "2", "4")
        ),
        "9": Step(
            "REJECTED", S.REJECTED, "Reject", None, "Approval", "AFSO", 8, ("1", "2"),
            ("Member stands on another card",),
        ),
    },
)  # fmt: skip

POWER = Department(
    name="power",
    scheme=CONSUMER_NO,
    services=(Service("PWR-NEW", "LT", 15),),
    front_desk="Junior Engineer",
    reference_digits=6,
    first_reference=7000,
    steps={
        "AP": Step("Applied", S.SUBMITTED, "Apply", "1", None, None, 14, ()),
        "ES": Step(
            "Estimate", S.UNDER_PROCESS, "Estimate", "2", "Estimate", "Junior Engineer", 26,
            ("AP",),
        ),
        "DN": Step(
            "Demand Notice", S.SENT_BACK, "Demand", "3", "Estimate", "SDO (Op)", 12, ("AP", "ES"),
            ("Deposit the estimate",),
        ),
        "SC": Step(
            "Service Connection Order", S.APPROVED, "Order", "4", "Order", "SDO (Op)", 12,
            ("AP", "ES"),
        ),
        "RL": Step(
            "Released", S.DELIVERED, "Release", "5", "Release", "SDO (Op)", 28,
            ("AP", "ES", "SC"), ("Meter installed",),
        ),
        "CN": Step("Cancelled", S.WITHDRAWN, "Cancel", "9", None, None, 8, ("AP",)),
    },
)  # fmt: skip

TRADE_LICENCES = Department(
    name="trade-licences",
    scheme=SERVICEPLUS_ID,
    services=(Service("ULB-TRD", "1385", 15),),
    front_desk="Licence Clerk",
    reference_digits=7,
    first_reference=12000,
    steps={
        "0": Step("Initiated", S.SUBMITTED, "Initiated", "0", "Submission", None, 18, ()),
        "9": Step(
            "Forward", S.UNDER_PROCESS, "Forward", "9", "Scrutiny", "Licence Clerk", 28, ("0",)
        ),
        "34": Step(
            "Return to Edit", S.SENT_BACK, "Return to Edit", "34", "Scrutiny", "Licence Clerk",
            10, ("0", "9"), ("Rent deed is not legible",),
        ),
        "11": Step(
            "Deliver", S.DELIVERED, "Deliver", "11", "Licence", "Licence Officer", 36, ("0", "9")
        ),
        "10": Step(
            "Reject", S.REJECTED, "Reject", "10", "Licence", "Licence Officer", 8, ("0", "9"),
            ("Residential zone",),
        ),
    },
)  # fmt: skip
