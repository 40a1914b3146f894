"""The mock of the scholarships department."""

import pytest

from tests.support.processes import Mock

APPLICATIONS = "/api/v1/applications"
AWARDS = "/api/v1/awards"


def test_a_missing_api_key_is_refused_with_http_200(scholarships: Mock) -> None:
    response = scholarships.http.get(APPLICATIONS, headers={"X-Api-Key": "wrong"})
    assert response.status_code == 200
    assert response.json() == {
        "status": "false",
        "code": "E401",
        "msg": "Invalid API key",
        "data": "",
    }


def test_one_row_is_an_object(scholarships: Mock) -> None:
    response = scholarships.http.get(APPLICATIONS, params={"studentIds": "STU2024000123"}).json()
    assert (response["status"], response["code"], response["total"]) == ("true", "S100", 1)
    assert response["data"]["applNo"] == "WEL-AMC/2026/000123"
    assert response["data"]["statusDate"] == "05-10-2026 18:20:00"
    assert [event["seq"] for event in response["data"]["trail"]] == [1, 2, 3, 4, 5]


def test_several_rows_are_a_list(scholarships: Mock) -> None:
    params = {"studentIds": "STU2024000123,STU2025000124"}
    response = scholarships.http.get(APPLICATIONS, params=params).json()
    assert [row["applNo"] for row in response["data"]] == [
        "WEL-AMC/2026/000123",
        "WEL-VSY/2026/000124",
    ]
    numbers = {"applicationNos": "WEL-AMC/2026/000123,WEL-VSY/2026/000124,none"}
    assert scholarships.http.get(APPLICATIONS, params=numbers).json()["data"] == response["data"]


def test_no_rows_are_a_refusal_with_http_200(scholarships: Mock) -> None:
    response = scholarships.http.get(APPLICATIONS, params={"studentIds": "none"})
    assert response.status_code == 200
    assert response.json() == {
        "status": "false",
        "code": "E102",
        "msg": "Data not found",
        "data": "",
    }


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"pageSize": "101"}, "E413"),
        ({"page": "0"}, "E400"),
        ({"studentIds": ",".join(f"S{n}" for n in range(51))}, "E414"),
        ({"applicationNos": ",".join(f"S{n}" for n in range(51))}, "E414"),
        ({"from": "2026-11-01"}, "E400"),
    ],
)
def test_requests_above_the_limits_are_refused(
    scholarships: Mock, params: dict[str, str], code: str
) -> None:
    response = scholarships.http.get(APPLICATIONS, params=params)
    assert response.status_code == 200
    assert response.json()["code"] == code


def test_the_work_list_has_pages_newest_first(scholarships: Mock) -> None:
    rows = []
    page, pages = 1, 1
    while page <= pages:
        params: dict[str, str | int] = {"statuses": "NEW,PAID", "page": page, "pageSize": 10}
        response = scholarships.http.get(APPLICATIONS, params=params).json()
        pages = response["pages"]
        rows += response["data"] if isinstance(response["data"], list) else [response["data"]]
        page += 1
    assert len(rows) == response["total"] == len({row["applNo"] for row in rows})
    assert {row["status"] for row in rows} == {"NEW", "PAID"}
    keys = []
    for row in rows:
        day, clock = row["statusDate"].split(" ")
        keys.append(("-".join(reversed(day.split("-"))), clock))
    assert keys == sorted(keys, reverse=True)


def test_the_work_list_since_a_day(scholarships: Mock) -> None:
    response = scholarships.http.get(APPLICATIONS, params={"from": "01-11-2026"}).json()
    assert all(row["statusDate"][3:10] == "11-2026" for row in response["data"])


@pytest.mark.parametrize(("fault", "sent"), [("short_pages", 5), ("lost_rows", 9)])
def test_fewer_rows_than_the_total_announces(scholarships: Mock, fault: str, sent: int) -> None:
    params: dict[str, str | int] = {"pageSize": 10}
    whole = scholarships.http.get(APPLICATIONS, params=params).json()
    scholarships.set_faults(**{fault: 1})
    reply = scholarships.http.get(APPLICATIONS, params=params).json()
    assert (reply["total"], reply["pages"]) == (whole["total"], whole["pages"])
    assert reply["data"] == whole["data"][:sent]
    following = scholarships.http.get(APPLICATIONS, params={**params, "page": 2}).json()["data"]
    # With short pages, no row is lost: the next page begins after the last row.
    assert (following[0] == whole["data"][sent]) is (fault == "short_pages")


def test_the_only_row_gets_lost(scholarships: Mock) -> None:
    scholarships.set_faults(lost_rows=1)
    params = {"studentIds": "STU2024000123"}
    reply = scholarships.http.get(APPLICATIONS, params=params).json()
    assert (reply["code"], reply["total"], reply["data"]) == ("S100", 1, [])
    unknown = scholarships.http.get(APPLICATIONS, params={"studentIds": "none"}).json()
    assert unknown["code"] == "E102"


def test_awards_of_students(scholarships: Mock) -> None:
    response = scholarships.http.get(AWARDS, params={"studentIds": "STU2024000123"}).json()
    assert response["data"]["amount"] == "12000"
    assert response["data"]["changedOn"] == "NA"
    assert scholarships.calls() == {f"GET {AWARDS}": 1}
