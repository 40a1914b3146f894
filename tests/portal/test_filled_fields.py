"""The schema has no field that is null, or an empty list, for everybody in the demo."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import build_schema

from tests.portal.conftest import SCHEMA
from tests.portal.filled_fields import all_fields, filled, select_all
from tests.portal.filled_submissions import submissions
from tests.support.processes import PROJECT, Hub, Mock
from tests.support.sign_in import CITIZEN, token

pytestmark = pytest.mark.timeout(600)

CITIZENS = 60
BUILT_IN_POLICY = PROJECT / "hub/access/policy.yaml"
OPERATORS_PURPOSE = "ASSISTED_APPLICATION"
REQUEST_CONSENT = """mutation ($citizen: String!, $purpose: String!) {
  requestConsent(input: {citizen: {memberIdentifier: $citizen}, purpose: $purpose}) {
    consentRequestId } }"""
BIRTH_DATE = """query ($citizen: String!) {
  citizen(by: {memberIdentifier: $citizen}) { birthDate } }"""
CLOSED = """mutation { pauseDepartment(
  input: {department: "water", until: "2099-01-01T00:00:00+05:30", note: "New meters"}
) { department { identifier } } }"""


TRACKED = [("SJE-OAS/2026/000123", "0123"), ("PWR-NEW/2026/000777", "0123")]
"""References and telephone digits of an application that is finished, and of one that is not."""
EXPIRING = ("HR-INC-2026-001235", "2026-08-11")
"""Number and day of issue of a certificate that expires."""


def queries(story: dict[str, str], members: list[str], families: list[str]) -> Iterator[str]:
    """Yield queries that select every field, of the demo's citizens and of the catalogue."""
    schema = build_schema(SCHEMA.read_text())

    def one(field: str, type_name: str, nodes: int = 1) -> str:
        return f"{{ {field} {select_all(schema, type_name, nodes)} }}"

    for member in members:
        yield one(f'citizen(by: {{memberIdentifier: "{member}"}})', "Citizen", 2)
    for family in families:
        yield one(f'family(by: {{familyIdentifier: "{family}"}})', "Family")
    reference = f'reference: "{story["reference"]}"'
    yield one(f"application({reference})", "Application", 2)
    for number, digits in TRACKED:
        yield one(
            f'trackApplication(reference: "{number}", phoneLast4: "{digits}")',
            "TrackedApplication",
        )
    yield one(f'certificate(number: "{story["certificateNumber"]}")', "Certificate", 2)
    for number, day in ((story["certificateNumber"], story["issueDate"]), EXPIRING):
        yield one(
            f'verifyCertificate(number: "{number}", issueDate: "{day}")', "CertificateVerification"
        )
    yield one("services(first: 100)", "ServiceConnection", 2)
    yield one("departments", "Department", 2)
    yield one(
        "serviceCentres(near: {latitude: 29.69, longitude: 76.99})", "ServiceCentreConnection", 2
    )
    for criteria in ('text: "RAM", overdue: true', 'departments: ["certificates"]'):
        yield one(f"applications(filter: {{{criteria}}})", "WorklistConnection")
    member = f'citizen: {{memberIdentifier: "{story["memberId"]}"}}'
    yield one(f"accessLog({member}, first: 100)", "AccessRecordConnection", 1)


def consents(mocks: dict[str, Mock]) -> Iterator[Any]:
    """Yield the data of operations about purposes, consents and nominations."""
    schema = build_schema(SCHEMA.read_text())
    consent, nomination = (select_all(schema, each, 1) for each in ("Consent", "Nomination"))
    hub = Hub({"registry": mocks["registry"]}, HUB_POLICY=str(BUILT_IN_POLICY))

    def run(document: str, signed_in: str, **variables: Any) -> Any:
        response = hub.query(document, token=signed_in, **variables)
        assert "errors" not in response, response["errors"]
        return response["data"]

    citizen = token()
    officer = token("officer", department="registry")
    operator = token("operator", centre="ambala-antyodaya")
    try:
        for requester, purpose in ((officer, "ELIGIBILITY_CHECK"), (operator, OPERATORS_PURPOSE)):
            wanted = run(REQUEST_CONSENT, requester, citizen=CITIZEN, purpose=purpose)
            identifier = wanted["requestConsent"]["consentRequestId"]
            for act in ("grantConsent", "withdrawConsent"):
                mutation = (
                    f"mutation ($id: ID!) {{ {act}(consentId: $id) {{ consent {consent} }} }}"
                )
                yield run(mutation, citizen, id=identifier)
                # While the consent is valid, the access is logged with it.
                headers = {"Hub-Purpose": purpose}
                hub.query(BIRTH_DATE, token=requester, headers=headers, citizen=CITIZEN)
        records = select_all(schema, "AccessRecordConnection", 1)
        yield run(f"{{ accessLog(first: 100) {records} }}", citizen)
        page = select_all(schema, "ConsentConnection", 1)
        yield run(
            f"{{ consents {page} purposes {{ __typename code needsConsent title }} }}", citizen
        )
        yield run(f"{{ purposes {select_all(schema, 'Purpose', 0)} }}", operator)
        made = run(
            f'mutation {{ nominate(nominee: {{memberIdentifier: "{CITIZEN[:-1]}2"}}) '
            f"{{ nomination {nomination} }} }}",
            citizen,
        )
        yield made
        yield run(
            f"mutation ($id: ID!) {{ withdrawNomination(nominationId: $id) "
            f"{{ nomination {nomination} }} }}",
            citizen,
            id=made["nominate"]["nomination"]["id"],
        )
    finally:
        hub.stop()


def read(hub: Hub, query: str) -> Any:
    """Return the data of an operation of an administrator, who also sees the internals."""
    response = hub.administrate(query)
    assert "LIMIT_EXCEEDED" not in str(response.get("errors")), response["errors"]
    return response.get("data")


@pytest.fixture
def patient_hub(demo_mocks: dict[str, Mock]) -> Iterator[Hub]:
    """A hub that accepts operations of any size."""
    hub = Hub(demo_mocks, HUB_MAX_FIELDS="10000", HUB_MAX_COST="1000000")
    yield hub
    hub.stop()
    for mock in demo_mocks.values():
        mock.clear()


def test_each_field_has_a_value_for_somebody(
    patient_hub: Hub, population: Mock, demo_mocks: dict[str, Mock]
) -> None:
    story = population.http.get("/population/demo-family").json()
    members = [f"{story['familyId']}0{number}" for number in range(1, 7)]
    sample = population.http.get("/population/sample", params={"n": CITIZENS}).json()
    members += sample["memberIds"]
    families = [story["familyId"], *sorted({member[:8] for member in members})]
    found: set[tuple[str, str]] = set()
    for query in queries(story, members, families):
        found.update(filled(read(patient_hub, query)))
    demo_mocks["pensions"].set_faults(error=1)
    read(patient_hub, CLOSED)
    for query in queries(story, members[:6], families[:1]):
        found.update(filled(read(patient_hub, query)))
    for answer in consents(demo_mocks):
        found.update(filled(answer))
    for answer in submissions(demo_mocks, build_schema(SCHEMA.read_text())):
        found.update(filled(answer))
    missing = all_fields(build_schema(SCHEMA.read_text())) - found
    assert not missing, sorted(map(".".join, missing))
