"""`hub explain`: prints the plan of a query, without a call to any department."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql.execution.values import VariableValues, get_variable_values
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from adapters.manifest import ManifestError, find_departments
from adapters.workbench.replay.addresses import load_with_placeholders
from hub.cli.console import CliError
from hub.cli.explain.keys import ReadId
from hub.cli.explain.waves import DepartmentCalls, Explanation, PlanExplainer, PlanStep
from hub.execution.demand import Limits
from hub.execution.documents import DocumentError, Documents
from schema.contract import build_schema


def explain(
    document: str,
    variables: dict[str, Any] | None,
    rows: int,
    departments: Path | None,
    read_id: ReadId,
    *,
    as_json: bool,
    out: Console,
) -> None:
    """Print the explanation of a document; see `explanation_of`."""
    explanation = explanation_of(document, variables or {}, rows, read_id, departments)
    if as_json:
        print(json.dumps(explanation.as_json(), ensure_ascii=False, indent=2))
    else:
        print_explanation(explanation, out)


def explanation_of(
    document: str,
    variables: dict[str, Any],
    rows: int,
    read_id: ReadId,
    departments: Path | None = None,
) -> Explanation:
    """Return the explanation of a document.

    Args:
        document: text of the document.
        variables: its variables; some may be missing.
        rows: assumed number of rows in each list.
        read_id: decrypts ids.
        departments: folder of department folders; None for the built-in and installed ones.

    Raises:
        CliError: the document can't run, or a manifest can't be read.
    """
    schema = build_schema()
    documents = Documents(schema)
    try:
        prepared = documents.prepare(document, None)
    except DocumentError as error:
        raise CliError("\n".join(each.message for each in error.errors)) from None
    coerced = get_variable_values(
        schema._schema, prepared.operation.variable_definitions or (), variables
    )
    # Missing variables are allowed: a plan depends on few of them.
    values = VariableValues({}, variables) if isinstance(coerced, list) else coerced
    planned = documents.planned(prepared, values.coerced)
    cost = planned.cost.estimate(values.coerced)
    if planned.plan is None:
        return Explanation("graphql-core", rows, [], cost)
    try:
        manifests = [load_with_placeholders(folder) for folder in find_departments(departments)]
    except ManifestError as error:
        raise CliError(str(error)) from None
    explained = PlanExplainer(manifests, rows, values, read_id).explain(planned.plan)
    return replace(explained, cost=cost)


def print_explanation(explanation: Explanation, out: Console) -> None:
    """Print the waves as a tree."""
    cost = f"Costs {explanation.cost:,} at most; the hub's limit is {Limits().cost:,} by default."
    if explanation.executor != "plan":
        out.print("Runs on graphql-core: a plan does not cover introspection or its directives.")
        out.print(cost)
        return
    tree = Tree(
        Text.assemble(
            "Runs on a ", ("plan", "bold"), f", {_count(explanation.waves, 'wave')}, ",
            (_count(explanation.calls, "call"), "bold"),
            f" at most (with {_count(explanation.rows, 'row')} in a list), "
            f"{explanation.longest_seconds:g} s at most",
        )
    )  # fmt: skip
    for wave in range(1, explanation.waves + 1):
        branch = tree.add(Text(f"wave {wave}", "bold"))
        for step in explanation.steps:
            if step.wave == wave:
                _add_step(branch, step)
    out.print(tree)
    out.print(cost)
    out.print(
        "The seconds assume that each call takes its whole `limits.deadline`. The milliseconds are "
        "the hub's time to read a reply (hub adapter bench), without the department's time. "
        "Attempts after a failure, and further pages of one list, are not counted as calls."
    )


def _add_step(branch: Tree, step: PlanStep) -> None:
    aliases = "" if step.aliases == 1 else f", the first of {step.aliases:,} aliases"
    once = "once" if step.parents == 1 else f"for {step.parents:,} parents together"
    field = f"{aliases} ({step.field}) {once}: {step.source}"
    leaf = branch.add(Text.assemble((step.path, "cyan"), field))
    for call in step.calls:
        calls = leaf.add(
            Text.assemble(
                (call.department, "green"), f" {call.capability}: {_count(call.keys, 'key')}, ",
                f"{call.at_once} at once, ", (_count(call.calls, "call"), "bold"),
                f", {call.longest_seconds:g} s at most", _reading(call),
            )
        )  # fmt: skip
        calls.add(Text(f"for {', '.join(call.fields) or '__typename'}", "dim"))


def _reading(call: DepartmentCalls) -> str:
    return "" if call.reading_ms is None else f", a reply read in {call.reading_ms:.1f} ms"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
