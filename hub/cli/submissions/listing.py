"""Prints submissions, without personal data."""

import csv
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from enum import Enum
from pathlib import Path
from typing import TypeVar

from rich.table import Column, Table

from hub.cli.console import CliError, err, out
from hub.cli.stores import with_store
from hub.durable.listing import SubmissionFilter, SubmissionListing, SubmissionSummary
from hub.durable.model import SubmissionEvent
from hub.durable.receipts import parse_receipt
from schema.submission_state import SubmissionKind, SubmissionState

EnumT = TypeVar("EnumT", bound=Enum)
COLOURS = {
    SubmissionState.ACKNOWLEDGED: "green",
    SubmissionState.MAYBE_SENT: "yellow",
    SubmissionState.FAILED: "red",
}


def filter_of(
    department: str | None,
    kind: str | None,
    state: str | None,
    since: str | None,
    *,
    is_stuck: bool,
) -> SubmissionFilter:
    """Return the filter that the options of a command describe.

    Raises:
        CliError: an option has a wrong value.
    """
    moment = None
    if since is not None:
        try:
            moment = dt.datetime.fromisoformat(since).astimezone()
        except ValueError:
            raise CliError(
                f"--since {since}: write it as 2026-11-25 or 2026-11-25T06:00."
            ) from None
    return SubmissionFilter(
        department,
        member_of(SubmissionKind, kind, "--kind"),
        member_of(SubmissionState, state, "--state"),
        is_stuck,
        moment,
    )


def member_of(enum: type[EnumT], written: str | None, option: str) -> EnumT | None:
    """Return the member of an enum that the user wrote; None for None.

    Raises:
        CliError: there is no such member.
    """
    if written is None:
        return None
    try:
        return enum[written.upper().replace("-", "_")]
    except KeyError:
        known = ", ".join(each.name for each in enum)
        raise CliError(f"{option} {written}: use one of {known}.") from None


def show_list(wanted: SubmissionFilter, limit: int, *, as_json: bool) -> None:
    """Print the newest submissions, at most `limit`; all of them if it is 0.

    Raises:
        CliError: the database can't be used.
    """
    found = with_store(lambda store: SubmissionListing(store).list(wanted, limit or None))
    if as_json:
        print(json.dumps([_as_json(each) for each in found], indent=2))
        return
    if not found:
        out.print("There are no such submissions.")
        return
    rest = ("kind", "department", "state", "attempts", "accepted", "next", "error")
    # Other commands need the whole receipt number.
    whole = Column("receipt", no_wrap=True)
    table = Table(whole, *(Column(name, overflow="fold") for name in rest))
    for each in found:
        table.add_row(
            each.receipt,
            each.kind.name,
            each.department,
            coloured(each),
            str(each.attempts),
            local(each.accepted_at),
            local(each.next_attempt_at),
            each.error or "",
        )
    out.print(table)
    if limit and len(found) == limit:
        total = with_store(lambda store: SubmissionListing(store).count(wanted))
        err.print(f"The newest {limit} of {total:,}. --limit 0 shows all.", highlight=False)


def show_one(written: str, *, as_json: bool) -> None:
    """Print a submission and its events.

    Raises:
        CliError: the text is not a receipt number, there is no such submission, or the database
            can't be used.
    """
    receipt = parse_receipt(written)
    if receipt is None:
        raise CliError(f"{written!r} is not a receipt number: check it for a wrong character.")
    found = with_store(lambda store: SubmissionListing(store).one(receipt))
    if found is None:
        raise CliError(f"there is no submission {receipt}.")
    summary, events = found
    if as_json:
        print(
            json.dumps({**_as_json(summary), "events": [_event(each) for each in events]}, indent=2)
        )
        return
    print_submission(summary, events)


def print_submission(summary: SubmissionSummary, events: Sequence[SubmissionEvent]) -> None:
    """Print a submission and its events for a person."""
    service = f", service {summary.service}" if summary.service else ""
    out.print(
        f"[bold]{summary.receipt}[/] {summary.kind.name} for {summary.department}{service}: "
        f"{coloured(summary)}",
        highlight=False,
    )
    if summary.next_attempt_at is not None:
        out.print(f"Next attempt: {local(summary.next_attempt_at)}", highlight=False)
    table = Table("when", "event", "attempt", "error", "by", "note")
    for each in events:
        attempt = "" if each.attempt is None else str(each.attempt)
        table.add_row(
            local(each.at), each.event, attempt, each.error or "", each.actor or "", each.note or ""
        )
    out.print(table)


def export(wanted: SubmissionFilter, to: Path) -> None:
    """Write submissions to a new CSV file.

    Raises:
        CliError: the file exists or can't be written, or the database can't be used.
    """
    found = with_store(lambda store: SubmissionListing(store).list(wanted))
    try:
        with to.open("x", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [each.name for each in fields(SubmissionSummary)])
            writer.writeheader()
            writer.writerows(_as_json(each) for each in found)
    except OSError as error:
        raise CliError(f"{to} can't be written: {error.strerror}.") from None
    out.print(f"Wrote {len(found):,} submissions to {to}.", highlight=False)


def coloured(summary: SubmissionSummary) -> str:
    """Return the state, with a mark if there is an open task."""
    colour = COLOURS.get(summary.state)
    name = summary.state.name
    shown = f"[{colour}]{name}[/]" if colour else name
    return f"{shown} [yellow](task)[/]" if summary.has_task else shown


def local(moment: dt.datetime | None) -> str:
    """Return a moment in local time, to the second; an empty text for None."""
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _as_json(each: SubmissionSummary) -> dict[str, object]:
    return {name: json_value(value) for name, value in asdict(each).items()}


def _event(each: SubmissionEvent) -> dict[str, object]:
    return {name: json_value(value) for name, value in asdict(each).items()}


def json_value(value: object) -> object:
    """Return a value as JSON has it: names of enums, and moments in ISO 8601."""
    if isinstance(value, Enum):
        return value.name
    return value.isoformat() if isinstance(value, dt.datetime) else value
