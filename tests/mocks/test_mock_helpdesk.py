"""The mock of the help desk: Open311."""

from datetime import datetime, timedelta

import pytest

from tests.support.processes import Mock

PREFIX = "/open311/v2"


def test_services_and_their_definitions(helpdesk: Mock) -> None:
    services = helpdesk.http.get(f"{PREFIX}/services.json").json()
    assert {"service_code", "service_name", "type", "group", "metadata"} <= set(services[0])
    definition = helpdesk.http.get(f"{PREFIX}/services/GRV-PEN.json").json()
    assert definition["attributes"][0]["order"] == 1
    missing = helpdesk.http.get(f"{PREFIX}/services/none.json")
    assert missing.status_code == 404
    assert missing.json()[0]["code"] == 404


@pytest.mark.parametrize(
    "query",
    [
        {"service_request_id": "HD-2026-000123"},
        {"account_id": "AC000123"},
        {"registration_number": "CMOFF/2026/0001234"},
    ],
)
def test_a_request_is_found_by_each_of_its_numbers(helpdesk: Mock, query: dict[str, str]) -> None:
    (found,) = helpdesk.http.get(f"{PREFIX}/requests.json", params=query).json()
    assert found == helpdesk.http.get(f"{PREFIX}/requests/HD-2026-000123.json").json()[0]
    assert found["status"] == "open"
    assert found["requested_datetime"] == "2026-11-09T10:42:07+05:30"
    assert found["extended_attributes"]["pgr_status"] == "PENDINGATLME"


def test_unknown_numbers_give_an_empty_list(helpdesk: Mock) -> None:
    query = {"account_id": "none"}
    assert helpdesk.http.get(f"{PREFIX}/requests.json", params=query).json() == []
    assert helpdesk.http.get(f"{PREFIX}/requests/none.json").status_code == 404


def test_more_than_fifty_numbers_are_refused(helpdesk: Mock) -> None:
    query = {"account_id": ",".join(f"A{n}" for n in range(51))}
    response = helpdesk.http.get(f"{PREFIX}/requests.json", params=query)
    assert response.status_code == 400
    assert "50" in response.json()[0]["description"]


def test_search_by_status_service_and_time(helpdesk: Mock) -> None:
    query = {
        "status": "closed",
        "service_code": "GRV-PEN,GRV-CRT",
        "start_date": "2026-06-01T00:00:00+05:30",
        "end_date": "2026-11-01T00:00:00Z",
    }
    found = helpdesk.http.get(f"{PREFIX}/requests.json", params=query).json()
    assert found
    for request in found:
        assert request["status"] == "closed"
        assert request["service_code"] in {"GRV-PEN", "GRV-CRT"}
        assert query["start_date"] <= request["requested_datetime"] < "2026-11-01T05:30:01"


def test_search_covers_ninety_days_by_default(helpdesk: Mock) -> None:
    found = helpdesk.http.get(f"{PREFIX}/requests.json").json()
    moments = [datetime.fromisoformat(request["requested_datetime"]) for request in found]
    assert max(moments) - min(moments) <= timedelta(days=90)
    assert moments == sorted(moments, reverse=True)


def test_a_time_without_zone_is_refused(helpdesk: Mock) -> None:
    query = {"start_date": "2026-11-01T00:00:00"}
    response = helpdesk.http.get(f"{PREFIX}/requests.json", params=query)
    assert response.status_code == 400
    assert "zone" in response.json()[0]["description"]
