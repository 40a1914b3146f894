"""What `hub introspect` must not write: calls that change data, shared names of credentials."""

from pathlib import Path
from typing import Any

import pytest

from adapters.workbench.introspection.manifest_folder import (
    HUB_VARIABLES,
    environment_name,
    environment_prefix,
)
from hub.settings import Settings
from tests.unit.introspected import (
    APPLICATION,
    RECORD,
    TEXT,
    document,
    openapi,
    read,
    replying,
    soap,
    wsdl,
)


@pytest.mark.parametrize(
    "operation",
    [
        "UpdateApplicationStatus",
        "CancelApplication",
        "saveapplicationstatus",
        "AddX",
        "updApplStatus",
        "mod_status",
        "ReceiveStatus",
        "authorise_status",
        "statusPush",
        "verifyApplication",
    ],
)
def test_a_soap_operation_that_writes_is_not_guessed(operation: str, tmp_path: Path) -> None:
    request = TEXT.format("ApplicationNo") + TEXT.format("NewStatus")
    found = soap(tmp_path, wsdl(operation=operation, request=request))
    assert found.calls == {}
    assert "change data" in found.text


def test_a_soap_operation_that_takes_a_new_value_is_not_guessed(tmp_path: Path) -> None:
    request = TEXT.format("ApplicationNo") + TEXT.format("NewStatus")
    found = soap(tmp_path, wsdl(operation="ApplicationStatus", request=request))
    assert found.calls == {}
    assert "it takes NewStatus, so it may change data" in found.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('soapAction="u"', 'soapAction="urn:min/UpdateStatus"'),
        ("<input message", "<documentation>Updates the status.</documentation><input message"),
    ],
)
def test_the_action_and_the_documentation_may_say_that_it_writes(
    before: str, after: str, tmp_path: Path
) -> None:
    text = wsdl(operation="ApplicationStatus")
    assert "applications_by_reference" in soap(tmp_path / "before", text).calls
    found = soap(tmp_path / "after", text.replace(before, after))
    assert found.calls == {}
    assert "may change data" in found.text


BY_NUMBER = {"type": "object", "properties": {"applicationNumber": {"type": "string"}}}
JSON_BODY = {"content": {"application/json": {"schema": BY_NUMBER}}}


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("post", "/applications/{applicationNumber}/status", "updateStatus"),
        ("post", "/applications/{applicationNumber}/status", ""),
        ("get", "/applications/{applicationNumber}/cancel", ""),
        ("get", "/applications/_create/{applicationNumber}", "application"),
        ("get", "/approve-application/{applicationNumber}", "getApplication"),
        ("get", "/application.update.do/{applicationNumber}", ""),
        ("post", "/applications", "submitApplication"),
        ("put", "/applications/{applicationNumber}", "getApplication"),
    ],
)
def test_a_rest_operation_that_writes_is_not_guessed(
    method: str, path: str, name: str, tmp_path: Path
) -> None:
    operation: dict[str, Any] = {"requestBody": JSON_BODY} if method == "post" else {}
    assert openapi(tmp_path, document({**operation, "operationId": name}, path, method)).calls == {}


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("get", "/applications/{applicationNumber}", ""),
        ("get", "/issued/{applicationNumber}", "getApplication"),
        ("post", "/applications/_search", ""),
        ("post", "/applications", "getApplicationStatus"),
    ],
)
def test_a_rest_operation_that_reads_is_guessed(
    method: str, path: str, name: str, tmp_path: Path
) -> None:
    operation: dict[str, Any] = {"requestBody": JSON_BODY} if method == "post" else {}
    found = openapi(tmp_path, document({**operation, "operationId": name}, path, method))
    assert list(found.calls) == ["applications_by_reference"]
    assert found.loads


@pytest.mark.parametrize("code", ["201", "202"])
def test_a_reply_of_a_write_is_not_guessed(code: str, tmp_path: Path) -> None:
    given = document({})
    (item,) = given["paths"].values()
    item["get"]["responses"] = {code: item["get"]["responses"]["200"]}
    found = openapi(tmp_path, given)
    assert found.calls == {}
    assert f"it replies with HTTP {code} only" in found.text


