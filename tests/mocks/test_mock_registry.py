"""The Family ID register on the wire."""

import pytest

from tests.support.processes import Mock

RAM_DEVI = "7KNL042101"


def test_client_id_is_demanded(registry: Mock) -> None:
    answer = registry.http.get(f"/citizens/PPP_MEMBER:{RAM_DEVI}", headers={"X-Client-Id": ""})
    assert answer.status_code == 401
    assert answer.json()["error"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    "identifier",
    ["PPP_MEMBER:7KNL042101", "PENSION_PPO:0613%2F04%2F002381", "REVENUE_PERSON_NO:104233"],
)
def test_a_citizen_by_any_identifier(registry: Mock, identifier: str) -> None:
    answer = registry.http.get(f"/citizens/{identifier}").json()
    assert answer["requested"] == identifier.replace("%2F", "/")
    citizen = answer["citizen"]
    assert citizen["memberId"] == RAM_DEVI
    assert citizen["lifeStatus"] == "DECEASED"
    assert citizen["aadhaarMasked"].startswith("XXXXXXXX")
    assert {"scheme": "PENSION_PPO", "value": "0613/04/002381"} in citizen["links"]


def test_nobody(registry: Mock) -> None:
    answer = registry.http.get("/citizens/PPP_MEMBER:0AAA000001")
    assert answer.status_code == 404
    assert answer.json()["error"] == "NOT_FOUND"


def test_batch_of_citizens(registry: Mock) -> None:
    asked = [f"PPP_MEMBER:{RAM_DEVI}", "PPP_MEMBER:none"]
    results = registry.http.post("/citizens/batch", json={"identifiers": asked}).json()["results"]
    found = {result["requested"]: result["citizen"] for result in results}
    assert found[asked[0]]["memberId"] == RAM_DEVI
    assert found[asked[1]] is None


@pytest.mark.parametrize(
    ("path", "field"), [("/citizens/batch", "identifiers"), ("/families/batch", "familyIds")]
)
def test_batches_have_a_limit_and_a_shape(registry: Mock, path: str, field: str) -> None:
    assert registry.http.post(path, json={field: ["x"] * 50}).status_code == 200
    assert registry.http.post(path, json={field: ["x"] * 51}).status_code == 413
    assert registry.http.post(path, json={field: "x"}).status_code == 400
    assert registry.http.post(path, content=b"{").status_code == 400


def test_families(registry: Mock) -> None:
    answer = registry.http.post("/families/batch", json={"familyIds": ["7KNL0421", "none"]}).json()
    found = {result["requested"]: result["family"] for result in answer["results"]}
    family = found["7KNL0421"]
    assert family["size"] == len(family["members"]) == 6
    assert family["headMemberId"] == RAM_DEVI
    assert isinstance(family["incomeAnnual"], int)
    assert found["none"] is None
    assert registry.http.get("/families/7KNL0421").json()["family"] == family
    assert registry.http.get("/families/none").status_code == 404


def test_search_wants_two_fields(registry: Mock) -> None:
    def search(**fields: str) -> tuple[int, list[str]]:
        answer = registry.http.post("/citizens/search", json=fields)
        return answer.status_code, [c["memberId"] for c in answer.json().get("citizens", ())]

    assert search(name="ram devi", birthDate="1961-01-01") == (200, [RAM_DEVI])
    assert search(name="DEVI ram", familyId="7KNL0421") == (200, [RAM_DEVI])
    assert search(mobile="5904210123", district="karnal") == (200, [RAM_DEVI])
    assert search(name="ram devi", birthDate="1961-01-02") == (200, [])
    assert search(name="ram devi") == (400, [])
    assert search(name="ram devi", caste="x") == (400, [])


def test_search_shows_at_most_six(registry: Mock) -> None:
    query = {"name": "kumar", "district": "Karnal"}
    answer = registry.http.post("/citizens/search", json=query).json()
    assert len(answer["citizens"]) == min(6, answer["total"])


def test_calls_are_counted_by_route(registry: Mock) -> None:
    registry.http.get("/families/7KNL0421")
    registry.http.get(f"/citizens/PPP_MEMBER:{RAM_DEVI}")
    registry.http.get("/citizens/PPP_MEMBER:none")
    assert registry.calls() == {"GET /citizens/{identifier}": 2, "GET /families/{id}": 1}
    registry.control.delete("calls")
    assert registry.calls() == {}
    assert registry.control.get("calls").json()["total"] == 0
