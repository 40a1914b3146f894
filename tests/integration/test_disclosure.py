"""What each principal sees of records, over a hub with the built-in policy.

The names of these tests say which published failure of another gateway must not happen here.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.access.policy.file import BUILT_IN
from tests.support.ids import global_id
from tests.support.people import Person, people
from tests.support.processes import Hub, Mock
from tests.support.sign_in import CITIZEN, token

SON, SONS_WIFE, GRANDSON, CHILD = "7KNL042102", "7KNL042103", "7KNL042104", "7KNL042105"
STRANGER = next(
    each for each in people().values() if each.certificates and each.family != CITIZEN[:8]
)
PROCESSING = {"Hub-Purpose": "APPLICATION_PROCESSING"}
ELIGIBILITY = {"Hub-Purpose": "ELIGIBILITY_CHECK"}
COUNTER = {"Hub-Purpose": "ASSISTED_APPLICATION"}
PENSIONS = token("officer", department="pensions", sub="officer-of-pensions")
OPERATOR = token("operator", centre="CSC-1", sub="operator-of-disclosure")
HELPDESK = token("helpdesk", sub="helpdesk-of-disclosure")
SON_TOKEN = token(member_id=SON, sub=SON)
NAME = "query ($id: String!) { citizen(by: {memberIdentifier: $id}) { personName { fullName } } }"


@pytest.fixture(scope="module")
def guarded(departments: dict[str, Mock]) -> Iterator[Hub]:
    """A hub with the built-in policy."""
    hub = Hub(departments, HUB_POLICY=str(BUILT_IN), HUB_DEBUG="true")
    yield hub
    hub.stop()


@pytest.fixture
def no_calls(departments: dict[str, Mock]) -> dict[str, Mock]:
    """The mock departments, with an empty record of calls."""
    for mock in departments.values():
        mock.clear_calls()
    return departments


def calls(mocks: dict[str, Mock]) -> dict[str, int]:
    """Return the number of calls to each department that was called."""
    found = {name: sum(mock.calls().values()) for name, mock in mocks.items()}
    return {name: count for name, count in found.items() if count}


def codes(response: dict[str, Any]) -> list[str]:
    return [each["extensions"]["code"] for each in response.get("errors", ())]


def with_core(document: str) -> str:
    """Return the document so that graphql-core executes it instead of a plan."""
    return document.replace("{", "{ __schema { queryType { name } } ", 1)


def owner_of_pension() -> Person:
    return next(
        each
        for each in people().values()
        if each.references["pensions"] and each.family != CITIZEN[:8]
    )


# Citizens


def test_the_own_records_need_no_further_call(guarded: Hub, no_calls: dict[str, Mock]) -> None:
    found = guarded.data(
        "{ me { personName { fullName } benefits { nodes { benefitNumber } } identifiers "
        "{ identifierType } homeAddress { addressLine1 } } }"
    )["me"]
    assert found["benefits"]["nodes"]
    assert found["homeAddress"]["addressLine1"]
    assert calls(no_calls) == {"registry": 1, "pensions": 1}


def test_swapping_the_id_in_every_argument_shows_no_other_citizen(guarded: Hub) -> None:
    document = """query ($member: String!, $family: String!, $reference: String!, $id: ID!,
        $number: String!) {
      citizen(by: {memberIdentifier: $member}) { id }
      family(by: {familyIdentifier: $family}) { id }
      application(reference: $reference) { id }
      certificate(number: $number) { id }
      node(id: $id) { id }
      byId: citizen(by: {id: $id}) { id }
    }"""
    reference = next(iter(STRANGER.references["certificates"]))
    response = guarded.query(
        document,
        member=STRANGER.member,
        family=STRANGER.family,
        reference=reference,
        number=STRANGER.certificates[0].rpartition("|")[2],
        id=global_id("Citizen", STRANGER.member),
    )
    assert set(response["data"].values()) == {None}
    assert set(codes(response)) == {"NOT_FOUND"}


def test_walking_sequential_references_gives_one_uniform_error(guarded: Hub) -> None:
    document = "query ($key: String!) { application(reference: $key) { id } }"
    answers = set()
    for number in range(1000, 1030):
        response = guarded.query(document, key=f"SJE-OAS/2026/{number:06}")
        (error,) = response["errors"]
        answers.add((error["message"], error["extensions"]["code"]))
    assert len(answers) == 1


def test_a_node_id_that_names_another_type_finds_nothing(guarded: Hub) -> None:
    document = "query ($id: ID!) { node(id: $id) { __typename id } }"
    for type_name in ("Family", "Application", "Benefit", "Certificate", "Grievance"):
        response = guarded.query(document, id=global_id(type_name, CITIZEN))
        assert response["data"] == {"node": None}


@pytest.mark.parametrize("change", [lambda text: text, with_core])
def test_a_renamed_or_aliased_field_is_guarded_in_both_executors(guarded: Hub, change: Any) -> None:
    document = """query ($id: String!) { other: citizen(by: {memberIdentifier: $id}) {
        born: birthDate ...Phone ... on Citizen { name: personName { text: fullName } } } }
        fragment Phone on Citizen { telephone: phoneNumber  masked: identifiers
          { number: identifierValue } }"""
    response = guarded.query(change(document), id=CITIZEN, token=SON_TOKEN)
    executor = "plan" if change(document) == document else "graphql-core"
    assert response["extensions"]["executor"] == executor
    assert response["data"]["other"] == {
        "born": "1961-01-01",
        "telephone": None,
        "masked": response["data"]["other"]["masked"],
        "name": {"text": "RAM DEVI"},
    }
    assert all(each["number"].startswith("X") for each in response["data"]["other"]["masked"])


def test_a_derived_field_shows_no_more_than_its_inputs(guarded: Hub) -> None:
    document = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
        sex sexLabel maritalStatus maritalStatusLabel employmentStatusLabel occupation
        guardianRelationLabel conflicts { nodes { detail values { value } } } } }"""
    found = guarded.query(document, id=CITIZEN, token=SON_TOKEN)["data"]["citizen"]
    assert set(found.values()) == {None}


