"""No id, cursor, error or log of the demo contains a number that `Citizen.identifiers` masks."""

import base64

import pytest

from tests.portal.portal_case import NAMES, load
from tests.support.personal_numbers import leaks, numbers_of
from tests.support.processes import CITIZENS, Hub, Mock

pytestmark = pytest.mark.timeout(600)

MISTAKES = [
    '{ citizen(by: {memberIdentifier: "7KNL042109"}) { id } }',
    '{ family(by: {familyIdentifier: "7KNL0421 "}) { id } }',
    '{ node(id: "7KNL042101") { id } }',
    '{ application(reference: "7KNL042101") { id } }',
    '{ certificate(number: "0699000001") { id } }',
    '{ grievance(registrationNumber: "7KNL042101") { id } }',
    '{ service(code: "7KNL042101") { id } }',
    '{ services(department: "7KNL042101") { totalCount } }',
    '{ serviceCentres(service: "7KNL042101") { totalCount } }',
    '{ department(by: {identifier: "7KNL042101"}) { id } }',
    '{ verifyCertificate(number: "1", issueDate: "7KNL042101") { validTo } }',
    '{ accessLog(citizen: {id: "7KNL042101"}) { nodes { id } } }',
    '{ services(after: "7KNL042101") { totalCount } }',
    '{ trackApplication(reference: "0613/04/002381", phoneLast4: "0123") { applicantName } }',
]


def test_the_search_finds_numbers_as_they_are_and_encoded() -> None:
    assert {"7KNL0421", "7KNL042101", "0699000001"} <= numbers_of(CITIZENS)
    encoded = base64.urlsafe_b64encode(b"Citizen:7KNL042101").decode().rstrip("=")
    assert leaks(["call of 7KNL042101", encoded, "YTlIE7rcRvQS6"], CITIZENS) == [
        "call of 7KNL042101",
        encoded,
    ]


def test_neither_the_answers_nor_the_log_contain_one(
    new_hub: Hub, demo_mocks: dict[str, Mock]
) -> None:
    for case in map(load, NAMES):
        new_hub.data(case.document, **case.variables)
    for mistake in MISTAKES:
        new_hub.query(mistake)
    for mock in demo_mocks.values():
        # Departments that deliver files have no such fault.
        mock.control.put("faults", json={"error": 1})
    for case in map(load, NAMES):
        new_hub.query(case.document, **case.variables)
    texts = {*new_hub.hidden, *new_hub.log().splitlines()}
    assert len(texts) > len(NAMES)
    found = leaks(texts, CITIZENS)
    assert not found, "\n".join(found)
