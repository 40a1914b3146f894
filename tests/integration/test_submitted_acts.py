"""What citizens do after they have applied: it reaches the department once, and changes its record.

Over the mocks of the registry, both labour boards and the helpdesk, which count what they receive.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.processes import PROJECT, Hub, Mock, wait_until
from tests.support.sign_in import bearer, token
from tests.support.uploads import BOUNDARY, pdf, request_body

POLICY = PROJECT / "hub/access/policy.yaml"
MEMBER = "7KNL042102"
OLD_WOMAN = "7KNL042101"
RETURNED = "LAB-BOC/2026/000021"
"""An application of the citizen that the board has sent back."""
SUBMISSION = """submission { receiptNumber kind state: submissionState applicationReferenceNumber
  registrationNumber acknowledgementNumber } problems { code message }"""
ATTACH = f"""mutation ($input: AttachDocumentInput!) {{ attachDocument(input: $input) {{
  attachment {{ attachmentId }} {SUBMISSION} }} }}"""
APPLICATION = """query ($reference: String!) { application(reference: $reference) {
  applicationStatus timeline { applicationStatus } } }"""
STATE = """query ($receipt: String!) { submission(receiptNumber: $receipt) {
  state: submissionState applicationReferenceNumber } }"""
GRIEVANCE = """query ($number: String!) { grievance(registrationNumber: $number) {
  grievanceStatus rating } }"""
PHONE = "{ me { phoneNumber } }"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[str, Mock]]:
    names = ("registry", "labour", "labour-welfare", "helpdesk")
    started = {name: Mock(name) for name in names}
    yield started
    for mock in started.values():
        mock.stop()


@pytest.fixture(scope="module")
def hub(mocks: dict[str, Mock]) -> Iterator[Hub]:
    running = Hub(mocks, HUB_POLICY=str(POLICY), HUB_DELIVERY_POLL_SECONDS="0.1")
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def nothing_received(mocks: dict[str, Mock], hub: Hub) -> None:
    for mock in mocks.values():
        mock.clear()
    hub.reopen()


def new_key() -> str:
    return str(uuid.uuid4())


def data(hub: Hub, document: str, member: str = MEMBER, **variables: Any) -> Any:
    """Return the only field of a response that must have no errors."""
    response = hub.query(document, token=token(member_id=member), **variables)
    assert "errors" not in response, response["errors"]
    (field,) = response["data"].values()
    return field


def send(hub: Hub, mutation: str, member: str = MEMBER, **given: Any) -> dict[str, Any]:
    """Call a mutation twice with the same key; return the submission, which must be the same."""
    name = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ {SUBMISSION} }} }}"
    given = {"idempotencyKey": new_key(), **given}
    payload = data(hub, document, member, input=given)
    assert payload["problems"] == []
    submission: dict[str, Any] = payload["submission"]
    again = data(hub, document, member, input=given)["submission"]
    assert again["receiptNumber"] == submission["receiptNumber"]
    return submission


def attach(hub: Hub, member: str = MEMBER, **given: Any) -> dict[str, Any]:
    """Upload a document; return the payload."""
    operation = {
        "query": ATTACH,
        "variables": {"input": {"file": None, "idempotencyKey": new_key(), **given}},
    }
    content = request_body(operation, [("slip.pdf", pdf())], {"0": ["variables.input.file"]})
    headers = {
        "content-type": f"multipart/form-data; boundary={BOUNDARY}",
        "GraphQL-Require-Preflight": "true",
        **bearer(member_id=member),
    }
    response = hub.client.post(hub.url, content=content, headers=headers).json()
    assert "errors" not in response, response["errors"]
    payload: dict[str, Any] = response["data"]["attachDocument"]
    assert payload["problems"] == []
    return payload


def received(mock: Mock) -> list[tuple[str, str, int]]:
    return [(each["kind"], each["hubReference"], each["copies"]) for each in mock.submissions()]


def status(hub: Hub) -> str:
    return str(data(hub, APPLICATION, reference=RETURNED)["applicationStatus"])


def test_an_answer_to_a_query_continues_the_application(hub: Hub, mocks: dict[str, Mock]) -> None:
    document = attach(hub, citizen={"memberIdentifier": MEMBER}, evidence="WORK_SLIP")
    sent = send(
        hub,
        "respondToQuery",
        application=RETURNED,
        answer="The slip is signed now",
        documents=[document["attachment"]["attachmentId"]],
    )
    assert (sent["kind"], sent["state"]) == ("QUERY_RESPONSE", "ACKNOWLEDGED")
    assert received(mocks["labour"]) == [("QUERY_RESPONSE", sent["receiptNumber"], 1)]
    assert status(hub) == "UNDER_PROCESS"


def test_a_document_reaches_the_application(hub: Hub, mocks: dict[str, Mock]) -> None:
    sent = attach(hub, application=RETURNED, evidence="WORK_SLIP")["submission"]
    assert (sent["kind"], sent["state"]) == ("DOCUMENT", "ACKNOWLEDGED")
    assert received(mocks["labour"]) == [("DOCUMENT", sent["receiptNumber"], 1)]


def test_a_withdrawal_ends_the_application(hub: Hub, mocks: dict[str, Mock]) -> None:
    sent = send(hub, "withdrawApplication", application=RETURNED)
    assert (sent["kind"], sent["state"]) == ("WITHDRAWAL", "ACKNOWLEDGED")
    assert received(mocks["labour"]) == [("WITHDRAWAL", sent["receiptNumber"], 1)]
    assert status(hub) == "WITHDRAWN"


def test_a_grievance_is_answered_and_rated(hub: Hub, mocks: dict[str, Mock]) -> None:
    citizen = {"memberIdentifier": OLD_WOMAN}
    sent = send(
        hub,
        "fileGrievance",
        OLD_WOMAN,
        citizen=citizen,
        category="GRV-PEN",
        text="पेंशन दो महीने से नहीं मिली, बैंक ने लौटा दी",
    )
    number = sent["registrationNumber"]
    assert sent["state"] == "ACKNOWLEDGED"
    assert str(number).startswith("CMOFF/2026/05")
    mocks["helpdesk"].advance("4d")
    rated = send(hub, "giveFeedback", OLD_WOMAN, request=sent["receiptNumber"], rating=4)
    assert rated["state"] == "ACKNOWLEDGED"
    assert received(mocks["helpdesk"]) == [
        ("GRIEVANCE", sent["receiptNumber"], 1),
        ("FEEDBACK", rated["receiptNumber"], 1),
    ]
    assert data(hub, GRIEVANCE, OLD_WOMAN, number=number)["rating"] == 4


def test_an_approved_correction_changes_the_record(hub: Hub, mocks: dict[str, Mock]) -> None:
    receipts = []
    for nth in range(4):
        sent = send(
            hub,
            "requestCorrection",
            citizen={"memberIdentifier": MEMBER},
            recordField="Citizen.phoneNumber",
            newValue=f"981234567{nth}",
        )
        assert sent["state"] == "ACKNOWLEDGED"
        assert sent["acknowledgementNumber"].startswith("PPPC/2026/")
        receipts.append(sent["receiptNumber"])
    assert received(mocks["registry"]) == [("CORRECTION", each, 1) for each in receipts]
    mocks["registry"].advance("4d")
    states = [each["status"] for each in mocks["registry"].submissions()]
    last = max(nth for nth, state in enumerate(states) if state == "APPROVED")
    wait_until(lambda: data(hub, PHONE)["phoneNumber"] == f"981234567{last}")


@pytest.mark.parametrize("fault", ["lost_reply", "late_reply"])
def test_an_application_whose_reply_is_lost_is_found_and_not_sent_again(
    hub: Hub, mocks: dict[str, Mock], fault: str
) -> None:
    board = mocks["labour-welfare"]
    board.set_faults(**{fault: 1 if fault == "lost_reply" else 10})
    evidence = [
        attach(hub, citizen={"memberIdentifier": MEMBER}, evidence=code)["attachment"]
        for code in ("EMPLOYER_CERTIFICATE", "FAMILY_ID")
    ]
    sent = send(
        hub,
        "submitApplication",
        citizen={"memberIdentifier": MEMBER},
        service="LAB-WEL",
        attributes=[
            {"code": "scheme", "value": "SEWING_MACHINE"},
            {"code": "employer", "value": "Goel Mills"},
        ],
        documents=[each["attachmentId"] for each in evidence],
        confirmDuplicate=True,
    )
    assert sent["applicationReferenceNumber"] is None
    receipt = sent["receiptNumber"]
    wait_until(lambda: received(board) == [("APPLICATION", receipt, 1)])
    board.clear_faults()
    found: dict[str, Any] = {}

    def is_known() -> bool:
        found.update(data(hub, STATE, receipt=receipt))
        return bool(found["state"] == "ACKNOWLEDGED")

    wait_until(is_known, 60)
    (entry,) = board.submissions()
    assert (found["applicationReferenceNumber"], entry["copies"]) == (entry["reference"], 1)


def test_a_refusal_is_reported(hub: Hub, mocks: dict[str, Mock]) -> None:
    mocks["labour"].set_faults(refuse_write=1)
    sent = send(hub, "withdrawApplication", application=RETURNED)
    wait_until(lambda: data(hub, STATE, receipt=sent["receiptNumber"])["state"] == "FAILED")
    assert received(mocks["labour"]) == []
    assert status(hub) == "SENT_BACK"
