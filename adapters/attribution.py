"""Assigns the rows of a reply to the requested keys, and reports rows that belong to none of them.

A row without a key, or with another key, may be a row of a requested key: departments lose leading
zeros and rename columns. Such rows are left out, and the keys that they may belong to are marked.
A row that is null is left out too. It is reported as missing, unless it means "not found".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.connectors.connector import without_nulls
from adapters.contract import IncompleteReplyError, MalformedReplyError
from adapters.mapping.json_values import JsonNumber

MOST_EXPONENT = 40
"""Maximum exponent of a key that is a number, because `1E+999999` has a million digits."""


@dataclass(slots=True)
class AttributedRows:
    """The rows of each requested key.

    Attributes:
        rows_of: rows by key, as it was sent to the department.
        unkeyed: number of rows without a key.
        strangers: keys of the other rows that belong to no requested key.
        stranger_rows: number of those rows.
        null_rows: number of rows that are null, except those that mean "not found".
        total: number of rows in the reply.
    """

    rows_of: Mapping[str, list[Any]]
    unkeyed: int = 0
    strangers: Collection[str] = ()
    stranger_rows: int = 0
    null_rows: int = 0
    total: int = 0

    @property
    def is_complete(self) -> bool:
        """True if each row belongs to a requested key."""
        return not self.unkeyed and not self.stranger_rows

    def missing(self, key: str) -> str | None:
        """Return which rows of a key with rows may be missing; None if there are none."""
        if self.unkeyed:
            return f"{self.unkeyed} of {self.total} rows have no key"
        if self.strangers and _bare(key) in {_bare(each) for each in self.strangers}:
            return (
                f"{self.stranger_rows} of {self.total} rows have a key with other zeros or letters"
            )
        return None

    def error(self, department: str) -> IncompleteReplyError:
        """Return the error of a key without rows: the other rows may belong to it."""
        left_out = self.unkeyed + self.stranger_rows
        counted = (
            f"{left_out} of its {self.total} rows belong" if self.total > 1 else "its row belongs"
        )
        return IncompleteReplyError(
            department,
            f"The reply of {department} has no row of the requested key, but {counted} to no "
            "requested key (UNREQUESTED_ROW). The record may be among them.",
        )


def attribute(
    department: str,
    rows: Sequence[Any],
    raw_key_of: Callable[[Any], Any],
    keys: Sequence[str],
    prefix: str,
    key_path: str | None,
    listed: Sequence[str] = (),
) -> AttributedRows:
    """Assign rows to keys.

    Args:
        raw_key_of: returns the key of a row, as the department writes it.
        keys: the requested keys, with the prefix.
        prefix: text that may precede the key of a row.
        key_path: path of the key in a row, for errors.
        listed: the keys in the order in which one call listed them. If the reply has one entry for
            each of them, a null means that the key was not found.

    Raises:
        MalformedReplyError: rows don't have the form in the manifest, or none of them has a key.
    """
    rows_of: dict[str, list[Any]] = {key: [] for key in keys}
    unkeyed = stranger_rows = 0
    strangers: set[str] = set()
    received, rows = rows, without_nulls(rows)
    try:
        for row in rows:
            raw = raw_key_of(row)
            found = rows_of.get(raw) if raw.__class__ is str else None
            if found is None:
                written = _written(raw).removeprefix(prefix)
                found = rows_of.get(f"{prefix}{written}")
            if found is not None:
                found.append(row)
            elif not written:
                unkeyed += 1
            else:
                stranger_rows += 1
                strangers.add(written)
    except AttributeError:
        raise MalformedReplyError(
            department, f"{department} sent rows that do not have the form in its manifest."
        ) from None
    if unkeyed and unkeyed == len(rows):
        counted = f"none of its {len(rows)} rows has" if len(rows) > 1 else "its row does not have"
        raise MalformedReplyError(
            department,
            f"The reply of {department} has an unexpected form: {counted} the key `{key_path}`.",
        )
    nulls = 0 if _is_in_order(received, rows_of, listed) else len(received) - len(rows)
    return AttributedRows(rows_of, unkeyed, strangers, stranger_rows, nulls, len(received))


def _is_in_order(
    rows: Sequence[Any], rows_of: Mapping[str, list[Any]], listed: Sequence[str]
) -> bool:
    """Return True if each row belongs to the key at its index, or is null."""
    return len(rows) == len(listed) and all(
        row is None or any(row is each for each in rows_of[key])
        for row, key in zip(rows, listed, strict=True)
    )


def _written(raw: Any) -> str:
    """Return the key of a row as text; "" if it has none."""
    if raw is None or isinstance(raw, dict | list):
        return ""
    if isinstance(raw, float | Decimal | JsonNumber):
        number = Decimal(raw)
        if number.is_finite() and number.adjusted() < MOST_EXPONENT and number == int(number):
            return str(int(number))
    return " ".join(str(raw).split())


def _bare(key: str) -> str:
    """Return a key without leading zeros and in small letters: departments change both."""
    return key.lstrip("0").casefold()
