"""Merges the rows that several departments have for the same citizens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, cast

from adapters.contract import DepartmentError, IncompleteReplyError, LookUpReply, Rows
from hub.link.status import failed_status, status_of_rows
from schema.batch import Outcome
from schema.citizen import Citizen
from schema.codes import ErrorCode, WarningCode
from schema.errors import HubError
from schema.node import Node
from schema.provenance import Record, SourceState, SourceStatus, SourceWarning
from schema.sources import SourcedRows

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class DepartmentReply:
    """One department's reply for a batch of citizens.

    Attributes:
        department: identifier of the department.
        numbers: for each citizen of the batch, the numbers that were requested.
        reply: the reply, or the error.
    """

    department: str
    numbers: Sequence[Sequence[str]]
    reply: LookUpReply | DepartmentError


@dataclass(slots=True)
class _MergedRows(Generic[RecordT]):
    """One citizen's rows while they are merged."""

    rows: dict[str, RecordT] = field(default_factory=dict)
    sources: list[SourceStatus] = field(default_factory=list)


def merge(
    citizens: Sequence[Citizen], replies: Sequence[DepartmentReply]
) -> list[Outcome[SourcedRows[Any]]]:
    """Return for each citizen the rows of the departments, and the state of each department."""
    outcomes: list[Outcome[SourcedRows[Any]]] = []
    for index, citizen in enumerate(citizens):
        gathered: _MergedRows[Any] = _MergedRows()
        if citizen.registry_status is not None:
            gathered.sources.append(citizen.registry_status)
        for each in replies:
            if each.numbers[index]:
                _add(gathered, each, each.numbers[index])
        outcomes.append(SourcedRows(list(gathered.rows.values()), gathered.sources))
    return outcomes


def status_of(answer: DepartmentReply, numbers: Sequence[str]) -> SourceStatus:
    """Return the state of a department that was called about some numbers."""
    gathered: _MergedRows[Any] = _MergedRows()
    _add(gathered, answer, numbers)
    return gathered.sources[0]


def _add(gathered: _MergedRows[Any], answer: DepartmentReply, numbers: Sequence[str]) -> None:
    reply = answer.reply
    if isinstance(reply, DepartmentError):
        gathered.sources.append(failed_status(reply))
        return
    warnings: list[SourceWarning] = []
    failure: DepartmentError | None = None
    worst: Rows | None = None
    for number in numbers:
        found = reply.results[number]
        if isinstance(found, DepartmentError):
            failure = found
            continue
        if worst is None or _rank(found) > _rank(worst):
            worst = found
        _add_rows(gathered.rows, found, warnings)
    if failure is not None:
        gathered.sources.append(failed_status(failure, warnings=warnings))
    else:
        assert worst is not None
        gathered.sources.append(status_of_rows(answer.department, worst, reply, warnings))


_RANKS = (SourceState.LIVE, SourceState.CACHED, SourceState.STALE, SourceState.INCOMPLETE)


def _rank(rows: Rows) -> tuple[int, float]:
    """Rank the rows of one department: `sources` shows the state of the highest.

    Missing rows rank before old ones, and older copies before newer ones.
    """
    return _RANKS.index(rows.state), -rows.as_of.timestamp() if rows.as_of is not None else 0.0


def _add_rows(rows: dict[str, Any], found: Rows, warnings: list[SourceWarning]) -> None:
    """Add rows. If several have the same number, keep the newest and add a warning."""
    warnings.extend(found.warnings)
    for record in found.records:
        identity = cast("Node", record).local_id()
        if identity in rows:
            warnings.append(SourceWarning(code=WarningCode.DUPLICATE_ROW))
            if not _newer(record, rows[identity]):
                continue
        rows[identity] = record


def single_record(found: Rows, department: str, local_id: str | None = None) -> Record | None:
    """Return the record of a look-up by number; None if the department has none.

    If several rows have the same number, it is the newest, as in lists. Its warnings include those
    of the reply, except those about other rows.

    Args:
        found: the rows for the number.
        department: identifier of the department, for errors.
        local_id: the record's id, if the rows may contain other records.

    Raises:
        HubError: `UNUSABLE_ROW`, the department has the record, but it could not be used.
            `DEPARTMENT_INCOMPLETE_REPLY`, the record may be among rows that are missing.
    """
    rows = [
        each
        for each in found.records
        if local_id is None or cast("Node", each).local_id() == local_id
    ]
    if not rows:
        _raise_if_unusable(found, department)
        return None
    newest = rows[0]
    for record in rows[1:]:
        if _newer(record, newest):
            newest = record
    about_rows = {id(warning) for each in found.records for warning in each.row_warnings}
    more = [warning for warning in found.warnings if id(warning) not in about_rows]
    if len(rows) > 1:
        more.append(SourceWarning(code=WarningCode.DUPLICATE_ROW))
    if more:
        newest.row_warnings = [*newest.row_warnings, *more]
    if found.state is SourceState.INCOMPLETE and newest.origin is not None:
        newest.origin = replace(newest.origin, state=SourceState.INCOMPLETE)
    return newest


def _raise_if_unusable(found: Rows, department: str) -> None:
    """Raise an error if the department has a record that could not be used, or may have one."""
    unusable = [each.field_path for each in found.warnings if each.code == WarningCode.UNUSABLE_ROW]
    if unusable:
        lacking = ", ".join(dict.fromkeys(f"`{name}`" for name in unusable if name))
        raise HubError(
            ErrorCode.UNUSABLE_ROW,
            f"The record at {department} lacks {lacking or 'a required field'}. Report it to the "
            "department.",
            department=department,
        )
    if found.state is SourceState.INCOMPLETE:
        missing = [
            each.raw for each in found.warnings if each.code == WarningCode.INCOMPLETE and each.raw
        ]
        raise IncompleteReplyError(
            department,
            f"{department} did not send all rows: {'; '.join(missing) or 'rows are missing'}.",
        )


CHANGED = ("updated_datetime", "status_change_date")
"""The attributes that say when a record last changed; each record type has at most one."""


def _newer(record: Any, other: Any) -> bool:
    mine, theirs = _changed_at(record), _changed_at(other)
    return mine is not None and (theirs is None or mine > theirs)


def _changed_at(record: Any) -> Any:
    return next((at for name in CHANGED if (at := getattr(record, name, None)) is not None), None)


def note_applicants(citizens: Sequence[Citizen], replies: Sequence[DepartmentReply]) -> None:
    """Set `known_applicant` where a number belongs to exactly one citizen in the batch."""
    for each in replies:
        if isinstance(each.reply, DepartmentError):
            continue
        owners = Counter(number for numbers in each.numbers for number in set(numbers))
        for citizen, numbers in zip(citizens, each.numbers, strict=True):
            for number in numbers:
                found = each.reply.results[number]
                if owners[number] == 1 and isinstance(found, Rows):
                    for record in found.records:
                        record.known_applicant = citizen  # type: ignore[attr-defined]
