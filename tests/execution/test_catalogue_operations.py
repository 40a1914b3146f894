"""Operations on the catalogue: searches, filters, facets and service centres."""

from typing import Any

import orjson
import pytest

from hub.execution import Executor, GraphQLRequest
from tests.execution.fake_sources import new_context
from tests.support.graphql_schema import SCHEMA

EXECUTOR = Executor(SCHEMA)
NISSING = "near: {latitude: 29.697, longitude: 76.746, withinKm: 60}"


async def run(document: str, **variables: Any) -> dict[str, Any]:
    response = await EXECUTOR.execute(GraphQLRequest(document, variables), new_context())
    answer: dict[str, Any] = orjson.loads(orjson.dumps(response.body))
    return answer


async def data(document: str, **variables: Any) -> dict[str, Any]:
    answer = await run(document, **variables)
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]
    return found


async def codes(arguments: str) -> list[str]:
    found = await data(f"{{ services({arguments}) {{ nodes {{ code }} }} }}")
    return [node["code"] for node in found["services"]["nodes"]]


async def centres(arguments: str) -> list[str]:
    found = await data(f"{{ serviceCentres({arguments}) {{ nodes {{ identifier }} }} }}")
    return [node["identifier"] for node in found["serviceCentres"]["nodes"]]


async def test_services_are_filtered_by_group_and_life_event() -> None:
    assert set(await codes('group: "Pensions"')) == {"SJE-OAS", "SJE-WDP", "SJE-DIS"}
    assert set(await codes("lifeEvent: MARRIAGE")) == {"ULB-MRG", "WEL-VSY", "LAB-WEL", "PPP-UPD"}
    assert await codes('search: "शादी", group: "Grants"') == ["WEL-VSY"]
    assert await codes('group: "No such group"') == []


async def test_a_facet_counts_the_services_without_its_own_filter() -> None:
    document = """{ services(search: "shadi", group: "Labour") { totalCount facets {
      groups { group label(lang: HI) count } departments { department { identifier } count }
      audiences { audience audienceLabel count }
      lifeEvents { lifeEvent lifeEventLabel(lang: HI) count } } } }"""
    services = (await data(document))["services"]
    assert services["totalCount"] == 1
    groups = {each["group"]: each["count"] for each in services["facets"]["groups"]}
    assert groups == {"Civil registration": 1, "Grants": 1, "Labour": 1, "Family registry": 1}
    assert "श्रम" in {each["label"] for each in services["facets"]["groups"]}
    departments = services["facets"]["departments"]
    assert departments == [{"department": {"identifier": "labour-welfare"}, "count": 1}]
    assert {"audience": "FAMILY", "audienceLabel": "Families", "count": 1} in (
        services["facets"]["audiences"]
    )
    assert {"lifeEvent": "MARRIAGE", "lifeEventLabel": "विवाह", "count": 1} in (
        services["facets"]["lifeEvents"]
    )


async def test_the_pages_of_a_search_have_each_service_once() -> None:
    document = """query ($after: String) {
      services(search: "certificate", first: 2, after: $after) {
        nodes { code } pageInfo { hasNextPage endCursor } } }"""
    found: list[str] = []
    after = None
    while True:
        page = (await data(document, after=after))["services"]
        found += [node["code"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == await codes('search: "certificate", first: 50')
    assert len(found) == len(set(found)) > 2


async def test_a_search_that_is_too_long_is_an_error() -> None:
    answer = await run("query ($s: String) { services(search: $s) { totalCount } }", s="a" * 201)
    assert answer["errors"][0]["message"] == "`search` has 201 characters; the limit is 200."
    assert await codes(f'search: "{"ration " * 28}"') == ["FDS-RCN"]


async def test_an_empty_search_returns_all_services() -> None:
    assert await codes('search: " ", first: 50') == await codes("first: 50")


async def test_service_centres_come_nearest_first_with_the_distance_at_the_edge() -> None:
    found = await data(
        f"{{ serviceCentres({NISSING}) {{ edges {{ distanceKm node {{ name }} }} }} }}"
    )
    edges = found["serviceCentres"]["edges"]
    assert edges[0] == {"distanceKm": 0.0, "node": {"name": "Antyodaya Saral Kendra Nissing"}}
    distances = [edge["distanceKm"] for edge in edges]
    assert distances == sorted(distances)
    everywhere = await data("{ serviceCentres { edges { distanceKm } } }")
    assert {each["distanceKm"] for each in everywhere["serviceCentres"]["edges"]} == {None}


@pytest.mark.parametrize("district", ["Karnal", "karnal", "करनाल", "Karnaal", "District Karnal"])
async def test_a_district_is_found_in_both_languages(district: str) -> None:
    found = await centres(f'district: "{district}"')
    assert len(found) == 8
    assert "karnal-saral" in found


async def test_service_centres_are_filtered_by_service_postal_code_and_type() -> None:
    by_code = await centres('postalCode: "132024"')
    assert by_code == ["nissing-tehsil", "nissing-atal"]
    assert await centres('postalCode: "132024", centreType: ATAL_SEVA_KENDRA') == ["nissing-atal"]
    # Copies of the land record are not made at Common Service Centres.
    assert await centres('postalCode: "132024", service: "REV-FRD"') == ["nissing-tehsil"]
    nearest = await centres(f'{NISSING}, service: "SJE-OAS", first: 3')
    assert nearest == ["nissing-tehsil", "nissing-atal", "karnal-antyodaya"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('service: "NONE"', "`service`: the catalogue has no service with this code."),
        ('postalCode: "13202"', "`postalCode` must have six digits."),
        ("near: {latitude: 91, longitude: 0}", "latitude must be -90 to 90"),
    ],
)
async def test_a_wrong_filter_is_an_error(arguments: str, message: str) -> None:
    answer = await run(f"{{ serviceCentres({arguments}) {{ totalCount }} }}")
    assert message in answer["errors"][0]["message"]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_service_centre_is_shown_in_hindi_with_its_services() -> None:
    document = """{ serviceCentres(postalCode: "132024", first: 1) { nodes {
      name(lang: HI) telephone centreTypeLabel(lang: HI) services { code department { name } }
      address(lang: HI) { locality subRegionName postalCode } english: address { locality }
    } } }"""
    centre = (await data(document))["serviceCentres"]["nodes"][0]
    assert centre["name"] == "अंत्योदय सरल केंद्र निसिंग"
    assert centre["centreTypeLabel"] == "अंत्योदय सरल केंद्र"
    assert centre["address"] == {
        "locality": "निसिंग", "subRegionName": "करनाल", "postalCode": "132024",
    }  # fmt: skip
    assert centre["english"] == {"locality": "Nissing"}
    assert centre["telephone"].startswith("0184-0000")
    assert {"SJE-OAS", "REV-INC"} <= {each["code"] for each in centre["services"]}
