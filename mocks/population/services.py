"""Services, status codes and workflows of the departments, as data.

Codes and labels are those of the department. The second value of a `Step` is the hub's status,
which only the true data use.
"""

from dataclasses import dataclass
from enum import StrEnum

from mocks.population.citizen import PENSION_PPO, REVENUE_PERSON_NO, STUDENT_ID

UNKNOWN_CODE = "97"
"""A status code that is in no code table."""


class Status(StrEnum):
    """The hub's application status."""

    SUBMITTED = "SUBMITTED"
    UNDER_PROCESS = "UNDER_PROCESS"
    SENT_BACK = "SENT_BACK"
    ON_HOLD = "ON_HOLD"
    APPROVED = "APPROVED"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    DELIVERED = "DELIVERED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Service:
    """A service: the hub's code, the department's code and the time limit in days."""

    code: str
    wire_code: str
    days: int


@dataclass(frozen=True, slots=True)
class Step:
    """A status in the workflow of a department, and how an application reaches it."""

    label: str
    status: Status
    action: str
    action_no: str | None
    task_name: str | None
    desk: str | None
    weight: int
    """Number of applications with this status, of 100."""
    way: tuple[str, ...]
    """Codes of the statuses before this one."""
    remarks: tuple[str, ...] = ()


EVERYTHING = frozenset(
    {
        "statusNotes",
        "requestedDatetime",
        "updatedDatetime",
        "dueDate",
        "channel",
        "pendingWith",
        "timeline",
    }
)


@dataclass(frozen=True, slots=True)
class Department:
    """A department that receives applications."""

    name: str
    scheme: str
    services: tuple[Service, ...]
    steps: dict[str, Step]
    front_desk: str
    """Designation of the officer who receives new applications."""
    reference_digits: int
    first_reference: int
    keeps: frozenset[str] = EVERYTHING
    """Fields that it stores of an application, besides number, service and status."""

    def service(self, code: str) -> Service:
        """Return the service with this code of the hub."""
        return next(service for service in self.services if service.code == code)

    def label(self, status_code: str) -> str:
        """Return the department's label of a status code."""
        return self.steps[status_code].label

    def status(self, status_code: str) -> Status:
        """Return the hub's status for a status code."""
        return self.steps[status_code].status


DSWO = "District Social Welfare Officer"
DWO = "District Welfare Officer"
S = Status

PENSIONS = Department(
    name="pensions",
    scheme=PENSION_PPO,
    services=(
        Service("SJE-OAS", "01", 60),
        Service("SJE-WDP", "02", 60),
        Service("SJE-DIS", "03", 60),
    ),
    front_desk="Dealing Assistant",
    reference_digits=6,
    first_reference=1000,
    steps={
        "01": Step("Application Received", S.SUBMITTED, "Received", "0", None, None, 8, ()),
        "02": Step(
            "Under Verification", S.UNDER_PROCESS, "Forward", "9", "Field verification",
            "Tehsil Welfare Officer", 18, ("01",),
        ),
        "03": Step(
            "Returned to Applicant", S.SENT_BACK, "Return to Edit", "34", "Field verification",
            "Tehsil Welfare Officer", 6, ("01", "02"),
            ("Age proof not readable", "Bank passbook copy missing"),
        ),
        "04": Step(
            "Sanctioned", S.APPROVED, "Sanction", None, "Sanction", DSWO, 10, ("01", "02"),
            ("Sanctioned from next month",),
        ),
        "05": Step(
            "Rejected", S.REJECTED, "Reject", "10", "Sanction", DSWO, 12, ("01", "02"),
            ("Income above the limit", "Age below 60 years", "Duplicate benefit"),
        ),
        "06": Step(
            "Pension Started", S.DELIVERED, "Deliver", "11", "Disbursement", DSWO, 36,
            ("01", "02", "04"), ("First instalment released",),
        ),
        "07": Step(
            "Kept on Hold", S.ON_HOLD, "Hold", "23", "Sanction", DSWO, 4, ("01", "02"),
            ("Verification of income awaited",),
        ),
        "08": Step(
            "Withdrawn by Applicant", S.WITHDRAWN, "Withdraw", None, None, None, 4, ("01",)
        ),
        UNKNOWN_CODE: Step(
            "Special Case", S.UNKNOWN, "Refer", None, "Head office opinion", DSWO, 1,
            ("01", "02"),
        ),
    },
)  # fmt: skip

