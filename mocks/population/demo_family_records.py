"""Records of the departments about the demo family."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mocks.population.citizen import Citizen, Family
from mocks.population.demo_family import (
    CERTIFICATE_ISSUED_ON,
    CERTIFICATE_NUMBER,
    CERTIFICATE_REFERENCE,
    GRIEVANCE_NUMBER,
    HOME,
    NAME_ON_CERTIFICATE,
    PENSION_REFERENCE,
    POWER_REFERENCE,
    RAM_DEVI_PENSION,
    RAM_DEVI_PPO,
)
from mocks.population.records import Application, Benefit, Certificate, Grievance
from mocks.population.services import (
    CERTIFICATES,
    PENSIONS,
    SCHOLARSHIPS,
    Department,
)
from mocks.population.timeline import pending_with, timeline
from mocks.population.town_departments import CIVIL_REGISTRATION, FOOD, POWER, WATER
from mocks.population.work_departments import EMPLOYMENT, LABOUR, POST_MATRIC


@dataclass(frozen=True, slots=True)
class DemoRecords:
    """All records of the demo family; applications by department name."""

    applications: dict[str, tuple[Application, ...]]
    pensions: tuple[Benefit, ...]
    awards: tuple[Benefit, ...]
    certificates: tuple[Certificate, ...]
    grievances: tuple[Grievance, ...]


def _at(day: str, clock: str = "10:42:07") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}")


def _application(
    department: Department,
    reference: str,
    member_id: str,
    owner: str,
    path: tuple[str, ...],
    moments: tuple[datetime, ...],
    source: str,
    remarks: dict[int, str] | None = None,
) -> Application:
    service_code = reference.split("/")[0]
    due = moments[0].date() + timedelta(days=department.service(service_code).days)
    return Application(
        reference=reference,
        owner=owner,
        member_id=member_id,
        service_code=service_code,
        status_code=path[-1],
        remarks=(remarks or {}).get(len(path) - 1),
        applied_at=moments[0],
        updated_at=moments[-1],
        due_on=due,
        source=source,
        pending_with=pending_with(department, path[-1], HOME),
        timeline=timeline(department, path, moments, HOME, remarks),
    )


def _pension_applications(ram_devi: str) -> tuple[Application, ...]:
    paid = _application(
        PENSIONS, PENSION_REFERENCE, ram_devi, RAM_DEVI_PPO,
        ("01", "02", "04", "06"),
        (_at("2026-01-12"), _at("2026-01-29"), _at("2026-02-18"), _at("2026-03-07", "16:05:00")),
        "CSC",
        {2: "Sanctioned from next month", 3: "First instalment released"},
    )  # fmt: skip
    refused = _application(
        PENSIONS, "SJE-WDP/2026/000456", ram_devi, RAM_DEVI_PPO,
        ("01", "02", "05"),
        (_at("2026-06-03"), _at("2026-06-20", "12:15:30"), _at("2026-07-14", "15:30:00")),
        "CSC",
        {2: "Duplicate benefit: old age allowance SJE-OAS/2026/000123 is being paid"},
    )  # fmt: skip
    return paid, refused


def _scholarship_applications(ankit: str, pooja: str) -> tuple[Application, ...]:
    sanctioned = _application(
        SCHOLARSHIPS, "WEL-AMC/2026/000123", ankit, "STU2024000123",
        ("NEW", "INST_VERIFIED", "DWO_PENDING", "SANCTIONED", "PAID"),
        (
            _at("2026-08-01"), _at("2026-08-09"), _at("2026-08-21"), _at("2026-09-15"),
            _at("2026-10-05", "18:20:00"),
        ),
        "PORTAL",
        {4: "Credited by PFMS"},
    )  # fmt: skip
    queried = _application(
        SCHOLARSHIPS, "WEL-VSY/2026/000124", pooja, "STU2025000124",
        ("NEW", "INST_VERIFIED", "QUERY"),
        (_at("2026-10-01"), _at("2026-10-12"), _at("2026-11-03")),
        "CSC",
        {2: "Caste certificate is not legible"},
    )  # fmt: skip
    return sanctioned, queried


def _certificate_applications(ram_devi: str, suresh: str, sunita: str) -> tuple[Application, ...]:
    caste = _application(
        CERTIFICATES, CERTIFICATE_REFERENCE, ram_devi, "104233",
        ("0", "9", "34", "9", "8", "11"),
        (
            _at("2026-09-01"), _at("2026-09-02"), _at("2026-09-04"), _at("2026-09-10"),
            _at("2026-09-12"), _at("2026-09-14", "17:01:45"),
        ),
        "CSC",
        {2: "Document is blurred", 5: "Certificate issued"},
    )  # fmt: skip
    income = _application(
        CERTIFICATES, "REV-INC/2026/0012346", suresh, "104234",
        ("0", "9", "8", "11"),
        (_at("2026-08-03"), _at("2026-08-05"), _at("2026-08-08"), _at("2026-08-11", "11:00:00")),
        "PORTAL",
    )  # fmt: skip
    residence = _application(
        CERTIFICATES, "REV-RES/2026/0012347", sunita, "104235",
        ("0", "9"),
        (_at("2026-11-18"),),
        "KIOSK",
    )  # fmt: skip
    return caste, income, residence


def _further_applications(members: tuple[Citizen, ...]) -> dict[str, tuple[Application, ...]]:
    ram_devi, suresh, sunita, ankit = members[:4]

    def one(
        department: Department, reference: str, citizen: Citizen, path: tuple[str, ...], *days: str
    ) -> tuple[Application, ...]:
        owner = citizen.links[department.scheme][0]
        moments = tuple(datetime.fromisoformat(f"{day}T11:05:00") for day in days)
        return (
            _application(department, reference, citizen.member_id, owner, path, moments, "CSC"),
        )

    return {
        POWER.name: one(
            POWER, POWER_REFERENCE, ram_devi, ("AP", "ES"), "2026-10-26"
        ),
        FOOD.name: one(
            FOOD, "FDS-RCN/2025/000042", ram_devi, ("1", "2", "4", "5"),
            "2025-05-02", "2025-05-09", "2025-05-15", "2025-05-16",
        ),
        LABOUR.name: one(
            LABOUR, "LAB-BOC/2026/000021", suresh, ("10", "20", "25"),
            "2026-09-21", "2026-10-01", "2026-10-05",
        ),
        WATER.name: one(
            WATER, "ULB-WSC/2026/00042", suresh, ("P", "V", "S", "C"),
            "2026-02-02", "2026-02-04", "2026-02-06", "2026-02-09",
        ),
        CIVIL_REGISTRATION.name: one(
            CIVIL_REGISTRATION, "ULB-BDC/2026/000042", sunita,
            ("Received", "Under Scrutiny", "aprooved"),
            "2026-11-16", "2026-11-17", "2026-11-20",
        ),
        EMPLOYMENT.name: one(
            EMPLOYMENT, "EMP-REG/2026/000042", ankit, ("N", "V", "R"),
            "2026-06-01", "2026-06-11", "2026-06-20",
        ),
        POST_MATRIC.name: one(
            POST_MATRIC, "WEL-PMS/2026/000042", ankit, ("01", "02", "04"),
            "2026-07-14", "2026-08-14", "2026-10-14",
        ),
    }  # fmt: skip


def demo_records(family: Family) -> DemoRecords:
    """Return the records of all departments about the demo family."""
    ram_devi, suresh, sunita, ankit, pooja, _ = (m.member_id for m in family.members)
    caste, income, residence = _certificate_applications(ram_devi, suresh, sunita)
    return DemoRecords(
        applications={
            "pensions": _pension_applications(ram_devi),
            "scholarships": _scholarship_applications(ankit, pooja),
            "certificates": (caste, income, residence),
            **_further_applications(family.members),
        },
        pensions=(
            Benefit(
                RAM_DEVI_PENSION, RAM_DEVI_PPO, ram_devi, "SJE-OAS", 300_000,
                date(2026, 2, 18), "A", None, date(2026, 11, 7),
            ),
        ),
        awards=(
            Benefit(
                "AW-000123", "STU2024000123", ankit, "WEL-AMC", 1_200_000,
                date(2026, 9, 15), "ACTIVE", None, date(2026, 10, 5),
            ),
        ),
        certificates=(
            Certificate(
                CERTIFICATE_NUMBER, caste.reference, caste.owner, ram_devi, "REV-SCC",
                NAME_ON_CERTIFICATE, CERTIFICATE_ISSUED_ON, None, "I", "Tehsildar",
                caste.updated_at, date(2026, 9, 12),
            ),
            Certificate(
                "HR-INC-2026-001235", income.reference, income.owner, suresh, "REV-INC",
                family.members[1].name.devanagari, date(2026, 8, 11), date(2027, 3, 31), "I",
                "ADC-cum-DCRIO", income.updated_at, None,
            ),
        ),
        grievances=(
            Grievance(
                "HD-2026-000123", GRIEVANCE_NUMBER, "AC000123", ram_devi, "GRV-PEN",
                "Bank returned my pension of September and October, account inoperative",
                "PENDINGATLME", "With the field officer",
                _at("2026-11-09"), _at("2026-11-16", "12:00:00"), _at("2026-12-09"), None,
            ),
            Grievance(
                "HD-2026-000124", "CMOFF/2026/0001235", "AC000124", suresh, "GRV-PPP",
                "My mother is alive and is shown dead in family ID",
                "PENDINGFORASSIGNMENT", None,
                _at("2026-11-17"), _at("2026-11-17"), _at("2026-12-17"), None,
            ),
        ),
    )  # fmt: skip
