"""Consents over a real hub: one-time codes by SMS, decisions of citizens, nominees, artefacts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

import hub.access
from tests.support.processes import Hub, Mock, wait_until
from tests.support.sign_in import token

POLICY = Path(hub.access.__file__).with_name("policy.yaml")
RAM_DEVI, SURESH, SUNITA, POOJA = "7KNL042101", "7KNL042102", "7KNL042103", "7KNL042105"
PHONES = {RAM_DEVI: "+915904210123", SURESH: "+915904210124"}
NOBODY = "9ZZZ999999"
PURPOSE = "ASSISTED_APPLICATION"

REQUEST = """mutation ($citizen: String!, $purpose: String!) {
  requestConsent(input: {citizen: {memberIdentifier: $citizen}, purpose: $purpose}) {
    consentRequestId } }"""
SEND = """mutation ($id: ID!) { sendOneTimeCode(consentRequestId: $id, lang: EN) {
  codeExpiryDatetime } }"""
CONFIRM = """mutation ($id: ID!, $code: String!) {
  confirmConsent(input: {requestId: $id, code: $code}) { expiryDatetime artefact } }"""
USES_OF_CODES: list[tuple[str, dict[str, Any]]] = [(SEND, {}), (CONFIRM, {"code": "000000"})]
GRANT = "mutation ($id: ID!) { grantConsent(consentId: $id) { consent { state givenBy } } }"
REFUSE = "mutation ($id: ID!) { refuseConsent(consentId: $id) { consent { state } } }"
WITHDRAW = "mutation ($id: ID!) { withdrawConsent(consentId: $id) { consent { state } } }"
CONSENTS = """query ($citizen: CitizenKeyInput, $states: [ConsentState!]) {
  consents(citizen: $citizen, states: $states) { nodes { id state purpose { code } notice } } }"""
ACCESS_LOG = """{ consents(states: [ACTIVE]) { nodes { identifier } }
  accessLog(first: 1) {
    nodes { role centre purposeCode accessBasis consentIdentifier } } }"""
NAME = """query ($citizen: String!) { citizen(by: {memberIdentifier: $citizen}) {
  personName { fullName } } }"""


@pytest.fixture(scope="module")
def sms() -> Iterator[Mock]:
    mock = Mock("sms")
    yield mock
    mock.stop()


@pytest.fixture(scope="module")
def counter(departments: dict[str, Mock], sms: Mock) -> Iterator[Hub]:
    """A hub with the built-in policy and an SMS gateway."""
    mocks = {name: departments[name] for name in ("registry", "pensions")}
    running = Hub(mocks, HUB_POLICY=str(POLICY), HUB_SMS_URL=f"{sms.url}/messages")
    yield running
    running.stop()


class Operator:
    """An operator, with a sign-in of their own so that tests share no limits."""

    number = 0

    def __init__(self, hub: Hub) -> None:
        Operator.number += 1
        self._hub = hub
        self.token = token("operator", sub=f"op-{Operator.number}", centre="CSC-KNL-001")

    def run(self, document: str, **variables: Any) -> dict[str, Any]:
        return self._hub.query(
            document, token=self.token, headers={"Hub-Purpose": PURPOSE}, **variables
        )

    def request(self, citizen: str) -> str:
        response = self.run(REQUEST, citizen=citizen, purpose=PURPOSE)
        assert "errors" not in response, response
        identifier: str = response["data"]["requestConsent"]["consentRequestId"]
        return identifier


@pytest.fixture
def operator(counter: Hub) -> Operator:
    return Operator(counter)


def citizen_runs(hub: Hub, reader: str, document: str, **variables: Any) -> dict[str, Any]:
    return hub.query(document, token=token(member_id=reader), **variables)


def code_of(response: dict[str, Any]) -> str | None:
    errors = response.get("errors")
    return errors[0]["extensions"]["code"] if errors else None


def messages_to(sms: Mock, number: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = sms.http.get(f"{sms.url}/messages", params={"to": number}).json()[
        "messages"
    ]
    return found


def newest_code(sms: Mock, number: str, before: int) -> str:
    wait_until(lambda: len(messages_to(sms, number)) > before)
    found = re.search(r"\b\d{6}\b", messages_to(sms, number)[0]["text"])
    assert found is not None
    return found[0]


def confirmed(operator: Operator, sms: Mock, citizen: str) -> str:
    """Give the operator the citizen's consent by a code; return the artefact."""
    before = len(messages_to(sms, PHONES[citizen]))
    identifier = operator.request(citizen)
    assert code_of(operator.run(SEND, id=identifier)) is None
    code = newest_code(sms, PHONES[citizen], before)
    response = operator.run(CONFIRM, id=identifier, code=code)
    assert "errors" not in response, response
    artefact: str = response["data"]["confirmConsent"]["artefact"]
    return artefact


