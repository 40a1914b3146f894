"""Which writes `hub introspect` proposes, as comments, and what it sends in their arguments."""

import re
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Capability
from adapters.manifest.document import read_document
from adapters.manifest.model import Manifest
from adapters.workbench.replay.addresses import load_with_placeholders
from tests.unit.introspected import Introspected, document, openapi, read, schema

DEPARTMENTS = Path(__file__).parents[2] / "adapters" / "departments"
APPLY: dict[str, Any] = {
    "clientRefNo": {"type": "string"},
    "serviceCode": {"type": "string"},
    "memberId": {"type": "string"},
    "applicantName": {"type": "string"},
    "birthDate": {"type": "string", "format": "date"},
    "mobileNo": {"type": "string"},
    "kind": {"type": "string", "enum": ["NEW", "RENEWAL"]},
    "rooms": {"type": "integer"},
    "attachments": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"docType": {"type": "string"}, "fileData": {"type": "string"}},
        },
    },
}


def uncommented(folder: Path) -> Manifest:
    """Load the manifest after what a person does with the proposals: remove the `#`."""
    for name in ("department.yaml", "services.yaml"):
        path = folder / name
        text = re.sub(r"(?m)^#(?=  |forms:|writes:)", "", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    return load_with_placeholders(folder)


@pytest.mark.parametrize(
    ("kind", "document", "writes"),
    [
        ("wsdl", "pensions/pension.wsdl", ["submit_application", "respond_to_query"]),
        ("wsdl", "power/power.wsdl", ["submit_application", "file_appeal"]),
        ("wsdl", "water/water.wsdl", ["submit_application"]),
        ("wsdl", "food/food.wsdl", ["submit_application"]),
        ("graphql", "labour-welfare/board.graphql", ["submit_application"]),
    ],
)
def test_the_proposals_load_when_they_are_uncommented(
    kind: str, document: str, writes: list[str], tmp_path: Path
) -> None:
    found = read(kind, DEPARTMENTS / document, tmp_path / "found")
    assert f"Guessed writes, as comments: {', '.join(writes)}." in found.printed
    assert "writes" not in found.content
    manifest = uncommented(found.folder)
    assert sorted(manifest.file.writes) == sorted(writes)
    assert [each.accepts_applications for each in manifest.services] == [True]


def test_the_proposals_send_what_the_manifest_of_the_department_sends(tmp_path: Path) -> None:
    found = read("wsdl", DEPARTMENTS / "power" / "power.wsdl", tmp_path / "found")
    proposed = uncommented(found.folder).file.writes
    own = read_document(DEPARTMENTS / "power" / "department.yaml").content
    assert isinstance(own, dict)
    for capability, write in proposed.items():
        wanted = own["writes"][capability]["call"]["arguments"]
        sent = {
            name: re.sub(r"\|[^}]*", "", value)
            for name, value in wanted.items()
            # The session fills in the token. That a category is a service, only a person can know.
            if isinstance(value, str) and name not in ("token", "category")
        }
        assert {name: write.call["arguments"].get(name) for name in sent} == sent


def replies(given: dict[str, Any]) -> dict[str, Any]:
    """Return the successful reply of an operation, with a schema."""
    content = {"application/json": {"schema": given}}
    return {"200": {"description": "done", "content": content}}


def posting(
    tmp_path: Path, path: str, properties: dict[str, Any], method: str = "post", **more: Any
) -> Introspected:
    """Introspect an operation with a body that requires these properties."""
    body = {**schema(**properties), "required": list(properties)}
    operation = {
        "operationId": "",
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": replies(schema("code", "message", "applicationNo", "clientRefNo")),
        **more,
    }
    return openapi(tmp_path, document(operation, path, method))


def test_a_form_becomes_fields_and_attributes(tmp_path: Path) -> None:
    manifest = uncommented(posting(tmp_path, "/applications", APPLY).folder)
    (form,) = manifest.file.forms.values()
    assert form.fields == {
        "applicantName": "{applicant_name}",
        "birthDate": "{birth_date:yyyy-mm-dd}",
        "mobileNo": "{mobile_no}",
        "kind": "{kind}",
        "rooms": "{rooms}",
    }
    (write,) = manifest.file.writes.values()
    assert write.call["body"] == {
        "clientRefNo": "{receipt}",
        "serviceCode": "{service}",
        "memberId": "{member}",
        "attachments": "{documents}",
        "<<": "{fields}",
    }
    assert write.documents == {"docType": "{document_type}", "fileData": "{content}"}
    assert write.reply.model_dump()["reference"] == {"path": "applicationNo", "matches": None}
    (service,) = manifest.services
    attributes = {each.code: each for each in service.attributes}
    assert [each.datatype.name for each in attributes.values()] == [
        "STRING", "DATE", "STRING", "SINGLE_VALUE_LIST", "NUMBER",
    ]  # fmt: skip
    assert [each.key for each in attributes["kind"].options] == ["NEW", "RENEWAL"]
    assert attributes["mobile_no"].prefill_from is not None


def test_a_form_in_an_object_of_its_own_is_sent_there(tmp_path: Path) -> None:
    form = {"type": "object", "properties": {"plot": {"type": "string"}, "use": {"type": "string"}}}
    given = {"clientRefNo": {"type": "string"}, "form": {**form, "required": ["plot", "use"]}}
    (write,) = uncommented(posting(tmp_path, "/permits", given).folder).file.writes.values()
    assert write.call["body"] == {"clientRefNo": "{receipt}", "form": "{fields}"}


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("path", "properties", "capability", "sent"),
    [
        (
            "/applications/withdraw",
            {"applicationNo": TEXT, "remarks": TEXT},
            "withdraw_application",
            {"applicationNo": "{reference}", "remarks": "{reason}"},
        ),
        (
            "/complaints",
            {"category": TEXT, "description": TEXT, "mobile": TEXT, "externalRef": TEXT},
            "submit_grievance",
            {
                "category": "{category}",
                "description": "{text}",
                "mobile": "{applicant_phone}",
                "externalRef": "{receipt}",
            },
        ),
        (
            "/feedback",
            {"applicationNo": TEXT, "stars": TEXT, "comments": TEXT},
            "give_feedback",
            {"applicationNo": "{reference}", "stars": "{rating}", "comments": "{comments}"},
        ),
        (
            "/corrections",
            {"memberId": TEXT, "citizenId": TEXT, "fieldName": TEXT, "oldValue": TEXT,
             "newValue": TEXT},
            "request_correction",
            {
                "memberId": "{member}",
                "citizenId": "{citizen}",
                "fieldName": "{record_field}",
                "oldValue": "{old_value}",
                "newValue": "{new_value}",
            },
        ),
        (
            "/uploadDocument",
            {"applicationNo": TEXT, "docType": TEXT, "fileName": TEXT, "mimeType": TEXT,
             "content": TEXT, "checksum": TEXT},
            "attach_document",
            {"applicationNo": "{reference}", "docType": "{document_type}",
             "fileName": "{document_name}", "mimeType": "{media_type}", "content": "{content}",
             "checksum": "{sha256}"},
        ),
    ],
)  # fmt: skip
def test_each_write_gets_its_own_values(
    path: str,
    properties: dict[str, Any],
    capability: str,
    sent: dict[str, str],
    tmp_path: Path,
) -> None:
    ((name, write),) = uncommented(posting(tmp_path, path, properties).folder).file.writes.items()
    assert name == capability
    assert write.call["body"] == sent


