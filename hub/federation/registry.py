"""Reads citizens and families from the family registry, or from the crosswalk if it fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from adapters.contract import Capability, DepartmentError
from hub.federation.crosswalk import Crosswalk
from hub.federation.directory import Directory
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.merge import single_record
from hub.link.status import copied_status
from schema.batch import Outcome
from schema.citizen import Citizen
from schema.errors import HubError
from schema.family import Family
from schema.provenance import SourceState, SourceStatus

RecordT = TypeVar("RecordT", Citizen, Family)


@dataclass(frozen=True, slots=True)
class RegistryReader:
    """Looks up citizens and families in the family registry.

    If the registry fails, the outcomes are records from the crosswalk, with the error in
    `registry_status`.
    """

    directory: Directory
    gateway: DepartmentGateway
    crosswalk: Crosswalk

    async def citizens(
        self, request: PrincipalRequest, capability: Capability, keys: Sequence[str]
    ) -> dict[str, Outcome[Citizen | None]]:
        """Return the outcome for each key; None if the registry has no such citizen."""
        return await self._read(
            request, capability, keys, self.crosswalk.citizen, self.crosswalk.remember
        )

    async def families(
        self, request: PrincipalRequest, keys: Sequence[str]
    ) -> dict[str, Outcome[Family | None]]:
        """Return the outcome for each Family ID; None if the registry has no such family."""
        return await self._read(
            request,
            Capability.FAMILIES_BY_IDENTIFIER,
            keys,
            self.crosswalk.family,
            self.crosswalk.remember_family,
        )

    async def _read(
        self,
        request: PrincipalRequest,
        capability: Capability,
        keys: Sequence[str],
        stored: Callable[[str, DepartmentError], RecordT | None],
        remember: Callable[[RecordT], None],
    ) -> dict[str, Outcome[RecordT | None]]:
        """Return the outcome for each key: the record, None if there is none, or an error."""
        distinct = list(dict.fromkeys(keys))
        registry = self.directory.registry(capability)

        def without_registry(key: str, error: DepartmentError) -> Outcome[RecordT | None]:
            known = stored(key, error)
            return error if known is None else known

        erasures = self.crosswalk.erasures
        try:
            reply = await self.gateway.look_up(request, registry, capability, distinct)
        except DepartmentError as error:
            return {key: without_registry(key, error) for key in distinct}
        outcomes: dict[str, Outcome[RecordT | None]] = {}
        for key in distinct:
            found = reply.results[key]
            if isinstance(found, DepartmentError):
                outcomes[key] = without_registry(key, found)
                continue
            try:
                record = cast("RecordT | None", single_record(found, registry))
            except DepartmentError as error:
                outcomes[key] = without_registry(key, error)
                continue
            except HubError as error:
                outcomes[key] = error
                continue
            if record is not None:
                if found.state is SourceState.STALE:
                    _mark_stale(record, copied_status(registry, found))
                elif erasures == self.crosswalk.erasures:
                    remember(record)
            outcomes[key] = record
        return outcomes


def _mark_stale(record: Citizen | Family, status: SourceStatus) -> None:
    """Set the registry's status on citizens from an old copy; `sources` of their lists shows it."""
    record.registry_status = status
    if isinstance(record, Family):
        for entry in record.members:
            entry.citizen.registry_status = status