def test_an_operator_sees_a_citizen_after_the_citizens_code(
    counter: Hub, operator: Operator, sms: Mock
) -> None:
    refused = operator.run(NAME, citizen=SURESH)
    assert code_of(refused) == "CONSENT_REQUIRED"
    request = refused["errors"][0]["extensions"]["consentRequestId"]
    assert request == operator.request(SURESH)
    artefact = confirmed(operator, sms, SURESH)
    shown = operator.run(NAME, citizen=SURESH)
    assert shown["data"]["citizen"]["personName"]["fullName"] == "SURESH KUMAR"
    assert code_of(Operator(counter).run(NAME, citizen=SURESH)) == "CONSENT_REQUIRED"
    log = citizen_runs(counter, SURESH, ACCESS_LOG)["data"]
    (consent,) = {each["identifier"] for each in log["consents"]["nodes"]}
    record = log["accessLog"]["nodes"][0]
    assert record == {
        "role": "OPERATOR",
        "centre": "CSC-KNL-001",
        "purposeCode": PURPOSE,
        "accessBasis": "CONSENT",
        "consentIdentifier": consent,
    }
    keys = KeySet.import_key_set(counter.get(".well-known/jwks.json").json())
    with pytest.warns(UserWarning, match="EdDSA"):
        verified = jws.deserialize_compact(artefact, keys, algorithms=["EdDSA"])
    assert SURESH.encode() not in verified.payload


def test_a_withdrawn_consent_stops_the_operators_next_query(
    counter: Hub, operator: Operator, sms: Mock
) -> None:
    confirmed(operator, sms, SURESH)
    assert code_of(operator.run(NAME, citizen=SURESH)) is None
    active = citizen_runs(counter, SURESH, CONSENTS, states=["ACTIVE"])
    for each in active["data"]["consents"]["nodes"]:
        done = citizen_runs(counter, SURESH, WITHDRAW, id=each["id"])
        assert done["data"]["withdrawConsent"]["consent"]["state"] == "WITHDRAWN"
    assert code_of(operator.run(NAME, citizen=SURESH)) == "CONSENT_REQUIRED"


def test_the_message_names_the_purpose_and_ends_with_the_sender(
    operator: Operator, sms: Mock
) -> None:
    before = len(messages_to(sms, PHONES[RAM_DEVI]))
    operator.run(SEND, id=operator.request(RAM_DEVI))
    newest_code(sms, PHONES[RAM_DEVI], before)
    message = messages_to(sms, PHONES[RAM_DEVI])[0]
    assert "Purpose: To help a citizen at a service centre." in message["text"]
    assert message["templateId"] == "1007000000000000001"


def test_the_code_for_a_minor_goes_to_a_parent(operator: Operator, sms: Mock) -> None:
    before = len(messages_to(sms, PHONES[SURESH]))
    identifier = operator.request(POOJA)
    operator.run(SEND, id=identifier)
    code = newest_code(sms, PHONES[SURESH], before)
    assert code_of(operator.run(CONFIRM, id=identifier, code=code)) is None


def test_a_citizen_who_does_not_exist_gets_the_same_answers(
    counter: Hub, operator: Operator, sms: Mock
) -> None:
    answers = []
    for citizen in (RAM_DEVI, NOBODY):
        someone = Operator(counter)
        read = someone.run(NAME, citizen=citizen)
        identifier = someone.request(citizen)
        sent = someone.run(SEND, id=identifier)
        tries = [someone.run(CONFIRM, id=identifier, code="000000") for _ in range(3)]
        answers.append([shape(each) for each in (read, sent, *tries)])
    assert answers[0] == answers[1]
    assert answers[0][0]["errors"] == ["CONSENT_REQUIRED"]
    assert answers[0][2]["errors"] == ["CODE_REJECTED"]