def test_a_number_in_the_path_is_filled(tmp_path: Path) -> None:
    parameters = [{"name": "applicationNo", "in": "path", "required": True, "schema": TEXT}]
    found = posting(
        tmp_path,
        "/applications/{applicationNo}/reply",
        {"answer": TEXT},
        "put",
        parameters=parameters,
    )
    (write,) = uncommented(found.folder).file.writes.values()
    assert write.call["path"] == "/applications/{reference}/reply"
    assert (write.call["method"], write.call["body"]) == ("PUT", {"answer": "{answer}"})


@pytest.mark.parametrize(
    "path",
    [
        "/applications/approve", "/applications/updateStatus", "/login", "/applications/delete",
        "/applications/{applicationNumber}/inspection", "/applications/{applicationNumber}",
        "/payments", "/users/register", "/applications/assign", "/sendOtp", "/complaints/close",
    ],
)  # fmt: skip
def test_what_an_official_does_is_not_proposed(path: str, tmp_path: Path) -> None:
    found = posting(tmp_path, path, {"applicationNo": TEXT, "text": TEXT, "plot": TEXT, "a": TEXT})
    assert "Guessed writes" not in found.printed
    assert "#writes:" not in found.text


@pytest.mark.parametrize("words", ["Cancels an issued licence (officer)", "Internal use only"])
def test_what_the_documentation_keeps_for_officials_is_not_proposed(
    words: str, tmp_path: Path
) -> None:
    given = {"applicationNo": TEXT, "reason": TEXT}
    assert "#writes:" not in posting(tmp_path, "/applications/cancel", given, summary=words).text