SCHOLARSHIPS = Department(
    name="scholarships",
    scheme=STUDENT_ID,
    services=(Service("WEL-AMC", "AMC", 60), Service("WEL-VSY", "VSY", 60)),
    front_desk="Principal",
    reference_digits=6,
    first_reference=1000,
    steps={
        "NEW": Step("Submitted", S.SUBMITTED, "Submit", None, "Application", None, 10, ()),
        "INST_VERIFIED": Step(
            "Verified by Institute", S.UNDER_PROCESS, "Verify", None, "Institute verification",
            "Principal", 12, ("NEW",),
        ),
        "DWO_PENDING": Step(
            "Pending at DWO", S.UNDER_PROCESS, "Forward", None, "District scrutiny", DWO, 16,
            ("NEW", "INST_VERIFIED"),
        ),
        "QUERY": Step(
            "Query Raised", S.SENT_BACK, "Raise query", None, "District scrutiny", DWO, 7,
            ("NEW", "INST_VERIFIED"), ("Caste certificate is not legible", "Marksheet missing"),
        ),
        "SANCTIONED": Step(
            "Sanctioned", S.APPROVED, "Sanction", None, "Sanction", DWO, 10,
            ("NEW", "INST_VERIFIED", "DWO_PENDING"),
        ),
        "PAID": Step(
            "Paid", S.DELIVERED, "Pay", None, "Payment", DWO, 28,
            ("NEW", "INST_VERIFIED", "DWO_PENDING", "SANCTIONED"), ("Credited by PFMS",),
        ),
        "REJECTED": Step(
            "Rejected", S.REJECTED, "Reject", None, "District scrutiny", DWO, 9,
            ("NEW", "INST_VERIFIED"), ("Marks below the limit", "Family income above the limit"),
        ),
        "HELD": Step(
            "Held", S.ON_HOLD, "Hold", None, "Payment", DWO, 4,
            ("NEW", "INST_VERIFIED", "DWO_PENDING"), ("Bank account is not seeded",),
        ),
        "CANCELLED": Step(
            "Cancelled by Student", S.WITHDRAWN, "Cancel", None, "Application", None, 3, ("NEW",)
        ),
        UNKNOWN_CODE: Step(
            UNKNOWN_CODE, S.UNKNOWN, "Refer", None, "District scrutiny", DWO, 1,
            ("NEW", "INST_VERIFIED"),
        ),
    },
)  # fmt: skip

