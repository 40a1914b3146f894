"""Compiles the calls of a manifest to statements with bound values."""

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
    """A compiled call.

    Attributes:
        clause: the statement.
        expanding: names that are bound as lists.
        joined: whether lists are bound as one text, joined by commas.
        pad: length to which keys are padded with blanks; None for no padding.
        keyset: columns by which a long result is paged; empty if it is not paged.
        page: rows per page.
        watermark: column with the time of the last change; it is also the first of `keyset`.
        timezone: zone of the times in that column.
        writes_moments: whether these times are texts.
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
        """Return the values to bind. A missing list is empty: `IN :name` accepts no null."""
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
        """Return a statement for one page.

        Args:
            last: last row of the previous page; None for the first page.
            rows: maximum number of rows.
            since: with a watermark, only rows changed at this time or later.
        """
        found = self.clause.columns(*(column(name) for name in self.keyset)).subquery("page")
        columns = [found.c[name] for name in self.keyset]
        # Select all columns, not only those of the order.
        query = select(text("page.*")).select_from(found)
        if self.watermark is not None and isinstance(since, dt.datetime):
            query = query.where(found.c[self.watermark] >= literal(self._local(since)))
        if last is not None:
            query = query.where(_after(columns, [last[name] for name in self.keyset]))
        return query.order_by(*columns).limit(rows)

    def _local(self, moment: dt.datetime) -> dt.datetime | str:
        """Return the time as the department writes it, rounded down to a second."""
        local = moment.astimezone(self.timezone).replace(microsecond=0, tzinfo=None)
        return local.isoformat(sep=" ") if self.writes_moments else local


def _after(columns: Sequence[ColumnElement[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
    """Return `(a, b) > (x, y)` in a form that every dialect supports."""
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
    """Return the names of the bound parameters in a call."""
    named = {name for sql in call.sql.values() for name in text(sql)._bindparams}
    return named | set(call.arguments)


def compile_statement(
    capability: str, call: DatabaseCall, dialect: str, timezone: dt.tzinfo
) -> Statement:
    """Compile a call.

    Raises:
        SetupError: the call can't be made in this dialect.
    """
    sql = (
        _procedure(capability, call, dialect) if call.procedure else _sql(capability, call, dialect)
    )
    # The comment shows the department's staff in their logs what the statement is for.
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
    """Raise `SetupError` if a list is used outside of `IN`: only PostgreSQL has arrays."""
    if call.procedure is not None or dialect == "postgresql":
        return
    expanding = set(_EXPANDING.findall(clause.text))
    for name in LISTS:
        if name in clause._bindparams and name not in expanding:
            raise SetupError(
                ("capabilities", capability, "call", "sql"),
                f"`:{name}` is a list, which {dialect} accepts only after IN",
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
            "add it to `sql`, or remove the capability",
        )
    return sql


_CALLS = {
    "postgresql": "SELECT * FROM {name}({arguments})",
    "mysql": "CALL {name}({arguments})",
    "mssql": "EXEC {name} {arguments}",
    # Oracle's procedures return rows only through a cursor; pipelined functions return rows.
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
