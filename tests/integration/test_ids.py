"""Ids and cursors of the whole hub contain no numbers of the population, and survive a restart."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.queries import HEAD
from tests.support.processes import Hub, Mock

EVERYTHING = """query ($member: String!) { citizen(by: {memberIdentifier: $member}) { id
  family { id familyIdentifier members { citizen { id } } }
  applications { edges { cursor node { id applicationReferenceNumber } } pageInfo { endCursor } }
  benefits { edges { cursor node { id benefitNumber } } pageInfo { startCursor } }
  certificates { edges { cursor node { id certificateNumber } } pageInfo { endCursor } }
  grievances { edges { cursor node { id registrationNumber } } pageInfo { endCursor } } }
  accessLog(citizen: {memberIdentifier: $member}) { edges { cursor } }
  applications(filter: {departments: ["pensions"]}) { edges { cursor node { id } } } }"""
NUMBERS = ("familyIdentifier", "benefitNumber", "certificateNumber", "registrationNumber")


def values(data: Any, *names: str) -> Iterator[str]:
    """Yield the texts in fields of these names."""
    if isinstance(data, list):
        for each in data:
            yield from values(each, *names)
    elif isinstance(data, dict):
        for name, each in data.items():
            if name in names and isinstance(each, str):
                yield each
            yield from values(each, *names)


@pytest.fixture(scope="module")
def answers(hub: Hub, population: Mock) -> list[dict[str, Any]]:
    reply = httpx.get(f"{population.url}/population/sample", params={"n": 40}, trust_env=False)
    members = [HEAD, *reply.json()["memberIds"]]
    return [{"member": each, **hub.data(EVERYTHING, member=each)} for each in members]


def test_no_id_or_cursor_contains_a_number(answers: list[dict[str, Any]]) -> None:
    tokens = set(values(answers, "id", "cursor", "endCursor", "startCursor"))
    numbers = set(values(answers, "member", "applicationReferenceNumber", *NUMBERS))
    assert len(tokens) > 200
    assert len(numbers) > 100
    # Parts with at least five digits, as an attacker would look for them.
    parts = numbers | {part for each in numbers for part in re.findall(r"[0-9]{5,}", each)}
    for token in tokens:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("latin-1")
        assert not [each for each in parts if each in raw]
        assert not [each for each in numbers if each in token]


def test_every_id_finds_its_object(hub: Hub, answers: list[dict[str, Any]]) -> None:
    ids = set(values(answers[0], "id"))
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    chosen = sorted(ids)[:100]
    assert [each["id"] for each in hub.data(document, ids=chosen)["nodes"]] == chosen


def test_ids_are_equal_in_another_process_and_old_keys_stay_readable(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    document = "query ($m: String!) { citizen(by: {memberIdentifier: $m}) { id } }"
    before = hub.data(document, m=HEAD)["citizen"]["id"]
    rotated = Hub(departments, HUB_ID_KEYS="secret-of-the-next-year,secret-of-the-tests")
    same = Hub(departments)
    try:
        assert same.data(document, m=HEAD)["citizen"]["id"] == before
        after = rotated.data(document, m=HEAD)["citizen"]["id"]
        assert after != before
        by_id = "query ($id: ID!) { node(id: $id) { id } }"
        assert rotated.data(by_id, id=before)["node"] == {"id": after}
        (error,) = same.query(by_id, id=after)["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    finally:
        rotated.stop()
        same.stop()
