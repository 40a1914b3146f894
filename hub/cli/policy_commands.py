"""`hub policy`: checks a policy file, and explains what it means for a query."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text as RichText

from hub.cli.console import CliError, err, out

if TYPE_CHECKING:
    from hub.access.policy import Decision, Policy, Relation
    from hub.access.policy.explanation import ExplainedField, ExplainedSubmission
    from hub.access.principal import Role

policy_cli = typer.Typer(
    help="Check the policy on personal data, or show what it means for a query.",
    no_args_is_help=True,
)
COLOURS = {"PLAIN": "green", "MASKED": "yellow", "NONE": "red"}
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy file. Default: HUB_POLICY, or the built-in policy."),
]


@policy_cli.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(help="The policy file.")],
) -> None:
    """Check a policy file. Exit 1 and print all mistakes if there are any.

    Departments that the hub does not know are only a warning: another hub can have them.
    """
    from hub.access.policy import PolicyError, load_policy

    try:
        policy = load_policy(file)
    except PolicyError as error:
        for problem in error.problems:
            err.print(str(problem), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    counts = f"{len(policy.rules)} rules for {len(policy.purposes)} purposes"
    out.print(f"{file}: {counts}.", markup=False, highlight=False, soft_wrap=True)
    for code, name, remedy in _unknown_departments(policy):
        warning = f"{code} covers {name!r}, which is no department; {remedy}"
        err.print(warning, markup=False, highlight=False, soft_wrap=True)
    rule = policy.grants_everything()
    if rule is not None:
        err.print(
            f"The rule {rule!r} shows everybody's data to a role. Production refuses this policy.",
            markup=False,
            soft_wrap=True,
        )


@policy_cli.command("explain")
def policy_explain(
    document: Annotated[
        str, typer.Argument(help="A GraphQL document ('{...}'), or a file that contains one.")
    ],
    as_: Annotated[str, typer.Option("--as", help="Role of the caller, for example officer.")],
    relation: Annotated[
        str | None,
        typer.Option(
            help="Relation of the caller to the person. Default: SELF for citizens, ON_BEHALF for "
            "operators, OWN_DEPARTMENT for officers, UNRELATED for others."
        ),
    ] = None,
    purpose: Annotated[
        str | None, typer.Option(help="Code of the purpose. Default: the purpose of the role.")
    ] = None,
    policy_file: PolicyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Print what a caller sees of each personal field in a query, and the rule that decides.

    Print for mutations whether the caller may submit what they submit.
    """
    from hub.access.policy.explanation import PolicyExplainer
    from hub.access.principal import Role
    from hub.cli.hub_client import read_document
    from schema.contract import build_schema

    policy = _policy(policy_file)
    role = Role(_known("role", as_, [each.value for each in Role]))
    related = _relation(role, relation)
    code = _purpose(policy, role, purpose)
    schema = build_schema()._schema
    parsed = _valid(read_document(document), schema)
    explainer = PolicyExplainer(policy, schema, role, related, code)
    fields = explainer.fields_of(parsed)
    submissions = explainer.submissions_of(parsed)
    if as_json:
        shown = {
            "role": role.value,
            "relation": related.value,
            "purpose": code,
            "policy": str(policy.path),
            "fields": [_json_of(each) for each in fields],
            "submissions": [_json_of_submission(each) for each in submissions],
        }
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for_purpose = f", for {code}" if code else ""
    out.print(f"{role.value} who is {related.value}{for_purpose} ({policy.path}):", markup=False)
    for each in submissions:
        out.print(_sentence(each), markup=False)
    out.print(_table(fields, code) if fields else "The query selects no personal data.")


def _policy(file: Path | None) -> "Policy":
    from hub.access.policy import PolicyError, load_policy
    from hub.cli.settings import read_settings

    try:
        return load_policy(file or read_settings().policy)
    except PolicyError as error:
        raise CliError(f"the policy has mistakes:\n{error}") from None


def _unknown_departments(policy: "Policy") -> Iterator[tuple[str, str, str]]:
    """Yield each purpose and department that no manifest describes, with a remedy."""
    from adapters.manifest import ManifestError, find_departments
    from adapters.mapping.rules import did_you_mean
    from adapters.workbench.replay.addresses import load_with_placeholders
    from hub.cli.settings import read_settings

    try:
        folders = find_departments(read_settings().departments)
        known = {load_with_placeholders(each).file.department for each in folders}
    except ManifestError as error:
        raise CliError(str(error)) from None
    for purpose in policy.purposes.values():
        for name in sorted((purpose.departments or frozenset()) - known):
            yield purpose.code, name, did_you_mean(name, known)


