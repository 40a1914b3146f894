"""Operations: the result of each root field, and the error for each mistake of a client."""

import httpx
import pytest

from schema.connections import encode_cursor
from tests.integration.queries import HEAD
from tests.support.ids import IDS, global_id
from tests.support.processes import Hub, Mock


@pytest.fixture(scope="module")
def story(population: Mock) -> dict[str, str]:
    reply = httpx.get(f"{population.url}/population/demo-family", trust_env=False)
    found: dict[str, str] = reply.json()
    return found


MEMBER_ID = global_id("Citizen", "7KNL042101")

MISTAKES = [
    ("{ citizen(id: ", "GRAPHQL_PARSE_FAILED", "Syntax Error"),
    ("{ citzen { id } }", "GRAPHQL_VALIDATION_FAILED", "Cannot query field"),
    ("{ citizen { id } }", "GRAPHQL_VALIDATION_FAILED", "required"),
    ('{ citizen(by: {memberIdentifier: "0AAA000001"}) { id } }', "NOT_FOUND", "no citizen"),
    (
        f'{{ citizen(by: {{id: "{global_id("Family", "7KNL0421")}"}}) {{ id }} }}',
        "BAD_USER_INPUT",
        "is the id of a Family",
    ),
    ('{ family(by: {familyIdentifier: "0AAA0000"}) { id } }', "NOT_FOUND", "no family"),
    ('{ application(reference: "X-1") { id } }', "BAD_USER_INPUT", "Known forms"),
    ('{ application(reference: "SJE-OAS/2026/999999") { id } }', "NOT_FOUND", "reference"),
    ('{ grievance(registrationNumber: "CMOFF/2026/9999999") { id } }', "NOT_FOUND", "helpdesk"),
    ('{ service(code: "NO-SUCH") { id } }', "NOT_FOUND", "no service"),
    ('{ department(by: {identifier: "forest"}) { id } }', "BAD_USER_INPUT", "Departments: "),
    ("{ services(first: 100000) { totalCount } }", "BAD_USER_INPUT", "`first` is 100000"),
    ("{ services(first: 0) { totalCount } }", "BAD_USER_INPUT", "`first` is 0"),
    ('{ services(after: "nonsense") { totalCount } }', "BAD_USER_INPUT", "not a cursor"),
    ('{ node(id: "nonsense") { id } }', "BAD_USER_INPUT", "not an id of this hub"),
    (f'{{ node(id: "{MEMBER_ID[:-1]}") {{ id }} }}', "BAD_USER_INPUT", "not an id of this hub"),
    (
        f'{{ citizen(by: {{id: "{MEMBER_ID[::-1]}"}}) {{ id }} }}',
        "BAD_USER_INPUT",
        "not an id of this hub",
    ),
    ('{ citizen(by: {id: "7KNL042101"}) { id } }', "BAD_USER_INPUT", "not an id of this hub"),
    (
        f'{{ citizen(by: {{memberIdentifier: "{MEMBER_ID}"}}) {{ id }} }}',
        "NOT_FOUND",
        "no citizen",
    ),
    (
        f'{{ department(by: {{id: "{MEMBER_ID}"}}) {{ id }} }}',
        "BAD_USER_INPUT",
        "is the id of a Citizen",
    ),
    (
        '{ citizen(by: {id: "x", memberIdentifier: "y"}) { id } }',
        "GRAPHQL_VALIDATION_FAILED",
        "exactly one key",
    ),
    ("{ citizen(by: {}) { id } }", "GRAPHQL_VALIDATION_FAILED", "exactly one key"),
    ("{ citizen(by: {id: null}) { id } }", "GRAPHQL_VALIDATION_FAILED", "must be non-null"),
    (f'{{ services(after: "{MEMBER_ID}") {{ totalCount }} }}', "BAD_USER_INPUT", "not a cursor"),
    (
        '{ applications(filter: {departments: "certificates"}, first: 100, '
        f'after: "{encode_cursor(IDS, (1e19, "offset"))}") {{ totalCount }} }}',
        "BAD_USER_INPUT",
        "a list with other filters",
    ),
    ('{ citizens(search: {name: "RAM"}) { id } }', "BAD_USER_INPUT", "at least two"),
    (
        '{ trackApplication(reference: "SJE-OAS/2026/000123", phoneLast4: "99") '
        "{ applicationStatus } }",
        "BAD_USER_INPUT",
        "four digits",
    ),
    (
        '{ applications(filter: {departments: "helpdesk"}) { totalCount } }',
        "BAD_USER_INPUT",
        "no worklist",
    ),
]


