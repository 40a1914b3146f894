"""The mock of the Family ID register."""

import pytest

from tests.support.processes import Mock

RAM_DEVI = "7KNL042101"


def test_a_request_without_a_client_id_is_refused(registry: Mock) -> None:
    response = registry.http.get(f"/citizens/PPP_MEMBER:{RAM_DEVI}", headers={"X-Client-Id": ""})
    assert response.status_code == 401
    assert response.json()["error"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    "identifier",
    ["PPP_MEMBER:7KNL042101", "PENSION_PPO:0613%2F04%2F002381", "REVENUE_PERSON_NO:104233"],
)
def test_a_citizen_by_any_identifier(registry: Mock, identifier: str) -> None:
    response = registry.http.get(f"/citizens/{identifier}").json()
    assert response["requested"] == identifier.replace("%2F", "/")
    citizen = response["citizen"]
    assert citizen["memberId"] == RAM_DEVI
    assert citizen["lifeStatus"] == "DECEASED"
    assert citizen["aadhaarMasked"].startswith("XXXXXXXX")
    assert {"scheme": "PENSION_PPO", "value": "0613/04/002381"} in citizen["links"]


def test_an_unknown_identifier_is_not_found(registry: Mock) -> None:
    response = registry.http.get("/citizens/PPP_MEMBER:0AAA000001")
    assert response.status_code == 404
    assert response.json()["error"] == "NOT_FOUND"


def test_a_batch_of_citizens(registry: Mock) -> None:
    asked = [f"PPP_MEMBER:{RAM_DEVI}", "PPP_MEMBER:none"]
    results = registry.http.post("/citizens/batch", json={"identifiers": asked}).json()["results"]
    found = {result["requested"]: result["citizen"] for result in results}
    assert found[asked[0]]["memberId"] == RAM_DEVI
    assert found[asked[1]] is None


@pytest.mark.parametrize(
    ("path", "field"), [("/citizens/batch", "identifiers"), ("/families/batch", "familyIds")]
)
def test_an_invalid_or_too_large_batch_is_refused(registry: Mock, path: str, field: str) -> None:
    assert registry.http.post(path, json={field: ["x"] * 50}).status_code == 200
    assert registry.http.post(path, json={field: ["x"] * 51}).status_code == 413
    assert registry.http.post(path, json={field: "x"}).status_code == 400
    assert registry.http.post(path, content=b"{").status_code == 400


def test_families_alone_and_in_batches(registry: Mock) -> None:
    response = registry.http.post(
        "/families/batch", json={"familyIds": ["7KNL0421", "none"]}
    ).json()
    found = {result["requested"]: result["family"] for result in response["results"]}
    family = found["7KNL0421"]
    assert family["size"] == len(family["members"]) == 6
    assert family["headMemberId"] == RAM_DEVI
    assert isinstance(family["incomeAnnual"], int)
    assert found["none"] is None
    assert registry.http.get("/families/7KNL0421").json()["family"] == family
    assert registry.http.get("/families/none").status_code == 404


def test_search_requires_two_fields(registry: Mock) -> None:
    def search(**fields: str) -> tuple[int, list[str]]:
        response = registry.http.post("/citizens/search", json=fields)
        return response.status_code, [c["memberId"] for c in response.json().get("citizens", ())]

    assert search(name="ram devi", birthDate="1961-01-01") == (200, [RAM_DEVI])
    assert search(name="DEVI ram", familyId="7KNL0421") == (200, [RAM_DEVI])
    assert search(mobile="5904210123", district="karnal") == (200, [RAM_DEVI])
    assert search(name="ram devi", birthDate="1961-01-02") == (200, [])
    assert search(name="ram devi") == (400, [])
    assert search(name="ram devi", caste="x") == (400, [])


def test_search_returns_at_most_six_citizens(registry: Mock) -> None:
    query = {"name": "kumar", "district": "Karnal"}
    response = registry.http.post("/citizens/search", json=query).json()
    assert len(response["citizens"]) == min(6, response["total"])


def test_calls_are_counted_by_route(registry: Mock) -> None:
    registry.http.get("/families/7KNL0421")
    registry.http.get(f"/citizens/PPP_MEMBER:{RAM_DEVI}")
    registry.http.get("/citizens/PPP_MEMBER:none")
    assert registry.calls() == {"GET /citizens/{identifier}": 2, "GET /families/{id}": 1}
    registry.control.delete("calls")
    assert registry.calls() == {}
    assert registry.control.get("calls").json()["total"] == 0
