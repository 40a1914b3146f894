"""What a citizen sees of applications and grievances that were submitted through the hub.

Over the mocks of the registry, a labour board, the helpdesk and the SMS gateway.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.processes import PROJECT, Hub, Mock, wait_until
from tests.support.sign_in import CITIZEN, token
from tests.support.submitting import Submitter

POLICY = PROJECT / "hub/access/policy.yaml"
NEIGHBOUR = "1ABC000101"
ROWS = """{ me { applications(first: 100) { totalCount counts { statusGroup count }
  sources { department { identifier } state }
  nodes { id receiptNumber submissionState submissionStateLabel(lang: HI) serviceCode
    applicationReferenceNumber applicationStatus departmentStatus { code label } applicantName
    applicant { id } provenance { adapter } channel } } } }"""
GRIEVANCES = """{ me { grievances(first: 100) { nodes { id receiptNumber submissionState
  registrationNumber grievanceStatus departmentStatus { code } complaint { text } } } } }"""
BY_NUMBER = """query ($number: String!) { application(reference: $number) {
  id receiptNumber applicationReferenceNumber submissionState applicant { id } } }"""
TRACK = """query ($number: String!, $digits: String!) {
  trackApplication(reference: $number, phoneLast4: $digits) { receiptNumber submissionState
    applicationReferenceNumber applicationStatus applicantName departmentStatus { code } } }"""
NODE = """query ($id: ID!) { node(id: $id) { __typename ... on Application {
  receiptNumber applicationReferenceNumber } } }"""
ERASE = """mutation ($member: String!) {
  eraseCopies(citizen: {memberIdentifier: $member}) { __typename } }"""
ME = "{ me { id phoneNumber } }"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[str, Mock]]:
    started = {name: Mock(name) for name in ("registry", "labour", "helpdesk", "sms")}
    yield started
    for mock in started.values():
        mock.stop()


@pytest.fixture(autouse=True)
def healthy(mocks: dict[str, Mock], hub: Hub) -> None:
    for mock in mocks.values():
        mock.clear_faults()
    hub.reopen()


@pytest.fixture(scope="module")
def hub(mocks: dict[str, Mock]) -> Iterator[Hub]:
    departments = {name: mock for name, mock in mocks.items() if name != "sms"}
    running = Hub(
        departments,
        HUB_POLICY=str(POLICY),
        HUB_SMS_URL=f"{mocks['sms'].url}/messages",
        HUB_DELIVERY_POLL_SECONDS="0.1",
        HUB_TRIES_PER_REFERENCE="10",
    )
    yield running
    running.stop()


def submit(hub: Hub) -> dict[str, Any]:
    """Apply at the labour board as the citizen; return the submission."""
    submitter = Submitter(hub)
    given = submitter.labour_application(confirmDuplicate=True, language="EN")
    return submitter.accepted("submitApplication", **given)


def applications(hub: Hub) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = hub.data(ROWS)["me"]["applications"]["nodes"]
    return rows


def state_of(hub: Hub, department: str) -> str:
    """Return the state of a department among the sources of the citizen's list."""
    sources = hub.data(ROWS)["me"]["applications"]["sources"]
    (state,) = [each["state"] for each in sources if each["department"]["identifier"] == department]
    return str(state)


def row_of(hub: Hub, receipt: str) -> dict[str, Any]:
    """Return the one row of the submission."""
    (row,) = [each for each in applications(hub) if each["receiptNumber"] == receipt]
    return row


def until(found: Callable[[], Any], expected: object) -> None:
    wait_until(lambda: found() == expected, 30)
    assert found() == expected


def texts(mocks: dict[str, Mock]) -> list[str]:
    """Return the messages that were sent, oldest first."""
    messages = mocks["sms"].http.get("/messages").json()["messages"]
    return [each["text"] for each in reversed(messages)]


def last_digits(hub: Hub) -> str:
    return str(hub.data(ME)["me"]["phoneNumber"])[-4:]