def test_an_adult_of_the_family_sees_little_of_the_others(guarded: Hub) -> None:
    document = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
        personName { fullName } birthDate birthDatePrecision phoneNumber
        homeAddress { addressLine1 } applications { totalCount } } }"""
    response = guarded.query(document, id=SONS_WIFE, token=SON_TOKEN)
    assert response["data"]["citizen"] == {
        "personName": {"fullName": "SUNITA DEVI"},
        "birthDate": "1988-01-01",
        "birthDatePrecision": "YEAR",
        "phoneNumber": None,
        "homeAddress": None,
        "applications": None,
    }
    assert codes(response) == ["FORBIDDEN"]


def test_the_head_sees_the_records_of_adults_and_no_certificates(guarded: Hub) -> None:
    document = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { sex
        applications { nodes { applicationReferenceNumber } } certificates { totalCount }
        conflicts { nodes { detail } } } }"""
    response = guarded.query(document, id=SON)
    assert response["data"]["citizen"] == {
        "sex": "MALE",
        "applications": {"nodes": [{"applicationReferenceNumber": "REV-INC/2026/0012346"}]},
        "certificates": None,
        # They would compare the names on certificates too.
        "conflicts": None,
    }


def test_only_a_parent_sees_the_records_of_a_minor(guarded: Hub) -> None:
    document = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
        sex certificates { totalCount } } }"""
    for parent in (SON, SONS_WIFE):
        signed_in = token(member_id=parent, sub=parent)
        found = guarded.query(document, id=CHILD, token=signed_in)["data"]["citizen"]
        assert found == {"sex": "FEMALE", "certificates": {"totalCount": 0}}
    grandmother = guarded.query(document, id=CHILD)["data"]["citizen"]
    assert grandmother == {"sex": None, "certificates": None}


def test_a_nominee_sees_the_records_of_a_deceased_person_only(guarded: Hub) -> None:
    nominate = """mutation ($id: String!) { nominate(nominee: {memberIdentifier: $id}) {
        nomination { id } } }"""
    document = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { isDeceased
        phoneNumber benefits { nodes { benefitNumber } } } }"""
    nominee = token(member_id=STRANGER.member, sub=STRANGER.member)
    # The registry records the death of the first of the two.
    for member, signed_in in ((CITIZEN, token()), (SON, SON_TOKEN)):
        before = guarded.query(document, id=member, token=nominee)
        assert (before["data"], codes(before)) == ({"citizen": None}, ["NOT_FOUND"])
        made = guarded.query(nominate, id=STRANGER.member, token=signed_in)
        nomination = made["data"]["nominate"]["nomination"]["id"]
        after = guarded.query(document, id=member, token=nominee)["data"]["citizen"]
        withdraw = "mutation ($id: ID!) { withdrawNomination(nominationId: $id) { __typename } }"
        guarded.query(withdraw, id=nomination, token=signed_in)
        if member == SON:
            assert after is None
        else:
            benefits = {"nodes": [{"benefitNumber": "XXXXX0123"}]}
            assert after == {"isDeceased": True, "phoneNumber": None, "benefits": benefits}
        again = guarded.query(document, id=member, token=nominee)
        assert again["data"] == {"citizen": None}


