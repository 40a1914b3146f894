"""`hub schema check`: the schema against its checked-in contract."""

import difflib

from hub.cli.failures import CliError
from schema.contract import CONTRACT, export


def describe_drift() -> list[str]:
    """A unified diff from the contract to the schema; empty when they are the same."""
    try:
        contract = CONTRACT.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CliError(f"there is no {CONTRACT}; write it with `hub schema export --to`.") from None
    lines = difflib.unified_diff(
        contract.splitlines(), export().splitlines(), "schema.graphql", "the code", lineterm="", n=2
    )
    return list(lines)
