"""Mutations over a real hub and mock departments: what citizens, operators and officers submit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hub.access.policy.file import BUILT_IN
from tests.support.people import people
from tests.support.processes import Hub, Mock, wait_until
from tests.support.sign_in import token
from tests.support.submitting import (
    LABOUR_DOCUMENTS,
    LABOUR_FORM,
    Submitter,
    new_key,
    values,
)

DEPARTMENTS = ("registry", "pensions", "helpdesk")
SON, SONS_WIFE, CHILD = "7KNL042102", "7KNL042103", "7KNL042105"
PAUSE = 'mutation { pauseDepartment(input: {department: "labour"}) { __typename } }'
OPERATOR = "ASSISTED_APPLICATION"
OFFICER = {"Hub-Purpose": "APPLICATION_PROCESSING"}


@pytest.fixture(scope="module")
def labour() -> Iterator[Mock]:
    mock = Mock("labour")
    yield mock
    mock.stop()


@pytest.fixture(scope="module")
def guarded(departments: dict[str, Mock], labour: Mock) -> Iterator[Hub]:
    """A hub with the built-in policy, which delivers at once."""
    mocks = {name: departments[name] for name in DEPARTMENTS} | {"labour": labour}
    running = Hub(mocks, HUB_POLICY=str(BUILT_IN), HUB_DELIVERY_POLL_SECONDS="0.1")
    yield running
    running.stop()


@pytest.fixture
def ram_devi(guarded: Hub) -> Submitter:
    return Submitter(guarded)


def arrivals(mock: Mock, receipt: str) -> list[dict[str, Any]]:
    return [each for each in mock.submissions() if each["hubReference"] == receipt]


def test_an_application_reaches_the_department_with_its_documents(
    ram_devi: Submitter, labour: Mock
) -> None:
    submission = ram_devi.accepted(
        "submitApplication", **ram_devi.labour_application(confirmDuplicate=True)
    )
    assert submission["kind"] == "APPLICATION"
    assert submission["submitterRole"] == "CITIZEN"
    assert {each["evidence"] for each in submission["documents"]} == set(LABOUR_DOCUMENTS)
    assert {each["name"] for each in submission["documents"]} == {"slip.png"}
    receipt = submission["receiptNumber"]
    submission = ram_devi.acknowledged(submission)
    assert submission["applicationReferenceNumber"].startswith("LAB-")
    assert submission["application"]["receiptNumber"] == receipt
    (arrival,) = arrivals(labour, receipt)
    assert arrival["copies"] == 1
    shown = ram_devi.run(
        "query ($number: String!) { submission(receiptNumber: $number) { state: submissionState id "
        "citizen { personName { fullName } } events { eventKind } } }",
        number=f" {receipt[:5].lower()}-{receipt[5:]} ",
    )["data"]["submission"]
    assert shown["state"] == "ACKNOWLEDGED"
    assert shown["citizen"]["personName"]["fullName"] == "RAM DEVI"
    assert [each["eventKind"] for each in shown["events"]][:2] == ["ACCEPTED", "SENDING"]
    node = ram_devi.run(
        "query ($id: ID!) { node(id: $id) { ... on Submission { receiptNumber } } }", id=shown["id"]
    )
    assert node["data"]["node"]["receiptNumber"] == receipt


def test_each_wrong_value_and_missing_document_is_a_problem(ram_devi: Submitter) -> None:
    form = LABOUR_FORM | {"trade": "OTHER", "days_worked": "89", "colour": "red"}
    payload = ram_devi.done(
        "submitApplication",
        **ram_devi.labour_application([], attributes=values(form), confirmDuplicate=True),
    )
    assert payload["submission"] is None
    found = {
        (each.get("attribute") or each.get("evidence"), each["code"])
        for each in payload["problems"]
    }
    assert found == {
        ("colour", "UNKNOWN_FIELD"),
        ("other_trade", "REQUIRED"),
        ("days_worked", "TOO_SMALL"),
        *((each, "REQUIRED") for each in LABOUR_DOCUMENTS),
    }
    # The registry records another age than the form: the citizen decides.
    assert [each["condition"] for each in payload["hints"]] == ["The worker is between 18 and 60."]


def test_a_repeated_request_returns_the_same_submission(ram_devi: Submitter, labour: Mock) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    first = ram_devi.accepted("submitApplication", **given)
    again = ram_devi.accepted("submitApplication", **given)
    assert again["receiptNumber"] == first["receiptNumber"]
    other = given | {"attributes": values(LABOUR_FORM | {"trade": "PAINTER"})}
    assert ram_devi.problems("submitApplication", **other) == ["KEY_CONFLICT"]
    # So is an input that would be refused.
    wrong = given | {"attributes": []}
    assert ram_devi.problems("submitApplication", **wrong) == ["KEY_CONFLICT"]
    ram_devi.acknowledged(first)
    assert len(arrivals(labour, first["receiptNumber"])) == 1


def test_identical_requests_in_parallel_make_one_submission(
    ram_devi: Submitter, labour: Mock
) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: ram_devi.accepted("submitApplication", **given), range(32)))
    receipts = {each["receiptNumber"] for each in found}
    assert len(receipts) == 1
    ram_devi.acknowledged(found[0])
    (arrival,) = arrivals(labour, receipts.pop())
    assert arrival["copies"] == 1


def test_a_likely_duplicate_is_shown_before_it_is_filed(guarded: Hub) -> None:
    wife = Submitter(guarded, token(member_id=SONS_WIFE), citizen=SONS_WIFE)
    first = wife.accepted("submitApplication", **wife.labour_application())
    given = wife.labour_application()
    payload = wife.done("submitApplication", **given)
    (problem,) = payload["problems"]
    assert problem["__typename"] == "DuplicateProblem"
    assert [each["receiptNumber"] for each in problem["applications"]] == [first["receiptNumber"]]
    given |= {"confirmDuplicate": True, "idempotencyKey": new_key()}
    second = wife.accepted("submitApplication", **given)
    assert second["receiptNumber"] != first["receiptNumber"]


def test_a_head_of_family_applies_for_an_adult_and_a_parent_for_a_child(guarded: Hub) -> None:
    head = Submitter(guarded, citizen=SON)
    submission = head.accepted(
        "submitApplication", **head.labour_application(confirmDuplicate=True)
    )
    mine = Submitter(guarded, token(member_id=SON), citizen=SON)
    listed = mine.run("{ me { submissions { receiptNumber } } }")["data"]["me"]["submissions"]
    assert submission["receiptNumber"] in {each["receiptNumber"] for each in listed}
    refused = head.call("fileGrievance", citizen=head.key, category="WATER", text="No water")
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    parent = Submitter(guarded, token(member_id=SON), citizen=CHILD)
    given = {"citizen": parent.key, "recordField": "Citizen.personName", "newValue": "b"}
    parent.accepted("requestCorrection", **given)


def test_a_grievance_and_a_correction_are_submitted(
    ram_devi: Submitter, departments: dict[str, Mock]
) -> None:
    empty = ram_devi.done("fileGrievance", citizen=ram_devi.key, category="x\ny", text=" ")
    assert {(each["field"], each["code"]) for each in empty["problems"]} == {
        ("category", "UNREADABLE_TEXT"),
        ("text", "REQUIRED"),
    }
    unknown = ram_devi.done(
        "fileGrievance", citizen=ram_devi.key, category="WATER", text="No water"
    )
    assert {(each["field"], each["code"]) for each in unknown["problems"]} == {
        ("category", "NOT_AN_OPTION"),
        ("text", "TOO_SHORT"),
    }
    helpdesk = ram_devi.hub.data(
        '{ department(by: {identifier: "helpdesk"}) {'
        " grievanceCategories { code name(lang: HI) } } }"
    )["department"]
    names = {each["code"]: each["name"] for each in helpdesk["grievanceCategories"]}
    assert names["GRV-PEN"] == "पेंशन नहीं मिली"
    grievance = ram_devi.accepted(
        "fileGrievance", citizen=ram_devi.key, category="GRV-PEN", text="No pension since May"
    )
    assert grievance["applicationReferenceNumber"] is None
    grievance = ram_devi.acknowledged(grievance)
    (arrival,) = arrivals(departments["helpdesk"], grievance["receiptNumber"])
    assert arrival["kind"] == "GRIEVANCE"
    assert grievance["registrationNumber"].startswith("CMOFF/")
    registry = ram_devi.hub.data(
        '{ department(by: {identifier: "registry"}) { correctableFields } }'
    )["department"]
    assert "Citizen.birthDate" in registry["correctableFields"]
    given = {"citizen": ram_devi.key, "newValue": "1960-01-01"}
    (problem,) = ram_devi.done("requestCorrection", recordField="Citizen.id", **given)["problems"]
    assert (problem["field"], problem["code"]) == ("recordField", "NOT_AN_OPTION")
    correction = ram_devi.accepted("requestCorrection", recordField="Citizen.birthDate", **given)
    wait_until(lambda: arrivals(departments["registry"], correction["receiptNumber"]))


def test_a_correction_of_a_department_without_the_call_waits_for_an_operator(
    ram_devi: Submitter,
) -> None:
    given = {"citizen": ram_devi.key, "department": "pensions", "recordField": "Benefit.status"}
    submission = ram_devi.accepted("requestCorrection", **given, newValue="ACTIVE")
    number = submission["receiptNumber"]
    document = (
        "query ($n: String!) { submission(receiptNumber: $n) { state: submissionState stateNote } }"
    )
    wait_until(
        lambda: (
            "Our staff will forward it"
            in ram_devi.run(document, n=number)["data"]["submission"]["stateNote"]
        )
    )
    shown = ram_devi.run(document, n=number)["data"]["submission"]
    assert shown["state"] == "NOT_SENT"


def test_an_application_is_withdrawn_by_its_reference_or_receipt(ram_devi: Submitter) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    applied = ram_devi.acknowledged(ram_devi.accepted("submitApplication", **given))
    reference = applied["applicationReferenceNumber"]
    withdrawal = ram_devi.accepted("withdrawApplication", application=reference, reason="Mistake")
    assert withdrawal["kind"] == "WITHDRAWAL"
    assert withdrawal["applicationReferenceNumber"] == reference
    assert withdrawal["application"]["receiptNumber"] == applied["receiptNumber"]
    ram_devi.acknowledged(withdrawal)
    again = {"application": applied["receiptNumber"]}
    assert ram_devi.problems("withdrawApplication", **again) == ["ALREADY_FINISHED"]
    document = ram_devi.upload(**again)["data"]["attachDocument"]
    assert [each["code"] for each in document["problems"]] == ["ALREADY_FINISHED"]
    assert document["attachment"] is None


def test_an_application_that_was_not_sent_is_cancelled(
    guarded: Hub, ram_devi: Submitter, labour: Mock
) -> None:
    guarded.administrate(PAUSE)
    try:
        given = ram_devi.labour_application(confirmDuplicate=True)
        applied = ram_devi.accepted("submitApplication", **given)
        assert applied["state"] == "NOT_SENT"
        assert applied["applicationReferenceNumber"] is None
        assert applied["application"]["submissionState"] == "NOT_SENT"
        request = {"application": applied["receiptNumber"], "idempotencyKey": new_key()}
        cancelled = ram_devi.accepted("withdrawApplication", **request)
        assert (cancelled["kind"], cancelled["state"]) == ("APPLICATION", "CANCELLED")
        assert ram_devi.accepted("withdrawApplication", **request)["state"] == "CANCELLED"
    finally:
        guarded.reopen()
    assert arrivals(labour, applied["receiptNumber"]) == []


def test_the_catalogue_says_for_which_services_the_hub_takes_applications(
    ram_devi: Submitter,
) -> None:
    query = "{ services(first: 100) { edges { node { code acceptsApplications } } } }"
    edges = ram_devi.run(query)["data"]["services"]["edges"]
    accepts = {each["node"]["code"]: each["node"]["acceptsApplications"] for each in edges}
    assert accepts["LAB-BOC"]
    refuse = {"NOT_ONLINE", "NOT_OFFERED"}
    found = {
        code: refuse.isdisjoint(
            ram_devi.problems(
                "submitApplication", citizen=ram_devi.key, attributes=[], service=code
            )
        )
        for code in accepts
    }
    assert found == accepts
    assert set(accepts.values()) == {True, False}


def test_the_status_and_the_department_decide_what_can_be_submitted(ram_devi: Submitter) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    number = ram_devi.accepted("submitApplication", **given)["receiptNumber"]
    answered = ram_devi.problems("respondToQuery", application=number, answer="Here it is")
    assert answered == ["NOT_SENT_BACK"]
    appeal = ram_devi.done("fileAppeal", application=number, level="FIRST", grounds="Too slow")
    (problem,) = appeal["problems"]
    assert problem["code"] == "NOT_OFFERED"
    assert problem["department"] == {"identifier": "labour"}
    assert "office" in problem["message"]
    rated = ram_devi.problems("giveFeedback", request=number, rating=5)
    assert rated == ["NOT_OFFERED"]
    apply = {"citizen": ram_devi.key, "attributes": []}
    missing = ram_devi.call("submitApplication", **apply, service="NO-SUCH")
    assert missing["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_status_that_the_department_does_not_show_now_is_no_problem_of_the_citizen(
    guarded: Hub, ram_devi: Submitter
) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    applied = ram_devi.acknowledged(ram_devi.accepted("submitApplication", **given))
    about = {"application": applied["receiptNumber"]}
    guarded.administrate(PAUSE)
    try:

        def is_unknown() -> bool:
            errors = ram_devi.call("respondToQuery", **about, answer="Here").get("errors", ())
            return [each["extensions"]["code"] for each in errors] == ["DEPARTMENT_UNREACHABLE"]

        wait_until(is_unknown, 30)
        assert is_unknown()
        # A withdrawal waits for the department.
        withdrawal = ram_devi.accepted("withdrawApplication", **about)
        assert withdrawal["state"] == "NOT_SENT"
    finally:
        guarded.reopen()
    ram_devi.acknowledged(withdrawal)


def finished_grievances(person: Submitter) -> list[str]:
    listed = person.run(
        "{ me { grievances(first: 50, statusGroup: [DONE]) { nodes { registrationNumber } } } }"
    )["data"]["me"]["grievances"]["nodes"]
    return [each["registrationNumber"] for each in listed]


def test_a_finished_grievance_is_rated_from_1_to_5(guarded: Hub) -> None:
    persons = (
        Submitter(guarded, token(member_id=each.member), citizen=each.member)
        for each in people().values()
        if each.grievances
    )
    person, number = next(
        (person, found[0]) for person in persons if (found := finished_grievances(person))
    )
    assert person.problems("giveFeedback", request=number, rating=6) == ["OUT_OF_RANGE"]
    feedback = person.accepted("giveFeedback", request=number, rating=4, comments="Thank you")
    assert feedback["registrationNumber"] == number
    assert feedback["applicationReferenceNumber"] is None


def test_a_document_is_sent_to_an_application(ram_devi: Submitter, labour: Mock) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    number = ram_devi.accepted("submitApplication", **given)["receiptNumber"]
    request = {"application": number, "evidence": "WORK_SLIP", "idempotencyKey": new_key()}
    payload = ram_devi.upload(**request)["data"]["attachDocument"]
    assert payload["problems"] == []
    assert payload["submission"]["kind"] == "DOCUMENT"
    assert payload["attachment"]["mediaType"] == "image/png"
    again = ram_devi.upload(**request)["data"]["attachDocument"]
    assert again["attachment"] == payload["attachment"]
    receipt = payload["submission"]["receiptNumber"]
    assert again["submission"]["receiptNumber"] == receipt
    wait_until(lambda: arrivals(labour, receipt))


def test_a_draft_is_saved_reviewed_and_submitted(ram_devi: Submitter) -> None:
    request = {"citizen": ram_devi.key, "service": "LAB-BOC", "idempotencyKey": new_key()}
    begun = ram_devi.done("saveDraft", **request, attributes=values({"trade": "?"}))["draft"]
    same = ram_devi.done("saveDraft", **request, attributes=values({"trade": "?"}))["draft"]
    assert same["id"] == begun["id"]
    conflict = ram_devi.done("saveDraft", **request, attributes=[])
    assert [each["code"] for each in conflict["problems"]] == ["KEY_CONFLICT"]
    review = ram_devi.run(
        "query ($id: ID!) { node(id: $id) { ... on Draft { review { "
        "problems { code ... on AttributeProblem { attribute } } hints { condition } } } } }",
        id=begun["id"],
    )["data"]["node"]["review"]
    assert {"code": "NOT_AN_OPTION", "attribute": "trade"} in review["problems"]
    attachments = [ram_devi.attachment(evidence=each) for each in LABOUR_DOCUMENTS]
    request = {**request, "idempotencyKey": new_key(), "draft": begun["id"]}
    saved = ram_devi.done(
        "saveDraft", **request, attributes=values(LABOUR_FORM), documents=attachments
    )["draft"]
    assert saved["id"] == begun["id"]
    assert len(saved["documents"]) == 3
    given = ram_devi.labour_application(attachments, confirmDuplicate=True, draft=saved["id"])
    applied = ram_devi.accepted("submitApplication", **given)
    # The draft is gone, and the documents belong to the submission.
    again = ram_devi.accepted("submitApplication", **given)
    assert again["receiptNumber"] == applied["receiptNumber"]
    left = ram_devi.run("{ me { drafts { id } } }")["data"]["me"]["drafts"]
    assert saved["id"] not in {each["id"] for each in left}
    other = ram_devi.done("saveDraft", **request | {"draft": None}, attributes=[])["draft"]
    discard = "mutation ($id: ID!) { discardDraft(draft: $id) { draftId } }"
    for _ in range(2):
        assert ram_devi.run(discard, id=other["id"])["data"]["discardDraft"] is not None
    assert ram_devi.run("{ me { drafts { id } } }")["data"]["me"]["drafts"] == []


def test_an_officer_adds_a_document_to_an_application_of_the_own_department(
    guarded: Hub, ram_devi: Submitter
) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    applied = ram_devi.acknowledged(ram_devi.accepted("submitApplication", **given))
    officer = Submitter(guarded, token("officer", department="labour"), OFFICER)
    number = applied["receiptNumber"]
    response = officer.upload(application=number)
    assert "errors" not in response, response
    assert response["data"]["attachDocument"]["submission"]["submitterRole"] == "OFFICER"
    refused = officer.call("withdrawApplication", application=number)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    other = Submitter(guarded, token("officer", department="pensions"), OFFICER)
    hidden = other.upload(application=number)
    assert hidden["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_every_write_is_an_act_in_the_access_log(guarded: Hub, ram_devi: Submitter) -> None:
    given = ram_devi.labour_application(confirmDuplicate=True)
    receipt = ram_devi.accepted("submitApplication", **given)["receiptNumber"]
    ram_devi.accepted("submitApplication", **given)
    lines = guarded.log().splitlines()
    assert sum(f"SUBMIT {receipt} by CITIZEN" in each for each in lines) == 1
    assert sum("ATTACH_DOCUMENT" in each for each in lines) >= 3


CONSENT = """mutation ($citizen: String!) {
  requestConsent(input: {citizen: {memberIdentifier: $citizen}, purpose: "ASSISTED_APPLICATION"}) {
    consentRequestId } }"""
DECIDE = "mutation ($id: ID!) { %s(consentId: $id) { consent { state } } }"


def test_an_operator_submits_for_a_citizen_who_has_consented(
    guarded: Hub, ram_devi: Submitter
) -> None:
    operator = Submitter(
        guarded, token("operator", centre="ambala-antyodaya"), {"Hub-Purpose": OPERATOR}
    )
    given = {"citizen": ram_devi.key, "recordField": "Citizen.birthDate", "newValue": "1960"}
    refused = operator.call("requestCorrection", **given)
    error = refused["errors"][0]["extensions"]
    assert error["code"] == "CONSENT_REQUIRED"
    identifier = operator.run(CONSENT, citizen=ram_devi.citizen)["data"]["requestConsent"][
        "consentRequestId"
    ]
    assert identifier == error["consentRequestId"]
    ram_devi.run(DECIDE % "grantConsent", id=identifier)
    application = operator.labour_application(confirmDuplicate=True, idempotencyKey="by-operator")
    submission = operator.accepted("submitApplication", **application)
    assert submission["submitterRole"] == "OPERATOR"
    assert len(submission["documents"]) == 3
    operator.accepted("requestCorrection", **given)
    draft = operator.done("saveDraft", citizen=ram_devi.key, service="LAB-BOC", attributes=[])
    assert draft["draft"] is not None
    # What an operator has begun is not the citizen's draft, but a submission is the citizen's.
    shown = ram_devi.run("{ me { drafts { id } submissions { receiptNumber } } }")["data"]["me"]
    assert shown["drafts"] == []
    receipts = [each["receiptNumber"] for each in shown["submissions"]]
    assert submission["receiptNumber"] in receipts
    ram_devi.run(DECIDE % "withdrawConsent", id=identifier)
    again = operator.call("requestCorrection", **given, reason="New key")
    assert again["errors"][0]["extensions"]["code"] == "CONSENT_REQUIRED"
    document = "query ($n: String!) { submission(receiptNumber: $n) { submissionState } }"
    hidden = operator.run(document, n=submission["receiptNumber"])
    assert hidden["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    # The same request has the same answer, but shows no documents any more.
    repeated = operator.call("submitApplication", **application)["data"]["submitApplication"]
    assert repeated["submission"]["receiptNumber"] == submission["receiptNumber"]
    assert repeated["submission"]["documents"] is None
    assert repeated["submission"]["application"] is None
