"""The manifest's statements, in the form that the department's dialect takes."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause, bindparam, text

from adapters.connectors.database.settings import DatabaseCall
from adapters.connectors.setup import SetupError
from adapters.connectors.wire import CallPlan

_EXPANDING = re.compile(r"\bIN\s+:(\w+)", re.IGNORECASE)


def names_bound_by(call: DatabaseCall) -> set[str]:
    """Names of the bound parameters of its statements."""
    return {name for sql in call.sql.values() for name in text(sql)._bindparams}


def statements_of(
    plans: Mapping[str, CallPlan[DatabaseCall]], dialect: str
) -> dict[str, TextClause]:
    """By capability; raises `SetupError` where there is none for the dialect."""
    return {name: _statement(name, plan.call, dialect) for name, plan in plans.items()}


def values_for(statement: TextClause, bindings: Mapping[str, object]) -> dict[str, object]:
    """The value of each bound parameter: an empty list for a list that is not given (`IN :name`
    takes no null), null for anything else."""
    return {
        name: bindings.get(name, [] if parameter.expanding else None)
        for name, parameter in statement._bindparams.items()
    }


def _statement(capability: str, call: DatabaseCall, dialect: str) -> TextClause:
    written = {str(name): sql for name, sql in call.sql.items()}
    sql = written.get(dialect) or written.get("any")
    if sql is None:
        raise SetupError(
            ("capabilities", capability, "call", "sql"),
            f"there is no statement for {dialect}",
            "write it under `sql`, or leave the capability out",
        )
    # The comment lets the department's own staff see in their logs what a statement is for.
    statement = text(f"/* {capability} */ {sql}")
    names: list[str] = _EXPANDING.findall(sql)
    expanding: list[Any] = [bindparam(name, expanding=True) for name in names]
    return statement.bindparams(*expanding) if expanding else statement
