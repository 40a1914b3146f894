"""`hub policy`: what a caller sees of each personal field of a query."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hub.access.policy.file import BUILT_IN
from hub.cli.console import CliError
from hub.cli.policy_commands import policy_cli

QUERY = """
query ($number: String!) {
  person: citizen(by: {memberIdentifier: $number}) {
    birthDate
    identifiers { identifierValue }
    family { annualIncome { amount } members { citizen { sex } } }
    applications { nodes { ...OfApplication } }
  }
  node(id: "x") { ... on Grievance { complaint { text } } }
  trackApplication(reference: "x", phoneLast4: "1234") { applicantName }
  departments { name }
}
fragment OfApplication on Application { statusNotes { text } timeline { remarks { text } } }
"""
Rows = dict[tuple[str, str], tuple[str, str, str | None]]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policy_cli, list(arguments), catch_exceptions=False)


def explained(*arguments: str, query: str = QUERY) -> Rows:
    """Return the levels for a record and in lists, and the rule, by path and class."""
    result = run("explain", query, "--json", *arguments)
    assert result.exit_code == 0, result.output
    fields: list[dict[str, Any]] = json.loads(result.output)["fields"]
    return {
        (".".join(each["path"]), each["class"]): (
            each["inRecord"]["level"],
            each["inList"]["level"],
            each["inRecord"]["rule"],
        )
        for each in fields
    }


def test_each_personal_field_is_explained_with_its_rule() -> None:
    found = explained("--as", "officer", "--purpose", "APPLICATION_PROCESSING")
    rule = "own-department"
    assert found["person.birthDate", "BIRTH_DATE"] == ("PLAIN", "MASKED", rule)
    assert found["person.identifiers", "AADHAAR"] == ("NONE", "NONE", rule)
    assert found["person.identifiers.identifierValue", "IDENTIFIER"] == ("PLAIN", "MASKED", rule)
    assert found["person.applications.nodes.timeline.remarks", "REMARKS"] == ("PLAIN", "NONE", rule)
    # An application hides its history, a family its members.
    assert found["node.complaint", "REMARKS"] == ("PLAIN", "NONE", rule)
    assert found["person.family.members.citizen.sex", "DEMOGRAPHIC"][0] == "NONE"
    # Public data has no class.
    assert not any(path.startswith("departments") for path, _ in found)


def test_fields_for_everybody_have_a_purpose_of_their_own() -> None:
    found = explained("--as", "anonymous")
    assert found["trackApplication.applicantName", "NAME"] == (
        "MASKED",
        "MASKED",
        "public-tracking",
    )
    assert found["person.birthDate", "BIRTH_DATE"] == ("NONE", "NONE", None)


@pytest.mark.parametrize(
    ("role", "relation", "level"),
    [("citizen", "SELF", "PLAIN"), ("operator", "ON_BEHALF", "PLAIN"), ("auditor", None, "NONE")],
)
def test_a_role_has_its_usual_relation(role: str, relation: str | None, level: str) -> None:
    found = explained("--as", role)
    assert found["person.birthDate", "BIRTH_DATE"][0] == level
    given = ["--relation", relation] if relation else []
    assert explained("--as", role, *given) == found


def test_another_relation_can_be_given() -> None:
    found = explained("--as", "citizen", "--relation", "family")
    assert found["person.birthDate", "BIRTH_DATE"] == ("MASKED", "MASKED", "relative")


def test_the_explanation_is_a_table_by_default() -> None:
    result = run("explain", "{ me { birthDate } }", "--as", "citizen")
    assert "CITIZEN who is SELF, for OWN_DATA" in result.output
    line = next(each for each in result.output.splitlines() if "birthDate" in each)
    assert line.split()[:4] == ["birthDate", "BIRTH_DATE", "PLAIN", "PLAIN"]
    assert line.split()[4].startswith("own-data:")
    assert (
        "no personal data" in run("explain", "{ departments { name } }", "--as", "citizen").output
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{ me { id } }", "--as", "oficer"), "there is no role 'oficer'"),
        (("{ me { id } }", "--as", "officer"), "OFFICER has several purposes. Add --purpose"),
        (
            ("{ me { id } }", "--as", "citizen", "--purpose", "AUDIT"),
            "no purpose of CITIZEN 'AUDIT'",
        ),
        (("{ me { id } }", "--as", "citizen", "--relation", "friend"), "there is no relation"),
        (("{ me { phone } }", "--as", "citizen"), "Cannot query field 'phone'"),
        (("{ me {", "--as", "citizen"), "the query is not valid"),
    ],
)
def test_a_mistake_is_explained(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CliError, match=message):
        run("explain", *arguments)


def test_a_policy_file_is_checked(tmp_path: Path) -> None:
    assert run("check", str(BUILT_IN)).exit_code == 0
    file = tmp_path / "policy.yaml"
    text = BUILT_IN.read_text(encoding="utf-8")
    file.write_text(text.replace("roles: [AUDITOR]", "roles: [AUDITER]"), encoding="utf-8")
    result = run("check", str(file))
    assert result.exit_code == 1
    assert "'AUDITER' is not valid; did you mean 'AUDITOR'?" in result.output
    with pytest.raises(CliError, match="the policy has mistakes"):
        run("explain", "{ me { id } }", "--as", "citizen", "--policy", str(file))


def test_a_check_warns_of_departments_that_do_not_exist(tmp_path: Path) -> None:
    assert "no department" not in run("check", str(BUILT_IN)).output
    file = tmp_path / "policy.yaml"
    text = BUILT_IN.read_text(encoding="utf-8")
    file.write_text(text.replace("[registry, helpdesk]", "[registry, helpdesks]"), encoding="utf-8")
    result = run("check", str(file))
    assert result.exit_code == 0
    assert "GRIEVANCE_REDRESSAL covers 'helpdesks', which is no department" in result.output
    assert "did you mean 'helpdesk'?" in result.output


def test_a_check_warns_of_a_policy_that_grants_everything() -> None:
    result = run("check", str(BUILT_IN.with_name("policy_off.yaml")))
    assert result.exit_code == 0
    assert "The rule 'everything' shows everybody's data to a role" in result.output


MUTATION = """
mutation ($apply: SubmitApplicationInput!, $complain: FileGrievanceInput!) {
  mine: submitApplication(input: $apply) { submission { receiptNumber } }
  ...Complaint
}
fragment Complaint on Mutation {
  fileGrievance(input: $complain) { submission { receiptNumber } }
}
"""


def submissions_of(*arguments: str) -> dict[str, str | None]:
    """Return the rule that allows each submission, by response key."""
    result = run("explain", MUTATION, "--json", *arguments)
    found = json.loads(result.output)["submissions"]
    assert all(each["allowed"] is (each["rule"] is not None) for each in found)
    return {each["path"][0]: each["rule"] for each in found}


@pytest.mark.parametrize(
    ("relation", "apply", "complain"),
    [
        ("self", "own-submissions", "own-submissions"),
        ("family_head", "submissions-of-head-of-family", None),
        ("nominee", None, "submissions-of-nominee"),
        ("family", None, None),
    ],
)
def test_mutations_are_explained_by_what_they_submit(
    relation: str, apply: str | None, complain: str | None
) -> None:
    found = submissions_of("--as", "citizen", "--relation", relation)
    assert found == {"mine": apply, "fileGrievance": complain}


def test_the_explanation_of_a_mutation_is_a_sentence_by_default() -> None:
    output = run("explain", MUTATION, "--as", "citizen", "--relation", "family-head").output
    assert "mine submits APPLICATION: allowed (submissions-of-head-of-family:" in output
    assert "fileGrievance submits GRIEVANCE: not allowed (no rule)" in output
