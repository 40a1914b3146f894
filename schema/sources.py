"""The ports through which resolvers read and change data. `hub.federation` implements them.

A port belongs to one operation: it knows the principal and the deadline. A batch method takes keys
or parents and returns one outcome per key, in the same order (`schema.batch.Outcome`).
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from schema.access_record import AccessRecord
from schema.application import Application
from schema.batch import BatchOf
from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.certificate_document import CertificateDocument, CertificateFile
from schema.citizen import Citizen, CitizenSearchInput
from schema.conflict import ConflictList
from schema.connections import SortKey, Window
from schema.consent_source import ConsentSource
from schema.department import Department
from schema.family import Family
from schema.grievance import Grievance
from schema.ids import IdCipher
from schema.provenance import WHOLE, LinkState, SourceStatus
from schema.service import Service
from schema.service_centre import CentreCriteria, FoundCentre, ServiceCentre
from schema.service_search import ServiceCriteria, ServiceFacets
from schema.submission_source import SubmissionSource
from schema.working_days import WorkingDays
from schema.worklist_source import WorklistPage, WorklistRequest

if TYPE_CHECKING:
    import strawberry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourcedRows(Generic[T]):
    """Rows from several departments, and the status of each department.

    Attributes:
        rows: the rows, in no particular order.
        sources: one status for each department.
        total_count: number of rows in the whole list, if `rows` is one page of it and the
            department reports the number; otherwise None.
        window: where `rows` lie in the whole list, if they are one page of it.
    """

    rows: Sequence[T]
    sources: Sequence[SourceStatus]
    total_count: int | None = None
    window: Window | None = None

    @property
    def is_complete(self) -> bool:
        """True if every department has answered whole, now or in the copy that is shown."""
        return all(source.state in WHOLE for source in self.sources)

    def filtered(self, keep: Callable[[T], bool]) -> "SourcedRows[T]":
        return replace(self, rows=[row for row in self.rows if keep(row)])


@dataclass(frozen=True, slots=True)
class AccessLogPage:
    """One page of a citizen's access log, newest first."""

    records: list[AccessRecord]
    has_next_page: bool


class CatalogueSource(Protocol):
    """Departments, services and service centres, as the manifests describe them.

    Attributes:
        working_days: the state's working days.
    """

    @property
    def working_days(self) -> WorkingDays: ...
    def departments(self) -> list[Department]: ...
    def department(self, identifier: str) -> Department | None: ...
    def department_identifier(self, department: "strawberry.ID | None") -> str | None:
        """Return the identifier of the department with this id or identifier; None for None.

        Raises:
            HubError: `BAD_USER_INPUT`, there is no such department.
        """

    def source_status(self, department: str) -> SourceStatus | None:
        """Return the department's current state; None if it has not been called yet."""

    def link_state(self, department: str) -> LinkState | None:
        """Return the state of the department's link; None if there is no such department."""

    def issuer_of(self, scheme: str) -> str | None:
        """Return the identifier of the department that uses this numbering scheme."""

    def service(self, service_code: str | None) -> Service | None: ...
    def services_of(self, department: str) -> list[Service]: ...
    def services(self, criteria: ServiceCriteria) -> list[Service]:
        """Return the services that match, best first.

        Raises:
            HubError: `BAD_USER_INPUT`, the search is too long.
        """

    def service_facets(self, criteria: ServiceCriteria) -> ServiceFacets:
        """Return the number of services that match, by group, department and so on."""

    def service_centre(self, identifier: str) -> ServiceCentre | None: ...
    def service_centres(self, criteria: CentreCriteria) -> list[FoundCentre]:
        """Return the service centres that match; those near a point nearest first.

        Raises:
            HubError: `BAD_USER_INPUT`, there is no such point, service or postal code.
        """


class CitizenSource(Protocol):
    async def by_identifier(self, member_identifiers: Sequence[str]) -> BatchOf[Citizen | None]: ...
    async def applicants(self, applications: Sequence[Application]) -> BatchOf[Citizen | None]: ...
    async def search(self, criteria: CitizenSearchInput) -> list[Citizen]:
        """Return the citizens that match all criteria.

        Raises:
            HubError: `BAD_USER_INPUT`, fewer than two criteria. `TOO_MANY_MATCHES`, more than five
                citizens match. `FORBIDDEN`. An error of the registry.
        """


class FamilySource(Protocol):
    async def by_identifier(self, family_identifiers: Sequence[str]) -> BatchOf[Family | None]: ...


