"""`hub documents`: registers and checks documents, and shows which personal data they read."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.console import CliError
from hub.cli.main import cli
from hub.execution.trusted_documents import (
    TrustedDocumentsError,
    read_trusted_documents,
    sha256_id,
)

MINE = """query Mine($all: Boolean!) {
  me {
    personName { fullName }
    homeAddress @include(if: $all) { postalCode }
    applications { nodes { applicationReferenceNumber } }
  }
}
"""


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["documents", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def entries(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(*arguments, "--json")[1])
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "mine.graphql"
    source.write_text(MINE)
    folder = tmp_path / "trusted"
    code, _ = run(
        *("add", str(source), "--in", str(folder)),
        *("--purpose", "OWN_DATA", "--client", "portal", "--client", "mobile"),
    )
    assert code == 0
    return folder


def test_an_added_document_has_its_purpose_and_clients_at_the_top(folder: Path) -> None:
    text = (folder / "mine.graphql").read_text()
    assert text == "# purpose: OWN_DATA\n# clients: portal, mobile\n" + MINE
    (listed,) = entries("list", "--in", str(folder))
    assert listed["id"] == "mine"
    assert listed["sha256"] == sha256_id(text)
    assert (listed["purpose"], listed["clients"]) == ("OWN_DATA", ["portal", "mobile"])


def test_adding_it_again_with_another_purpose_replaces_the_comment(folder: Path) -> None:
    run("add", str(folder / "mine.graphql"), "--in", str(folder), "--purpose", "AUDIT")
    text = (folder / "mine.graphql").read_text()
    assert text == "# purpose: AUDIT\n# clients: portal, mobile\n" + MINE


@pytest.mark.parametrize(
    ("text", "purpose", "message"),
    [
        ("{ me { nothing } }", "OWN_DATA", ":1: Cannot query field 'nothing'"),
        ("{ me {", "OWN_DATA", ":1: Syntax Error"),
        ("{ me { id } }", "FOR_FUN", "the policy has no purpose 'FOR_FUN'. Use one of"),
    ],
)
def test_a_wrong_document_is_not_added(
    text: str, purpose: str, message: str, tmp_path: Path
) -> None:
    source = tmp_path / "wrong.graphql"
    source.write_text(text)
    folder = tmp_path / "trusted"
    with pytest.raises(CliError) as error:
        run("add", str(source), "--in", str(folder), "--purpose", purpose)
    assert message in str(error.value)
    assert not folder.exists()


def test_check_reports_every_document_with_its_line(folder: Path) -> None:
    (folder / "one.graphql").write_text("{\n  me {\n    nothing\n  }\n}")
    (folder / "two.graphql").write_text("# purpose: FOR_FUN\n{ me { id } }")
    code, _ = run("check", "--in", str(folder))
    assert code == 1
    places = [each["place"] for each in entries("check", "--in", str(folder))]
    assert places == [f"{folder}/one.graphql:3", f"{folder}/two.graphql"]


def test_privacy_shows_what_a_document_may_read_and_from_where(folder: Path) -> None:
    read = {
        (each["field"], each["field_class"], each["department"])
        for each in entries("privacy", "--in", str(folder))
    }
    assert ("PersonName.fullName", "NAME", "registry") in read
    # It is read only if a variable is true: that counts too.
    assert ("Address.postalCode", "ADDRESS", "registry") in read
    reference = "Application.applicationReferenceNumber", "APPLICATION"
    assert {(*reference, "pensions"), (*reference, "power")} <= read
    assert not any(department == "helpdesk" for _, _, department in read)


def test_privacy_against_a_revision_shows_what_is_added(folder: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
        command = ["git", "-C", str(folder), *identity, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "One document")
    compared = ("privacy", "--in", str(folder), "--against", "HEAD")
    assert run(*compared)[0] == 0
    file = folder / "mine.graphql"
    file.write_text(file.read_text().replace("fullName }", "fullName } birthDate"))
    code, output = run(*compared)
    assert code == 1
    expected = "mine adds Citizen.birthDate (BIRTH_DATE) from registry for OWN_DATA."
    assert output.split() == expected.split()
    (folder / "new.graphql").write_text("{ me { isDisabled } }")
    added = {(each["document"], each["field"]) for each in entries(*compared)}
    assert ("new", "Citizen.isDisabled") in added


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", ":1: "),
        ("[]", "write one object"),
        ('{"a": 7}', "write the text of the document"),
        ('{"a": {"document": "{ me { id } }", "colour": "red"}}', "'colour' is unknown"),
        ('{"a:b": "{ me { id } }"}', "the id is not the SHA-256 of the text"),
        ('{"sha256:' + "0" * 64 + '": "{ me { id } }"}', "the id is not the SHA-256 of the text"),
        ('{"a b": "{ me { id } }"}', "an id has letters, digits"),
        ('{"a": {"document": "{ me { id } }", "purpose": 7}}', "`purpose` must be the code"),
        ('{"a": {"document": "{ me { id } }", "clients": [7]}}', "`clients` must be a list"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "documents.json"
    file.write_text(content)
    with pytest.raises(TrustedDocumentsError) as error:
        read_trusted_documents(file)
    assert str(error.value).startswith(str(file))
    assert message in str(error.value)


def test_a_file_of_a_build_tool_is_read(tmp_path: Path) -> None:
    text = "query($id:ID!){node(id:$id){id}}"
    digest = sha256_id(text).removeprefix("sha256:")
    file = tmp_path / "documents.json"
    file.write_text(json.dumps({digest: text}))
    found = read_trusted_documents(file)
    assert found.get(f"sha256:{digest}") is found.with_text(text)


def test_the_name_of_a_file_must_be_an_id(tmp_path: Path) -> None:
    (tmp_path / "wrong name!.graphql").write_text(MINE)
    with pytest.raises(TrustedDocumentsError, match="the file's name is the document's id"):
        read_trusted_documents(tmp_path)
