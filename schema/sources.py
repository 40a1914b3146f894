"""The ports through which the schema reads, batch by batch. The hub's federation implements them.

Every port is already bound to one request: to who asks and to how much time is left. A batch
method takes keys or parents and gives one outcome per key, in order (`schema.batch.Outcome`).
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from schema.access_record import AccessRecord
from schema.application import Application
from schema.batch import BatchOf, Outcome
from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.citizen import Citizen, CitizenSearchInput
from schema.connections import SortKey
from schema.department import Department
from schema.family import Family
from schema.grievance import Grievance
from schema.provenance import SourceStatus
from schema.service import Audience, Service
from schema.service_centre import NearInput, ServiceCentre
from schema.status import ApplicationStatus

if TYPE_CHECKING:
    import strawberry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourcedRows(Generic[T]):
    """Rows of several departments and what became of each department that was asked.

    Attributes:
        rows: the rows that arrived, in no particular order.
        sources: one status per department asked.
        total_count: rows of the whole list where only a window of it was read, else None.
    """

    rows: Sequence[T]
    sources: Sequence[SourceStatus]
    total_count: int | None = None

    def filtered(self, keep: Callable[[T], bool]) -> "SourcedRows[T]":
        return replace(self, rows=[row for row in self.rows if keep(row)])


@dataclass(frozen=True, slots=True)
class WorklistRequest:
    """A window of one department's applications, last changed first.

    Attributes:
        department: identifier of the department.
        statuses: only these; every status when empty.
        since: only those changed on or after this day.
        offset: rows to skip.
        limit: rows to give at most.
    """

    department: str
    statuses: Sequence[ApplicationStatus]
    since: dt.date | None
    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class AccessLogPage:
    """Records of a citizen's access log, newest first, and whether older ones follow."""

    records: list[AccessRecord]
    has_next_page: bool


class CatalogueSource(Protocol):
    """What is known without asking a department: the manifests' own content."""

    def departments(self) -> list[Department]: ...
    def department(self, identifier: str) -> Department | None: ...
    def department_identifier(self, department: "strawberry.ID | None") -> str | None:
        """Identifier of the department with this id or identifier; BAD_USER_INPUT if unknown."""

    def source_status(self, department: str) -> SourceStatus | None: ...
    def issuer_of(self, scheme: str) -> str | None: ...
    def service(self, service_code: str | None) -> Service | None: ...
    def services(
        self,
        *,
        search: str | None = None,
        department: str | None = None,
        audience: Audience | None = None,
        online: bool | None = None,
    ) -> list[Service]: ...
    def service_centre(self, identifier: str) -> ServiceCentre | None: ...
    def service_centres(self, near: NearInput | None) -> list[ServiceCentre]: ...


class CitizenSource(Protocol):
    async def by_identifier(self, member_identifiers: Sequence[str]) -> BatchOf[Citizen | None]: ...
    async def applicants(self, applications: Sequence[Application]) -> BatchOf[Citizen | None]: ...
    async def search(self, criteria: CitizenSearchInput) -> list[Citizen]: ...


class FamilySource(Protocol):
    async def by_identifier(self, family_identifiers: Sequence[str]) -> BatchOf[Family | None]: ...


class ApplicationSource(Protocol):
    async def by_citizen(
        self, citizens: Sequence[Citizen], *, department: str | None = None
    ) -> BatchOf[SourcedRows[Application]]: ...
    async def by_reference(self, references: Sequence[str]) -> BatchOf[Application | None]: ...
    async def worklist(self, request: WorklistRequest) -> Outcome[SourcedRows[Application]]: ...


class RecordsOfCitizens(Protocol[T]):
    """A kind of record that departments hold about citizens."""

    async def by_citizen(self, citizens: Sequence[Citizen]) -> BatchOf[SourcedRows[T]]: ...
    async def by_local_id(self, local_ids: Sequence[str]) -> BatchOf[T | None]: ...


class GrievanceSource(RecordsOfCitizens[Grievance], Protocol):
    async def by_registration_number(self, numbers: Sequence[str]) -> BatchOf[Grievance | None]: ...


@dataclass(frozen=True, slots=True)
class Pause:
    """A department is closed by order: until when (None: until it is resumed), and why."""

    until: dt.datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Erased:
    """How many copies were dropped, and whether all numbers of the citizen were known."""

    copies: int
    complete: bool


class AdministrationSource(Protocol):
    """What administrators may do; FORBIDDEN to others."""

    async def pause(self, department: str, pause: Pause) -> None: ...
    async def resume(self, department: str) -> None: ...
    async def erase_copies(self, member_identifier: str) -> Erased: ...


class AccessLogSource(Protocol):
    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        """The citizen's records after that place; FORBIDDEN, STORE_UNAVAILABLE, BAD_USER_INPUT."""


class Sources(Protocol):
    """All ports of one request."""

    @property
    def catalogue(self) -> CatalogueSource: ...
    @property
    def citizens(self) -> CitizenSource: ...
    @property
    def families(self) -> FamilySource: ...
    @property
    def applications(self) -> ApplicationSource: ...
    @property
    def benefits(self) -> RecordsOfCitizens[Benefit]: ...
    @property
    def certificates(self) -> RecordsOfCitizens[Certificate]: ...
    @property
    def grievances(self) -> GrievanceSource: ...
    @property
    def administration(self) -> AdministrationSource: ...
    @property
    def access_log(self) -> AccessLogSource: ...
    @property
    def own_member_identifier(self) -> str | None:
        """Family ID member number of the citizen who asks; None when a citizen does not ask."""