class ApplicationSource(Protocol):
    async def by_citizen(
        self,
        citizens: Sequence[Citizen],
        *,
        department: str | None = None,
        wait: float | None = None,
        arguments: Mapping[str, Sequence[str]] = ...,
    ) -> BatchOf[SourcedRows[Application]]:
        """Return the applications of each citizen; the arguments are as in `RecordsOfCitizens`."""

    async def by_reference(self, references: Sequence[str]) -> BatchOf[Application | None]: ...
    def number_of(self, written: str) -> str:
        """Return a receipt number of the hub in its one form; return another text unchanged."""

    async def tracked(self, references: Sequence[str]) -> BatchOf[Application | None]:
        """Return the whole applications, for `trackApplication`, which shows a fixed part."""

    async def of_certificates(
        self, certificates: Sequence[Certificate]
    ) -> BatchOf[Application | None]:
        """Return the application that led to each certificate; None if there is none."""

    async def worklist(self, request: WorklistRequest) -> WorklistPage:
        """Return one page of the worklist.

        Raises:
            HubError: `BAD_USER_INPUT`, a department has no worklist. `FORBIDDEN`.
        """


class RecordsOfCitizens(Protocol[T]):
    """One type of record about citizens, from all departments that have it."""

    async def by_citizen(
        self,
        citizens: Sequence[Citizen],
        *,
        department: str | None = None,
        wait: float | None = None,
        arguments: Mapping[str, Sequence[str]] = ...,
    ) -> BatchOf[SourcedRows[T]]:
        """Return the records of each citizen.

        Args:
            department: return the records of this department only; of all if None.
            wait: seconds after which a department that has not replied is shown as PENDING. If
                None, wait until it has replied or failed.
            arguments: by argument of the list, the attributes of rows that a filter or an order
                reads. Callers who do not see them plain get `FORBIDDEN`.
        """

    async def by_local_id(self, local_ids: Sequence[str]) -> BatchOf[T | None]: ...


class CertificateSource(RecordsOfCitizens[Certificate], Protocol):
    async def by_number(self, numbers: Sequence[str]) -> BatchOf[Certificate | None]: ...
    async def verified(self, numbers: Sequence[str]) -> BatchOf[Certificate | None]:
        """Return the whole certificates, for `verifyCertificate`, which shows a fixed part."""


class DocumentSource(Protocol):
    """The files of certificates."""

    def document_of(self, certificate: Certificate) -> CertificateDocument | None:
        """Return the address of the certificate's file; None if there is no file."""

    async def read(self, local_id: str, purpose: str) -> CertificateFile:
        """Return the file of the certificate with this local id.

        The address of the file has authorised the call.

        Args:
            purpose: purpose of the operation that received the address.

        Raises:
            HubError: `NOT_FOUND`, `FORBIDDEN`, or an error of the department.
        """


class GrievanceSource(RecordsOfCitizens[Grievance], Protocol):
    async def by_registration_number(self, numbers: Sequence[str]) -> BatchOf[Grievance | None]: ...


class ConflictSource(Protocol):
    async def by_citizen(
        self, citizens: Sequence[Citizen], *, departments: Sequence[str]
    ) -> BatchOf[ConflictList | None]:
        """Return the details on which the records of each citizen disagree; None if the principal
        may not see all that is compared.

        Args:
            departments: read the records of these departments in addition.
        """


@dataclass(frozen=True, slots=True)
class Pause:
    """An administrator's order to close a department.

    Attributes:
        until: when the department reopens; None if it stays closed until it is resumed.
        note: the reason, shown to callers.
    """

    until: dt.datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Erased:
    """Result of `AdministrationSource.erase_copies`.

    Attributes:
        copies: number of copies that were deleted.
        complete: False if the registry did not reply, so the hub may not know all of the
            citizen's numbers.
    """

    copies: int
    complete: bool


class AdministrationSource(Protocol):
    """Operations for administrators. For other roles, all raise `HubError` (`FORBIDDEN`)."""

    async def pause(self, department: str, pause: Pause) -> None: ...
    async def resume(self, department: str) -> None: ...
    async def erase_copies(self, member_identifier: str) -> Erased: ...


class AccessLogSource(Protocol):
    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        """Return the citizen's access records after the sort key `after`, newest first.

        Raises:
            HubError: `FORBIDDEN`, `STORE_UNAVAILABLE`, or `BAD_USER_INPUT` for a wrong cursor.
        """

    async def record(self, member_identifier: str, sort_key: SortKey) -> AccessRecord | None:
        """Return the citizen's access record with this sort key; None if it has been deleted.

        Raises:
            HubError: `FORBIDDEN`, `STORE_UNAVAILABLE`.
        """


@dataclass(frozen=True, slots=True)
class Sources:
    """All ports of one operation.

    Attributes:
        ids: encrypts and decrypts ids and cursors.
        own_member_identifier: Family ID member number of the principal; None if the principal is
            not a citizen.
        sees_internals: whether the principal may see how departments' systems perform.
    """

    catalogue: CatalogueSource
    citizens: CitizenSource
    families: FamilySource
    applications: ApplicationSource
    benefits: RecordsOfCitizens[Benefit]
    certificates: CertificateSource
    documents: DocumentSource
    grievances: GrievanceSource
    conflicts: ConflictSource
    administration: AdministrationSource
    access_log: AccessLogSource
    consents: ConsentSource
    submissions: SubmissionSource
    ids: IdCipher
    own_member_identifier: str | None
    sees_internals: bool