def test_each_member_of_a_list_is_masked_by_its_own_relation(guarded: Hub) -> None:
    document = "{ me { family { members { citizen { id birthDatePrecision sex } } } } }"
    members = guarded.query(document, token=SON_TOKEN)["data"]["me"]["family"]["members"]
    shown = [each["citizen"]["sex"] is not None for each in members]
    # The son himself, and his children: one of them is of age.
    numbers = [each["citizen"]["id"] for each in members]
    by_number = dict(zip(numbers, shown, strict=True))
    assert by_number[global_id("Citizen", SON)]
    assert by_number[global_id("Citizen", CHILD)]
    assert not by_number[global_id("Citizen", CITIZEN)]
    assert not by_number[global_id("Citizen", SONS_WIFE)]


def test_a_decision_is_not_reused_for_another_object_of_the_same_batch(guarded: Hub) -> None:
    document = """query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Citizen { sex } } }"""
    members = [CITIZEN, SON, CHILD, STRANGER.member, CITIZEN]
    ids = [global_id("Citizen", each) for each in members]
    found = guarded.query(document, ids=ids)["data"]["nodes"]
    assert [each and each["sex"] for each in found] == ["FEMALE", "MALE", None, None, "FEMALE"]


def test_variables_are_not_baked_into_the_plan(guarded: Hub) -> None:
    for _ in range(3):
        own = guarded.query(NAME, id=CITIZEN)
        assert own["data"]["citizen"] == {"personName": {"fullName": "RAM DEVI"}}
        other = guarded.query(NAME, id=STRANGER.member)
        assert other["data"] == {"citizen": None}


def test_no_copy_or_shared_call_is_used_for_another_principal(guarded: Hub) -> None:
    document = "query ($key: String!) { application(reference: $key) { applicantName } }"
    (reference, *_) = STRANGER.references["certificates"]
    theirs = token(member_id=STRANGER.member, sub=STRANGER.member)
    for _ in range(3):
        own = guarded.query(document, key=reference, token=theirs)
        assert own["data"]["application"]["applicantName"]
        other = guarded.query(document, key=reference)
        assert (other["data"], codes(other)) == ({"application": None}, ["NOT_FOUND"])


def test_a_search_is_not_an_oracle_for_citizens(guarded: Hub, no_calls: dict[str, Mock]) -> None:
    response = guarded.query('{ citizens(search: {name: "RAM DEVI", district: "Karnal"}) { id } }')
    assert (response["data"], codes(response)) == ({"citizens": None}, ["FORBIDDEN"])
    assert calls(no_calls) == {}