def shape(response: dict[str, Any]) -> dict[str, Any]:
    """Return a response without its ids and times."""
    text = str(response.get("data"))
    return {
        "errors": [each["extensions"]["code"] for each in response.get("errors", ())],
        "messages": [each["message"] for each in response.get("errors", ())],
        "data": re.sub(r"'20\d\d-[^']*'", "TIME", text),
    }


def test_brute_force_is_bounded(counter: Hub, sms: Mock) -> None:
    outcomes: list[str | None] = []
    for _ in range(4):
        operator = Operator(counter)
        identifier = operator.request(SUNITA)
        operator.run(SEND, id=identifier)
        outcomes += [
            code_of(operator.run(CONFIRM, id=identifier, code=f"{number:06}"))
            for number in range(6)
        ]
    assert outcomes == ["CODE_REJECTED"] * 12 + ["RATE_LIMITED"] * 12


def test_another_operator_can_not_use_a_request(counter: Hub, operator: Operator) -> None:
    identifier = operator.request(RAM_DEVI)
    other = Operator(counter)
    for document, more in USES_OF_CODES:
        assert code_of(other.run(document, id=identifier, **more)) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("role", "claims"),
    [("citizen", {}), ("helpdesk", {}), ("auditor", {}), ("officer", {"department": "pensions"})],
)
def test_only_operators_use_codes(
    counter: Hub, operator: Operator, role: str, claims: dict[str, Any]
) -> None:
    identifier = operator.request(RAM_DEVI)
    for document, more in USES_OF_CODES:
        refused = counter.query(document, token=token(role, **claims), id=identifier, **more)
        assert code_of(refused) == "FORBIDDEN"


def test_a_citizen_grants_the_request_of_an_officer(counter: Hub) -> None:
    officer = token("officer", sub="off-7", department="food", districts=["Karnal"])
    wanted = counter.query(REQUEST, token=officer, citizen=SURESH, purpose="ELIGIBILITY_CHECK")
    identifier = wanted["data"]["requestConsent"]["consentRequestId"]
    (seen,) = [
        each
        for each in citizen_runs(counter, SURESH, CONSENTS)["data"]["consents"]["nodes"]
        if each["id"] == identifier
    ]
    assert seen["state"] == "REQUESTED"
    assert "30 days after you give it" in seen["notice"]
    granted = citizen_runs(counter, SURESH, GRANT, id=identifier)
    assert granted["data"]["grantConsent"]["consent"] == {"state": "ACTIVE", "givenBy": "CITIZEN"}


def test_a_refused_request_can_not_be_confirmed(
    counter: Hub, operator: Operator, sms: Mock
) -> None:
    before = len(messages_to(sms, PHONES[SURESH]))
    identifier = operator.request(SURESH)
    operator.run(SEND, id=identifier)
    code = newest_code(sms, PHONES[SURESH], before)
    assert code_of(citizen_runs(counter, SURESH, REFUSE, id=identifier)) is None
    assert code_of(operator.run(CONFIRM, id=identifier, code=code)) == "CONSENT_ENDED"


def test_a_guardian_decides_for_a_minor(counter: Hub, operator: Operator) -> None:
    identifier = operator.request(POOJA)
    listed = citizen_runs(counter, SURESH, CONSENTS, citizen={"memberIdentifier": POOJA})
    assert identifier in [each["id"] for each in listed["data"]["consents"]["nodes"]]
    granted = citizen_runs(counter, SURESH, GRANT, id=identifier)
    assert granted["data"]["grantConsent"]["consent"]["givenBy"] == "GUARDIAN"