def test_an_argument_that_chooses_a_write_is_not_guessed(tmp_path: Path) -> None:
    actions = {"name": "action", "in": "query", "schema": {"enum": ["status", "cancel"]}}
    given = document({})
    (item,) = given["paths"].values()
    item["get"]["parameters"].append(actions)
    found = openapi(tmp_path, given)
    assert found.calls == {}
    assert "its argument 'action' may be 'cancel'" in found.text


@pytest.mark.parametrize(
    "names",
    [
        ("success", "message", "applicationNumber"),
        ("responseCode", "responseMessage", "acknowledgementNumber"),
        ("status", "message"),
    ],
)
def test_an_acknowledgement_is_not_a_record(names: tuple[str, ...], tmp_path: Path) -> None:
    found = openapi(tmp_path, replying({name: {"type": "string"} for name in names}))
    assert found.calls == {}
    assert "acknowledgement" in found.text


def test_a_record_with_a_message_is_not_an_acknowledgement(tmp_path: Path) -> None:
    names = ("applicationNumber", "status", "message")
    found = openapi(tmp_path, replying({name: {"type": "string"} for name in names}))
    assert "applications_by_reference" in found.calls


def keys(*names: str) -> dict[str, Any]:
    schemes = {f"k{n}": {"type": "apiKey", "in": "header", "name": x} for n, x in enumerate(names)}
    return document({}, components={"securitySchemes": schemes})


@pytest.mark.parametrize(
    "names", [("X-CLIENT-ID", "X-API-KEY"), ("X-Api-Key", "X_API_KEY"), ("url", "xApiKey")]
)
def test_each_key_has_a_name_of_its_own(names: tuple[str, ...], tmp_path: Path) -> None:
    connector = openapi(tmp_path, keys(*names)).content["connector"]
    references = [connector["base_url"].partition(":-")[0] + "}", *connector["headers"].values()]
    assert len(set(references)) == 3
    assert all(each.startswith("${env:HUB_MIN_") for each in references)
    assert list(connector["headers"]) == list(names)


def test_a_header_is_the_name_of_its_key(tmp_path: Path) -> None:
    assert openapi(tmp_path, keys("X-API-KEY")).content["connector"]["headers"] == {
        "X-API-KEY": "${env:HUB_MIN_X_API_KEY}"
    }


def test_no_department_reads_a_variable_of_the_hub() -> None:
    assert set(HUB_VARIABLES) == {
        *(f"HUB_{name.upper()}" for name in Settings.model_fields),
        "HUB_INTROSPECT_PASSWORD",
    }
    for name in ("database", "cache", "admin", "access-log", "request"):
        assert environment_name(name) == f"HUB_DEPARTMENT_{name.upper().replace('-', '_')}_URL"
    assert environment_prefix("forest-permits") == "HUB_FOREST_PERMITS"


def test_credentials_among_the_arguments_are_references(tmp_path: Path) -> None:
    names = ("UserName", "Password", "ApplicationNo")
    found = soap(tmp_path, wsdl(request="".join(map(TEXT.format, names)), reply=APPLICATION))
    assert found.calls["applications_by_reference"]["arguments"] == {
        "UserName": "${env:HUB_MIN_USER_NAME}",
        "Password": "${env:HUB_MIN_PASSWORD}",
        "ApplicationNo": "{key}",
    }


def test_a_graphql_field_that_writes_is_not_guessed(tmp_path: Path) -> None:
    sdl = tmp_path / "schema.graphql"
    fields = " ".join(f"{name}: String" for name in RECORD)
    sdl.write_text(
        f"type Query {{ updateApplication(applicationNumber: ID!): A }} type A {{ {fields} }}"
    )
    found = read("graphql", sdl, tmp_path / "out")
    assert found.calls == {}
    assert "${env:HUB_MIN_URL:-" in found.content["connector"]["url"]
