"""The workloads: queries, and how much faster than the plain server the hub must be."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.upstream.records import DASHBOARD_CITIZEN, SQL_CITIZENS
from tests.support.ids import global_id

EVENTS = 10
"""Steps of each application of the workload `nested`."""

APPLICATION = """
    applicationReferenceNumber
    applicationStatus
    departmentStatus { code label }
    requestedDatetime
"""


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload.

    Attributes:
        name: its name.
        documents: GraphQL documents, sent in turn.
        target: required ratio of requests per second, hub to plain server.
        needs_database: True if it reads the SQL department.
    """

    name: str
    documents: Sequence[str]
    target: float
    needs_database: bool = False


def worklist(department: str, fields: str) -> str:
    """Return a query for the first hundred applications of one department."""
    return (
        f'{{ applications(filter: {{departments: "{department}"}}, first: 100) '
        f"{{ nodes {{ {fields} }} }} }}"
    )


def with_timeline(department: str) -> str:
    """Return the same query with the steps of each application."""
    timeline = "timeline { action taskName executedDatetime remarks { text } applicationStatus }"
    return worklist(department, f"applicationReferenceNumber applicationStatus {timeline}")


JOIN = worklist("bench-rest", APPLICATION + "applicant { personName { fullName } phoneNumber }")

_SQL_IDS = ", ".join(f'"{global_id("Citizen", each)}"' for each in SQL_CITIZENS)

DASHBOARD = f"""{{
  citizen(by: {{memberIdentifier: "{DASHBOARD_CITIZEN}"}}) {{
    personName {{ fullName }}
    personNameLocal: personName(lang: HI) {{ fullName }}
    birthDate
    phoneNumber
    homeAddress {{ locality subRegionName postalCode }}
    applications(first: 50) {{
      totalCount
      nodes {{
        {APPLICATION}
        dueDate
        pendingWith {{ designation locationName }}
        service {{ name }}
        department {{ identifier name }}
      }}
      sources {{ department {{ identifier }} state }}
    }}
    benefits(first: 50) {{
      nodes {{
        benefitNumber
        enrollmentStatus
        departmentStatus {{ code label }}
        benefitValue {{ amount currencyCode }}
        benefitDate
      }}
      sources {{ department {{ identifier }} state }}
    }}
  }}
}}"""

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("rest-join", [JOIN], target=16),
        Workload("soap-list", [worklist("bench-soap", APPLICATION)], target=8),
        Workload(
            "sql-list",
            [
                f"{{ nodes(ids: [{_SQL_IDS}]) {{ ... on Citizen "
                f"{{ applications(first: 100) {{ nodes {{ {APPLICATION} }} }} }} }} }}"
            ],
            target=5,
            needs_database=True,
        ),
        Workload("dashboard", [DASHBOARD], target=5, needs_database=True),
        Workload("nested", [with_timeline(f"bench-rest-{EVENTS}")], target=12),
        Workload("tiny", ["{ __typename }", '{ service(code: "BEN-INC") { name } }'], target=2),
    )
}