def test_a_filter_on_hidden_values_is_refused_and_named(guarded: Hub) -> None:
    worklist = '{ applications(filter: {text: "DEVI", desk: "x"}) { totalCount } }'
    office = token("officer", department="helpdesk", sub="officer-of-the-helpdesk")
    refused = guarded.query(worklist, token=office, headers={"Hub-Purpose": "GRIEVANCE_REDRESSAL"})
    assert codes(refused) == ["FORBIDDEN"]
    search = '{ citizens(search: {name: "RAM DEVI", phoneNumber: "9812300123"}) { id } }'
    oracle = guarded.query(search, token=HELPDESK)
    assert codes(oracle) == ["FORBIDDEN"]
    assert "`phoneNumber`" in oracle["errors"][0]["message"]


def test_tracking_and_verification_need_no_sign_in_and_no_purpose(guarded: Hub) -> None:
    tracking = """{ trackApplication(reference: "SJE-OAS/2026/000123", phoneLast4: "0123") {
        applicantName applicationStatus } }"""
    verification = """{ verifyCertificate(number: "HR-INC-2026-001235", issueDate: "2026-08-11") {
        verificationStatus holderName } }"""
    for signed_in in ("", OPERATOR, PENSIONS, token()):
        tracked = guarded.query(tracking, token=signed_in)["data"]["trackApplication"]
        assert tracked["applicantName"].startswith("R**")
        verified = guarded.query(verification, token=signed_in)["data"]["verifyCertificate"]
        assert verified["verificationStatus"] == "VALID"
        assert "*" in verified["holderName"]


def test_tampering_with_a_step_of_tracking_does_not_say_which_part_is_wrong(
    guarded: Hub,
) -> None:
    document = """query ($key: String!, $last: String!) {
        trackApplication(reference: $key, phoneLast4: $last) { applicationStatus } }"""
    wrong = [
        guarded.query(document, key=key, last=last, token="")
        for key, last in (
            ("SJE-OAS/2026/000123", "9999"),
            ("SJE-OAS/2026/999999", "0123"),
            ("SJE-OAS/2026/999999", "9999"),
        )
    ]
    messages = {(each["errors"][0]["message"], codes(each)[0]) for each in wrong}
    assert len(messages) == 1


# Staff


def test_a_role_without_a_purpose_is_refused_before_any_call(
    guarded: Hub, no_calls: dict[str, Mock]
) -> None:
    for purpose, code in (("", "PURPOSE_REQUIRED"), ("OWN_DATA", "PURPOSE_NOT_ALLOWED")):
        response = guarded.query(NAME, id=CITIZEN, token=PENSIONS, headers={"Hub-Purpose": purpose})
        assert (response["data"], codes(response)) == ({"citizen": None}, [code])
        assert "APPLICATION_PROCESSING" in response["errors"][0]["message"]
    assert calls(no_calls) == {}
    catalogue = guarded.query('{ service(code: "SJE-OAS") { name } }', token=PENSIONS)
    assert "errors" not in catalogue


def test_an_officer_reads_one_own_record_plain_and_several_masked(guarded: Hub) -> None:
    owner = owner_of_pension()
    references = owner.references["pensions"]
    one = "query ($key: String!) { application(reference: $key) { applicantName } }"
    shown = guarded.query(one, key=references[0], token=PENSIONS, headers=PROCESSING)
    name = shown["data"]["application"]["applicantName"]
    assert "*" not in name
    several = """query ($key: String!, $other: String!) {
        application(reference: $key) { applicantName }
        other: application(reference: $other) { applicantName } }"""
    masked = guarded.query(
        several, key=references[0], other="SJE-OAS/2026/000123", token=PENSIONS, headers=PROCESSING
    )
    assert all("*" in each["applicantName"] for each in masked["data"].values())


