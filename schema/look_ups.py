"""The functions of the look-up fields: they find the objects for several keys together."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from schema.access_record import find_access_records
from schema.application import Application
from schema.batch import Info, K, Outcome, T
from schema.certificate import Certificate
from schema.citizen import Citizen
from schema.consent import find_consents
from schema.errors import bad_input, not_found
from schema.family import Family
from schema.grievance import Grievance
from schema.keys import CitizenKeyInput, FamilyKeyInput
from schema.node import Node, from_global_id

GivenT = TypeVar("GivenT")
Loader = Callable[[Sequence[str]], Awaitable[Sequence[Outcome[Node | None]]]]


NO_CITIZEN = "The family registry has no citizen with this number. Check it."


async def find_citizens(
    keys: Sequence[CitizenKeyInput], info: Info
) -> list[Outcome[Citizen | None]]:
    """Return the outcome for each key, in their order."""
    sources = info.context.sources
    return _not_found_if_none(
        await _find_valid(
            lambda key: key.number(sources.ids), keys, sources.citizens.by_identifier
        ),
        NO_CITIZEN,
    )


async def find_families(keys: Sequence[FamilyKeyInput], info: Info) -> list[Outcome[Family | None]]:
    """Return the outcome for each key, in their order."""
    sources = info.context.sources
    return _not_found_if_none(
        await _find_valid(
            lambda key: key.number(sources.ids), keys, sources.families.by_identifier
        ),
        "The family registry has no family with this number. Check it.",
    )


async def find_applications(
    references: Sequence[str], info: Info
) -> list[Outcome[Application | None]]:
    """Return the outcome for each reference, in their order."""
    return _not_found_if_none(
        await info.context.sources.applications.by_reference(references),
        "No department has an application with this reference. Check it.",
    )


async def find_certificates(
    numbers: Sequence[str], info: Info
) -> list[Outcome[Certificate | None]]:
    """Return the outcome for each number, in their order."""
    return _not_found_if_none(
        await info.context.sources.certificates.by_number(numbers),
        "No department has a certificate with this number. Check it.",
    )


async def find_grievances(numbers: Sequence[str], info: Info) -> list[Outcome[Grievance | None]]:
    """Return the outcome for each registration number, in their order."""
    return _not_found_if_none(
        await info.context.sources.grievances.by_registration_number(numbers),
        "No helpdesk has a grievance with this registration number. Check it.",
    )


async def find_nodes(ids: Sequence[str], info: Info) -> list[Outcome[Node | None]]:
    """Return the outcome for each global id, in the order of `ids` (Relay).

    Types are looked up concurrently, and the error of one type does not affect the others.
    """
    loaders = _loaders(info)

    def parse(global_id: str) -> tuple[str, str]:
        type_name, local_id = from_global_id(info.context.sources.ids, global_id)
        if type_name not in loaders:
            raise bad_input(f"The hub has no nodes of the type {type_name!r}.")
        return type_name, local_id

    async def load_type(type_name: str, local_ids: Sequence[str]) -> list[Outcome[Node | None]]:
        try:
            return list(await loaders[type_name](local_ids))
        except Exception as error:
            return [error] * len(local_ids)

    async def load(nodes: Sequence[tuple[str, str]]) -> list[Outcome[Node | None]]:
        by_type: dict[str, list[str]] = defaultdict(list)
        for type_name, local_id in nodes:
            by_type[type_name].append(local_id)
        batches = await asyncio.gather(*(load_type(*each) for each in by_type.items()))
        outcomes = dict(zip(by_type, map(iter, batches), strict=True))
        return [next(outcomes[type_name]) for type_name, _ in nodes]

    return await _find_valid(parse, ids, load)


def _loaders(info: Info) -> Mapping[str, Loader]:
    sources = info.context.sources
    catalogue = sources.catalogue

    def from_catalogue(look_up: Callable[[str], Node | None]) -> Loader:
        async def load(local_ids: Sequence[str]) -> list[Outcome[Node | None]]:
            return [look_up(local_id) for local_id in local_ids]

        return load

    def by_number(look_up: Loader) -> Loader:
        async def load(local_ids: Sequence[str]) -> Sequence[Outcome[Node | None]]:
            # A local id has the form `department:number`.
            return await look_up([local_id.partition(":")[2] for local_id in local_ids])

        return load

    async def access_records(local_ids: Sequence[str]) -> Sequence[Outcome[Node | None]]:
        return await find_access_records(local_ids, info)

    async def consents(local_ids: Sequence[str]) -> Sequence[Outcome[Node | None]]:
        return await find_consents(local_ids, info)

    return {
        "AccessRecord": access_records,
        "Submission": sources.submissions.by_receipt,
        "Draft": sources.submissions.drafts,
        "Consent": consents,
        "Citizen": sources.citizens.by_identifier,
        "Family": sources.families.by_identifier,
        "Application": by_number(sources.applications.by_reference),
        "Benefit": sources.benefits.by_local_id,
        "Certificate": sources.certificates.by_local_id,
        "Grievance": by_number(sources.grievances.by_registration_number),
        "Service": from_catalogue(catalogue.service),
        "Department": from_catalogue(catalogue.department),
        "ServiceCentre": from_catalogue(catalogue.service_centre),
    }


async def _find_valid(
    parse: Callable[[GivenT], K],
    given_keys: Sequence[GivenT],
    look_up: Callable[[Sequence[K]], Awaitable[Sequence[Outcome[T | None]]]],
) -> list[Outcome[T | None]]:
    """Look up the keys that `parse` accepts; the outcome of another key is its error."""
    valid: list[K] = []
    errors: dict[int, Exception] = {}
    for index, given in enumerate(given_keys):
        try:
            valid.append(parse(given))
        except Exception as error:
            errors[index] = error
    found = iter(await look_up(valid) if valid else ())
    return [errors[index] if index in errors else next(found) for index in range(len(given_keys))]


def _not_found_if_none(batch: Sequence[Outcome[T | None]], message: str) -> list[Outcome[T | None]]:
    return [not_found(message) if outcome is None else outcome for outcome in batch]
