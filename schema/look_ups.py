"""The functions of the look-up fields: they find the objects for several keys together."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from schema.application import Application
from schema.batch import Info, Outcome, T
from schema.citizen import Citizen
from schema.errors import not_found
from schema.family import Family
from schema.grievance import Grievance
from schema.node import local_id_of


async def find_citizens(ids: Sequence[str], info: Info) -> list[Outcome[Citizen | None]]:
    """Return the outcome for each id or member number, in the order of `ids`."""
    return await _find_by_id(
        partial(local_id_of, "Citizen"),
        ids,
        info.context.sources.citizens.by_identifier,
        "The family registry has no citizen with this id. Check the id.",
    )


async def find_families(ids: Sequence[str], info: Info) -> list[Outcome[Family | None]]:
    """Return the outcome for each id or Family ID, in the order of `ids`."""
    return await _find_by_id(
        partial(local_id_of, "Family"),
        ids,
        info.context.sources.families.by_identifier,
        "The family registry has no family with this id. Check the id.",
    )


async def find_applications(
    references: Sequence[str], info: Info
) -> list[Outcome[Application | None]]:
    """Return the outcome for each reference, in their order."""
    return _not_found_if_none(
        await info.context.sources.applications.by_reference(references),
        "No department has an application with this reference. Check it.",
    )


async def find_grievances(numbers: Sequence[str], info: Info) -> list[Outcome[Grievance | None]]:
    """Return the outcome for each registration number, in their order."""
    return _not_found_if_none(
        await info.context.sources.grievances.by_registration_number(numbers),
        "No helpdesk has a grievance with this registration number. Check it.",
    )


async def _find_by_id(
    identifier_of: Callable[[str], str],
    ids: Sequence[str],
    look_up: Callable[[Sequence[str]], Awaitable[Sequence[Outcome[T | None]]]],
    message: str,
) -> list[Outcome[T | None]]:
    """Look up the valid ids; the outcome of an invalid id is its error."""
    outcomes: list[Outcome[T | None]] = [None] * len(ids)
    valid: list[tuple[int, str]] = []
    for index, given in enumerate(ids):
        try:
            valid.append((index, identifier_of(given)))
        except Exception as error:
            outcomes[index] = error
    if valid:
        batch = await look_up([identifier for _, identifier in valid])
        for (index, _), outcome in zip(valid, _not_found_if_none(batch, message), strict=True):
            outcomes[index] = outcome
    return outcomes


def _not_found_if_none(batch: Sequence[Outcome[T | None]], message: str) -> list[Outcome[T | None]]:
    return [not_found(message) if outcome is None else outcome for outcome in batch]