def test_a_confirmed_application_is_the_departments_row(hub: Hub, mocks: dict[str, Mock]) -> None:
    before = applications(hub)
    receipt = submit(hub)["receiptNumber"]
    until(lambda: row_of(hub, receipt)["submissionState"], "ACKNOWLEDGED")
    row = row_of(hub, receipt)
    assert row["applicationReferenceNumber"]
    assert row["provenance"]["adapter"] == "rest"
    assert row["departmentStatus"]["code"] != "HUB"
    assert len(applications(hub)) == len(before) + 1
    reference = row["applicationReferenceNumber"]
    for number in (receipt, receipt.lower(), f"{receipt[:6]}-{receipt[6:]}", reference):
        found = hub.data(BY_NUMBER, number=number)["application"]
        assert found["applicationReferenceNumber"] == reference
        assert found["applicant"] == hub.data("{ me { id } }")["me"]
    wait_until(lambda: any(reference in each for each in texts(mocks)))
    (message,) = [each for each in texts(mocks) if receipt in each and reference in each]
    assert "has received your request" in message


def test_the_states_of_a_list_contain_departments_that_fail_to_show_a_submission(
    hub: Hub, mocks: dict[str, Mock]
) -> None:
    """The registry knows no number of the citizen at the labour board."""
    receipt = submit(hub)["receiptNumber"]
    until(lambda: row_of(hub, receipt)["submissionState"], "ACKNOWLEDGED")
    assert state_of(hub, "labour") in ("LIVE", "CACHED")
    mocks["labour"].kill()
    try:
        until(lambda: row_of(hub, receipt)["departmentStatus"]["code"], "HUB")
        assert state_of(hub, "labour") in ("UNAVAILABLE", "CIRCUIT_OPEN")
    finally:
        mocks["labour"].revive()


def test_an_application_to_a_closed_department_is_shown_at_once(
    hub: Hub, mocks: dict[str, Mock]
) -> None:
    before = hub.data(ROWS)["me"]["applications"]
    mocks["labour"].kill()
    try:
        receipt = submit(hub)["receiptNumber"]
        found = hub.data(ROWS)["me"]["applications"]
        (row,) = [each for each in found["nodes"] if each["receiptNumber"] == receipt]
        assert row["submissionState"] == "NOT_SENT"
        assert row["applicationReferenceNumber"] is None
        assert row["departmentStatus"] == {"code": "HUB", "label": "Received, not sent yet"}
        assert row["applicationStatus"] == "SUBMITTED"
        assert row["channel"] == "PORTAL"
        assert row["applicantName"]
        assert row["provenance"] is None
        assert row["applicant"] == hub.data("{ me { id } }")["me"]
        assert hub.data(BY_NUMBER, number=receipt)["application"]["submissionState"] == "NOT_SENT"
        assert hub.data(NODE, id=row["id"])["node"]["receiptNumber"] == receipt
        wait_until(lambda: any(receipt in each for each in texts(mocks)))
        message = next(each for each in texts(mocks) if receipt in each)
        assert message.startswith("We have received")
    finally:
        mocks["labour"].revive()
    until(lambda: row_of(hub, receipt)["submissionState"], "ACKNOWLEDGED")
    confirmed = row_of(hub, receipt)
    assert confirmed["applicationReferenceNumber"]
    found = hub.data(ROWS)["me"]["applications"]
    assert found["totalCount"] == len(found["nodes"])
    assert sum(each["count"] for each in found["counts"]) == len(found["nodes"])
    if before["totalCount"] is not None:
        assert found["totalCount"] == before["totalCount"] + 1
    # The id that clients have kept still finds it.
    assert hub.data(NODE, id=row["id"])["node"] == {
        "__typename": "Application",
        "receiptNumber": receipt,
        "applicationReferenceNumber": confirmed["applicationReferenceNumber"],
    }
    wait_until(lambda: len([each for each in texts(mocks) if receipt in each]) == 2)


def test_a_department_that_fails_later_hides_no_submission(
    hub: Hub, mocks: dict[str, Mock]
) -> None:
    receipt = submit(hub)["receiptNumber"]
    until(lambda: row_of(hub, receipt)["submissionState"], "ACKNOWLEDGED")
    reference = row_of(hub, receipt)["applicationReferenceNumber"]
    hub.administrate(ERASE, member=CITIZEN)
    mocks["labour"].set_faults(error=1)
    row = row_of(hub, receipt)
    assert row["applicationReferenceNumber"] == reference
    assert row["submissionState"] == "ACKNOWLEDGED"
    tracked = hub.data(TRACK, number=receipt, digits=last_digits(hub))["trackApplication"]
    assert tracked["applicationReferenceNumber"] == reference


