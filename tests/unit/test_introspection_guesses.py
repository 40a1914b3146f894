"""Which fields and keys `hub introspect` guesses, and which it leaves to a person."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from adapters.workbench.introspection import database as database_module
from adapters.workbench.introspection.vocabulary import phrase_of
from tests.unit.introspected import document, openapi, read, replying, schema


def text(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


NUMBER = {"applicationNumber": text(), "applicantName": text()}
PLACE = {"description": "State in India", "example": "HARYANA"}


@pytest.mark.parametrize(
    "fields",
    [
        {"state": text(**PLACE), "stateCode": text(), "currentStage": text()},
        {"STATE": text(), "STATE_CD": text(), "appliedOn": text()},
        {"stateName": text(), "district": text(), "station": text()},
        {"state": text(enum=["HARYANA", "PUNJAB"]), "city": text()},
        {"applicationState": text(**PLACE), "appliedOn": text()},
    ],
)
def test_a_place_is_not_a_status(fields: dict[str, Any], tmp_path: Path) -> None:
    found = openapi(tmp_path, replying({**NUMBER, **fields, "appliedOn": text()}))
    assert found.record["applicationStatus"]["path"] == "DECIDE"


@pytest.mark.parametrize("name", ["applicationStatus", "status", "APPL_STATUS", "currentStatus"])
def test_the_status_beside_a_place_is_found(name: str, tmp_path: Path) -> None:
    fields = {"state": text(**PLACE), "stateCode": text(), name: text(), **NUMBER}
    assert openapi(tmp_path, replying(fields)).record["applicationStatus"]["path"] == name


def test_a_state_with_the_values_of_a_status_is_a_status(tmp_path: Path) -> None:
    fields = {**NUMBER, "appliedOn": text(), "state": text(enum=["OPEN", "CLOSED", "ON_HOLD"])}
    assert openapi(tmp_path, replying(fields)).record["applicationStatus"]["path"] == "state"


@pytest.mark.parametrize("name", ["tenantId", "city", "cityCode", "clientId", "userId", "partyId"])
def test_a_tenant_or_a_caller_is_not_a_citizen(name: str, tmp_path: Path) -> None:
    parameters = [{"name": name, "in": "query", "required": True}]
    found = openapi(tmp_path, document({"parameters": parameters}, "/applications"))
    assert found.calls == {}
    assert "no argument looks like the number" in found.text


@pytest.mark.parametrize("name", ["citizenId", "applicantCode", "consumerNo", "LANDHOLDER_ID"])
def test_a_citizen_is_recognised(name: str, tmp_path: Path) -> None:
    parameters = [{"name": name, "in": "query", "required": True}]
    found = openapi(tmp_path, document({"parameters": parameters}, "/applications"))
    assert list(found.calls) == ["applications_by_citizen"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/certificates/reissue/{applicationNumber}", "getReissue"),
        ("/certificates/issue-status/{applicationNumber}", "getIssueStatus"),
        ("/issues/{applicationNumber}", "getIssue"),
    ],
)
def test_an_issue_is_not_a_grievance(path: str, name: str, tmp_path: Path) -> None:
    names = schema("applicationNumber", "status", "remarks")
    reply = {"description": "one", "content": {"application/json": {"schema": names}}}
    operation = {"operationId": name, "responses": {"200": reply}}
    found = openapi(tmp_path, document(operation, path))
    assert not [each for each in found.calls if "grievance" in each]


ISSUED = """issueDate dt_issue DateOfIssue issued_on IssuedAt ISSUE_DT issuedate dateissued
    DATE_OF_ISSUE date-of-issue issueDt IssueDateTime issuedDate"""


@pytest.mark.parametrize("name", ISSUED.split())
def test_dates_of_issue_are_recognised_in_all_spellings(name: str, tmp_path: Path) -> None:
    fields = {"certificateNumber": text(), "status": text(), "holderId": text(), name: text()}
    parameters = [{"name": "holderId", "in": "path", "required": True}]
    given = replying(fields, operationId="getCertificates", parameters=parameters)
    given["paths"] = {"/certificates/{holderId}": given["paths"].popitem()[1]}
    rule = openapi(tmp_path, given).content["records"]["certificate"]["issueDate"]
    assert rule["path"] == name


APPLIED = """applicationDate dateOfApplication DT_APPLN appln_dt appliedOn submittedOn createdAt
    created_on createdTime reqDt date_of_submission filingDate applndate applicationSubmittedDate"""


@pytest.mark.parametrize("name", APPLIED.split())
def test_dates_of_application_are_recognised_in_all_spellings(name: str, tmp_path: Path) -> None:
    found = openapi(tmp_path, replying({**NUMBER, "status": text(), name: text()}))
    assert found.record["requestedDatetime"]["path"] == name


@pytest.mark.parametrize("name", ["createdBy", "paymentDate", "dob", "officeDate", "updatedBy"])
def test_other_fields_are_not_dates_of_application(name: str, tmp_path: Path) -> None:
    found = openapi(tmp_path, replying({**NUMBER, "status": text(), name: text()}))
    assert "requestedDatetime" not in found.record


@pytest.mark.parametrize("name", ["requestId", "transactionId", "X-Request-Id"])
def test_the_number_of_a_message_is_not_a_key(name: str, tmp_path: Path) -> None:
    parameters = [{"name": name, "in": "query", "required": True}]
    found = openapi(tmp_path, document({"parameters": parameters}, "/applications"))
    assert found.calls == {}


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("applieddate", "requested date"),
        ("APPL_DT", "application date"),
        ("registeredOn", "registration date"),
        ("stsDt", "status date"),
        ("validUpto", "valid to"),
        ("regno", "registration number"),
        ("stateCode", "state code"),
        ("tenantId", "tenant number"),
        ("आवेदन_संख्या", "application number"),
        ("address", "address"),
        ("station", "station"),
    ],
)
def test_names_become_phrases(name: str, phrase: str) -> None:
    assert phrase_of(name) == phrase


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"type": "integer", "description": "milliseconds since epoch"}, "epoch-ms"),
        ({"type": "integer", "example": 1764312000000}, "epoch-ms"),
        ({"type": "integer", "example": 1764312000}, "epoch"),
        ({"type": "string", "description": "unix time in seconds"}, "epoch"),
        ({"type": "string", "example": "28/11/2026"}, "dd/mm/yyyy"),
        ({"type": "string", "example": "28-11-2026 10:00:00"}, "dd-mm-yyyy HH:MM:SS"),
        ({"type": "string", "example": "11/28/2026"}, "mm/dd/yyyy"),
        ({"type": "string", "example": "28-Nov-2026"}, "dd-mon-yyyy"),
        ({"type": "string", "example": "20261128"}, "yyyymmdd"),
        ({"type": "string", "example": "1764312000000"}, "epoch-ms"),
        ({"type": "string", "format": "dd-MM-yyyy"}, "dd-mm-yyyy"),
        ({"type": "integer", "format": "unixtime"}, "epoch"),
    ],
)
def test_the_format_of_a_date_is_guessed(given: dict[str, Any], rule: str, tmp_path: Path) -> None:
    found = openapi(tmp_path, replying({**NUMBER, "status": text(), "createdTime": given}))
    assert found.loads
    assert found.record["requestedDatetime"] == {"path": "createdTime", "format": rule}


def test_every_guessed_rule_is_marked(tmp_path: Path) -> None:
    fields = {**NUMBER, "status": text(), "statusText": text(), "appliedOn": text()}
    found = openapi(tmp_path, replying(fields))
    begin = found.text.index("records:")
    rules = [line for line in found.text[begin:].splitlines() if line.startswith("    ")]
    assert len(rules) == 5
    assert all("# guessed from " in line for line in rules)
    assert "# guessed from status and statusText" in found.text
    assert "key: applicationNumber  # guessed from applicationNumber" in found.text


def table(tmp_path: Path, sql: str) -> Any:
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(sql)
    connection.close()
    return read("database", f"sqlite:///{path}", tmp_path / "out")


APPL = "CREATE TABLE APPL (APPL_NO TEXT, CTZN_ID TEXT, STATUS TEXT, APPL_DT TEXT);"


def test_a_table_without_a_key_is_guessed_all_the_same(tmp_path: Path) -> None:
    found = table(tmp_path, APPL)
    assert found.loads, found.printed
    assert set(found.calls) == {"applications_by_citizen", "applications_by_reference"}
    assert "table APPL: no key or index" in found.printed


def test_a_table_with_a_key_has_no_note(tmp_path: Path) -> None:
    found = table(tmp_path, APPL.replace("APPL_NO TEXT", "APPL_NO TEXT PRIMARY KEY"))
    assert list(found.calls) == ["applications_by_reference"]
    assert "no key or index" not in found.printed


def test_the_columns_of_an_unused_table_are_listed(tmp_path: Path) -> None:
    found = table(tmp_path, "CREATE TABLE TBL_MISC (A INT PRIMARY KEY, B TEXT, C TEXT);")
    assert "- TBL_MISC(A, B, C): " in found.text


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb", "mysql"])
@pytest.mark.parametrize("name", ["min", "database"])
def test_the_address_of_a_database_has_a_name_of_its_own(
    scheme: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(url: URL, found: object, dialect: str) -> None:
        assert url.password == "made-up"

    monkeypatch.setattr(database_module, "_read_over_asyncio", nothing)
    url = f"{scheme}://reader:made-up@127.0.0.1:1/permits"
    found = read("database", url, tmp_path / "out", name)
    prefix = "HUB_DEPARTMENT_DATABASE" if name == "database" else "HUB_MIN"
    written = found.content["connector"]["url"]
    assert written == f"${{env:{prefix}_URL:-{scheme}://127.0.0.1:1/permits}}"
    assert found.loads
    assert "made-up" not in found.text + found.printed


def test_required_arguments_of_graphql_become_variables(tmp_path: Path) -> None:
    (tmp_path / "schema.graphql").write_text(
        "type Query { application(applicationNumber: ID!, state: String!, lang: String): A } "
        "type A { applicationNumber: ID! status: String applicantName: String }"
    )
    found = read("graphql", tmp_path / "schema.graphql", tmp_path / "out")
    call = found.calls["applications_by_reference"]
    assert call["variables"] == {"key": "{key}", "state": "DECIDE"}
    assert "application(applicationNumber: $key, state: $state)" in call["query"]
    assert "it also requires state" in found.text
