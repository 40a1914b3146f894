"""The smaller departments' services, codes and ways of working, as data.

Each has one way of writing a status; the second column of a step is the hub's word for it.
"""

from mocks.population.citizen import (
    BOCW_NO,
    CONSUMER_NO,
    EMPLOYMENT_REG_NO,
    LWB_NO,
    RATION_CARD,
    SERVICEPLUS_ID,
    STUDENT_ID,
    ULB_PERSON_NO,
    WATER_CONSUMER_NO,
)
from mocks.population.services import EVERYTHING, Department, Service, Status, Step

S = Status
WITHOUT_TIMELINE = EVERYTHING - {"timeline", "source"}

# Three clerks, three spellings; the old database never had a list to choose from.
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

LABOUR = Department(
    name="labour",
    scheme=BOCW_NO,
    services=(Service("LAB-BOC", "BOC", 30),),
    front_desk="Labour Inspector",
    reference_digits=6,
    first_reference=2000,
    steps={
        "10": Step("Applied", S.SUBMITTED, "Apply", "10", None, None, 16, ()),
        "20": Step(
            "Verification", S.UNDER_PROCESS, "Verify", "20", "Work slip", "Labour Inspector", 26,
            ("10",),
        ),
        "25": Step(
            "Returned", S.SENT_BACK, "Return", "25", "Work slip", "Labour Inspector", 10,
            ("10", "20"), ("90-day work slip is not signed",),
        ),
        "30": Step(
            "Registered", S.DELIVERED, "Register", "30", "Registration",
            "Assistant Welfare Officer", 38, ("10", "20"),
        ),
        "40": Step(
            "Rejected", S.REJECTED, "Reject", "40", "Registration", "Assistant Welfare Officer",
            10, ("10", "20"), ("Not a construction worker",),
        ),
    },
)  # fmt: skip

LABOUR_WELFARE = Department(
    name="labour-welfare",
    scheme=LWB_NO,
    services=(Service("LAB-WEL", "WEL", 60),),
    front_desk="Welfare Inspector",
    reference_digits=6,
    first_reference=600,
    steps={
        "RECEIVED": Step("Received", S.SUBMITTED, "RECEIVE", None, None, None, 20, ()),
        "IN_REVIEW": Step(
            "In review", S.UNDER_PROCESS, "REVIEW", None, "Review", "Welfare Inspector", 30,
            ("RECEIVED",),
        ),
        "CLARIFY": Step(
            "Clarification asked", S.SENT_BACK, "ASK", None, "Review", "Welfare Inspector", 10,
            ("RECEIVED", "IN_REVIEW"), ("Employer's certificate is missing",),
        ),
        "GRANTED": Step(
            "Granted", S.APPROVED, "GRANT", None, "Grant", "Welfare Commissioner", 16,
            ("RECEIVED", "IN_REVIEW"),
        ),
        "PAID": Step(
            "Paid", S.DELIVERED, "PAY", None, "Payment", "Welfare Commissioner", 16,
            ("RECEIVED", "IN_REVIEW", "GRANTED"),
        ),
        "REFUSED": Step(
            "Refused", S.REJECTED, "REFUSE", None, "Grant", "Welfare Commissioner", 8,
            ("RECEIVED", "IN_REVIEW"), ("Contribution not paid",),
        ),
    },
)  # fmt: skip

POST_MATRIC = Department(
    name="post-matric",
    scheme=STUDENT_ID,
    services=(Service("WEL-PMS", "PM", 60),),
    front_desk="Institute",
    reference_digits=6,
    first_reference=8000,
    keeps=frozenset({"requestedDatetime", "updatedDatetime"}),
    steps={
        "01": Step("Registered", S.SUBMITTED, "Register", None, None, None, 20, ()),
        "02": Step(
            "Verified", S.UNDER_PROCESS, "Verify", None, "Verification", "Institute", 25, ("01",)
        ),
        "03": Step(
            "Defective", S.SENT_BACK, "Return", None, "Verification", "Institute", 10,
            ("01", "02"),
        ),
        "04": Step(
            "Sanctioned", S.APPROVED, "Sanction", None, "Sanction", "District Welfare Officer",
            15, ("01", "02"),
        ),
        "05": Step(
            "Paid", S.DELIVERED, "Pay", None, "Payment", "District Welfare Officer", 22,
            ("01", "02", "04"),
        ),
        "06": Step(
            "Not eligible", S.REJECTED, "Reject", None, "Sanction", "District Welfare Officer",
            8, ("01", "02"),
        ),
    },
)  # fmt: skip

EMPLOYMENT = Department(
    name="employment",
    scheme=EMPLOYMENT_REG_NO,
    services=(Service("EMP-REG", "REG", 30),),
    front_desk="Employment Officer",
    reference_digits=6,
    first_reference=900,
    keeps=frozenset({"statusNotes", "requestedDatetime", "updatedDatetime", "expectedDatetime"}),
    steps={
        "N": Step("New", S.SUBMITTED, "Enter", None, None, None, 24, ()),
        "V": Step(
            "Documents verified", S.UNDER_PROCESS, "Verify", None, "Verification",
            "Employment Officer", 20, ("N",),
        ),
        "D": Step(
            "Documents wanted", S.SENT_BACK, "Ask", None, "Verification", "Employment Officer",
            10, ("N", "V"), ("Degree certificate is missing",),
        ),
        "R": Step(
            "Registered", S.DELIVERED, "Register", None, "Registration", "Employment Officer",
            36, ("N", "V"),
        ),
        "X": Step(
            "Cancelled", S.REJECTED, "Cancel", None, "Registration", "Employment Officer", 10,
            ("N", "V"), ("Registered elsewhere",),
        ),
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

FURTHER_DEPARTMENTS = (
    CIVIL_REGISTRATION,
    WATER,
    FOOD,
    POWER,
    LABOUR,
    LABOUR_WELFARE,
    POST_MATRIC,
    EMPLOYMENT,
    TRADE_LICENCES,
)