def test_a_lost_reply_leaves_one_row(hub: Hub, mocks: dict[str, Mock]) -> None:
    before = len(applications(hub))
    mocks["labour"].set_faults(**{"lost-reply": 1})
    receipt = submit(hub)["receiptNumber"]
    mocks["labour"].clear_faults()

    def copies() -> list[int]:
        received = mocks["labour"].submissions()
        return [each["copies"] for each in received if each["hubReference"] == receipt]

    wait_until(copies)
    hub.reopen()
    row = row_of(hub, receipt)
    assert len(applications(hub)) == before + 1
    assert row["submissionState"] in ("MAYBE_SENT", "ACKNOWLEDGED")
    until(lambda: row_of(hub, receipt)["submissionState"], "ACKNOWLEDGED")
    assert copies() == [1]


def test_anybody_can_track_a_receipt_with_the_telephone_digits(
    hub: Hub, mocks: dict[str, Mock]
) -> None:
    mocks["labour"].set_faults(error=1)
    receipt = submit(hub)["receiptNumber"]
    digits = last_digits(hub)
    wrong = f"{(int(digits) + 1) % 10_000:04d}"
    tracked = hub.query(TRACK, token="", number=receipt, digits=digits)["data"]["trackApplication"]
    assert tracked["receiptNumber"] == receipt
    assert "*" in tracked["applicantName"]
    # All ways to write the number share the tries.
    codes = set()
    for written in [receipt, receipt.lower(), *(f"{receipt[:n]}-{receipt[n:]}" for n in range(14))]:
        response = hub.query(TRACK, token="", number=written, digits=wrong)
        codes |= {each["extensions"]["code"] for each in response["errors"]}
    assert codes == {"NOT_FOUND", "RATE_LIMITED"}


def test_others_do_not_find_a_receipt(hub: Hub) -> None:
    receipt = submit(hub)["receiptNumber"]
    stranger = token(member_id=NEIGHBOUR)
    answers = [
        hub.query(BY_NUMBER, token=stranger, number=number)
        for number in (receipt, "CH0000000000000")
    ]
    assert [each["data"] for each in answers] == [{"application": None}] * 2
    (error,), (expected,) = (each["errors"] for each in answers)
    assert error["message"] == expected["message"]
    assert error["extensions"]["code"] == expected["extensions"]["code"] == "NOT_FOUND"
    officer = token("officer", department="helpdesk")
    answer = hub.query(BY_NUMBER, token=officer, number=receipt)
    assert answer["data"] == {"application": None}


def test_a_grievance_is_shown_until_the_helpdesk_lists_it(hub: Hub, mocks: dict[str, Mock]) -> None:
    mocks["helpdesk"].kill()
    text = "The pension has not arrived since August."
    try:
        submitter = Submitter(hub)
        given = {"citizen": submitter.key, "category": "GRV-PEN", "text": text}
        receipt = submitter.accepted("fileGrievance", **given)["receiptNumber"]
        rows = hub.data(GRIEVANCES)["me"]["grievances"]["nodes"]
        (row,) = [each for each in rows if each["receiptNumber"] == receipt]
        assert row["registrationNumber"] is None
        assert row["grievanceStatus"] == "PENDING_FOR_ASSIGNMENT"
        assert row["complaint"]["text"] == text
    finally:
        mocks["helpdesk"].revive()

    def states() -> list[str]:
        rows = hub.data(GRIEVANCES)["me"]["grievances"]["nodes"]
        return [each["submissionState"] for each in rows if each["receiptNumber"] == receipt]

    until(states, ["ACKNOWLEDGED"])
    rows = hub.data(GRIEVANCES)["me"]["grievances"]["nodes"]
    (row,) = [each for each in rows if each["receiptNumber"] == receipt]
    assert row["registrationNumber"]
    assert row["departmentStatus"]["code"] != "HUB"
