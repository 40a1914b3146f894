"""The search of the service catalogue: what citizens and counter operators type."""

import dataclasses
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from time import perf_counter

import pytest
import yaml

from hub.federation.service_search import ServiceSearch
from schema.language import Text
from tests.support.own_manifests import MANIFESTS

SERVICES = [service for manifest in MANIFESTS for service in manifest.services]
DEPARTMENTS = {each.department.identifier: each.department for each in MANIFESTS}
SEARCH = ServiceSearch(SERVICES, DEPARTMENTS)
TABLE = yaml.safe_load(Path(__file__).with_name("catalogue_searches.yaml").read_text("utf-8"))
SEARCHES = {
    str(search): [wanted] if isinstance(wanted, str) else wanted
    for group in TABLE.values()
    for search, wanted in group.items()
}


def codes(search: str) -> list[str]:
    return [service.code for service in SEARCH.find(search)]


def test_the_table_is_large_and_names_services_that_exist() -> None:
    assert len(SEARCHES) >= 100
    assert {code for each in SEARCHES.values() for code in each} <= {s.code for s in SERVICES}


@pytest.mark.parametrize("search", SEARCHES)
def test_the_wanted_service_is_found_first(search: str) -> None:
    found, wanted = codes(search), SEARCHES[search]
    assert found[:1] == [] if not wanted else found and found[0] in wanted, (search, found)


def test_the_inside_of_a_word_is_not_compared() -> None:
    assert codes("ration") == ["FDS-RCN"]
    assert "FDS-RCN" not in codes("registration")


def test_a_whole_word_is_better_than_a_part_of_a_word() -> None:
    found = made("Landing places", "Trade licence", descriptions=["", "For land and shops"])
    assert [each.code for each in found.find("land")] == ["X-2", "X-1"]


def test_a_name_is_better_than_a_description() -> None:
    found = made("Trade licence", "Land records", descriptions=["For land", "For farmers"])
    assert [each.code for each in found.find("land")] == ["X-2", "X-1"]


def test_services_that_match_all_words_hide_the_others() -> None:
    assert codes("widow pension") == ["SJE-WDP"]
    assert set(codes("widow passport")) >= {"SJE-WDP"}


def test_words_without_a_meaning_for_the_service_are_ignored() -> None:
    assert codes("how do I apply for the ration card") == codes("ration card")
    assert codes("का के लिए") == []
    assert codes("।।। !!") == []


def test_equal_matches_stay_in_the_order_of_the_catalogue() -> None:
    found = made(*["Tree permit"] * 30)
    assert [each.code for each in found.find("tree")] == [f"X-{n}" for n in range(1, 31)]


def test_spellings_of_one_word_are_equal() -> None:
    spellings = ("शादी", "shaadi", "shadi", "SHAADI", "shadee")
    assert len({tuple(codes(each)) for each in spellings}) == 1
    assert codes("निवास") == codes("niwas") == codes("nivaas")


def test_a_search_is_quick_in_a_catalogue_of_800_services() -> None:
    """Less than 1 ms was measured; the bound leaves room for a busy machine."""
    names = [service.name_text.en for service in SERVICES]
    large = made(*(f"{names[n % len(names)]} {NUMBERS[n // len(names)]}" for n in range(800)))
    searches = [*SEARCHES, "zzzzzzz yyyyyyy xxxxxxx wwwwwww vvvvvvv qqqqqqq"]
    began = perf_counter()
    for search in searches:
        large.find(search)
    assert (perf_counter() - began) / len(searches) < 0.02


NUMBERS = [first + second for first in ("ka", "ta", "pa", "ma", "na", "la") for second in (
    "rindo", "vesam", "bulit", "dogar", "himul", "jatek", "polan", "seruf")]  # fmt: skip


def made(*names: str, descriptions: Sequence[str] = ()) -> ServiceSearch:
    """Return the index of services with these names, and the codes X-1, X-2 …"""
    services = [
        dataclasses.replace(
            SERVICES[0],
            code=f"X-{number}",
            name_text=Text(name),
            description_text=Text(description),
            produces_text=Text(""),
            keywords=[],
            life_events=[],
            audience=[],
            group_text=None,
            department_identifier="",
        )
        for number, (name, description) in enumerate(
            zip_longest(names, descriptions, fillvalue=""), start=1
        )
    ]
    return ServiceSearch(services, {})
