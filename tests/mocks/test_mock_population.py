"""The invented population and the server of its true data."""

import random
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mocks.population import Population
from mocks.population.aadhaar import impossible_number, masked, passes_verhoeff
from mocks.population.oracle import Oracle
from tests.support.processes import CITIZENS, Mock

SEED = 20261124


def test_the_same_size_and_seed_give_the_same_population() -> None:
    first, second = (Oracle(Population(150, 5)) for _ in range(2))
    members = first.sample(150)
    assert members == second.sample(150)
    assert [first.citizen(m) for m in members] == [second.citizen(m) for m in members]


def test_another_seed_gives_another_population() -> None:
    assert Oracle(Population(150, 5)).sample(50) != Oracle(Population(150, 6)).sample(50)


def test_another_process_has_the_same_population(oracle: Mock) -> None:
    here = Oracle(Population(CITIZENS, SEED))
    sample = oracle.http.get("/population/sample", params={"n": 25}).json()["memberIds"]
    assert sample == here.sample(25)
    for member_id in sample:
        there = oracle.http.get(f"/population/citizens/{member_id}").json()
        assert there == here.citizen(member_id)


@given(st.integers(min_value=0, max_value=2**32))
def test_aadhaar_like_numbers_cannot_be_real(seed: int) -> None:
    number = impossible_number(random.Random(seed))
    assert re.fullmatch(r"[01]\d{11}", number)
    assert not passes_verhoeff(number)
    assert masked(number) == f"XXXXXXXX{number[-4:]}"


def test_the_verhoeff_check_accepts_a_valid_number() -> None:
    assert passes_verhoeff("2363")
    assert not passes_verhoeff("2364")


def test_no_citizen_has_a_number_that_could_be_real() -> None:
    for citizen in Population(CITIZENS, SEED).citizens:
        assert citizen.aadhaar_like[0] in "01"
        assert not passes_verhoeff(citizen.aadhaar_like)
        assert citizen.mobile is None or re.fullmatch(r"5\d{9}", citizen.mobile)


def test_ids_and_numbers_are_unique_and_well_formed() -> None:
    population = Population(2000, SEED)
    numbers = [n for c in population.citizens for known in c.links.values() for n in known]
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"\d[A-Z]{3}\d{4}", f.family_id) for f in population.families)
    assert len(population.by_family_id) == len(population.families)
    assert {len(family.members) for family in population.families} == set(range(1, 8))


def test_shares_of_the_population_are_as_designed() -> None:
    population = Population(2000, SEED)

    def share(records: list[Any]) -> float:
        return len({record.member_id for record in records}) / len(population.citizens)

    assert 0.2 < share(population.pension_applications) < 0.3
    assert 0.2 < share(population.scholarship_applications) < 0.3
    assert 0.55 < share(population.certificate_applications) < 0.66
    assert 0.11 < share(population.grievances) < 0.19
    twice = sum(any(len(n) > 1 for n in c.links.values()) for c in population.citizens)
    assert 0.02 < twice / len(population.citizens) < 0.045
    assert any(not citizen.links for citizen in population.citizens)


def test_the_smallest_population_has_the_demo_family() -> None:
    oracle = Oracle(Population(1, SEED))
    demo = oracle.demo_family()
    assert oracle.summary()["citizens"] == 6
    ram_devi = oracle.citizen(demo["memberId"])
    assert ram_devi is not None
    statuses = {
        a["applicationReferenceNumber"]: a["applicationStatus"] for a in ram_devi["applications"]
    }
    assert statuses[demo["reference"]] == "DELIVERED"
    assert statuses["SJE-WDP/2026/000456"] == "REJECTED"
    assert ram_devi["deathDate"] is not None
    certificate = next(
        a
        for a in ram_devi["applications"]
        if a["applicationReferenceNumber"] == demo["certificateReference"]
    )
    passed = [event["applicationStatus"] for event in certificate["timeline"]]
    assert passed.count("SENT_BACK") == 1
    assert passed[-1] == "DELIVERED"
    assert ram_devi["grievances"][0]["registrationNumber"] == demo["grievance"]
    assert ram_devi["benefits"][0]["benefitValue"] == {"amountPaise": 300_000, "currency": "INR"}


def test_timelines_are_ascending_and_end_at_the_last_change() -> None:
    population = Population(2000, SEED)
    for application in (
        *population.pension_applications,
        *population.scholarship_applications,
        *population.certificate_applications,
    ):
        moments = [
            moment
            for event in application.timeline
            for moment in (event.received, event.executed)
            if moment is not None
        ]
        assert moments == sorted(moments)
        assert moments[-1] == application.updated_at
        assert application.timeline[-1].status_code == application.status_code


def test_families_of_a_size(oracle: Mock) -> None:
    response = oracle.http.get("/population/families", params={"size": 6, "n": 3}).json()
    assert len(response["familyIds"]) == 3
    assert response["familyIds"][0] == "7KNL0421"
    assert oracle.http.get("/population/families", params={"n": "x"}).status_code == 400
    assert oracle.http.get("/population/citizens/nobody").status_code == 404
