"""Attacks on a hub with the built-in policy: what must not be learned on any path."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hub.access.policy import Level, Relation, load_policy
from hub.access.policy.file import BUILT_IN
from hub.access.principal import Role
from schema.personal import FieldClass
from tests.integration.personal_paths import Shown, operations_about, shown_in
from tests.support.people import Person, people
from tests.support.processes import Hub, Mock
from tests.support.sign_in import CITIZEN, token

SUNITA = "7KNL042103"
"""A member of `CITIZEN`'s family who is neither its head nor a child."""
STRANGER = next(
    each
    for each in people().values()
    if each.references["pensions"] and each.certificates and each.district != "Karnal"
)
PROCESSING = {"Hub-Purpose": "APPLICATION_PROCESSING"}
COUNTER = {"Hub-Purpose": "ASSISTED_APPLICATION"}
SUPPORT = {"Hub-Purpose": "HELPDESK_SUPPORT"}
HELPDESK = token("helpdesk", sub="helpdesk-of-attacks")
APPLICATION = "query ($key: String!) { application(reference: $key) { id } }"
IDENTIFIERS = """query ($key: String!) { citizen(by: {memberIdentifier: $key}) {
    identifiers { identifierType issuedBy identifierValue } } }"""
REQUEST = """mutation ($citizen: String!) { requestConsent(input: {
    citizen: {memberIdentifier: $citizen}, purpose: "ASSISTED_APPLICATION"}) {
    consentRequestId } }"""
GRANT = "mutation ($id: ID!) { grantConsent(consentId: $id) { consent { state } } }"


@pytest.fixture(scope="module")
def guarded(departments: dict[str, Mock]) -> Iterator[Hub]:
    """A hub with the built-in policy."""
    hub = Hub(departments, HUB_POLICY=str(BUILT_IN))
    yield hub
    hub.stop()


def operator_with_consent(hub: Hub, number: int) -> str:
    """Return the token of an operator whom `CITIZEN` has given a consent."""
    operator = token("operator", centre="CSC-1", sub=f"operator-of-attacks-{number}")
    asked = hub.query(REQUEST, token=operator, headers=COUNTER, citizen=CITIZEN)
    request = asked["data"]["requestConsent"]["consentRequestId"]
    granted = hub.query(GRANT, id=request)
    assert granted["data"]["grantConsent"]["consent"]["state"] == "ACTIVE"
    return operator


def missing(reference: str) -> str:
    """Return a reference of the same form that is not in use."""
    head, digits = re.fullmatch(r"(.*?)([0-9]+)", reference).groups()  # type: ignore[union-attr]
    return head + "9" * len(digits)


def without_ids(response: dict[str, Any]) -> Any:
    for error in response.get("errors", ()):
        del error["extensions"]["correlationId"]
    return response


def kinds(response: dict[str, Any]) -> set[str]:
    """Return the types of a citizen's identifiers."""
    return {each["identifierType"] for each in response["data"]["citizen"]["identifiers"]}


def test_masked_identifiers_do_not_show_which_departments_know_a_person(guarded: Hub) -> None:
    own = {"PPP", "PPP_MEMBER", "PENSION_PPO"}
    assert own <= kinds(guarded.query(IDENTIFIERS, key=CITIZEN))
    found = guarded.query(IDENTIFIERS, token=HELPDESK, headers=SUPPORT, key=CITIZEN)
    assert kinds(found) == {"PPP", "PPP_MEMBER"}
    relative = token(member_id=SUNITA, sub=SUNITA)
    assert kinds(guarded.query(IDENTIFIERS, token=relative, key=CITIZEN)) == {"PPP", "PPP_MEMBER"}


def test_a_search_does_not_show_which_departments_know_a_person(guarded: Hub) -> None:
    document = """{ citizens(search: {name: "RAM DEVI", district: "Karnal"}) {
        identifiers { identifierType } } }"""
    found = guarded.query(document, token=HELPDESK)["data"]["citizens"]
    assert found
    shown = {kind["identifierType"] for each in found for kind in each["identifiers"]}
    assert shown == {"PPP", "PPP_MEMBER"}


def test_a_second_header_with_a_purpose_does_not_replace_the_first(guarded: Hub) -> None:
    headers = [
        ("Authorization", f"Bearer {HELPDESK}"),
        ("Hub-Purpose", "GRIEVANCE_REDRESSAL"),
        ("Hub-Purpose", "HELPDESK_SUPPORT"),
    ]
    query = {"query": IDENTIFIERS, "variables": {"key": CITIZEN}}
    response = guarded.client.post(guarded.url, json=query, headers=headers).json()
    assert response["data"] == {"citizen": None}
    assert response["errors"][0]["extensions"]["code"] == "PURPOSE_NOT_ALLOWED"