def test_a_document_without_a_content_is_not_proposed(tmp_path: Path) -> None:
    given = {"applicationNo": TEXT, "docType": TEXT}
    assert "#writes:" not in posting(tmp_path, "/uploadDocument", given).text


def test_a_flag_in_the_reply_says_whether_it_was_done(tmp_path: Path) -> None:
    answer = replies(schema(success={"type": "boolean"}))
    given = {"applicationNo": TEXT, "reason": TEXT}
    found = posting(tmp_path, "/applications/withdraw", given, responses=answer)
    assert '{path: success, one_of: ["true"], means: DONE}' in found.text


def test_documented_statuses_become_rules(tmp_path: Path) -> None:
    answers = {code: {"description": "x"} for code in ("204", "401", "409", "422", "503")}
    answers["201"] = replies(schema("clientRefNo"))["200"]
    found = posting(tmp_path, "/applications", APPLY, responses=answers)
    (write,) = uncommented(found.folder).file.writes.values()
    rules = [(rule.path, rule.one_of, rule.means.name) for rule in write.reply.rules]
    assert rules == [
        ("@status", ["201", "204"], "DONE"),
        ("@status", ["409"], "ALREADY_THERE"),
        ("@status", ["422"], "REFUSED"),
    ]


@pytest.mark.parametrize("operation_id", ["findApplications", "findByClientRef", ""])
@pytest.mark.parametrize("name", ["externalRef", "clientRefNo", "hubRef", "ext_ref", "portalRefs"])
def test_a_look_up_of_the_callers_numbers_finds_submissions(
    name: str, operation_id: str, tmp_path: Path
) -> None:
    row = schema("applicationNumber", "status", "applicantName", name)
    operation = {
        "operationId": operation_id,
        "parameters": [{"name": name, "in": "query", "schema": TEXT}],
        "responses": replies(schema(rows={"type": "array", "items": row})),
    }
    found = openapi(tmp_path, document(operation, "/applications"))
    assert list(found.calls) == [Capability.FIND_SUBMISSION]
    assert found.record["receiptNumber"] == name


def test_a_client_is_not_a_number_of_the_callers_own(tmp_path: Path) -> None:
    found = posting(tmp_path, "/applications", {**APPLY, "clientId": TEXT})
    assert 'clientId: "${env:HUB_MIN_CLIENT_ID}"' in found.text


def test_a_form_in_the_query_is_sent_there(tmp_path: Path) -> None:
    names = ("plot", "use", "clientRefNo")
    parameters = [{"name": each, "in": "query", "required": True, "schema": TEXT} for each in names]
    operation = {"operationId": "", "parameters": parameters, "responses": replies(schema("code"))}
    found = openapi(tmp_path, document(operation, "/applications", "post"))
    (write,) = uncommented(found.folder).file.writes.values()
    assert write.call["query"] == {"clientRefNo": "{receipt}", "<<": "{fields}"}


def test_a_value_in_the_path_is_no_field_of_the_form(tmp_path: Path) -> None:
    parameters = [{"name": "district", "in": "path", "required": True, "schema": TEXT}]
    given = {"plot": TEXT, "use": TEXT, "clientRefNo": TEXT}
    path = "/districts/{district}/applications"
    found = posting(tmp_path, path, given, parameters=parameters)
    (write,) = uncommented(found.folder).file.writes.values()
    assert write.call["path"] == "/districts/DECIDE-district/applications"
    assert "DECIDE: the value of district in the path" in found.text


