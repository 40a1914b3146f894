"""Attempts to reach the submissions, drafts, documents and keys of other people."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from hub.access.policy.file import BUILT_IN
from tests.support.ids import global_id
from tests.support.people import people
from tests.support.processes import Hub, Mock
from tests.support.sign_in import CITIZEN, token
from tests.support.submitting import Submitter, new_key

SON = "7KNL042102"
STRANGER = next(
    each.member
    for each in people().values()
    if each.is_adult and each.family != CITIZEN[:8] and not each.references["pensions"]
)
NOBODY = "9ZZZ999999"
NO_SUCH_RECEIPT = "CH00000000000"
STAFF = {
    "operator": ("ASSISTED_APPLICATION", {"centre": "CSC-KNL-001"}),
    "officer": ("APPLICATION_PROCESSING", {"department": "pensions"}),
    "helpdesk": ("GRIEVANCE_REDRESSAL", {}),
}
SUBMISSION = (
    "query ($number: String!) { submission(receiptNumber: $number) { state: submissionState id } }"
)
TEXT = "No pension has come since May"
NODE = "query ($id: ID!) { node(id: $id) { id ... on Draft { attributeValues { value } } } }"


@pytest.fixture(scope="module")
def labour() -> Iterator[Mock]:
    mock = Mock("labour")
    yield mock
    mock.stop()


@pytest.fixture(scope="module")
def guarded(departments: dict[str, Mock], labour: Mock) -> Iterator[Hub]:
    mocks = {name: departments[name] for name in ("registry", "pensions", "helpdesk")}
    running = Hub(
        mocks | {"labour": labour}, HUB_POLICY=str(BUILT_IN), HUB_DELIVERY_POLL_SECONDS="0.1"
    )
    yield running
    running.stop()


@pytest.fixture
def ram_devi(guarded: Hub) -> Submitter:
    return Submitter(guarded)


@pytest.fixture
def stranger(guarded: Hub) -> Submitter:
    return Submitter(guarded, token(member_id=STRANGER), citizen=STRANGER)


def code_of(response: dict[str, Any]) -> str | None:
    errors = response.get("errors")
    return errors[0]["extensions"]["code"] if errors else None


def uniform(response: dict[str, Any]) -> Any:
    """Return a response without the ids of the operation and of requests for consent."""
    text = re.sub(r"'(correlationId|consentRequestId)': '[^']*'", "", str(response))
    return re.sub(r"9ZZZ999999|" + STRANGER, "PERSON", text)


def changes(citizen: str) -> list[tuple[str, dict[str, Any]]]:
    """Return a mutation of each kind for a citizen, who may not exist."""
    key = {"memberIdentifier": citizen}
    return [
        ("submitApplication", {"citizen": key, "service": "LAB-BOC", "attributes": []}),
        ("saveDraft", {"citizen": key, "service": "LAB-BOC", "attributes": []}),
        ("fileGrievance", {"citizen": key, "category": "GRV-PEN", "text": TEXT}),
        ("requestCorrection", {"citizen": key, "recordField": "x", "newValue": "y"}),
    ]


@pytest.mark.parametrize("number", range(4))
def test_nobody_acts_for_a_stranger_or_learns_whether_one_exists(
    ram_devi: Submitter, number: int
) -> None:
    responses = [ram_devi.call(each[number][0], **each[number][1]) for each in map(changes, (
        STRANGER, NOBODY
    ))]  # fmt: skip
    assert [code_of(each) for each in responses] == ["NOT_FOUND", "NOT_FOUND"]
    assert uniform(responses[0]) == uniform(responses[1])


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("number", range(4))
def test_staff_need_consent_or_may_not_submit(guarded: Hub, role: str, number: int) -> None:
    purpose, claims = STAFF[role]
    person = Submitter(guarded, token(role, **claims), {"Hub-Purpose": purpose})
    mutation, given = changes(STRANGER)[number]
    first = person.call(mutation, **given)
    expected = {"FORBIDDEN", "NOT_FOUND", "PURPOSE_NOT_COVERED"}
    may_ask = role == "operator" or (role, mutation) == ("helpdesk", "fileGrievance")
    assert code_of(first) in ({"CONSENT_REQUIRED"} if may_ask else expected)
    mutation, given = changes(NOBODY)[number]
    assert uniform(person.call(mutation, **given)) == uniform(first)


@pytest.mark.parametrize("role", ["application", "admin", "auditor", "integrator", "anonymous"])
def test_roles_without_a_person_submit_nothing(guarded: Hub, role: str) -> None:
    signed_in = "" if role == "anonymous" else token(role)
    person = Submitter(guarded, signed_in)
    for mutation, given in changes(CITIZEN):
        assert code_of(person.call(mutation, **given)) in {"FORBIDDEN", "PURPOSE_REQUIRED"}


def test_an_operator_without_a_purpose_is_asked_for_one(guarded: Hub) -> None:
    person = Submitter(guarded, token("operator", centre="CSC-KNL-001"))
    mutation, given = changes(CITIZEN)[0]
    assert code_of(person.call(mutation, **given)) == "PURPOSE_REQUIRED"


def test_a_relative_sees_and_changes_no_submission_of_another_adult(
    guarded: Hub, ram_devi: Submitter
) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    receipt = ram_devi.accepted("submitApplication", **given)["receiptNumber"]
    son = Submitter(guarded, token(member_id=SON), citizen=SON)
    assert code_of(son.run(SUBMISSION, number=receipt)) == "NOT_FOUND"
    assert code_of(son.call("withdrawApplication", application=receipt)) == "NOT_FOUND"
    mutation, given = changes(CITIZEN)[0]
    assert code_of(son.call(mutation, **given)) == "FORBIDDEN"


def test_a_receipt_of_another_citizen_is_as_one_that_does_not_exist(
    guarded: Hub, ram_devi: Submitter, stranger: Submitter
) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    submission = ram_devi.acknowledged(ram_devi.accepted("submitApplication", **given))
    grievance = ram_devi.accepted(
        "fileGrievance", citizen=ram_devi.key, category="GRV-PEN", text=TEXT
    )
    wrong = global_id("Submission", NO_SUCH_RECEIPT)
    document = "query ($id: ID!) { node(id: $id) { id } }"
    for mine in (submission, grievance):
        receipt = mine["receiptNumber"]
        found = stranger.run(SUBMISSION, number=receipt)
        missing = stranger.run(SUBMISSION, number=NO_SUCH_RECEIPT)
        assert code_of(found) == "NOT_FOUND"
        assert uniform(found) == uniform(missing)
        nodes = [stranger.run(document, id=each) for each in (mine["id"], wrong)]
        assert nodes[0]["data"] == nodes[1]["data"] == {"node": None}
        for mutation, more in (
            ("withdrawApplication", {}),
            ("respondToQuery", {"answer": "x"}),
            ("fileAppeal", {"level": "FIRST", "grounds": "x"}),
        ):
            refused = stranger.call(mutation, application=receipt, **more)
            assert code_of(refused) == "NOT_FOUND", mutation
        assert code_of(stranger.call("giveFeedback", request=receipt, rating=1)) == "NOT_FOUND"
        assert code_of(stranger.upload(application=receipt)) == "NOT_FOUND"
    reference = submission["applicationReferenceNumber"]
    other = re.sub(r"\d{6}$", "999999", reference)
    responses = [
        stranger.call("withdrawApplication", application=each) for each in (reference, other)
    ]
    assert [code_of(each) for each in responses] == ["NOT_FOUND", "NOT_FOUND"]
    assert uniform(responses[0]) == uniform(responses[1])


def test_a_document_of_another_citizen_is_as_one_that_does_not_exist(
    ram_devi: Submitter, stranger: Submitter
) -> None:
    theirs = stranger.attachment(evidence="WORK_SLIP")
    missing = global_id("Attachment", "0" * 32)
    given = ram_devi.labour_application([theirs, missing], confirmDuplicate=True)
    payload = ram_devi.done("submitApplication", **given)
    found = [each for each in payload["problems"] if each["code"] == "ATTACHMENT_NOT_AVAILABLE"]
    assert len(found) == 2
    assert found[0] == found[1]
    assert payload["submission"] is None
    # Nor can it be used in a grievance, an answer or a draft.
    codes = ram_devi.problems(
        "fileGrievance",
        citizen=ram_devi.key,
        category="GRV-PEN",
        text=TEXT,
        documents=[theirs],
    )
    assert codes == ["ATTACHMENT_NOT_AVAILABLE"]
    draft = ram_devi.done(
        "saveDraft", citizen=ram_devi.key, service="LAB-BOC", attributes=[], documents=[theirs]
    )["draft"]
    assert draft["documents"] == []


def test_a_draft_of_another_person_cannot_be_read_changed_submitted_or_deleted(
    guarded: Hub, ram_devi: Submitter, stranger: Submitter
) -> None:
    secret = [{"code": "applicant_name", "value": "SECRET NAME"}]
    saved = ram_devi.done("saveDraft", citizen=ram_devi.key, service="LAB-BOC", attributes=secret)[
        "draft"
    ]
    head_of_same_family = Submitter(guarded, token(member_id=SON), citizen=SON)
    for person in (stranger, head_of_same_family):
        response = person.run(NODE, id=saved["id"])
        assert response["data"] == {"node": None}
        assert "SECRET" not in str(response)
        given = {"citizen": person.key, "service": "LAB-BOC", "attributes": []}
        assert code_of(person.call("saveDraft", **given, draft=saved["id"])) == "NOT_FOUND"
        assert code_of(person.call("submitApplication", **given, draft=saved["id"])) == "NOT_FOUND"
        discard = "mutation ($id: ID!) { discardDraft(draft: $id) { draftId } }"
        person.run(discard, id=saved["id"])
    mine = ram_devi.run(NODE, id=saved["id"])["data"]["node"]
    assert mine["attributeValues"] == [{"value": "SECRET NAME"}]
    # A draft for one citizen cannot be turned into one for another.
    moved = {"citizen": {"memberIdentifier": SON}, "service": "LAB-BOC", "attributes": []}
    assert code_of(ram_devi.call("saveDraft", **moved, draft=saved["id"])) == "NOT_FOUND"
    assert code_of(ram_devi.call("submitApplication", **moved, draft=saved["id"])) == "NOT_FOUND"


def test_the_key_of_another_person_returns_nothing_of_theirs(
    ram_devi: Submitter, stranger: Submitter
) -> None:
    key = new_key()
    given = {"category": "GRV-PEN", "text": TEXT, "idempotencyKey": key}
    mine = ram_devi.accepted("fileGrievance", citizen=ram_devi.key, **given)
    theirs = stranger.accepted("fileGrievance", citizen=stranger.key, **given)
    assert mine["receiptNumber"] != theirs["receiptNumber"]
    refused = stranger.call("fileGrievance", citizen=ram_devi.key, **given | {"text": f"{TEXT}!"})
    # The key is the stranger's own, with another input.
    assert refused["data"]["fileGrievance"]["problems"][0]["code"] == "KEY_CONFLICT"
    with_new_key = given | {"idempotencyKey": new_key()}
    assert code_of(stranger.call("fileGrievance", citizen=ram_devi.key, **with_new_key)) == (
        "NOT_FOUND"
    )


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        ("submitApplication", {"service": "LAB-BOC", "attributes": [], "idempotencyKey": ""}),
        ("submitApplication", {"service": "L" * 101, "attributes": []}),
        (
            "submitApplication",
            {"service": "LAB-BOC", "attributes": [{"code": "a", "value": "x"}] * 201},
        ),
        (
            "submitApplication",
            {"service": "LAB-BOC", "attributes": [{"code": "a", "value": "x" * 10_001}]},
        ),
        ("submitApplication", {"service": "LAB-BOC", "attributes": [], "documents": ["x"] * 21}),
        ("fileGrievance", {"category": "x", "text": "x" * 4001}),
        ("fileGrievance", {"category": "x", "text": "x", "department": "no-such"}),
        ("requestCorrection", {"recordField": "x" * 101, "newValue": "x"}),
    ],
)
def test_inputs_without_bounds_are_refused(
    ram_devi: Submitter, mutation: str, given: dict[str, Any]
) -> None:
    assert code_of(ram_devi.call(mutation, citizen=ram_devi.key, **given)) == "BAD_USER_INPUT"


@pytest.mark.parametrize("text", ["\x00", "\u202e", "{receipt}{citizen}", "<x/>&amp;", "'; --"])
def test_awkward_texts_are_refused_or_stored(ram_devi: Submitter, text: str) -> None:
    given = {
        "citizen": ram_devi.key,
        "category": "GRV-PEN",
        "text": f"The road is broken {text} since May",
    }
    payload = ram_devi.done("fileGrievance", **given)
    if payload["submission"] is None:
        assert [each["code"] for each in payload["problems"]] == ["UNREADABLE_TEXT"]
    else:
        assert payload["submission"]["state"] in ("ACKNOWLEDGED", "NOT_SENT")


def test_half_a_surrogate_pair_is_no_internal_error(ram_devi: Submitter) -> None:
    document = (
        'mutation { fileGrievance(input: {citizen: {memberIdentifier: "7KNL042101"}, category: '
        '"x", text: "\\ud800", idempotencyKey: "\\udfff"}) { problems { code } } }'
    )
    assert code_of(ram_devi.run(document)) not in ("INTERNAL", None)
