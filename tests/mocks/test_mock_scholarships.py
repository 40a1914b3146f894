"""The scholarships department on the wire."""

import pytest

from tests.support.processes import Mock

APPLICATIONS = "/api/v1/applications"
AWARDS = "/api/v1/awards"


def test_api_key_is_demanded_with_http_200(scholarships: Mock) -> None:
    answer = scholarships.http.get(APPLICATIONS, headers={"X-Api-Key": "wrong"})
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "false",
        "code": "E401",
        "msg": "Invalid API key",
        "data": "",
    }


def test_one_row_is_an_object(scholarships: Mock) -> None:
    answer = scholarships.http.get(APPLICATIONS, params={"studentIds": "STU2024000123"}).json()
    assert (answer["status"], answer["code"], answer["total"]) == ("true", "S100", 1)
    assert answer["data"]["applNo"] == "WEL-AMC/2026/000123"
    assert answer["data"]["statusDate"] == "05-10-2026 18:20:00"
    assert [event["seq"] for event in answer["data"]["trail"]] == [1, 2, 3, 4, 5]


def test_several_rows_are_a_list(scholarships: Mock) -> None:
    params = {"studentIds": "STU2024000123,STU2025000124"}
    answer = scholarships.http.get(APPLICATIONS, params=params).json()
    assert [row["applNo"] for row in answer["data"]] == [
        "WEL-AMC/2026/000123",
        "WEL-VSY/2026/000124",
    ]
    numbers = {"applicationNos": "WEL-AMC/2026/000123,WEL-VSY/2026/000124,none"}
    assert scholarships.http.get(APPLICATIONS, params=numbers).json()["data"] == answer["data"]


def test_no_rows_are_a_refusal_with_http_200(scholarships: Mock) -> None:
    answer = scholarships.http.get(APPLICATIONS, params={"studentIds": "none"})
    assert answer.status_code == 200
    assert answer.json() == {"status": "false", "code": "E102", "msg": "Data not found", "data": ""}


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
def test_limits(scholarships: Mock, params: dict[str, str], code: str) -> None:
    answer = scholarships.http.get(APPLICATIONS, params=params)
    assert answer.status_code == 200
    assert answer.json()["code"] == code


def test_work_list_pages_newest_first(scholarships: Mock) -> None:
    rows = []
    page, pages = 1, 1
    while page <= pages:
        params: dict[str, str | int] = {"statuses": "NEW,PAID", "page": page, "pageSize": 10}
        answer = scholarships.http.get(APPLICATIONS, params=params).json()
        pages = answer["pages"]
        rows += answer["data"] if isinstance(answer["data"], list) else [answer["data"]]
        page += 1
    assert len(rows) == answer["total"] == len({row["applNo"] for row in rows})
    assert {row["status"] for row in rows} == {"NEW", "PAID"}
    keys = []
    for row in rows:
        day, clock = row["statusDate"].split(" ")
        keys.append(("-".join(reversed(day.split("-"))), clock))
    assert keys == sorted(keys, reverse=True)


def test_work_list_since_a_day(scholarships: Mock) -> None:
    answer = scholarships.http.get(APPLICATIONS, params={"from": "01-11-2026"}).json()
    assert all(row["statusDate"][3:10] == "11-2026" for row in answer["data"])


def test_awards(scholarships: Mock) -> None:
    answer = scholarships.http.get(AWARDS, params={"studentIds": "STU2024000123"}).json()
    assert answer["data"]["amount"] == "12000"
    assert answer["data"]["changedOn"] == "NA"
    assert scholarships.calls() == {f"GET {AWARDS}": 1}
