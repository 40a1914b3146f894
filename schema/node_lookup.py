"""Look-up of nodes of any type by their global ids, one batch per type (Relay)."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from schema.batch import Info, Outcome
from schema.errors import bad_input
from schema.node import Node, from_global_id

Loader = Callable[[Sequence[str]], Awaitable[Sequence[Outcome[Node | None]]]]


async def find_nodes(ids: Sequence[str], info: Info) -> list[Outcome[Node | None]]:
    """Return the outcome for each id, in the order of `ids`.

    The outcome of an invalid id is an error. The other ids are not affected. Types are looked up
    concurrently, and the error of one type does not affect the others.
    """
    outcomes: list[Outcome[Node | None]] = [None] * len(ids)
    wanted: dict[str, list[tuple[int, str]]] = defaultdict(list)
    loaders = _loaders(info)
    for index, global_id in enumerate(ids):
        try:
            type_name, local_id = from_global_id(global_id)
        except Exception as error:
            outcomes[index] = error
            continue
        if type_name in loaders:
            wanted[type_name].append((index, local_id))
        else:
            outcomes[index] = bad_input(f"The hub has no nodes of the type {type_name!r}.")

    async def load(type_name: str) -> None:
        entries = wanted[type_name]
        local_ids = [local_id for _, local_id in entries]
        batch: Sequence[Outcome[Node | None]]
        try:
            batch = await loaders[type_name](local_ids)
        except Exception as error:
            batch = [error] * len(local_ids)
        for (index, _), outcome in zip(entries, batch, strict=True):
            outcomes[index] = outcome

    if len(wanted) == 1:
        await load(*wanted)
    else:
        await asyncio.gather(*map(load, wanted))
    return outcomes


def _loaders(info: Info) -> dict[str, Loader]:
    sources = info.context.sources
    catalogue = sources.catalogue

    def from_catalogue(look_up: Callable[[str], Node | None]) -> Loader:
        async def load(local_ids: Sequence[str]) -> list[Outcome[Node | None]]:
            return [look_up(local_id) for local_id in local_ids]

        return load

    async def load_applications(local_ids: Sequence[str]) -> Sequence[Outcome[Node | None]]:
        return await sources.applications.by_reference(
            [_number(local_id) for local_id in local_ids]
        )

    async def load_grievances(local_ids: Sequence[str]) -> Sequence[Outcome[Node | None]]:
        return await sources.grievances.by_registration_number(
            [_number(local_id) for local_id in local_ids]
        )

    return {
        "Citizen": sources.citizens.by_identifier,
        "Family": sources.families.by_identifier,
        "Application": load_applications,
        "Benefit": sources.benefits.by_local_id,
        "Certificate": sources.certificates.by_local_id,
        "Grievance": load_grievances,
        "Service": from_catalogue(catalogue.service),
        "Department": from_catalogue(catalogue.department),
        "ServiceCentre": from_catalogue(catalogue.service_centre),
    }


def _number(local_id: str) -> str:
    """Return the number in a local id of the form `department:number`."""
    return local_id.partition(":")[2]