def test_several_root_fields_are_a_list_although_a_copy_answers_at_once(guarded: Hub) -> None:
    owner = owner_of_pension()
    document = """query ($key: String!, $id: ID!) { application(reference: $key) { applicantName }
        node(id: $id) { ... on Application { applicantName } } }"""
    for change in (lambda text: text, with_core):
        response = guarded.query(
            change(document),
            key=owner.references["pensions"][0],
            id=global_id("Application", "pensions:SJE-OAS/2026/000123"),
            token=PENSIONS,
            headers=PROCESSING,
        )
        assert "*" in response["data"]["application"]["applicantName"]
        assert "*" in response["data"]["node"]["applicantName"]


def test_a_worklist_is_masked_and_of_the_own_department_only(
    guarded: Hub, no_calls: dict[str, Mock]
) -> None:
    document = """{ applications(filter: {}, first: 30) { totalCount counts { count }
        nodes { applicantName statusNotes { text } department { identifier } }
        sources { department { identifier } warnings { raw } } } }"""
    response = guarded.query(document, token=PENSIONS, headers=PROCESSING)
    page = response["data"]["applications"]
    assert page["nodes"]
    assert {each["department"]["identifier"] for each in page["nodes"]} == {"pensions"}
    assert all("*" in (each["applicantName"] or "*") for each in page["nodes"])
    assert {each["statusNotes"] and "text" for each in page["nodes"]} == {None}
    assert calls(no_calls) == {"pensions": 1}
    other = '{ applications(filter: {departments: ["certificates"]}) { totalCount } }'
    refused = guarded.query(other, token=PENSIONS, headers=PROCESSING)
    assert (refused["data"], codes(refused)) == ({"applications": None}, ["FORBIDDEN"])
    assert calls(no_calls) == {"pensions": 1}


def test_a_worklist_has_the_own_districts_only_and_does_not_count_others(guarded: Hub) -> None:
    owner = owner_of_pension()
    limited = token(
        "officer", department="pensions", districts=[owner.district], sub="officer-of-a-district"
    )
    document = """query ($after: String) { applications(filter: {}, first: 50, after: $after) {
        totalCount nodes { applicationReferenceNumber }
        pageInfo { hasNextPage endCursor } } }"""
    found: set[str] = set()
    after = None
    for _ in range(20):
        page = guarded.query(document, token=limited, headers=PROCESSING, after=after)["data"][
            "applications"
        ]
        found |= {each["applicationReferenceNumber"] for each in page["nodes"]}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    expected = {
        reference
        for each in people().values()
        if each.district == owner.district
        for reference in each.references["pensions"]
    }
    assert found == expected


def test_another_departments_record_does_not_exist_for_an_officer_and_is_not_called(
    guarded: Hub, no_calls: dict[str, Mock]
) -> None:
    document = "query ($key: String!) { application(reference: $key) { id } }"
    key = next(iter(STRANGER.references["certificates"]))
    response = guarded.query(document, key=key, token=PENSIONS, headers=PROCESSING)
    assert (response["data"], codes(response)) == ({"application": None}, ["NOT_FOUND"])
    assert calls(no_calls) == {}