@pytest.mark.parametrize(
    ("name", "sent", "receipt"),
    [
        # The department's own number is not the hub's.
        ("applicationNo", "DECIDE", None),
        ("refNo", "{receipt}", None),
        ("clientRefNo", "{receipt}", "clientRefNo"),
        ("idempotencyKey", "{receipt}", None),
        ("requestId", "{request_id}", None),
    ],
)
def test_only_the_callers_number_is_the_receipt(
    name: str, sent: str, receipt: str | None, tmp_path: Path
) -> None:
    found = posting(tmp_path, "/permits", {"plot": TEXT, "use": TEXT, name: TEXT})
    (write,) = uncommented(found.folder).file.writes.values()
    assert write.call["body"].get(name) == sent
    assert write.reply.reference is not None
    assert write.reply.reference.path == "applicationNo"
    assert (write.reply.receipt and write.reply.receipt.path) == receipt


@pytest.mark.parametrize("name", ["Idempotency-Key", "X-Client-Ref"])
def test_a_number_in_a_header_is_the_receipt(name: str, tmp_path: Path) -> None:
    parameters = [{"name": name, "in": "header", "required": True, "schema": TEXT}]
    given = {"plot": TEXT, "use": TEXT}
    found = posting(tmp_path, "/applications", given, parameters=parameters)
    (write,) = uncommented(found.folder).file.writes.values()
    assert write.call["headers"] == {name: "{receipt}"}


def test_rows_in_a_form_are_left_to_a_person(tmp_path: Path) -> None:
    rows = {"type": "array", "items": schema("relation", "age")}
    given = {"plot": TEXT, "use": TEXT, "family": rows, "tools": {"type": "array", "items": TEXT}}
    found = posting(tmp_path, "/applications", given)
    (form,) = uncommented(found.folder).file.forms.values()
    assert form.fields == {"plot": "{plot}", "use": "{use}"}
    assert "it also takes family/relation, family/age" in found.text


def test_a_form_can_span_several_objects(tmp_path: Path) -> None:
    person = {**schema("fullName"), "required": ["fullName"]}
    plot = {**schema("plotNo", inner=schema("sector")), "required": ["plotNo", "inner"]}
    given = {"clientRefNo": TEXT, "applicant": person, "plot": plot}
    manifest = uncommented(posting(tmp_path, "/applications", given).folder)
    (form,) = manifest.file.forms.values()
    assert form.fields == {
        "applicant": {"fullName": "{full_name}"},
        "plot": {"plotNo": "{plot_no}", "inner": {"sector": "{sector}"}},
    }
    (write,) = manifest.file.writes.values()
    assert write.call["body"] == {"clientRefNo": "{receipt}", "<<": "{fields}"}


def test_dates_and_booleans_of_a_form_keep_their_form(tmp_path: Path) -> None:
    given = {
        "birthDt": {"type": "string", "description": "Date of birth as dd-mm-yyyy"},
        "from": {"type": "string", "example": "31-12-1999"},
        "declared": {"type": "boolean"},
    }
    manifest = uncommented(posting(tmp_path, "/applications", given).folder)
    (form,) = manifest.file.forms.values()
    assert form.fields == {
        "birthDt": "{birth_dt:dd-mm-yyyy}",
        "from": "{from:dd-mm-yyyy}",
        "declared": "{declared|boolean}",
    }
    (service,) = manifest.services
    assert [each.datatype.name for each in service.attributes] == [
        "DATE", "DATE", "SINGLE_VALUE_LIST",
    ]  # fmt: skip


def test_one_document_is_sent_in_its_parts(tmp_path: Path) -> None:
    given = {"plot": TEXT, "use": TEXT, "document": schema("docType", "content")}
    (write,) = uncommented(posting(tmp_path, "/applications", given).folder).file.writes.values()
    assert write.call["body"]["document"] == {
        "docType": "{document_type}",
        "content": "{content}",
    }


def test_the_telephone_is_not_the_citizen(tmp_path: Path) -> None:
    given = {"description": TEXT, "mobile": TEXT, "phone": TEXT}
    (write,) = uncommented(posting(tmp_path, "/complaints", given).folder).file.writes.values()
    assert write.call["body"] == {
        "description": "{text}",
        "mobile": "{applicant_phone}",
        "phone": "{applicant_phone}",
    }