def test_an_error_message_does_not_quote_long_input_completely(hub: Hub) -> None:
    (error,) = hub.query(f'{{ services(after: "{"x" * 100_000}") {{ totalCount }} }}')["errors"]
    assert len(error["message"]) < 300


@pytest.mark.parametrize("digits", [10, 18, 19, 5_000])
def test_unknown_numbers_do_not_count_as_failures_of_the_department(digits: int, hub: Hub) -> None:
    """Eight failures would open the department's circuit breaker."""
    identifier = global_id("Certificate", f"certificates|{'9' * digits}|x")
    for _ in range(8):
        response = hub.query("query ($id: ID!) { node(id: $id) { id } }", id=identifier)
        codes = [each["extensions"]["code"] for each in response.get("errors", [])]
        assert codes in ([], ["NOT_FOUND"], ["DEPARTMENT_REFUSED"])


@pytest.mark.parametrize(("query", "code", "words"), MISTAKES)
def test_a_mistake_gives_a_clear_error(query: str, code: str, words: str, hub: Hub) -> None:
    response = hub.query(query)
    (error,) = response["errors"]
    assert error["extensions"]["code"] == code
    assert words in error["message"]
    assert error["extensions"]["correlationId"]


@pytest.mark.parametrize("arguments", ["first: 100000", 'after: "nonsense"'])
def test_wrong_page_arguments_affect_only_their_list(arguments: str, hub: Hub) -> None:
    response = hub.query(
        "query ($id: String!) { citizen(by: {memberIdentifier: $id}) { personName { fullName } "
        f"applications({arguments}) {{ totalCount }} benefits {{ totalCount }} }} }}",
        id=HEAD,
    )
    citizen = response["data"]["citizen"]
    assert citizen["personName"]["fullName"] == "RAM DEVI"
    assert citizen["applications"] is None
    assert citizen["benefits"]["totalCount"] >= 1
    (error,) = response["errors"]
    assert error["path"] == ["citizen", "applications"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_all_pages_together_are_the_whole_list(hub: Hub) -> None:
    query = """query ($id: String!, $first: Int!, $after: String) {
        citizen(by: {memberIdentifier: $id}) {
        applications(first: $first, after: $after) { totalCount
          edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
    whole = hub.data(query, id=HEAD, first=100)["citizen"]["applications"]
    assert whole["totalCount"] == len(whole["edges"]) >= 2
    collected, after = [], None
    while True:
        page = hub.data(query, id=HEAD, first=1, after=after)["citizen"]["applications"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        collected += page["edges"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert collected == whole["edges"]


def test_tracking_needs_the_telephone_and_masks_the_name(hub: Hub, story: dict[str, str]) -> None:
    query = """query ($reference: String!, $last4: String!) {
        trackApplication(reference: $reference, phoneLast4: $last4) {
          applicantName applicationStatus timeline { action } service { code } } }"""
    found = hub.data(query, reference=story["reference"], last4=story["phoneLast4"])
    assert found["trackApplication"]["applicantName"] == "R** D***"
    assert found["trackApplication"]["service"] == {"code": "SJE-OAS"}
    wrong = "0000" if story["phoneLast4"] != "0000" else "1111"
    refused = hub.query(query, reference=story["reference"], last4=wrong)
    absent = hub.query(query, reference="SJE-OAS/2026/999999", last4=wrong)
    assert refused["errors"][0]["message"] == absent["errors"][0]["message"]


def test_an_application_finds_its_applicant(hub: Hub, story: dict[str, str]) -> None:
    for reference in (story["reference"], story["certificateReference"]):
        query = "query ($r: String!) { application(reference: $r) { applicant { id } } }"
        applicant = hub.data(query, r=reference)["application"]["applicant"]
        assert applicant == hub.data("{ me { id } }")["me"]


def test_every_node_can_be_fetched_by_its_id(hub: Hub) -> None:
    query = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { id family { id }
        applications { nodes { id service { id department { id } } } } benefits { nodes { id } }
        certificates { nodes { id } } grievances { nodes { id } } } }"""
    citizen = hub.data(query, id=HEAD)["citizen"]
    service = citizen["applications"]["nodes"][0]["service"]
    ids = [citizen["id"], citizen["family"]["id"], service["id"], service["department"]["id"]]
    for name in ("applications", "benefits", "certificates", "grievances"):
        ids += [node["id"] for node in citizen[name]["nodes"]]
    ids.append(hub.data("{ serviceCentres { nodes { id } } }")["serviceCentres"]["nodes"][0]["id"])
    nodes = hub.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=ids)
    assert [node["id"] for node in nodes["nodes"]] == ids


