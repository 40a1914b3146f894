"""Departments for work and education, as data (see `mocks.population.services`)."""

from mocks.population.citizen import (
    BOCW_NO,
    EMPLOYMENT_REG_NO,
    LWB_NO,
    STUDENT_ID,
)
from mocks.population.services import Department, Service, Status, Step

S = Status

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
        # No generated application was withdrawn.
        "50": Step("Withdrawn", S.WITHDRAWN, "Withdraw", "50", None, None, 0, ("10",)),
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
    keeps=frozenset({"statusNotes", "requestedDatetime", "updatedDatetime", "dueDate"}),
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