@pytest.mark.parametrize("value", ["${env:HUB_SIGNING_KEY}", "${file:/etc/hostname}", "{citizen}"])
def test_a_description_cannot_bring_a_reference_or_a_placeholder(
    value: str, tmp_path: Path
) -> None:
    mode = {"type": "string", "enum": [value]}
    found = posting(tmp_path, "/applications/withdraw", {"applicationNo": TEXT, "mode": mode})
    assert value not in found.text
    parameters = [
        {"name": "applicationNumber", "in": "query", "required": True, "schema": TEXT},
        {"name": "mode", "in": "query", "required": True, "schema": mode},
    ]
    reading = document({"parameters": parameters}, "/applications")
    found = openapi(tmp_path / "read", reading)
    assert found.calls["applications_by_reference"]["query"]["mode"] == "DECIDE"


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\n"])
def test_a_name_cannot_leave_its_comment(end: str, tmp_path: Path) -> None:
    active = f"x{end}writes: {{withdraw_application: {{call: {{path: /evil, body: {{}}}}}}}} #"
    kind = {"type": "string", "enum": [active]}
    given = {"applicationNo": TEXT, active: kind, "kind": kind}
    found = posting(tmp_path, "/applications/withdraw", given)
    assert "Guessed writes" in found.printed
    assert load_with_placeholders(found.folder).file.writes == {}


def test_operations_without_a_port_are_not_proposed(tmp_path: Path) -> None:
    text = (DEPARTMENTS / "power" / "power.wsdl").read_text(encoding="utf-8")
    without = re.sub(r"(?s)<(wsdl:)?(binding|service) .*</(wsdl:)?\2>", "", text)
    (tmp_path / "power.wsdl").write_text(without, encoding="utf-8")
    found = read("wsdl", tmp_path / "power.wsdl", tmp_path / "found")
    assert "#writes:" not in found.text


def graphql(tmp_path: Path, sdl: str) -> Introspected:
    path = tmp_path / "schema.graphql"
    path.write_text(sdl, encoding="utf-8")
    return read("graphql", path, tmp_path / "found")


def test_a_query_is_never_a_write(tmp_path: Path) -> None:
    sdl = "type Query { newApplications(applicationNo: ID, plot: String, use: String): Int }"
    assert "#writes:" not in graphql(tmp_path, sdl).text


def test_a_mutation_with_the_form_in_its_own_arguments_is_left_out(tmp_path: Path) -> None:
    sdl = """type Query { a: Int }
    type Mutation { submitApplication(hubRef: String, plot: String!, use: String): Int }"""
    assert "#writes:" not in graphql(tmp_path, sdl).text


@pytest.mark.parametrize(
    ("result", "selection"),
    [("Boolean!", ""), ("[ID!]!", ""), ("Done", " { number }"), ("Other", " { __typename }")],
)
def test_a_mutation_selects_what_its_result_has(
    result: str, selection: str, tmp_path: Path
) -> None:
    sdl = f"""type Query {{ a: Int }}
    type Done {{ number: ID }}
    type Other {{ a: Int }}
    input Withdrawal {{ applicationNo: ID! reason: String! severity: String! note: String }}
    type Mutation {{ withdrawApplication(input: Withdrawal!): {result} }}"""
    (write,) = uncommented(graphql(tmp_path, sdl).folder).file.writes.values()
    mutation = "mutation($input: Withdrawal!) { withdrawApplication(input: $input)"
    assert write.call["mutation"] == f"{mutation}{selection} }}"
    assert write.call["variables"]["input"] == {
        "applicationNo": "{reference}",
        "reason": "{reason}",
        "severity": "DECIDE",
    }


def test_a_write_does_not_decide_how_replies_are_read(tmp_path: Path) -> None:
    reading = document({})
    xml = {"200": {"description": "done", "content": {"application/xml": {"schema": schema("a")}}}}
    reading["paths"]["/applications/{applicationNumber}"]["put"] = {"responses": xml}
    found = openapi(tmp_path, reading)
    assert list(found.calls) == ["applications_by_reference"]
    assert "replies" not in found.content["connector"]
