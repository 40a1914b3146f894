"""Citizens and families, from the family registry, or from the crosswalk if the registry fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from adapters.contract import Capability, DepartmentError
from hub.federation.crosswalk import Crosswalk
from hub.federation.directory import Directory
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.merge import single_record
from hub.link.status import copied_status
from schema.application import Application
from schema.batch import Outcome
from schema.citizen import Citizen, CitizenSearchInput
from schema.codes import ErrorCode
from schema.errors import HubError, bad_input
from schema.family import Family
from schema.provenance import SourceState, SourceStatus

MAX_MATCHES = 5
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


@dataclass(frozen=True, slots=True)
class BoundCitizens:
    """`schema.sources.CitizenSource` for one operation."""

    registry: RegistryReader
    directory: Directory
    gateway: DepartmentGateway
    request: PrincipalRequest

    async def by_identifier(
        self, member_identifiers: Sequence[str]
    ) -> list[Outcome[Citizen | None]]:
        found = await self.registry.citizens(
            self.request, Capability.CITIZENS_BY_IDENTIFIER, member_identifiers
        )
        return [found[identifier] for identifier in member_identifiers]

    async def applicants(
        self, applications: Sequence[Application]
    ) -> list[Outcome[Citizen | None]]:
        keys = self._applicant_keys(applications)
        wanted = [key for key in keys if key is not None]
        found: dict[str, Outcome[Citizen | None]] = {}
        if wanted:
            found = await self.registry.citizens(
                self.request, Capability.CITIZENS_BY_DEPARTMENT_NUMBER, wanted
            )
        return [
            application.known_applicant if key is None else found[key]
            for application, key in zip(applications, keys, strict=True)
        ]

    def _applicant_keys(self, applications: Sequence[Application]) -> list[str | None]:
        """Return the key `scheme:number` for each application; None if no look-up is needed."""
        schemes: dict[str, str] = {}
        keys: list[str | None] = []
        for application in applications:
            if application.known_applicant is not None or application.applicant_key is None:
                keys.append(None)
                continue
            department = application.department_identifier
            scheme = schemes.get(department)
            if scheme is None:
                scheme = schemes[department] = self.directory.scheme_of(department)
            keys.append(f"{scheme}:{application.applicant_key}")
        return keys

    async def search(self, criteria: CitizenSearchInput) -> list[Citizen]:
        given = {name: value for name, value in vars(criteria).items() if value not in (None, "")}
        if len(given) < 2:
            raise bad_input("`search` needs at least two fields. Add another identifying field.")
        registry = self.directory.registry(Capability.CITIZENS_SEARCH)
        reply = await self.gateway.search(self.request, registry, Capability.CITIZENS_SEARCH, given)
        found = cast("Sequence[Citizen]", reply.rows.records)
        if max(len(found), reply.total_count or 0) > MAX_MATCHES:
            raise HubError(
                ErrorCode.TOO_MANY_MATCHES,
                f"More than {MAX_MATCHES} people match. Add another identifying field.",
            )
        return list(found)


@dataclass(frozen=True, slots=True)
class BoundFamilies:
    """`schema.sources.FamilySource` for one operation."""

    registry: RegistryReader
    request: PrincipalRequest

    async def by_identifier(
        self, family_identifiers: Sequence[str]
    ) -> list[Outcome[Family | None]]:
        found = await self.registry.families(self.request, family_identifiers)
        return [found[identifier] for identifier in family_identifiers]
