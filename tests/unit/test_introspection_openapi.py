"""OpenAPI documents as departments publish them: references, servers, examples, security, XML."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.workbench.introspection.openapi_servers import NO_HOST
from adapters.workbench.introspection.yaml_text import read_yaml
from adapters.workbench.replay.server import RecordedReply, replaying
from tests.unit.introspected import (
    RECORD,
    Introspected,
    document,
    openapi,
    read,
    replying,
    schema,
)


def by_reference(found: Introspected) -> Any:
    assert found.loads, found.printed
    return found.calls["applications_by_reference"]


COMMON = """
components:
  schemas:
    Application:
      type: object
      properties:
        applicationNumber: {type: string}
        status: {type: string}
        applicant: {$ref: "#/components/schemas/Person"}
        office: {$ref: "office.yaml#/Office"}
    Person: {type: object, properties: {applicantName: {type: string}, mobile: {type: string}}}
"""
OFFICE = """
Office: {type: object, properties: {officeName: {type: string}, head: {$ref: "#/Head"}}}
Head: {type: object, properties: {headName: {type: string}}}
"""
WRONG = {"schemas": {"Person": schema("wrongOne")}}


def test_references_are_resolved_in_their_own_document(tmp_path: Path) -> None:
    reference = {"$ref": "common.yaml#/components/schemas/Application"}
    reply = {"description": "one", "content": {"application/json": {"schema": reference}}}
    found = openapi(
        tmp_path,
        document({"responses": {"200": reply}}, components=WRONG),
        common=COMMON,
        office=OFFICE,
    )
    by_reference(found)
    assert found.record["applicantName"] == "applicant/applicantName"
    assert "office/officeName, office/head/headName" in found.text
    assert "wrongOne" not in found.text
    assert "not read" not in found.printed


def test_operations_paths_and_parameters_may_be_references(tmp_path: Path) -> None:
    given = document({})
    (item,) = given["paths"].values()
    parts = {"get": item["get"]}
    given["paths"] = {
        "/applications/{applicationNumber}": {"get": {"$ref": "parts.yaml#/get"}},
        "/again/{applicationNumber}": {"$ref": "parts.yaml"},
    }
    found = openapi(tmp_path, given, parts=json.dumps(parts))
    by_reference(found)
    assert "Read 2 operations" in found.printed


@pytest.mark.parametrize("target", ["gone.yaml#/X", "common.yaml#/components/schemas/None"])
def test_a_reference_without_a_target_is_named_as_it_is_written(
    target: str, tmp_path: Path
) -> None:
    found = openapi(
        tmp_path,
        replying({**schema(*RECORD)["properties"], "office": {"$ref": target}}),
        common=COMMON,
    )
    by_reference(found)
    assert target.partition("#")[0] in found.printed
    assert str(tmp_path) not in found.printed.partition("Wrote")[0]


@pytest.mark.parametrize(
    ("servers", "address"),
    [
        ([{"url": "/tl-service/v1"}], "http://127.0.0.1:9/tl-service/v1"),
        ([{"url": "v1/"}], "http://127.0.0.1:9/v1"),
        (
            [{"url": "/{base}/v1", "variables": {"base": {"default": "tl"}}}],
            "http://127.0.0.1:9/tl/v1",
        ),
        ([], "http://127.0.0.1:9"),
        ([{"url": "../tl/v1"}], "http://127.0.0.1:9/tl/v1"),
        ([{"url": "https://{office}.example:{port}/tl/v1"}], "http://127.0.0.1:9/tl/v1"),
    ],
)
def test_the_path_of_a_relative_server_is_kept(
    servers: list[Any], address: str, tmp_path: Path
) -> None:
    found = openapi(tmp_path, document({}, servers=servers))
    by_reference(found)
    written = found.content["connector"]["base_url"]
    assert written == f"${{env:HUB_MIN_URL:-{address}}}"
    assert "give its host" in found.printed


def test_a_server_without_a_scheme_keeps_its_host(tmp_path: Path) -> None:
    found = openapi(tmp_path, document({}, servers=[{"url": "//tl.example/v1"}]))
    assert found.content["connector"]["base_url"] == "${env:HUB_MIN_URL:-https://tl.example/v1}"


def test_a_reference_to_an_anchor_is_not_taken_for_the_whole_document(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"$ref": "#app"}}}
    schemas = {"A": {"$anchor": "app", **schema(*RECORD)}}
    responses = {"200": {"description": "one", "content": content}}
    found = openapi(tmp_path, document({"responses": responses}, components={"schemas": schemas}))
    assert found.calls == {}
    assert "the reference #app names an anchor: write a JSON pointer" in found.printed


@pytest.mark.parametrize(
    ("servers", "path"),
    [([{"url": "/tl-service/v1"}], "/tl-service/v1"), ([{"url": "v2"}], "/docs/v2"), ([], "")],
)
def test_a_relative_server_is_resolved_against_the_address_of_the_document(
    servers: list[Any], path: str, tmp_path: Path
) -> None:
    given = document({}, servers=servers)
    if not servers:
        del given["servers"]
    with replaying(RecordedReply(json.dumps(given).encode())) as server:
        found = read("openapi", f"{server.url}/docs/openapi.json", tmp_path / "out")
        expected = f"${{env:HUB_MIN_URL:-{server.url}{path}}}"
    assert found.content["connector"]["base_url"] == expected


ONE = {"applicationNumber": "A1", "status": "P", "applicantName": "राम", "appliedOn": "01/02/2026"}


@pytest.mark.parametrize(
    "media",
    [
        {"schema": {"example": ONE}},
        {"example": ONE},
        {"schema": {"type": "object"}, "example": ONE},
        {"examples": {"one": {"value": ONE}}},
        {"examples": {"one": {"$ref": "#/components/examples/One"}}},
        {"schema": {"type": "array", "items": {"type": "object", "example": ONE}}},
        {"example": [ONE]},
        {"example": json.dumps(ONE)},
    ],
)
def test_a_reply_that_is_given_as_an_example_is_read(media: dict[str, Any], tmp_path: Path) -> None:
    reply = {"description": "one", "content": {"application/json": media}}
    examples = {"examples": {"One": {"value": ONE}}}
    found = openapi(tmp_path, document({"responses": {"200": reply}}, components=examples))
    by_reference(found)
    assert found.record["requestedDatetime"] == {"path": "appliedOn", "format": "dd/mm/yyyy"}
    assert "requestedDatetime: {path: appliedOn, format: dd/mm/yyyy}  # guessed from" in found.text


def test_an_operation_that_is_not_used_has_a_reason(tmp_path: Path) -> None:
    found = openapi(tmp_path, document({"responses": {"200": {"description": "one"}}}))
    assert "- getApplication(applicationNumber): its reply is not described" in found.text
    assert "says for each operation why it is not used" in found.printed


SCHEMES = {
    "o": {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "http://127.0.0.1:1/token",
                "scopes": {"read": "", "list": ""},
            }
        },
    },
    "q": {"type": "apiKey", "in": "query", "name": "key"},
    "b": {"type": "http", "scheme": "basic"},
    "h": {"type": "apiKey", "in": "header", "name": "X-KEY"},
    "p": {"type": "oauth2", "flows": {"password": {"tokenUrl": "http://127.0.0.1:1/token"}}},
}
AUTHS = {
    "o": {
        "kind": "oauth2",
        "token_url": "http://127.0.0.1:1/token",
        "client_id": "${env:HUB_MIN_CLIENT_ID}",
        "client_secret": "${env:HUB_MIN_CLIENT_SECRET}",
        "scope": "read list",
    },
    "q": {"kind": "api_key", "query": "key", "value": "${env:HUB_MIN_KEY}"},
    "b": {
        "kind": "basic",
        "username": "${env:HUB_MIN_USERNAME}",
        "password": "${env:HUB_MIN_PASSWORD}",
    },
}


@pytest.mark.parametrize("name", AUTHS)
def test_credentials_are_written_as_the_connector_sends_them(name: str, tmp_path: Path) -> None:
    found = openapi(tmp_path, document({}, components={"securitySchemes": {name: SCHEMES[name]}}))
    by_reference(found)
    assert found.content["connector"]["auth"] == AUTHS[name]


@pytest.mark.parametrize("name", AUTHS)
@pytest.mark.parametrize("is_of_operation", [True, False])
def test_the_required_credentials_are_used(
    name: str, is_of_operation: bool, tmp_path: Path
) -> None:
    required: dict[str, Any] = {"security": [{name: []}]}
    given = document(required if is_of_operation else {}, components={"securitySchemes": SCHEMES})
    found = openapi(tmp_path, given | ({} if is_of_operation else required))
    by_reference(found)
    connector = found.content["connector"]
    assert connector["auth"] == AUTHS[name]
    assert "headers" not in connector
    others = [each for each in AUTHS if each != name]
    assert all(f"DECIDE: or, for {each}: auth: " in found.text for each in others)
    for line in found.text.splitlines():
        if "DECIDE: or, for" in line:
            assert read_yaml(line.partition(": auth: ")[2].encode()) in AUTHS.values()


def test_credentials_that_are_not_required_are_not_used(tmp_path: Path) -> None:
    schemes = {"h": SCHEMES["h"], "b": SCHEMES["b"]}
    given = document({}, security=[{}, {"h": []}], components={"securitySchemes": schemes})
    found = openapi(tmp_path, given)
    assert "auth" not in found.content["connector"]
    assert list(found.content["connector"]["headers"]) == ["X-KEY"]
    assert "DECIDE: or, for b: auth: " in found.text


@pytest.mark.parametrize(
    ("server", "url", "expected"),
    [
        ("https://api.example/v1", "/oauth/token", "https://api.example/oauth/token"),
        ("https://api.example/v1", "../token", "https://api.example/token"),
        ("https://api.example/v1", "//login.example/token", "https://login.example/token"),
        ("https://api.example/v1", "https://me:pw@login.example/t", "https://login.example/t"),
        # Below the server's address: it is the same server in each environment.
        ("https://api.example/v1", "token", "${env:HUB_MIN_URL:-https://api.example/v1}/token"),
        ("https://api.example", "/o/token", "${env:HUB_MIN_URL:-https://api.example}/o/token"),
        ("/v1", "token", "${env:HUB_MIN_URL:-http://127.0.0.1:9/v1}/token"),
        ("", "/o/token", "${env:HUB_MIN_URL:-http://127.0.0.1:9}/o/token"),
        ("/v1", "/o/token", "http://127.0.0.1:9/o/token"),
        ("/v1", "https://login.example/token", "https://login.example/token"),
    ],
)
@pytest.mark.parametrize("is_swagger", [False, True])
def test_a_relative_token_address_is_resolved_against_the_server(
    server: str, url: str, expected: str, is_swagger: bool, tmp_path: Path
) -> None:
    given = document({}, servers=[{"url": server}])
    if is_swagger:
        parts = urlsplit(server)
        host = {"host": parts.netloc, "schemes": [parts.scheme]} if parts.netloc else {}
        scheme = {"type": "oauth2", "flow": "application", "tokenUrl": url}
        given = {
            "swagger": "2.0",
            "basePath": parts.path,
            "paths": given["paths"],
            "securityDefinitions": {"o": scheme},
            **host,
        }
    else:
        flows = {"clientCredentials": {"tokenUrl": url, "scopes": {}}}
        given["components"] = {"securitySchemes": {"o": {"type": "oauth2", "flows": flows}}}
    found = openapi(tmp_path, given)
    assert found.content["connector"]["auth"]["token_url"] == expected
    assert ("DECIDE: the host of `token_url`" in found.text) == expected.startswith(NO_HOST)
    assert found.loads, found.printed


def test_a_bearer_token_is_a_reference(tmp_path: Path) -> None:
    schemes = {"t": {"type": "http", "scheme": "bearer"}}
    found = openapi(tmp_path, document({}, components={"securitySchemes": schemes}))
    by_reference(found)
    headers = found.content["connector"]["headers"]
    assert headers == {"Authorization": "Bearer ${env:HUB_MIN_TOKEN}"}


def test_a_login_as_a_person_is_not_written(tmp_path: Path) -> None:
    found = openapi(tmp_path, document({}, components={"securitySchemes": {"p": SCHEMES["p"]}}))
    by_reference(found)
    assert "auth" not in found.content["connector"]
    assert "the hub can't log in as a person" in found.printed


SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Min", "version": "1"},
    "host": "127.0.0.1:1",
    "schemes": ["http"],
}


def swagger(operation: dict[str, Any], path: str, method: str, **more: Any) -> dict[str, Any]:
    reply = {"description": "one", "schema": {"$ref": "#/definitions/Application"}}
    given = {"operationId": "getApplicationStatus", "responses": {"200": reply}, **operation}
    definitions = {"definitions": {"Application": schema(*RECORD)}}
    return {**SWAGGER, **definitions, "paths": {path: {method: given}}, **more}


@pytest.mark.parametrize("version", [2, 3])
def test_a_form_is_written(version: int, tmp_path: Path) -> None:
    form = "application/x-www-form-urlencoded"
    names = ("applicationNumber", "clientCode")
    if version == 2:
        parameters = [{"name": n, "in": "formData", "required": True} for n in names]
        operation = {"consumes": [form], "parameters": parameters}
        given = swagger(operation, "/applications/status", "post")
    else:
        body = {"content": {form: {"schema": {**schema(*names), "required": list(names)}}}}
        operation = {"requestBody": body, "operationId": "getApplicationStatus"}
        given = document(operation, "/applications/status", "post")
    assert by_reference(openapi(tmp_path, given)) == {
        "method": "POST",
        "path": "/applications/status",
        "body": {"applicationNumber": "{key}", "clientCode": "${env:HUB_MIN_CLIENT_CODE}"},
        "body_format": "form",
    }


def test_xml_is_written_and_read(tmp_path: Path) -> None:
    by_number = {**schema("applicationNumber"), "xml": {"name": "Query"}}
    body = {"content": {"application/xml": {"schema": by_number}}}
    record = schema("status", "applicantName")
    number = {"type": "string", "xml": {"attribute": True}}
    record["properties"]["applicationNumber"] = number
    record["xml"] = {"name": "Application"}
    items = {"type": "array", "items": record, "xml": {"wrapped": True, "name": "List"}}
    reply = {"type": "object", "properties": {"applications": items}, "xml": {"name": "Reply"}}
    operation = {
        "operationId": "findApplication",
        "requestBody": body,
        "responses": {"200": {"description": "x", "content": {"text/xml": {"schema": reply}}}},
    }
    found = openapi(tmp_path, document(operation, "/applications", "post"))
    assert by_reference(found) == {
        "method": "POST",
        "path": "/applications",
        "body": {"Query": {"applicationNumber": "{key}"}},
        "body_format": "xml",
    }
    assert found.content["connector"]["replies"] == "xml"
    capability = found.content["capabilities"]["applications_by_reference"]
    assert (capability["rows"], capability["key"]) == (
        "Reply/List/Application",
        "@applicationNumber",
    )


def test_replies_of_a_document_that_produces_xml_are_xml(tmp_path: Path) -> None:
    path = "/applications/{applicationNumber}"
    parameters = [{"name": "applicationNumber", "in": "path", "required": True, "type": "string"}]
    given = swagger({"parameters": parameters}, path, "get", produces=["application/xml"])
    found = openapi(tmp_path, given)
    by_reference(found)
    assert found.content["connector"]["replies"] == "xml"
    assert found.content["capabilities"]["applications_by_reference"]["rows"] == "Application"


def test_a_body_that_can_not_be_written_is_a_reason(tmp_path: Path) -> None:
    body = {"content": {"multipart/form-data": {"schema": schema("applicationNumber")}}}
    operation = {"operationId": "findApplication", "requestBody": body}
    found = openapi(tmp_path, document(operation, "/applications", "post"))
    assert found.calls == {}
    assert "multipart/form-data" in found.text


def test_a_get_with_a_body_loads(tmp_path: Path) -> None:
    body = {"content": {"application/json": {"schema": schema("applicationNumber")}}}
    found = openapi(tmp_path, document({"requestBody": body}, "/applications/status"))
    assert by_reference(found) == {
        "method": "GET",
        "path": "/applications/status",
        "body": {"applicationNumber": "{key}"},
    }


def test_required_parameters_are_written(tmp_path: Path) -> None:
    parameters = [
        {"name": "applicationNumber", "in": "query", "required": True},
        {"name": "tenantId", "in": "query", "required": True},
        {"name": "pageNo", "in": "query"},
        {"name": "X-Request-Id", "in": "header", "required": True},
        {"name": "X-Channel", "in": "header", "required": True, "schema": {"enum": ["HUB"]}},
        {"name": "timestamp", "in": "query", "required": True},
    ]
    found = openapi(tmp_path, document({"parameters": parameters}, "/applications"))
    assert by_reference(found) == {
        "path": "/applications",
        "query": {"applicationNumber": "{key}", "tenantId": "DECIDE", "timestamp": "{now}"},
        "headers": {"X-Request-Id": "{request_id}", "X-Channel": "HUB"},
    }
    assert "it also requires tenantId" in found.text
    assert "it also takes pageNo" in found.text


def test_half_a_character_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(
        '{"openapi": "3.0.0", "info": {"title": "Grievances \\ud83d", "version": "1"}, '
        '"paths": {"/a\\udc00": {"get": {"summary": "\\ud800", "operationId": "x\\ud83d"}}}}'
    )
    found = read("openapi", tmp_path / "in.json", tmp_path / "out")
    assert found.loads
    assert "Grievances \ufffd" in found.text


@pytest.mark.parametrize("text", ["a\x07b", "a\u0085b", "a\u2028b", "\ufeffa", "\x9f\ud7ff"])
def test_odd_characters_are_no_traceback(text: str, tmp_path: Path) -> None:
    given = document({"summary": text, "operationId": f"get {text}"})
    given["info"]["title"] = f"Min {text}"
    assert openapi(tmp_path, given).loads


def test_names_in_another_script_are_recognised(tmp_path: Path) -> None:
    path = "/आवेदन/{आवेदन_संख्या}"
    given = replying({name: {"type": "string"} for name in ("आवेदन_संख्या", "स्थिति", "a/b")})
    given["paths"][path] = given["paths"].popitem()[1]
    operation = given["paths"][path]["get"]
    operation["operationId"] = "आवेदन_देखें"
    operation["parameters"] = [{"name": "आवेदन_संख्या", "in": "path", "required": True}]
    found = openapi(tmp_path, given)
    assert by_reference(found) == {"path": "/आवेदन/{key}"}
    assert "a path can't name a field with a slash" in found.printed