def test_a_wrong_id_in_nodes_gives_one_error(hub: Hub) -> None:
    good = hub.data('{ service(code: "SJE-OAS") { id } }')["service"]["id"]
    response = hub.query("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["wrong", good])
    assert response["data"]["nodes"] == [None, {"id": good}]
    assert [error["path"] for error in response["errors"]] == [["nodes", 0]]


@pytest.mark.parametrize("department", ["pensions", "scholarships", "certificates"])
def test_the_pages_of_a_worklist_are_in_order(department: str, hub: Hub) -> None:
    query = """query ($d: ID!, $after: String) {
        applications(
          filter: {departments: [$d], status: [UNDER_PROCESS]}, first: 5, after: $after
        ) {
          totalCount nodes { id applicationStatus updatedDatetime applicant { id } }
          pageInfo { hasNextPage endCursor } sources { state } } }"""
    first = hub.data(query, d=department)["applications"]
    second = hub.data(query, d=department, after=first["pageInfo"]["endCursor"])["applications"]
    nodes = first["nodes"] + second["nodes"]
    assert len({node["id"] for node in nodes}) == 10 <= first["totalCount"]
    assert {node["applicationStatus"] for node in nodes} == {"UNDER_PROCESS"}
    updated = [node["updatedDatetime"] for node in nodes]
    assert updated == sorted(updated, reverse=True)
    assert first["sources"] == [{"state": "LIVE"}]


def test_a_search_for_people_works_with_two_fields(hub: Hub) -> None:
    query = '{ citizens(search: {name: "ram devi", familyIdentifier: "7KNL0421"}) { id } }'
    assert hub.data(query)["citizens"] == [hub.data("{ me { id } }")["me"]]


def test_the_catalogue_can_be_searched(hub: Hub) -> None:
    query = '{ services(search: "pension", department: "pensions") { nodes { code } } }'
    codes = [node["code"] for node in hub.data(query)["services"]["nodes"]]
    assert sorted(codes) == ["SJE-DIS", "SJE-OAS", "SJE-WDP"]
    offline = hub.data("{ services(online: false) { nodes { code isNotified } } }")
    assert offline["services"]["nodes"] == [{"code": "REV-FRD", "isNotified": True}]


def test_a_form_is_returned_in_the_language_of_the_argument(hub: Hub) -> None:
    query = """{ service(code: "SJE-WDP") {
      name nameHi: name(lang: HI) department { name(lang: HI) spatial(lang: HI) }
      attributes { code datatype options { key name(lang: HI) } visibleIf { attribute oneOf } }
      evidence { code mediaTypes maxSizeBytes visibleIf { attribute oneOf } }
      eligibility { text(lang: HI) maxYearlyIncome { amount } incomeOf }
      costs { kind description(lang: HI) }
    } }"""
    service = hub.data(query)["service"]
    assert service["name"] == "Widow and Destitute Women Pension"
    assert service["nameHi"] == "विधवा एवं निराश्रित महिला पेंशन"
    assert service["department"]["spatial"] == "हरियाणा"
    fields = {each["code"]: each for each in service["attributes"]}
    assert fields["circumstance"]["datatype"] == "SINGLE_VALUE_LIST"
    assert fields["circumstance"]["options"][0] == {"key": "WIDOW", "name": "विधवा"}
    condition = {"attribute": "circumstance", "oneOf": ["WIDOW"]}
    assert fields["circumstance"]["visibleIf"] is None
    assert fields["husband_death_date"]["visibleIf"] == condition
    documents = {each["code"]: each for each in service["evidence"]}
    assert documents["DEATH_CERTIFICATE"]["visibleIf"] == condition
    assert documents["BANK_PASSBOOK"]["maxSizeBytes"] == 2 << 20
    assert service["eligibility"][1]["maxYearlyIncome"] == {"amount": 20_000_000}
    assert {each["kind"] for each in service["costs"]} == {"COUNTER_CHARGE"}


def test_a_department_shows_its_state(hub: Hub) -> None:
    hub.data(
        "query ($id: String!) { citizen(by: {memberIdentifier: $id}) { benefits { totalCount } } }",
        id=HEAD,
    )
    query = """{ department(by: {identifier: "pensions"}) { sourceStatus {
        state isRetryable errorCode since
        department { identifier }
        internals { latencyMs circuit callsRunning callsWaiting fault { kind code } } } } }"""
    status = hub.data(query)["department"]["sourceStatus"]
    assert status == {
        "state": "LIVE",
        "isRetryable": False,
        "errorCode": None,
        "since": None,
        "department": {"identifier": "pensions"},
        "internals": None,
    }
    seen = hub.administrate(query)["data"]["department"]["sourceStatus"]["internals"]
    assert seen.pop("latencyMs") >= 0
    assert seen == {"circuit": "CLOSED", "callsRunning": 0, "callsWaiting": 0, "fault": None}


def test_a_record_shows_its_origin(hub: Hub) -> None:
    query = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
        provenance { department { identifier } adapter state }
        applications(department: "pensions") { nodes { provenance {
          department { identifier } adapter state asOf retrievedAt correlationId
          warnings { code } } } } } }"""
    citizen = hub.data(query, id=HEAD)["citizen"]
    assert citizen["provenance"] == {
        "department": {"identifier": "registry"},
        "adapter": "rest",
        "state": "LIVE",
    }
    provenance = citizen["applications"]["nodes"][0]["provenance"]
    assert (provenance["department"]["identifier"], provenance["adapter"]) == ("pensions", "soap")
    assert provenance["asOf"] == provenance["retrievedAt"]
    latency = '{ application(reference: "SJE-OAS/2026/000123") { provenance { latencyMs } } }'
    assert hub.data(latency)["application"]["provenance"] == {"latencyMs": None}
    seen = hub.administrate(latency)["data"]["application"]["provenance"]
    assert seen["latencyMs"] >= 0
    assert provenance["correlationId"]


def test_a_duplicate_row_is_shown_once_with_a_warning(hub: Hub) -> None:
    query = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { certificates {
        nodes { certificateNumber issueDate } sources { warnings { code } } } } }"""
    certificates = hub.data(query, id=HEAD)["citizen"]["certificates"]
    numbers = [node["certificateNumber"] for node in certificates["nodes"]]
    assert len(set(numbers)) == len(numbers)
    assert {"code": "DUPLICATE_ROW"} in certificates["sources"][0]["warnings"]
