"""`hub schema`: prints the GraphQL schema and compares it with its contract file."""

import difflib
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import CliError, err, out

schema_cli = typer.Typer(
    help="Print the GraphQL schema, or compare it with its contract file.", no_args_is_help=True
)


@schema_cli.command("export")
def schema_export(
    to: Annotated[Path | None, typer.Option(help="File to write. Default: print it.")] = None,
) -> None:
    """Print the schema in GraphQL SDL."""
    from schema.contract import export

    if to is None:
        print(export(), end="")
        return
    to.write_text(export(), encoding="utf-8")
    err.print(f"Wrote {to}.")


@schema_cli.command("check")
def schema_check() -> None:
    """Compare the schema with schema/schema.graphql. Exit 1 and print the changes if it differs."""
    changes = contract_changes()
    if not changes:
        out.print("The schema matches schema/schema.graphql.")
        return
    for line in changes:
        err.print(line, markup=False, highlight=False)
    err.print("To accept the changes: hub schema export --to schema/schema.graphql", markup=False)
    raise typer.Exit(1)


def contract_changes() -> list[str]:
    """Return a unified diff from the contract file to the schema; empty if they are equal.

    Raises:
        CliError: if there is no contract file.
    """
    from schema.contract import CONTRACT, export

    try:
        contract = CONTRACT.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CliError(f"there is no {CONTRACT}. Write it with `hub schema export --to`.") from None
    lines = difflib.unified_diff(
        contract.splitlines(), export().splitlines(), "schema.graphql", "the code", lineterm="", n=2
    )
    return list(lines)
