"""Merges what departments hold about citizens: rows together, each department's state beside."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from adapters.contract import DepartmentError, LookUpReply, Rows
from hub.link.errors import failed_status
from schema.batch import Outcome, Partial
from schema.citizen import Citizen
from schema.node import Node
from schema.provenance import SourceState, SourceStatus, SourceWarning
from schema.sources import SourcedRows

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class DepartmentAnswer:
    """One department's part of a batch.

    Attributes:
        department: identifier of the department.
        numbers: per citizen of the batch, the numbers it was asked for.
        reply: what it answered, or why it did not.
    """

    department: str
    numbers: Sequence[Sequence[str]]
    reply: LookUpReply | DepartmentError


@dataclass(slots=True)
class _Gathered(Generic[RecordT]):
    """One citizen's rows while departments are merged."""

    rows: dict[str, RecordT] = field(default_factory=dict)
    sources: list[SourceStatus] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)


def merge(
    citizens: Sequence[Citizen], answers: Sequence[DepartmentAnswer]
) -> list[Outcome[SourcedRows[Any]]]:
    """Per citizen, the rows of every department that answered, and the errors of the others."""
    outcomes: list[Outcome[SourcedRows[Any]]] = []
    for place, citizen in enumerate(citizens):
        gathered: _Gathered[Any] = _Gathered()
        if citizen.registry_status is not None:
            gathered.sources.append(citizen.registry_status)
        for answer in answers:
            if answer.numbers[place]:
                _add(gathered, answer, answer.numbers[place])
        merged = SourcedRows(list(gathered.rows.values()), gathered.sources)
        errors = tuple(gathered.errors)
        outcomes.append(Partial(merged, errors) if errors else merged)
    return outcomes


def _add(gathered: _Gathered[Any], answer: DepartmentAnswer, numbers: Sequence[str]) -> None:
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
        if found.state is not SourceState.LIVE and (copied is None or _tells_more(found, copied)):
            copied = found
        _add_rows(gathered.rows, found, warnings)
    if failure is not None:
        gathered.errors.append(failure)
        status = failed_status(failure)
        status.warnings = warnings
    elif copied is not None:
        status = copied_status(answer.department, copied, warnings)
    else:
        status = SourceStatus(
            department=answer.department,
            state=SourceState.LIVE,
            as_of=reply.retrieved_at,
            latency_ms=reply.latency_ms,
            warnings=warnings,
        )
    gathered.sources.append(status)


def copied_status(
    department: str, copied: Rows, warnings: Sequence[SourceWarning] = ()
) -> SourceStatus:
    """What `sources` says where copies are shown: their age, and why they are shown."""
    return SourceStatus(
        department=department,
        state=copied.state,
        as_of=copied.as_of,
        message=copied.failure.message if copied.failure is not None else None,
        back_at=copied.failure.back_at if copied.failure is not None else None,
        warnings=list(warnings),
    )


def _tells_more(found: Rows, known: Rows) -> bool:
    """Whether this copy is the one to tell of: a stale one before a fresh one, the older first."""
    assert found.as_of is not None
    assert known.as_of is not None
    stale, known_stale = found.state is SourceState.STALE, known.state is SourceState.STALE
    return (stale, known.as_of) > (known_stale, found.as_of)


def _add_rows(rows: dict[str, Any], found: Rows, warnings: list[SourceWarning]) -> None:
    """Keeps the newest of rows with one number, and says that there were several."""
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


def note_applicants(citizens: Sequence[Citizen], answers: Sequence[DepartmentAnswer]) -> None:
    """Tells applications whose they are, where a number is one citizen's of the batch only."""
    for answer in answers:
        if isinstance(answer.reply, DepartmentError):
            continue
        owners = Counter(number for numbers in answer.numbers for number in set(numbers))
        for citizen, numbers in zip(citizens, answer.numbers, strict=True):
            for number in numbers:
                found = answer.reply.results[number]
                if owners[number] == 1 and isinstance(found, Rows):
                    for record in found.records:
                        record.known_applicant = citizen  # type: ignore[attr-defined]