@pytest.mark.parametrize("stranger", [SUNITA, "1ABC000101"])
def test_others_find_no_consent_of_a_citizen(
    counter: Hub, operator: Operator, stranger: str
) -> None:
    identifiers = [operator.request(SURESH), operator.request(NOBODY)]
    answers = [
        shape(citizen_runs(counter, stranger, document, id=identifier))
        for identifier in identifiers
        for document in (GRANT, REFUSE, WITHDRAW, "query ($id: ID!) { node(id: $id) { id } }")
    ]
    answers += [
        shape(citizen_runs(counter, stranger, CONSENTS, citizen={"memberIdentifier": citizen}))
        for citizen in (SURESH, NOBODY)
    ]
    assert {tuple(each["errors"]) for each in answers} == {("NOT_FOUND",)}
    assert len({tuple(each["messages"]) for each in answers}) == 1


def test_a_nominee_decides_for_a_citizen_who_died(counter: Hub, operator: Operator) -> None:
    nominate = """mutation ($nominee: String!) { nominate(nominee: {memberIdentifier: $nominee}) {
      nomination { id nomineeIdentifier } } }"""
    identifier = operator.request(RAM_DEVI)
    assert code_of(citizen_runs(counter, SURESH, GRANT, id=identifier)) == "NOT_FOUND"
    made = citizen_runs(counter, RAM_DEVI, nominate, nominee=SURESH)["data"]["nominate"]
    assert made["nomination"]["nomineeIdentifier"] == "XXXXXX2102"
    granted = citizen_runs(counter, SURESH, GRANT, id=identifier)
    assert granted["data"]["grantConsent"]["consent"]["givenBy"] == "NOMINEE"
    withdraw = "mutation ($id: ID!) { withdrawNomination(nominationId: $id) { __typename } }"
    done = citizen_runs(counter, RAM_DEVI, withdraw, id=made["nomination"]["id"])
    assert code_of(done) is None
    assert code_of(citizen_runs(counter, SURESH, WITHDRAW, id=identifier)) == "NOT_FOUND"
    own = citizen_runs(counter, RAM_DEVI, "{ nominations { id } }")
    assert own["data"]["nominations"] == []


def test_a_purpose_of_another_role_or_without_consent_is_refused(operator: Operator) -> None:
    for purpose in ("AUDIT", "ELIGIBILITY_CHECK", "PERSON_SEARCH", "", "'; DROP TABLE consent"):
        refused = operator.run(REQUEST, citizen=RAM_DEVI, purpose=purpose)
        assert code_of(refused) == "PURPOSE_NOT_ALLOWED"


def test_the_purposes_of_a_role_are_in_both_languages(counter: Hub, operator: Operator) -> None:
    listed = operator.run("{ purposes { code needsConsent en: title hi: title(lang: HI) } }")
    assert listed["data"]["purposes"] == [
        {
            "code": PURPOSE,
            "needsConsent": True,
            "en": "To help a citizen at a service centre",
            "hi": "सेवा केंद्र पर नागरिक की सहायता के लिए",
        }
    ]


def test_acts_are_counted_and_nothing_personal_is_logged(
    counter: Hub, operator: Operator, sms: Mock
) -> None:
    confirmed(operator, sms, SURESH)
    assert counter.metric("hub_consent_acts_total", act="given") > 0
    wait_until(lambda: counter.metric("hub_messages_total", outcome="sent") > 0)
    log = counter.log()
    assert re.search(r"GRANT_CONSENT [0-9a-f]{32} by OPERATOR, operation [0-9a-f]{20}", log)
    codes = {re.findall(r"\b\d{6}\b", each["text"])[0] for each in messages_to(sms, PHONES[SURESH])}
    for personal in (*PHONES.values(), RAM_DEVI, SURESH, POOJA):
        assert personal.removeprefix("+91") not in log
    assert not any(re.search(rf"\b{code}\b", log) for code in codes)


def test_without_a_gateway_the_operator_learns_it_at_once(departments: dict[str, Mock]) -> None:
    running = Hub({"registry": departments["registry"]}, HUB_POLICY=str(POLICY))
    try:
        operator = Operator(running)
        refused = operator.run(SEND, id=operator.request(RAM_DEVI))
    finally:
        running.stop()
    assert code_of(refused) == "MESSAGES_UNAVAILABLE"
    assert "HUB_SMS_URL is not set" in refused["errors"][0]["message"]
