"""The mock of the construction workers' board."""

from typing import Any

import pytest

from tests.support.processes import Mock

REGISTRATIONS = "/bocw/v1/registrations"
CLIENT = ("citizen-hub", "demo-labour-secret")
GRANT = {"grant_type": "client_credentials"}
SURESH = "BOCW/KNL/000021"


@pytest.fixture
def bearer(labour: Mock) -> dict[str, str]:
    content = labour.http.post("/oauth/token", data=GRANT, auth=CLIENT).json()
    assert (content["token_type"], content["expires_in"]) == ("Bearer", 300)
    return {"Authorization": f"Bearer {content['access_token']}"}


def registrations_of(labour: Mock, bearer: dict[str, str], **params: str) -> Any:
    return labour.http.get(REGISTRATIONS, params=params, headers=bearer).json()


def test_client_credentials_may_be_in_the_form(labour: Mock) -> None:
    form = {**GRANT, "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    assert labour.http.post("/oauth/token", data=form).status_code == 200


@pytest.mark.parametrize(
    ("form", "auth", "status", "error"),
    [
        (GRANT, ("citizen-hub", "wrong"), 401, "invalid_client"),
        (GRANT, None, 401, "invalid_client"),
        ({"grant_type": "password"}, CLIENT, 400, "unsupported_grant_type"),
    ],
)
def test_a_wrong_client_gets_no_token(
    labour: Mock,
    form: dict[str, str],
    auth: Any,
    status: int,
    error: str,
) -> None:
    response = labour.http.post("/oauth/token", data=form, auth=auth)
    assert (response.status_code, response.json()["error"]) == (status, error)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer made-up"}])
def test_a_request_without_a_token_is_refused(labour: Mock, header: dict[str, str]) -> None:
    response = labour.http.get(REGISTRATIONS, params={"bocwNos": SURESH}, headers=header)
    assert response.status_code == 401
    assert response.json()["code"] == "E401"


def test_one_row_is_an_object(labour: Mock, bearer: dict[str, str]) -> None:
    content = registrations_of(labour, bearer, bocwNos=SURESH)
    assert (content["status"], content["code"]) == ("true", "S100")
    row = content["data"]
    assert (row["regAppNo"], row["bocwNo"]) == ("LAB-BOC/2026/000021", SURESH)
    # This department sends codes as numbers.
    assert row["statusCd"] == 25
    assert row["appliedOn"] == "21/09/2026"
    assert [event["srNo"] for event in row["history"]] == [1, 2, 3]


def test_several_rows_are_a_list(labour: Mock, bearer: dict[str, str]) -> None:
    content = registrations_of(labour, bearer, bocwNos=f"{SURESH},BOCW/KTL/000201")
    assert len(content["data"]) > 1
    numbers = ",".join(row["regAppNo"] for row in content["data"])
    assert registrations_of(labour, bearer, regAppNos=numbers)["data"] == content["data"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"bocwNos": "none"}, "E102"),
        ({}, "E400"),
        ({"bocwNos": ",".join(map(str, range(26)))}, "E414"),
    ],
)
def test_refusals_come_with_http_200(
    labour: Mock, bearer: dict[str, str], params: dict[str, str], code: str
) -> None:
    response = labour.http.get(REGISTRATIONS, params=params, headers=bearer)
    assert response.status_code == 200
    content = response.json()
    assert (content["status"], content["code"], content["data"]) == ("false", code, "")


def test_status_codes_can_be_replaced(labour: Mock, bearer: dict[str, str]) -> None:
    labour.set_faults(unknown_code=1)
    assert registrations_of(labour, bearer, bocwNos=SURESH)["data"]["statusCd"] == 97