def test_an_officer_can_filter_the_worklist_by_desk(guarded: Hub) -> None:
    document = """query ($desk: String, $lang: Language!) {
        applications(filter: {desk: $desk}, first: 100) {
          nodes { pendingWith { designation(lang: $lang) } } } }"""
    officer = token("officer", department="pensions", sub="officer-of-attacks")

    def posts(lang: str, desk: str | None) -> set[str]:
        found = guarded.query(document, token=officer, headers=PROCESSING, lang=lang, desk=desk)
        assert "errors" not in found, found["errors"]
        rows = found["data"]["applications"]["nodes"]
        return {each["pendingWith"]["designation"] for each in rows if each["pendingWith"]}

    for lang in ("EN", "HI"):
        post = min(posts(lang, None))
        assert posts(lang, post.upper()) == {post}
    assert posts("EN", "nobody") == set()


@pytest.mark.parametrize("department", ["pensions", "scholarships", "certificates"])
def test_a_worklist_without_rows_is_empty_for_an_officer_of_some_districts(
    guarded: Hub, department: str
) -> None:
    document = """query ($day: Date!) {
        applications(filter: {updatedSince: $day, status: [DRAFT]}) { nodes { id } } }"""
    officer = token("officer", department=department, districts=["Karnal", "Nuh"], sub="officer-5")
    found = guarded.query(document, token=officer, headers=PROCESSING, day="2999-01-01")
    assert found == {"data": {"applications": {"nodes": []}}}


def callers(hub: Hub) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the tokens and headers of callers whose relation the registry decides."""
    return {
        "operator": (operator_with_consent(hub, 1), COUNTER),
        "officer": (
            token("officer", department="pensions", districts=["Karnal"], sub="officer-1"),
            PROCESSING,
        ),
        "citizen": (token(member_id=SUNITA, sub=SUNITA), {}),
    }


@pytest.mark.parametrize("caller", ["operator", "officer", "citizen"])
def test_a_hidden_and_a_missing_record_take_the_same_calls(
    guarded: Hub, departments: dict[str, Mock], caller: str
) -> None:
    signed_in, headers = callers(guarded)[caller]
    reference = STRANGER.references["pensions"][0]
    calls = []
    # The first operation also reads the record of the caller, so it is not compared.
    for key in (missing(reference), missing(reference), reference):
        for mock in departments.values():
            mock.clear_calls()
        guarded.query(APPLICATION, token=signed_in, headers=headers, key=key)
        calls.append({name: found for name, mock in departments.items() if (found := mock.calls())})
    assert calls[1] == calls[2]


@pytest.mark.parametrize("caller", ["operator", "officer", "citizen"])
@pytest.mark.parametrize("is_known", [False, True], ids=["unknown", "known"])
def test_a_hidden_and_a_missing_record_give_the_same_error_if_the_registry_fails(
    guarded: Hub, departments: dict[str, Mock], caller: str, is_known: bool
) -> None:
    """`is_known`: the hub has read the record's owner before."""
    signed_in, headers = callers(guarded)[caller]
    target = [each for each in people().values() if is_other(each)][2 + is_known]
    (reference,) = target.references["pensions"][:1]
    if is_known:
        guarded.query(
            "query ($key: String!) { application(reference: $key) { applicant { id } } }",
            token=token("officer", department="pensions", sub="officer-of-attacks"),
            headers=PROCESSING,
            key=reference,
        )
    departments["registry"].set_faults(error=1)
    try:
        found, absent = (
            without_ids(guarded.query(APPLICATION, token=signed_in, headers=headers, key=key))
            for key in (reference, missing(reference))
        )
    finally:
        departments["registry"].clear_faults()
        guarded.reopen()
    assert found == absent


def is_other(person: Person) -> bool:
    return bool(person.references["pensions"]) and person.district != "Karnal"


RAM_DEVI, SURESH, POOJA = people()[CITIZEN], people()["7KNL042102"], people()["7KNL042105"]
"""The head of a family, who has died; her son; and his daughter, a minor."""
OWNERS = {
    local_id: member
    for member, each in people().items()
    for local_id in (
        member,
        *(f"{name}:{number}" for name, found in each.references.items() for number in found),
        *(benefit for found in each.benefits.values() for benefit in found),
        *each.certificates,
        *(f"helpdesk:{number}" for number in each.grievances),
    )
}
"""The member number of the owner of each record, by the record's local id."""
RELATIVES = {
    SUNITA: Relation.SELF,
    POOJA.member: Relation.GUARDIAN,
    "7KNL042106": Relation.GUARDIAN,
}


@dataclass(frozen=True)
class Attacker:
    """Somebody who reads records, with the relation that the policy has to decide on."""

    role: Role
    purpose: str
    token: str
    relation: Callable[[Shown], Relation] = lambda _: Relation.UNRELATED

    def reads(self, hub: Hub, person: Person) -> Iterator[tuple[str, Shown]]:
        """Yield the records that are shown in operations about a person."""
        headers = {} if self.role in WITHOUT_HEADER else {"Hub-Purpose": self.purpose}
        for document, variables in operations_about(person):
            response = hub.query(document, token=self.token, headers=headers, **variables)
            codes = {each["extensions"]["code"] for each in response.get("errors", ())}
            assert codes <= REFUSALS, (document, codes)
            for shown in shown_in(response["data"]):
                yield document, shown


