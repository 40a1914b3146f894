"""Fetches nodes of any type by their global ids, each type in one batch (Relay)."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from schema.batch import Info, Outcome
from schema.errors import bad_input
from schema.node import Node, from_global_id

Loader = Callable[[Sequence[str]], Awaitable[Sequence[Outcome[Node | None]]]]


async def load_nodes(info: Info, ids: Sequence[str]) -> list[Outcome[Node | None]]:
    """One outcome per id, in order; an id that is no id of the hub is an error of its own."""
    outcomes: list[Outcome[Node | None]] = [None] * len(ids)
    places: dict[str, list[tuple[int, str]]] = defaultdict(list)
    loaders = _loaders(info)
    for place, global_id in enumerate(ids):
        try:
            type_name, local_id = from_global_id(global_id)
        except Exception as error:
            outcomes[place] = error
            continue
        if type_name in loaders:
            places[type_name].append((place, local_id))
        else:
            outcomes[place] = bad_input(f"The hub has no nodes of the type {type_name!r}.")
    for type_name, wanted in places.items():
        batch = await loaders[type_name]([local_id for _, local_id in wanted])
        for (place, _), outcome in zip(wanted, batch, strict=True):
            outcomes[place] = outcome
    return outcomes


def _loaders(info: Info) -> dict[str, Loader]:
    sources = info.context.sources
    catalogue = sources.catalogue

    def at_hand(look_up: Callable[[str], Node | None]) -> Loader:
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
        "Service": at_hand(catalogue.service),
        "Department": at_hand(catalogue.department),
        "ServiceCentre": at_hand(catalogue.service_centre),
    }


def _number(local_id: str) -> str:
    """The department's number in a local id `department:number`."""
    return local_id.partition(":")[2]
