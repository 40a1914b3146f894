"""Random requests for the data of other people, of each role: nothing leaks.

A record that the caller may not see gives the same response as a record that does not exist.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hub.access.policy.file import BUILT_IN
from tests.support.ids import global_id
from tests.support.people import Person, people
from tests.support.processes import Hub, Mock
from tests.support.sign_in import token

FEW, MANY = 50, 1_000
PERSONAL = """id personName { fullName } personNameLocal: personName(lang: HI) { fullName }
    birthDate phoneNumber email homeAddress { addressLine1 locality } guardianName
    identifiers { identifierValue }"""
CITIZEN = f"""{PERSONAL}
    applications {{ totalCount nodes {{ id applicationReferenceNumber applicantName }} }}
    benefits {{ totalCount nodes {{ id benefitNumber holderName {{ fullName }} }} }}
    certificates {{ nodes {{ id certificateNumber holderName {{ fullName }} }} }}
    family {{ familyIdentifier annualIncome {{ amount }}
      members {{ citizen {{ {PERSONAL} }} }} }}"""
APPLICATION = f"id applicationReferenceNumber applicantName applicant {{ {PERSONAL} }}"
NODE = f"""... on Citizen {{ {CITIZEN} }} ... on Family {{ members {{ citizen {{ {PERSONAL} }} }} }}
    ... on Application {{ {APPLICATION} }} ... on Certificate {{ certificateNumber issuedBy
      holderName {{ fullName }} application {{ {APPLICATION} }} document {{ url }} }}
    ... on Benefit {{ benefitNumber holderName {{ fullName }} payments {{ maskedAccount }} }}
    ... on Grievance {{ registrationNumber complaint {{ text }} }}"""
DOCUMENTS = {
    "citizen": f"""query ($key: String!) {{
        citizen(by: {{memberIdentifier: $key}}) {{ {CITIZEN} }} }}""",
    "citizen id": f"query ($key: ID!) {{ citizen(by: {{id: $key}}) {{ {CITIZEN} }} }}",
    "family": f"""query ($key: String!) {{ family(by: {{familyIdentifier: $key}}) {{
        familyIdentifier head {{ id }} members {{ relationship citizen {{ {PERSONAL} }} }} }} }}""",
    "application": f"query ($key: String!) {{ application(reference: $key) {{ {APPLICATION} }} }}",
    "certificate": """query ($key: String!) { certificate(number: $key) {
        certificateNumber holderName { fullName } document { url } } }""",
    "grievance": """query ($key: String!) { grievance(registrationNumber: $key) {
        registrationNumber complaint { text } statusNotes { text } } }""",
    "node": f"query ($key: ID!) {{ node(id: $key) {{ id {NODE} }} }}",
    "nodes": f"query ($key: ID!) {{ nodes(ids: [$key]) {{ id {NODE} }} }}",
    "introspection": f"query ($key: ID!) {{ __typename __schema {{ queryType {{ name }} }} "
    f"node(id: $key) {{ id {NODE} }} }}",
    "access log": """query ($key: String!) { accessLog(citizen: {memberIdentifier: $key}) {
        nodes { id department { identifier } role } } }""",
}


@dataclass(frozen=True)
class Request:
    """A request for something of another person, and the same for something that does not exist."""

    kind: str
    key: str
    missing: str


REFUSALS = {
    "NOT_FOUND",
    "FORBIDDEN",
    "CONSENT_REQUIRED",
    "PURPOSE_NOT_COVERED",
    "BAD_USER_INPUT",
}
"""Other errors would hide what the policy does."""


@pytest.fixture(scope="module")
def guarded(departments: dict[str, Mock]) -> Iterator[Hub]:
    """A hub with the built-in policy."""
    hub = Hub(departments, HUB_POLICY=str(BUILT_IN))
    yield hub
    hub.stop()


def with_other_digits(number: str, dice: random.Random) -> str:
    """Return a number of the same form that is not in use."""
    head, digits = re.fullmatch(r"(.*?)([0-9]+)", number).groups()  # type: ignore[union-attr]
    return head + "9" * len(digits[:-2]) + f"{dice.randrange(100):02}"[: len(digits)]


def requests_about(target: Person, dice: random.Random) -> list[Request]:
    """Return what can be requested about a person, in every way."""
    member, family = "9ZZZ0000" + f"{dice.randrange(100):02}", "9ZZZ0000"
    found = [
        Request("citizen", target.member, member),
        Request("family", target.family, family),
        Request("access log", target.member, member),
    ]
    nodes = [("Citizen", target.member, member), ("Family", target.family, family)]
    # The id of one type with the number of another.
    nodes += [("Family", target.member, member), ("Citizen", target.family, family)]
    for department, references in target.references.items():
        for each in references:
            other = with_other_digits(each, dice)
            found.append(Request("application", each, other))
            nodes.append(("Application", f"{department}:{each}", f"{department}:{other}"))
    for local_id in target.certificates:
        number = local_id.rpartition("|")[2]
        other = with_other_digits(number, dice)
        found.append(Request("certificate", number, other))
        nodes.append(("Certificate", local_id, f"certificates|999999|{other}"))
    for department, benefits in target.benefits.items():
        nodes += [("Benefit", each, f"{department}|9999/99/999999|PN-999") for each in benefits]
    for each in target.grievances:
        other = with_other_digits(each, dice)
        found.append(Request("grievance", each, other))
        nodes.append(("Grievance", f"helpdesk:{each}", f"helpdesk:{other}"))
    for type_name, local_id, missing in nodes:
        ids = global_id(type_name, local_id), global_id(type_name, missing)
        found += [Request(kind, *ids) for kind in ("node", "nodes", "introspection")]
        if type_name == "Citizen":
            found.append(Request("citizen id", *ids))
    return found


def outcome(response: dict[str, Any]) -> Any:
    """Return the data and the errors of a response, without what differs between operations."""
    errors = [
        (
            each["message"],
            each.get("path"),
            {
                name: value
                for name, value in each["extensions"].items()
                if name not in ("correlationId", "consentRequestId")
            },
        )
        for each in response.get("errors", ())
    ]
    assert {each["code"] for _, _, each in errors} <= REFUSALS, errors
    return response.get("data"), errors


def is_empty(data: Any) -> bool:
    """Return whether data has no value apart from names of types."""
    if isinstance(data, dict):
        return all(is_empty(each) for name, each in data.items() if not name.startswith("__"))
    if isinstance(data, list):
        return all(map(is_empty, data))
    return data is None


ALL_PEOPLE = sorted(people())
ADULTS = [each for each in ALL_PEOPLE if people()[each].is_adult]
SIZES = [
    pytest.param(FEW, id="few"),
    pytest.param(MANY, id="many", marks=pytest.mark.slow),
]


def picked(dice: random.Random, count: int, **different: str) -> Iterator[tuple[Person, Request]]:
    """Yield random requests about people who differ in these attributes."""
    while count > 0:
        target = people()[dice.choice(ALL_PEOPLE)]
        if all(getattr(target, name) != value for name, value in different.items()):
            yield target, dice.choice(requests_about(target, dice))
            count -= 1


@pytest.mark.parametrize("count", SIZES)
def test_a_citizen_learns_nothing_about_people_of_other_families(guarded: Hub, count: int) -> None:
    dice = random.Random(count)
    for number in range(count // 10):
        own = people()[dice.choice(ADULTS)]
        signed_in = token(member_id=own.member, sub=own.member)
        for target, request in picked(dice, 10, family=own.family):
            document = DOCUMENTS[request.kind]
            response = guarded.query(document, token=signed_in, key=request.key)
            missing = guarded.query(document, token=signed_in, key=request.missing)
            assert outcome(response) == outcome(missing), (number, request)
            assert is_empty(response["data"]), (number, request)
            assert target.leaks(outcome(response), request.key) == []


@pytest.mark.parametrize("count", SIZES)
def test_an_officer_learns_nothing_about_other_districts(guarded: Hub, count: int) -> None:
    dice = random.Random(count)
    purpose = {"Hub-Purpose": "APPLICATION_PROCESSING"}
    for number in range(count // 10):
        district = people()[dice.choice(ALL_PEOPLE)].district
        department = dice.choice(["pensions", "scholarships", "certificates"])
        signed_in = token(
            "officer", department=department, districts=[district], sub=f"officer-{number}"
        )
        for target, request in picked(dice, 10, district=district):
            document = DOCUMENTS[request.kind]
            response = guarded.query(document, token=signed_in, headers=purpose, key=request.key)
            missing = guarded.query(document, token=signed_in, headers=purpose, key=request.missing)
            assert outcome(response) == outcome(missing), (number, department, request)
            assert is_empty(response["data"]), (number, department, request)
            assert target.leaks(outcome(response), request.key) == []


@pytest.mark.parametrize("count", SIZES)
def test_an_officer_learns_nothing_about_records_of_other_departments(
    guarded: Hub, count: int
) -> None:
    dice = random.Random(count)
    purpose = {"Hub-Purpose": "APPLICATION_PROCESSING"}
    signed_in = token("officer", department="helpdesk", sub="officer-of-the-helpdesk")
    for target, request in picked(dice, count):
        if request.kind == "grievance" or target.grievances:
            continue
        document = DOCUMENTS[request.kind]
        response = guarded.query(document, token=signed_in, headers=purpose, key=request.key)
        missing = guarded.query(document, token=signed_in, headers=purpose, key=request.missing)
        assert outcome(response) == outcome(missing), request
        assert is_empty(response["data"]), request
        assert target.leaks(outcome(response), request.key) == []


@pytest.mark.parametrize("count", SIZES)
def test_an_operator_learns_nothing_without_a_consent(guarded: Hub, count: int) -> None:
    dice = random.Random(count)
    purpose = {"Hub-Purpose": "ASSISTED_APPLICATION"}
    for number in range(count // 10):
        signed_in = token("operator", centre="CSC-1", sub=f"operator-{number}")
        for target, request in picked(dice, 10):
            document = DOCUMENTS[request.kind]
            response = guarded.query(document, token=signed_in, headers=purpose, key=request.key)
            missing = guarded.query(document, token=signed_in, headers=purpose, key=request.missing)
            assert outcome(response) == outcome(missing), (number, request)
            assert is_empty(response["data"]), (number, request)
            assert target.leaks(outcome(response), request.key) == []


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("purpose", ["HELPDESK_SUPPORT", "GRIEVANCE_REDRESSAL"])
def test_the_helpdesk_sees_no_name_number_or_date_plain(
    guarded: Hub, purpose: str, count: int
) -> None:
    dice = random.Random(count)
    signed_in = token("helpdesk", sub="helpdesk-1")
    for target, request in picked(dice, count):
        response = guarded.query(
            DOCUMENTS[request.kind],
            token=signed_in,
            headers={"Hub-Purpose": purpose},
            key=request.key,
        )
        assert target.leaks(outcome(response), request.key) == [], request


@pytest.mark.parametrize("count", SIZES)
def test_both_executors_show_the_same_to_everybody(guarded: Hub, count: int) -> None:
    dice = random.Random(count)
    staff = [
        (token("helpdesk", sub="helpdesk-2"), "HELPDESK_SUPPORT"),
        (token("officer", department="pensions", sub="officer-2"), "APPLICATION_PROCESSING"),
        (token("officer", department="certificates", sub="officer-3"), "APPLICATION_PROCESSING"),
    ]
    shown = 0
    for target, request in picked(dice, count):
        if request.kind not in ("node", "citizen id"):
            continue
        member = token(member_id=target.member, sub=target.member)
        for signed_in, purpose in (*staff, (member, "OWN_DATA")):
            headers = {"Hub-Purpose": purpose}
            planned, core = (
                guarded.query(DOCUMENTS[kind], token=signed_in, headers=headers, key=request.key)
                for kind in ("node", "introspection")
            )
            for each in (planned, core):
                # Addresses of files contain the time at which they expire.
                if (each["data"]["node"] or {}).get("document"):
                    each["data"]["node"]["document"] = "an address"
            assert planned["data"]["node"] == core["data"]["node"], request
            assert outcome(planned)[1] == outcome(core)[1]
            shown += planned["data"]["node"] is not None
    assert shown


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("role", ["anonymous", "application", "integrator", "admin", "auditor"])
def test_roles_without_rules_learn_nothing(guarded: Hub, role: str, count: int) -> None:
    dice = random.Random(count)
    signed_in = "" if role == "anonymous" else token(role, sub=f"{role}-1")
    for target, request in picked(dice, count):
        if role == "auditor" and request.kind == "access log":
            continue
        document = DOCUMENTS[request.kind]
        response = guarded.query(document, token=signed_in, key=request.key)
        missing = guarded.query(document, token=signed_in, key=request.missing)
        assert outcome(response) == outcome(missing), request
        assert is_empty(response["data"]), request
        assert target.leaks(outcome(response), request.key) == []


@pytest.mark.parametrize("count", SIZES)
def test_tampered_ids_and_cursors_of_others_show_own_data_only(guarded: Hub, count: int) -> None:
    dice = random.Random(count)
    own = people()[next(each for each in ADULTS if people()[each].references)]
    signed_in = token(member_id=own.member, sub=own.member)
    lists = """query ($after: String) { me { applications(first: 1, after: $after) {
        totalCount nodes { applicationReferenceNumber } pageInfo { endCursor } } } }"""
    mine = {each for references in own.references.values() for each in references}
    for target, request in picked(dice, count, family=own.family):
        if request.kind == "node":
            position = dice.randrange(len(request.key))
            other = dice.choice("ABCDEFGHabcdefgh01234567_-")
            tampered = request.key[:position] + other + request.key[position + 1 :]
            response = guarded.query(DOCUMENTS["node"], token=signed_in, key=tampered)
            assert is_empty(response["data"])
            continue
        theirs = token(member_id=target.member, sub=target.member)
        answer = guarded.query(lists, token=theirs)["data"]["me"]
        cursor = answer and answer["applications"]["pageInfo"]["endCursor"]
        page = guarded.query(lists, token=signed_in, after=cursor)["data"]["me"]["applications"]
        assert {each["applicationReferenceNumber"] for each in page["nodes"]} <= mine
        assert page["totalCount"] == len(mine)
