"""Merges the rows that several departments have for the same citizens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from adapters.contract import DepartmentError, LookUpReply, Rows
from hub.link.status import copied_status, failed_status, live_status
from schema.batch import Outcome, Partial
from schema.citizen import Citizen
from schema.node import Node
from schema.provenance import SourceState, SourceStatus, SourceWarning
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
    errors: list[Exception] = field(default_factory=list)


def merge(
    citizens: Sequence[Citizen], replies: Sequence[DepartmentReply]
) -> list[Outcome[SourcedRows[Any]]]:
    """Return for each citizen the rows of the departments, and the errors of those that failed."""
    outcomes: list[Outcome[SourcedRows[Any]]] = []
    for index, citizen in enumerate(citizens):
        gathered: _MergedRows[Any] = _MergedRows()
        if citizen.registry_status is not None:
            gathered.sources.append(citizen.registry_status)
        for each in replies:
            if each.numbers[index]:
                _add(gathered, each, each.numbers[index])
        merged = SourcedRows(list(gathered.rows.values()), gathered.sources)
        errors = tuple(gathered.errors)
        outcomes.append(Partial(merged, errors) if errors else merged)
    return outcomes


def _add(gathered: _MergedRows[Any], answer: DepartmentReply, numbers: Sequence[str]) -> None:
    reply = answer.reply
    if isinstance(reply, DepartmentError):
        gathered.sources.append(failed_status(reply))
        gathered.errors.append(reply)
        return
    warnings: list[SourceWarning] = []
    failure: DepartmentError | None = None
    copied: Rows | None = None
    for number in numbers:
        found = reply.results[number]
        if isinstance(found, DepartmentError):
            failure = found
            continue
        if found.state is not SourceState.LIVE and (
            copied is None or _is_worse_copy(found, copied)
        ):
            copied = found
        _add_rows(gathered.rows, found, warnings)
    if failure is not None:
        gathered.errors.append(failure)
        status = failed_status(failure, warnings=warnings)
    elif copied is not None:
        status = copied_status(answer.department, copied, warnings)
    else:
        status = live_status(answer.department, reply, warnings)
    gathered.sources.append(status)


def _is_worse_copy(found: Rows, known: Rows) -> bool:
    """True if `sources` must show this copy instead: stale before cached, then the older one."""
    assert found.as_of is not None
    assert known.as_of is not None
    stale, known_stale = found.state is SourceState.STALE, known.state is SourceState.STALE
    return (stale, known.as_of) > (known_stale, found.as_of)


def _add_rows(rows: dict[str, Any], found: Rows, warnings: list[SourceWarning]) -> None:
    """Add rows. Of several rows with the same number, keep the newest and add a warning."""
    warnings.extend(found.warnings)
    for record in found.records:
        identity = cast("Node", record).local_id()
        if identity in rows:
            warnings.append(SourceWarning(code="DUPLICATE_ROW"))
            if not _newer(record, rows[identity]):
                continue
        rows[identity] = record


def _newer(record: Any, other: Any) -> bool:
    mine = getattr(record, "updated_datetime", None)
    theirs = getattr(other, "updated_datetime", None)
    return mine is not None and (theirs is None or mine > theirs)


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
