"""Compiles what a manifest says of a call into a statement with bound values."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    and_,
    bindparam,
    column,
    literal,
    or_,
    select,
    text,
)

from adapters.connectors.database.settings import DatabaseCall
from adapters.connectors.setup import SetupError

_EXPANDING = re.compile(r"\bIN\s+:(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A call ready to run.

    Attributes:
        clause: the statement.
        expanding: names that are bound as lists.
        joined: whether lists are bound as one text, joined by commas.
        pad: to how many characters keys are padded with blanks.
        keyset: columns by which a long result is paged; empty where it comes at once.
        page: rows of a page.
        watermark: column that says when a row was changed; the first of `keyset` then.
        timezone: of the times in that column.
        writes_moments: whether they are texts.
    """

    clause: TextClause
    expanding: frozenset[str]
    joined: bool
    pad: int | None
    keyset: Sequence[str]
    page: int
    watermark: str | None
    timezone: dt.tzinfo
    writes_moments: bool

    def values(self, bindings: Mapping[str, object]) -> dict[str, object]:
        """What is bound. A list that is not given is an empty one: `IN :name` takes no null."""
        return {
            name: self._bound(bindings.get(name, [] if name in self.expanding else None), name)
            for name in self.clause._bindparams
        }

    def _bound(self, value: object, name: str) -> object:
        if self.pad is not None and name in ("key", "keys"):
            value = _padded(value, self.pad)
        if self.joined and isinstance(value, list):
            return ",".join(map(str, value))
        return value

    def page_after(
        self, last: Mapping[str, Any] | None, rows: int, since: object = None
    ) -> Select[Any]:
        """The statement's next page of so many rows, after that row.

        With a watermark, of rows that were changed at `since` or later.
        """
        found = self.clause.columns(*(column(name) for name in self.keyset)).subquery("page")
        columns = [found.c[name] for name in self.keyset]
        # All that the statement gives, not only what it is ordered by.
        query = select(text("page.*")).select_from(found)
        if self.watermark is not None and isinstance(since, dt.datetime):
            query = query.where(found.c[self.watermark] >= literal(self._local(since)))
        if last is not None:
            query = query.where(_after(columns, [last[name] for name in self.keyset]))
        return query.order_by(*columns).limit(rows)

    def _local(self, moment: dt.datetime) -> dt.datetime | str:
        """As the department writes moments; a part of a second earlier never hurts."""
        local = moment.astimezone(self.timezone).replace(microsecond=0, tzinfo=None)
        return local.isoformat(sep=" ") if self.writes_moments else local


def _after(columns: Sequence[ColumnElement[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
    """`(a, b) > (x, y)`, spelt out: not every dialect compares rows."""
    cases = []
    for nth, each in enumerate(columns):
        same = [c == literal(v) for c, v in zip(columns[:nth], last[:nth], strict=True)]
        cases.append(and_(*same, each > literal(last[nth])))
    return or_(*cases)


def _padded(value: object, width: int) -> object:
    if isinstance(value, list):
        return [_padded(each, width) for each in value]
    return value.ljust(width) if isinstance(value, str) else value


def names_bound_by(call: DatabaseCall) -> set[str]:
    """Names of the bound parameters of its statements."""
    named = {name for sql in call.sql.values() for name in text(sql)._bindparams}
    return named | set(call.arguments)


def compile_statement(
    capability: str, call: DatabaseCall, dialect: str, timezone: dt.tzinfo
) -> Statement:
    """Raises `SetupError` when the call can't be made in this dialect."""
    sql = (
        _procedure(capability, call, dialect) if call.procedure else _sql(capability, call, dialect)
    )
    # The comment lets the department's own staff see in their logs what a statement is for.
    clause = text(f"/* {capability} */ {sql}")
    _check_lists(capability, call, dialect, clause)
    expanding: list[str] = [] if call.procedure else _EXPANDING.findall(sql)
    if expanding:
        clause = clause.bindparams(*(bindparam(name, expanding=True) for name in expanding))
    return Statement(
        clause,
        frozenset(expanding),
        call.procedure is not None,
        call.pad,
        _keyset(call),
        call.page,
        call.watermark,
        timezone,
        # SQLite has no type for moments.
        dialect == "sqlite",
    )


LISTS = ("keys", "status_codes")


def _check_lists(capability: str, call: DatabaseCall, dialect: str, clause: TextClause) -> None:
    """Lists are arrays in PostgreSQL alone."""
    if call.procedure is not None or dialect == "postgresql":
        return
    expanding = set(_EXPANDING.findall(clause.text))
    for name in LISTS:
        if name in clause._bindparams and name not in expanding:
            raise SetupError(
                ("capabilities", capability, "call", "sql"),
                f"`:{name}` is a list, which {dialect} takes in one place only",
                f"write it as `IN :{name}`",
            )


def _keyset(call: DatabaseCall) -> Sequence[str]:
    if call.watermark is None:
        return call.keyset
    return [call.watermark, *(each for each in call.keyset if each != call.watermark)]


def _sql(capability: str, call: DatabaseCall, dialect: str) -> str:
    written = {str(name): sql for name, sql in call.sql.items()}
    sql = written.get(dialect) or written.get("any")
    if sql is None:
        raise SetupError(
            ("capabilities", capability, "call", "sql"),
            f"there is no statement for {dialect}",
            "write it under `sql`, or leave the capability out",
        )
    return sql


_CALLS = {
    "postgresql": "SELECT * FROM {name}({arguments})",
    "mysql": "CALL {name}({arguments})",
    "mssql": "EXEC {name} {arguments}",
    # A procedure can't return rows there but through a cursor; a pipelined function can.
    "oracle": "SELECT * FROM TABLE({name}({arguments}))",
}


def _procedure(capability: str, call: DatabaseCall, dialect: str) -> str:
    form = _CALLS.get(dialect)
    if form is None:
        raise SetupError(
            ("capabilities", capability, "call", "procedure"),
            f"{dialect} has no stored procedures",
            "write a statement under `sql`",
        )
    return form.format(
        name=call.procedure, arguments=", ".join(f":{name}" for name in call.arguments)
    )