WITHOUT_HEADER = (Role.ANONYMOUS, Role.APPLICATION, Role.CITIZEN)
REFUSALS = {
    "NOT_FOUND",
    "FORBIDDEN",
    "CONSENT_REQUIRED",
    "PURPOSE_NOT_COVERED",
    "RATE_LIMITED",
}


def of_relative(shown: Shown) -> Relation:
    """Return what `SUNITA` is to the owner of a record."""
    member = OWNERS.get(shown.local_id)
    if shown.type_name == "Family" and shown.local_id == RAM_DEVI.family:
        return Relation.SELF
    if member is None or people()[member].family != RAM_DEVI.family:
        return Relation.UNRELATED
    return RELATIVES.get(member, Relation.FAMILY)


def of_pensions(shown: Shown) -> Relation:
    """Return what an officer of pensions is to a record, and to the applicants in it."""
    is_own = shown.type_name == "Citizen" or shown.local_id.startswith("pensions")
    return Relation.OWN_DEPARTMENT if is_own else Relation.UNRELATED


def of_consent(shown: Shown) -> Relation:
    """Return what an operator is to a record, if `RAM_DEVI` has given a consent."""
    is_hers = shown.local_id == RAM_DEVI.family or OWNERS.get(shown.local_id) == CITIZEN
    return Relation.ON_BEHALF if is_hers else Relation.UNRELATED


ATTACKERS = {
    "anonymous": Attacker(Role.ANONYMOUS, "", ""),
    "portal": Attacker(Role.APPLICATION, "", token("application")),
    "auditor": Attacker(Role.AUDITOR, "AUDIT", token("auditor")),
    "administrator": Attacker(Role.ADMIN, "ADMINISTRATION", token("admin")),
    "integrator": Attacker(Role.INTEGRATOR, "ADMINISTRATION", token("integrator")),
    "relative": Attacker(
        Role.CITIZEN, "OWN_DATA", token(member_id=SUNITA, sub=SUNITA), of_relative
    ),
    "helpdesk for status": Attacker(Role.HELPDESK, "HELPDESK_SUPPORT", HELPDESK),
    "helpdesk for complaints": Attacker(Role.HELPDESK, "GRIEVANCE_REDRESSAL", HELPDESK),
    "officer of pensions": Attacker(
        Role.OFFICER,
        "APPLICATION_PROCESSING",
        token("officer", department="pensions", sub="officer-2"),
        of_pensions,
    ),
    "officer of another district": Attacker(
        Role.OFFICER,
        "APPLICATION_PROCESSING",
        token("officer", department="pensions", districts=["Nuh"], sub="officer-3"),
    ),
    "officer without consent": Attacker(
        Role.OFFICER,
        "RECRUITMENT_CHECK",
        token("officer", department="pensions", sub="officer-4"),
    ),
    "operator": Attacker(
        Role.OPERATOR, "ASSISTED_APPLICATION", token("operator", centre="CSC-1", sub="operator-2")
    ),
}


def assert_policy(hub: Hub, attacker: Attacker) -> int:
    """Check each value that the attacker reads; return how many records were shown."""
    policy = load_policy(None)
    seen: dict[tuple[str, str, str], object] = {}
    count = 0
    for person in (STRANGER, RAM_DEVI, SURESH, POOJA):
        for document, shown in attacker.reads(hub, person):
            count += 1
            relation = attacker.relation(shown)

            def level_of(each: FieldClass, relation: Relation = relation) -> Level:
                return policy.decision(
                    each, attacker.role, relation, attacker.purpose, in_list=False
                ).level

            for path, value in shown.values.items():
                where = document, shown.local_id, path
                assert value.is_allowed(level_of), where
                key = shown.type_name, shown.local_id, path
                assert seen.setdefault(key, value.value) == value.value, where
    return count


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(each, marks=() if each in ("anonymous", "relative") else pytest.mark.slow)
        for each in ATTACKERS
    ],
)
def test_each_path_to_a_record_shows_the_same_and_what_the_policy_says(
    guarded: Hub, name: str
) -> None:
    count = assert_policy(guarded, ATTACKERS[name])
    sees_records = name.startswith(("relative", "helpdesk", "officer of pensions"))
    assert (count > 0) is sees_records


@pytest.mark.slow
def test_each_path_to_a_record_shows_an_operator_with_consent_what_the_policy_says(
    guarded: Hub,
) -> None:
    operator = operator_with_consent(guarded, 3)
    attacker = Attacker(Role.OPERATOR, "ASSISTED_APPLICATION", operator, of_consent)
    assert assert_policy(guarded, attacker) > 0