def test_a_department_that_the_purpose_does_not_cover_is_never_called(
    guarded: Hub, no_calls: dict[str, Mock]
) -> None:
    complaint = {"Hub-Purpose": "GRIEVANCE_REDRESSAL"}
    lists = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
        grievances { sources { department { identifier } state } }
        applications { totalCount } } }"""
    response = guarded.query(lists, id=CITIZEN, token=HELPDESK, headers=complaint)
    assert response["data"]["citizen"]["applications"] is None
    assert response["data"]["citizen"]["grievances"]["sources"]
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "PURPOSE_NOT_COVERED"
    assert set(calls(no_calls)) == {"registry", "helpdesk"}


def test_an_operator_without_consent_gets_the_id_of_a_request_and_calls_nobody(
    guarded: Hub, no_calls: dict[str, Mock]
) -> None:
    for member in (CITIZEN, "9ZZZ000099"):
        response = guarded.query(NAME, id=member, token=OPERATOR, headers=COUNTER)
        (error,) = response["errors"]
        assert error["extensions"]["code"] == "CONSENT_REQUIRED"
        assert error["extensions"]["consentRequestId"]
    reference = "query ($key: String!) { application(reference: $key) { id } }"
    response = guarded.query(reference, key="SJE-OAS/2026/000123", token=OPERATOR, headers=COUNTER)
    assert codes(response) == ["NOT_FOUND"]
    assert calls(no_calls) == {}


def test_a_consent_opens_one_person_for_one_officer_and_purpose(
    guarded: Hub, no_calls: dict[str, Mock]
) -> None:
    document = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { sex
        benefits { nodes { benefitNumber } sources { department { identifier } state } }
        applications { totalCount } } }"""
    asked = guarded.query(document, id=CITIZEN, token=PENSIONS, headers=ELIGIBILITY)
    request = asked["errors"][0]["extensions"]["consentRequestId"]
    grant = "mutation ($id: ID!) { grantConsent(consentId: $id) { consent { state } } }"
    granted = guarded.query(grant, id=request)
    assert granted["data"]["grantConsent"]["consent"]["state"] == "ACTIVE"
    shown = guarded.query(document, id=CITIZEN, token=PENSIONS, headers=ELIGIBILITY)
    citizen = shown["data"]["citizen"]
    assert citizen["sex"] == "FEMALE"
    assert citizen["benefits"]["nodes"] == [{"benefitNumber": "PN-000123"}]
    # The consent does not show the applications at other departments.
    assert citizen["applications"] == {"totalCount": None}
    for other in (
        guarded.query(document, id=SON, token=PENSIONS, headers=ELIGIBILITY),
        guarded.query(document, id=CITIZEN, token=OPERATOR, headers=COUNTER),
        guarded.query(
            document,
            id=CITIZEN,
            token=token("officer", department="scholarships", sub="another-officer"),
            headers=ELIGIBILITY,
        ),
    ):
        assert (other["data"], codes(other)) == ({"citizen": None}, ["CONSENT_REQUIRED"])
    withdraw = "mutation ($id: ID!) { withdrawConsent(consentId: $id) { consent { state } } }"
    guarded.query(withdraw, id=request)
    after = guarded.query(document, id=CITIZEN, token=PENSIONS, headers=ELIGIBILITY)
    assert codes(after) == ["CONSENT_REQUIRED"]


def test_search_results_of_staff_are_masked(guarded: Hub) -> None:
    document = """{ citizens(search: {name: "RAM DEVI", district: "Karnal"}) {
        personName { fullName } birthDate phoneNumber homeAddress { addressLine1 subRegionName }
        applications { totalCount } } }"""
    for signed_in in (OPERATOR, HELPDESK):
        found = guarded.query(document, token=signed_in)
        for each in found["data"]["citizens"]:
            assert set(each["personName"]["fullName"].split()) <= {"R**", "D***", "P****"}
            assert each["phoneNumber"] is None
            assert each["homeAddress"]["addressLine1"] is None
            assert each["applications"] is None
        assert found["data"]["citizens"]


def test_raw_values_in_warnings_follow_the_policy(guarded: Hub) -> None:
    document = """query ($after: String) { applications(filter: {}, first: 100, after: $after) {
        nodes { provenance { warnings { field raw } } } sources { warnings { field raw } }
        pageInfo { hasNextPage endCursor } } }"""
    after = None
    for _ in range(4):
        page = guarded.query(document, token=PENSIONS, headers=PROCESSING, after=after)["data"][
            "applications"
        ]
        warnings = [
            warning
            for each in [*page["sources"], *(row["provenance"] for row in page["nodes"])]
            for warning in each["warnings"]
        ]
        personal = {"applicantName", "statusNotes", "applicantKey", "applicantPhone"}
        assert all(each["raw"] is None for each in warnings if each["field"] in personal)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
