"""`hub explain` counts as many calls as the hub makes, as counted by the mocks."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.cli.explain import explanation_of
from tests.integration.queries import FAMILY_APPLICATIONS, HEAD
from tests.support.ids import global_id, read_id
from tests.support.processes import Hub, Mock

MEMBERS = [f"{HEAD[:-2]}{number:02}" for number in range(1, 7)]
"""The citizens of a family of six. Each has a number at each department."""
LISTS = "applications { totalCount } benefits { totalCount } certificates { totalCount }"


def explained(document: str, variables: dict[str, Any], rows: int) -> Counter[str]:
    """Return the number of calls to each department."""
    calls: Counter[str] = Counter()
    for step in explanation_of(document, variables, rows, read_id).steps:
        for call in step.calls:
            calls[call.department] += call.calls
    return calls


def made_by(
    hub: Hub, departments: dict[str, Mock], document: str, variables: dict[str, Any]
) -> Counter[str]:
    """Run a document; return the number of calls that each mock counted."""
    for mock in departments.values():
        mock.clear_calls()
    hub.query(document, **variables)
    return Counter({name: sum(mock.calls().values()) for name, mock in departments.items()})


def check(
    hub: Hub,
    departments: dict[str, Mock],
    document: str,
    variables: dict[str, Any] | None = None,
    rows: int = 6,
) -> Counter[str]:
    """Compare the numbers of calls; return them."""
    made = made_by(hub, departments, document, variables or {})
    counted = explained(document, variables or {}, rows)
    assert {name: counted[name] for name in departments} == dict(made)
    return made


def aliased(calls: list[str], selection: str) -> str:
    return f"{{ {' '.join(f'a{n}: {call} {{ {selection} }}' for n, call in enumerate(calls))} }}"


def test_a_family(hub: Hub, departments: dict[str, Mock]) -> None:
    check(hub, departments, FAMILY_APPLICATIONS, {"id": HEAD})


@pytest.mark.parametrize("times", [1, 3])
def test_aliases_of_citizens_and_their_lists(
    times: int, hub: Hub, departments: dict[str, Mock]
) -> None:
    document = aliased(
        [f'citizen(by: {{memberIdentifier: "{each}"}})' for each in MEMBERS * times], LISTS
    )
    made = check(hub, departments, document)
    assert made["registry"] == 1


@pytest.mark.parametrize("count", [2, 50, 51, 120])
def test_aliases_of_references(count: int, hub: Hub, departments: dict[str, Mock]) -> None:
    calls = [f'application(reference: "SJE-OAS/2026/9{n:05}")' for n in range(count)]
    made = check(hub, departments, aliased(calls, "applicationStatus"))
    assert made["pensions"] == -(-count // 50)


def test_a_reference_in_two_aliases_is_one_key(hub: Hub, departments: dict[str, Mock]) -> None:
    calls = [f'application(reference: "SJE-OAS/2026/9{n % 50:05}")' for n in range(51)]
    assert check(hub, departments, aliased(calls, "applicationStatus"))["pensions"] == 1


def test_variables_in_aliases(hub: Hub, departments: dict[str, Mock]) -> None:
    declared = " ".join(f"$id{n}: String!" for n in range(6))
    document = aliased(
        [f"citizen(by: {{memberIdentifier: $id{n}}})" for n in range(6)],
        "applications { totalCount }",
    )
    variables = {f"id{n}": each for n, each in enumerate(MEMBERS)}
    check(hub, departments, f"query ({declared}) {document}", variables)
    # The values don't matter: each may be another citizen.
    assert explained(f"query ({declared}) {document}", {}, 6)["registry"] == 1


def test_lists_of_the_same_citizens_share_a_call(hub: Hub, departments: dict[str, Mock]) -> None:
    selection = """a: applications { totalCount } b: applications(first: 20) { totalCount }
        c: applications(department: "pensions") { totalCount }"""
    document = aliased(
        [f'citizen(by: {{memberIdentifier: "{each}"}})' for each in MEMBERS], selection
    )
    assert check(hub, departments, document)["pensions"] == 1


def test_aliases_of_node_are_joined(hub: Hub, departments: dict[str, Mock]) -> None:
    selection = "... on Citizen { applications { totalCount } }"
    document = aliased([f'node(id: "{global_id("Citizen", each)}")' for each in MEMBERS], selection)
    assert check(hub, departments, document)["registry"] == 1


def test_aliases_of_nodes_are_joined_only_if_they_have_the_same_ids(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    ids = [global_id("Citizen", each) for each in MEMBERS]
    one, two = json.dumps(ids[:3]), json.dumps(ids[3:])
    document = aliased([f"nodes(ids: {ids})" for ids in (one, two, one)], "id")
    assert check(hub, departments, document)["registry"] == 2


def test_nodes_of_several_types(hub: Hub, departments: dict[str, Mock]) -> None:
    document = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { id family { id }
        applications { nodes { id } } benefits { nodes { id } } certificates { nodes { id } } } }"""
    found = hub.data(document, id=HEAD)["citizen"]
    ids = [found["id"], found["family"]["id"]]
    for name in ("applications", "benefits", "certificates"):
        ids += [each["id"] for each in found[name]["nodes"]]
    made = check(hub, departments, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert made["registry"] == 2


def test_worklists_are_not_joined(hub: Hub, departments: dict[str, Mock]) -> None:
    call = 'applications(filter: {departments: "pensions"}, first: 5)'
    assert check(hub, departments, aliased([call] * 3, "totalCount"))["pensions"] == 3


def test_conflicts_use_what_the_operation_reads(hub: Hub, departments: dict[str, Mock]) -> None:
    selection = (
        'applications { totalCount } conflicts(departments: ["pensions"]) { nodes { detail } }'
    )
    document = aliased(
        [f'citizen(by: {{memberIdentifier: "{each}"}})' for each in MEMBERS], selection
    )
    # One call for the applications, one for the benefits.
    assert check(hub, departments, document)["pensions"] == 2


@pytest.mark.parametrize("first", [0, 1])
def test_ids_are_looked_up_after_numbers(
    first: int, hub: Hub, departments: dict[str, Mock]
) -> None:
    ids = json.dumps([global_id("Citizen", each) for each in MEMBERS[:2]])
    roots = [f'citizen(by: {{memberIdentifier: "{MEMBERS[0]}"}})', f"nodes(ids: {ids})"]
    document = aliased([roots[first], roots[1 - first]], "... on Citizen { sex }")
    # The second call is for the other id.
    assert check(hub, departments, document)["registry"] == 2


@pytest.mark.parametrize("first", [0, 1])
def test_conflicts_are_found_after_the_lists(
    first: int, hub: Hub, departments: dict[str, Mock]
) -> None:
    conflicts = 'conflicts(departments: ["certificates"]) { nodes { detail } }'
    applications = 'applications(department: "certificates") { totalCount }'
    selections = [conflicts, f"{conflicts} {applications}"]
    citizens = [
        f'a{n}: citizen(by: {{memberIdentifier: "{MEMBERS[n]}"}}) {{ {selection} }}'
        for n, selection in enumerate([selections[first], selections[1 - first]])
    ]
    made = check(hub, departments, f"{{ {' '.join(citizens)} }}")
    # One for the applications of one citizen, one for those of the other, one for certificates.
    assert made["certificates"] == 3


IDS = st.sampled_from([global_id("Citizen", each) for each in MEMBERS])
ROOTS = st.one_of(
    st.sampled_from(MEMBERS).map('citizen(by: {{memberIdentifier: "{}"}})'.format),
    IDS.map('node(id: "{}")'.format),
    st.lists(IDS, min_size=1, max_size=4).map(lambda ids: f"nodes(ids: {json.dumps(ids)})"),
)
LISTS_OF_CITIZENS = st.sampled_from(
    [
        "applications { totalCount }",
        "applications(first: 2) { totalCount nodes { applicant { id } } }",
        'applications(department: "pensions") { totalCount }',
        "benefits { totalCount }",
        "family { id }",
        'conflicts(departments: ["pensions", "certificates"]) { nodes { detail } }',
    ]
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(ROOTS, st.lists(LISTS_OF_CITIZENS, min_size=1, max_size=3)),
        min_size=1,
        max_size=5,
    )
)
def test_no_more_calls_are_made_than_explained(
    hub: Hub, departments: dict[str, Mock], fields: list[tuple[str, list[str]]]
) -> None:
    parts = []
    for n, (root, lists) in enumerate(fields):
        inner = " ".join(f"l{m}: {each}" for m, each in enumerate(lists))
        parts.append(f"a{n}: {root} {{ ... on Citizen {{ id {inner} }} }}")
    document = f"{{ {' '.join(parts)} }}"
    made, counted = made_by(hub, departments, document, {}), explained(document, {}, 20)
    assert made - counted == Counter()


@pytest.mark.parametrize(
    ("type_name", "local_id", "calls"),
    [("Citizen", HEAD, {"registry": 1, "pensions": 1}), ("Family", HEAD[:-2], {"registry": 1})],
)
def test_a_node_is_followed_by_its_type(
    type_name: str, local_id: str, calls: dict[str, int], hub: Hub, departments: dict[str, Mock]
) -> None:
    document = """query ($id: ID!) { node(id: $id) { id ... on Citizen {
        applications(department: "pensions") { totalCount } } ... on Family { memberCount } } }"""
    made = check(hub, departments, document, {"id": global_id(type_name, local_id)})
    assert +made == calls
