"""Compiles the calls of a manifest to statements with bound values."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    TextClause,
    and_,
    bindparam,
    cast,
    column,
    false,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.types import NullType

from adapters.connectors.connector import Bindings
from adapters.connectors.database.settings import DatabaseCall, DatabaseWrite
from adapters.connectors.setup import SetupError
from adapters.connectors.templates import placeholders_in
from adapters.mapping.dates import compile_format

_EXPANDING = re.compile(r"\bIN\s+:(\w+)", re.IGNORECASE)
NULLS_FIRST = frozenset({"sqlite", "mysql", "mssql"})
"""Dialects that order NULL before all values; the others order it after them."""
DAYS_AS_MIDNIGHTS = frozenset({"mysql", "mssql"})
"""Dialects that compare a column of days with a moment as the day's midnight."""
DAY_LENGTH, MINUTE_LENGTH = len("2026-11-03"), len("2026-11-03T10:42")
LISTS = ("keys", "status_codes")
_parse_moment = compile_format("iso")


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
        dialect: name of the dialect.
    """

    clause: TextClause
    expanding: frozenset[str]
    joined: bool
    pad: int | None
    keyset: Sequence[str]
    page: int
    watermark: str | None
    timezone: dt.tzinfo
    dialect: str

    def values(self, bindings: Bindings) -> dict[str, object]:
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
        if isinstance(value, dt.datetime):
            return self._local(value)
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
            query = query.where(self._changed(found.c[self.watermark], since))
        if last is not None:
            nulls_first = self.dialect in NULLS_FIRST
            query = query.where(_after(columns, [last[name] for name in self.keyset], nulls_first))
        return query.order_by(*columns).limit(rows)

    def _local(self, moment: dt.datetime) -> dt.datetime | str:
        """Return the time as the department writes it, rounded down to a second.

        The column may have no fractions of a second. PostgreSQL gets the zone, too, because only
        it knows whether the column has one.
        """
        local = moment.astimezone(self.timezone).replace(microsecond=0)
        if self.dialect == "postgresql":
            return local
        local = local.replace(tzinfo=None)
        # SQLite has no type for moments.
        return local.isoformat(sep=" ") if self.dialect == "sqlite" else local

    def _changed(self, changed: ColumnElement[Any], since: dt.datetime) -> ColumnElement[bool]:
        """Return the condition for rows that changed at this time or later.

        It may be true for a few earlier rows, too, which `is_change` finds out: a column can hold
        texts, or whole days.
        """
        local = self._local(since)
        if self.dialect == "sqlite":
            # A timestamp stored as text may have any precision, a `T`, or another zone: compare its
            # day only.
            earliest = since.astimezone(self.timezone).date() - dt.timedelta(days=1)
            number = func.typeof(changed).in_(["integer", "real"])
            return or_(changed >= _bound(earliest.isoformat()), number)
        if self.dialect == "mysql":
            # Without the type, MySQL would compare a text column letter by letter. Texts may lack
            # seconds.
            minute = since.astimezone(self.timezone).replace(second=0, microsecond=0, tzinfo=None)
            later = changed >= cast(_bound(minute), DateTime)
        else:
            later = changed >= _bound(local)
        if self.dialect in DAYS_AS_MIDNIGHTS and isinstance(local, dt.datetime):
            return or_(later, changed == _bound(local.date()))
        return later

    def is_change(self, row: Mapping[str, Any], since: object) -> bool:
        """Return whether a row changed at a time or later, as far as its watermark shows it."""
        if self.watermark is None or not isinstance(since, dt.datetime):
            return True
        changed = row[self.watermark]
        since = since.astimezone(self.timezone).replace(microsecond=0)
        if isinstance(changed, str):
            text = changed.strip()
            try:
                changed = _parse_moment(text)
            except ValueError:
                return True
            if len(text) <= DAY_LENGTH:
                changed = changed.date()
            elif len(text) <= MINUTE_LENGTH:
                since = since.replace(second=0)
        if isinstance(changed, dt.datetime):
            if changed.tzinfo is None:
                changed = changed.replace(tzinfo=self.timezone)
            return changed >= since
        return not isinstance(changed, dt.date) or changed >= since.date()


def _bound(value: object) -> ColumnElement[Any]:
    """Bind a value without a type: PostgreSQL then uses the type of the column."""
    return literal(value, NullType())


def _after(
    columns: Sequence[ColumnElement[Any]], last: Sequence[Any], nulls_first: bool
) -> ColumnElement[bool]:
    """Return `(a, b) > (x, y)` in a form that every dialect supports, and with NULLs."""
    cases = []
    for nth, (each, value) in enumerate(zip(columns, last, strict=True)):
        same = [
            c.is_(None) if v is None else c == _bound(v)
            for c, v in zip(columns[:nth], last[:nth], strict=True)
        ]
        if value is None:
            if nulls_first:
                cases.append(and_(*same, each.is_not(None)))
        elif nulls_first:
            cases.append(and_(*same, each > _bound(value)))
        else:
            cases.append(and_(*same, or_(each > _bound(value), each.is_(None))))
    return or_(false(), *cases)


def _padded(value: object, width: int) -> object:
    if isinstance(value, list):
        return [_padded(each, width) for each in value]
    return value.ljust(width) if isinstance(value, str) else value


def names_bound_by(call: DatabaseCall | DatabaseWrite) -> set[str]:
    """Return the names of the bound parameters in a call, or of the placeholders in a write."""
    if isinstance(call, DatabaseWrite):
        return placeholders_in(call.values)
    named = {name for sql in call.sql.values() for name in text(sql)._bindparams}
    return named | set(call.arguments)


def compile_statement(
    capability: str, call: DatabaseCall, dialect: str, timezone: dt.tzinfo
) -> Statement:
    """Compile a call.

    Raises:
        SetupError: the call can't be made in this dialect.
    """
    sql = (_procedure if call.procedure else _sql)(capability, call, dialect)
    # The comment shows the department's staff in their logs what the statement is for.
    clause = text(f"/* {capability} */ {sql}")
    expanding: list[str] = [] if call.procedure else _EXPANDING.findall(sql)
    if not call.procedure and dialect != "postgresql":
        _check_lists(capability, dialect, clause, expanding)
    if expanding:
        clause = clause.bindparams(*(bindparam(name, expanding=True) for name in expanding))
    return Statement(
        clause,
        frozenset(expanding),
        call.procedure is not None,
        call.pad,
        # The watermark orders the rows first.
        list(dict.fromkeys([call.watermark, *call.keyset] if call.watermark else call.keyset)),
        call.page,
        call.watermark,
        timezone,
        dialect,
    )


def _check_lists(
    capability: str, dialect: str, clause: TextClause, expanding: Sequence[str]
) -> None:
    """Raise `SetupError` if a list is used outside of `IN`: only PostgreSQL has arrays."""
    for name in LISTS:
        if name in clause._bindparams and name not in expanding:
            message = f"`:{name}` is a list, which {dialect} accepts only after IN"
            raise _wrong(capability, "sql", message, f"write it as `IN :{name}`")


def _sql(capability: str, call: DatabaseCall, dialect: str) -> str:
    written = {str(name): sql for name, sql in call.sql.items()}
    sql = written.get(dialect) or written.get("any")
    if sql is None:
        message = f"there is no statement for {dialect}"
        raise _wrong(capability, "sql", message, "add it to `sql`, or remove the capability")
    return sql


CALLS = {
    "postgresql": "SELECT * FROM {name}({arguments})",
    "mysql": "CALL {name}({arguments})",
    "mssql": "EXEC {name} {arguments}",
    # Oracle's procedures return rows only through a cursor; pipelined functions return rows.
    "oracle": "SELECT * FROM TABLE({name}({arguments}))",
}
"""Call of a procedure that returns rows, by dialect."""


def _procedure(capability: str, call: DatabaseCall, dialect: str) -> str:
    form = CALLS.get(dialect)
    if form is None:
        message = f"{dialect} has no stored procedures"
        raise _wrong(capability, "procedure", message, "write a statement under `sql`")
    return form.format(
        name=call.procedure, arguments=", ".join(f":{name}" for name in call.arguments)
    )


def _wrong(capability: str, key: str, message: str, remedy: str) -> SetupError:
    return SetupError(("capabilities", capability, "call", key), message, remedy)