CERTIFICATES = Department(
    name="certificates",
    scheme=REVENUE_PERSON_NO,
    services=(
        Service("REV-SCC", "SCC", 7),
        Service("REV-RES", "RES", 15),
        Service("REV-INC", "INC", 15),
        Service("REV-FRD", "FRD", 1),
    ),
    front_desk="Patwari",
    reference_digits=7,
    first_reference=20000,
    steps={
        "0": Step(
            "Initiated", S.SUBMITTED, "Initiated", "0", "Application Submission", None, 8, ()
        ),
        "9": Step(
            "Forward", S.UNDER_PROCESS, "Forward", "9", "Verification by Patwari", "Patwari", 14,
            ("0",),
        ),
        "8": Step(
            "Recommend", S.UNDER_PROCESS, "Recommend", "8", "Recommendation by Kanungo", "Kanungo",
            9, ("0", "9"),
        ),
        "34": Step(
            "Return to Edit", S.SENT_BACK, "Return to Edit", "34", "Scrutiny of documents",
            "Tehsildar", 7, ("0", "9"), ("Document is blurred", "Affidavit is not signed"),
        ),
        "23": Step(
            "Hold", S.ON_HOLD, "Hold", "23", "Approval", "Tehsildar", 3, ("0", "9"),
            ("Site visit awaited",),
        ),
        "12": Step(
            "Partially Delivered", S.PARTIALLY_DELIVERED, "Partially Delivered", "12", "Delivery",
            "Tehsildar", 3, ("0", "9", "8"),
        ),
        "11": Step(
            "Deliver", S.DELIVERED, "Deliver", "11", "Delivery", "Tehsildar", 46, ("0", "9", "8"),
            ("Certificate issued",),
        ),
        "10": Step(
            "Reject", S.REJECTED, "Reject", "10", "Approval", "Tehsildar", 9, ("0", "9", "8"),
            ("Not a resident of the district", "Caste is not in the schedule"),
        ),
        UNKNOWN_CODE: Step(
            UNKNOWN_CODE, S.UNKNOWN, UNKNOWN_CODE, UNKNOWN_CODE, "Reference", "Tehsildar", 1,
            ("0", "9"),
        ),
        "40": Step(
            "Withdrawn", S.WITHDRAWN, "Withdraw", "40", "Withdrawal", None, 0, ("0",)
        ),
    },
)  # fmt: skip

CERTIFICATE_TYPES = {
    "REV-SCC": "SCHEDULED_CASTE_CERTIFICATE",
    "REV-RES": "RESIDENT_CERTIFICATE",
    "REV-INC": "INCOME_CERTIFICATE",
    "REV-FRD": "RECORD_OF_RIGHTS",
}
PENSION_STATES = {
    "A": ("Active", "ACTIVE"),
    "S": ("Stopped", "SUSPENDED"),
    "D": ("Beneficiary Died", "DECEASED"),
    "C": ("Closed", "GRADUATED"),
}
AWARD_STATES = {
    "ACTIVE": ("Active", "ACTIVE"),
    "STOPPED": ("Stopped", "SUSPENDED"),
    "COMPLETED": ("Completed", "GRADUATED"),
}
CERTIFICATE_STATES = {
    "I": ("Issued", "ISSUED"),
    "R": ("Revoked", "REVOKED"),
    "E": ("Expired", "EXPIRED"),
}
GRIEVANCE_STATES = {
    "PENDINGFORASSIGNMENT": ("Pending for assignment", "PENDING_FOR_ASSIGNMENT"),
    "PENDINGATLME": ("Pending at last-mile employee", "PENDING_AT_LME"),
    "PENDINGFORREASSIGNMENT": ("Pending for reassignment", "PENDING_FOR_REASSIGNMENT"),
    "RESOLVED": ("Resolved", "RESOLVED"),
    "REJECTED": ("Rejected", "REJECTED"),
    "CLOSEDAFTERRESOLUTION": ("Closed after resolution", "CLOSED_AFTER_RESOLUTION"),
    "CLOSEDAFTERREJECTION": ("Closed after rejection", "CLOSED_AFTER_REJECTION"),
}
GRIEVANCE_CHANNELS = {"web": "PORTAL", "mobileapp": "PORTAL", "ivr": "IVR", "csc": "CSC"}
GRIEVANCE_SERVICES = {
    "GRV-PEN": ("Pension not received", "Pension is late, stopped or returned by the bank."),
    "GRV-SCH": ("Scholarship not received", "Scholarship is late or was refused."),
    "GRV-CRT": ("Certificate late or wrong", "A certificate is late or carries wrong data."),
    "GRV-PPP": ("Wrong data in Family ID", "Name, birth date, income or life status is wrong."),
    "GRV-STF": ("Conduct of office staff", "An office refused, delayed or asked for money."),
}
