"""Credentials in the calls of a manifest: references are resolved, literals are refused."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from adapters.assembly import build_adapter
from adapters.connectors.secrets import names_secret
from adapters.contract import Capability
from adapters.manifest import ManifestError, load_department
from adapters.workbench.contract_tests.subjects import Subject, context, opened
from adapters.workbench.quality import CRITERIA, CriterionOutcome
from adapters.workbench.quality.assessment import check_criterion
from adapters.workbench.recording.credentials import credentials_of
from adapters.workbench.replay.addresses import redirected
from adapters.workbench.replay.server import RecordedReply, replaying
from tests.unit.departments import write_department

CALL = "call: {path: /applications, query: {no: "
QUERY = 'query: {no: "{keys}"}'


def with_call(root: Path, more: str, name: str = "forests") -> Path:
    """Write a department whose call also has `more`, for example `, body: {…}`."""
    return write_department(root, name, change=(QUERY, f"{QUERY}{more}"))


def messages_of(folder: Path, environment: dict[str, str] | None = None) -> list[str]:
    try:
        load_department(folder, environment or {})
    except ManifestError as error:
        return [f"{each.key}: {each.message}" for each in error.problems]
    return []


@pytest.mark.parametrize(
    "part",
    [
        "headers: {X-Api-Key: s3cr3t-value}",
        "headers: {Authorization: Bearer s3cr3t-value}",
        "body: {login: {userPassword: s3cr3t-value}}",
        "body: {list: [{Pwd: s3cr3t-value}]}",
    ],
)
def test_a_literal_credential_in_a_call_is_refused(part: str, tmp_path: Path) -> None:
    (message,) = messages_of(with_call(tmp_path, f", {part}"))
    assert message.endswith("a credential is written in the file")
    assert "s3cr3t" not in message


def test_a_literal_credential_in_a_query_or_path_is_refused(tmp_path: Path) -> None:
    folder = write_department(tmp_path, change=('{no: "', '{api_key: s3cr3t-value, no: "'))
    assert "call.query.api_key: a credential is written" in messages_of(folder)[0]
    change = ("path: /applications", "path: /applications?token=s3cr3t-value")
    folder = write_department(tmp_path, "other", change=change)
    assert "call.path: the credential 'token' in a URL" in messages_of(folder)[0]


@pytest.mark.parametrize(
    "part",
    [
        'headers: {X-Api-Key: "${env:HUB_KEY}"}',
        'headers: {Authorization: "Bearer ${env:HUB_KEY}"}',
        "body: {TypeMapping: one, SortKey: date, tokenType: bearer, withKey: true, pin: 1}",
        'body: {key: "{keys}"}',
    ],
)
def test_references_and_ordinary_names_are_accepted(part: str, tmp_path: Path) -> None:
    assert messages_of(with_call(tmp_path, f", {part}"), {"HUB_KEY": "x"}) == []


@pytest.mark.parametrize(
    "connector",
    [
        "auth: {kind: api_key, header: X-Key, value: s3cr3t-value}",
        "base_url: postgres://hub:s3cr3t-value@h/d",
    ],
)
def test_a_message_never_contains_a_credential(connector: str, tmp_path: Path) -> None:
    url = "base_url: http://127.0.0.1:1"
    new = connector if connector.startswith("base_url") else f"{url}\n  {connector}"
    messages = messages_of(write_department(tmp_path, change=(url, new)))
    assert messages
    assert not any("s3cr3t" in message for message in messages)


def test_a_reference_of_a_call_must_be_set(tmp_path: Path) -> None:
    (message,) = messages_of(with_call(tmp_path, ', headers: {X-Key: "${env:HUB_FOREST_KEY}"}'))
    assert message.endswith("the environment variable HUB_FOREST_KEY is not set")


async def test_a_reference_is_sent_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Braces in a secret are no placeholders."""
    monkeypatch.setenv("HUB_FOREST_KEY", "a{key}b")
    part = ', method: POST, headers: {X-Key: "${env:HUB_FOREST_KEY}"}'
    part += ', body: {login: {Password: "${env:HUB_FOREST_KEY}"}}'
    manifest = load_department(with_call(tmp_path, part))
    with replaying(RecordedReply(b"[]", headers={"Content-Type": "application/json"})) as server:
        async with opened(redirected(manifest, server.url)) as adapter:
            await adapter.look_up(Capability.APPLICATIONS_BY_REFERENCE, ["FOR-1"], context())
    (request,) = server.requests
    assert "a{key}b" in request.body
    assert "a%7Bkey%7Db" in request.headers or "a{key}b" in request.headers
    file = manifest.file
    calls = [each.call for each in file.capabilities.values()]
    assert "a{key}b" in credentials_of(file.connector, calls)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Password", True), ("userPwd", True), ("api_key", True), ("X-Auth-Token", True),
     ("KEY", True), ("subscriptionKey", True), ("sort_key", False), ("GroupKey", False),
     ("grant_type", False), ("TokenType", False), ("PasswordFormat", False), ("keyboard", False),
     ("passenger", False)],
)  # fmt: skip
def test_the_words_of_a_name_say_whether_it_names_a_secret(name: str, expected: bool) -> None:
    assert names_secret(name) is expected


SOAP = """manifest: 1
department: soap-password
label: {en: Min}
identity: {scheme: MIN_ID}
reference: A\\d+
connector: {kind: soap, wsdl: s.wsdl, endpoint: "http://127.0.0.1:1/"}
capabilities:
  applications_by_reference:
    call: {operation: GetApplication, arguments: {ApplicationNo: "{key}", Password: PASSWORD}}
    key: ApplicationNo
    record: application
records:
  application: {applicationReferenceNumber: ApplicationNo,
    applicationStatus: {path: Status, codes: application_status},
    departmentStatus: {fields: {code: Status, label: Status}}}
"""
SHARED = Path(__file__).parents[1] / "unit" / "check_inputs"


def soap_department(root: Path, password: str) -> Path:
    folder = root / "soap-password"
    shutil.copytree(SHARED / "application-wsdl", folder)
    (folder / "department.yaml").write_text(SOAP.replace("PASSWORD", password))
    return folder


def outcome_of_secrets(folder: Path) -> CriterionOutcome:
    criterion = next(each for each in CRITERIA if each.name == "secrets")
    subject: Any = Subject.load(folder)
    return asyncio.run(check_criterion(criterion, subject, {})).outcome


def test_a_password_of_a_soap_call_is_a_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = soap_department(tmp_path, '"${env:HUB_MIN_PASSWORD}"')
    monkeypatch.setenv("HUB_MIN_PASSWORD", "x")

    async def build() -> None:
        await build_adapter(load_department(folder)).close()

    asyncio.run(build())
    assert outcome_of_secrets(folder) is CriterionOutcome.DONE
    clear = soap_department(tmp_path / "clear", "hub-secret")
    assert "a credential is written in the file" in messages_of(clear)[0]