def _known(kind: str, given: str, known: Sequence[str]) -> str:
    """Return the name in upper case.

    Raises:
        CliError: it is unknown.
    """
    name = given.upper().replace("-", "_")
    if name not in known:
        raise CliError(f"there is no {kind} {given!r}. Use one of: {', '.join(known)}.")
    return name


def _relation(role: "Role", given: str | None) -> "Relation":
    from hub.access.policy import Relation

    if given is not None:
        return Relation(_known("relation", given, [each.value for each in Relation]))
    usual = {"CITIZEN": "SELF", "OPERATOR": "ON_BEHALF", "OFFICER": "OWN_DEPARTMENT"}
    return Relation(usual.get(role.value, "UNRELATED"))


def _purpose(policy: "Policy", role: "Role", given: str | None) -> str:
    """Return the code of the purpose; empty if the role has none.

    Raises:
        CliError: the role must state a purpose, or may not use this one.
    """
    allowed = [each.code for each in policy.purposes_of(role)]
    if given is not None:
        return _known(f"purpose of {role.value}", given, allowed)
    default = policy.default_purpose(role)
    if default is not None:
        return default.code
    if len(allowed) > 1:
        raise CliError(f"{role.value} has several purposes. Add --purpose: {', '.join(allowed)}.")
    return allowed[0] if allowed else ""


def _valid(text: str, schema: Any) -> Any:
    from graphql import GraphQLError, parse, validate

    try:
        parsed = parse(text)
    except GraphQLError as error:
        raise CliError(f"the query is not valid: {error.message}") from None
    errors = validate(schema, parsed)
    if errors:
        raise CliError("\n".join(each.message for each in errors))
    return parsed


def _json_of(field: "ExplainedField") -> dict[str, Any]:
    return {
        "path": list(field.path),
        "class": field.field_class.name,
        "purpose": field.purpose,
        "inRecord": _json_of_decision(field.in_record),
        "inList": _json_of_decision(field.in_list),
    }


def _json_of_submission(submission: "ExplainedSubmission") -> dict[str, Any]:
    rule = submission.rule
    return {
        "path": [submission.key],
        "kind": submission.kind.name,
        "allowed": rule is not None,
        "rule": None if rule is None else rule.name,
        "line": None if rule is None else rule.line,
    }


def _sentence(submission: "ExplainedSubmission") -> str:
    rule = submission.rule
    decision = "not allowed (no rule)" if rule is None else f"allowed ({rule.name}:{rule.line})"
    return f"{submission.key} submits {submission.kind.name}: {decision}"


def _json_of_decision(decision: "Decision") -> dict[str, Any]:
    return {
        "level": decision.level.name,
        "rule": decision.rule or None,
        "line": decision.line or None,
        "legalBasis": None if decision.legal_basis is None else decision.legal_basis.value,
    }


def _table(fields: Sequence["ExplainedField"], purpose: str) -> Table:
    """Return a table with the fields as a tree. The objects around them have a row too."""
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("Field", overflow="fold")
    for name, width in (("Class", 11), ("One record", 10), ("In a list", 9)):
        table.add_column(name, min_width=width, no_wrap=True)
    table.add_column("Rule", min_width=18, overflow="fold")
    shown: tuple[str, ...] = ()
    for each in fields:
        for depth in range(len(each.path) - 1):
            if each.path[: depth + 1] != shown[: depth + 1]:
                table.add_row(_indented(each.path[: depth + 1]))
        shown = each.path
        rules = dict.fromkeys(_rule(decision) for decision in (each.in_record, each.in_list))
        of_purpose = "" if each.purpose == purpose else f", for {each.purpose}"
        table.add_row(
            _indented(each.path),
            each.field_class.name,
            _level(each.in_record),
            _level(each.in_list),
            RichText("; ".join(rules) + of_purpose),
        )
    return table


def _indented(path: Sequence[str]) -> RichText:
    return RichText("  " * (len(path) - 1) + path[-1])


def _level(decision: "Decision") -> RichText:
    return RichText(decision.level.name, style=COLOURS[decision.level.name])


def _rule(decision: "Decision") -> str:
    return f"{decision.rule}:{decision.line}" if decision.rule else "no rule"
