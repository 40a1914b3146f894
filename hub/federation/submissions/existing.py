"""The application or grievance that a submission concerns."""

from collections.abc import Collection
from dataclasses import dataclass

from adapters.contract import Capability
from hub.durable.receipts import parse_receipt
from hub.durable.submissions import Submissions
from hub.federation.hub_rows import HUB
from hub.federation.records import BoundApplications, BoundGrievances
from hub.federation.submissions.applicants import Applicant, Applicants
from hub.federation.submissions.shown import NEW
from schema.application import Application
from schema.batch import value_of
from schema.citizen import Citizen
from schema.citizen_request import CitizenRequest
from schema.codes import ErrorCode
from schema.errors import HubError, bad_input, not_found
from schema.grievance import Grievance
from schema.submission_state import SubmissionKind, SubmissionState

NO_APPLICATION = "No department has an application with this reference. Check it."
NO_GRIEVANCE = "No helpdesk has a grievance with this registration number. Check it."
NO_REQUEST = "There is no application or grievance with this number. Check it."


@dataclass(frozen=True, slots=True)
class ExistingRequest:
    """An application or grievance, and its citizen.

    Attributes:
        record: the record as its department or the hub has it.
        number: the department's number; None if the department has not assigned one yet.
        applicant: the citizen.
        is_unknown: True if the department has it, but did not answer, so that its status is not
            known.
    """

    record: Application | Grievance
    number: str | None
    applicant: Applicant
    is_unknown: bool = False

    @property
    def department(self) -> str:
        return self.record.department_identifier

    @property
    def receipt(self) -> str | None:
        """The receipt number, if it was submitted through the hub."""
        return self.record.receipt_number


@dataclass(frozen=True, slots=True)
class ExistingRequests:
    """Finds applications and grievances for the principal of one operation.

    The result is the same for one that the principal may not see and for one that does not exist.
    """

    applicants: Applicants
    applications: BoundApplications
    grievances: BoundGrievances

    async def application(self, kind: SubmissionKind, number: str) -> ExistingRequest:
        """Return the application to which something of this kind is submitted.

        Args:
            number: the department's reference number, or the hub's receipt number.

        Raises:
            HubError: `NOT_FOUND`, `BAD_USER_INPUT` for a number of an unknown form, an error of
                `Applicants.find`, or of a department.
        """
        directory = self.applications.directory
        if directory.has_reference(number):
            number = await self._own_number(directory.department_of_reference(number), number)
        shown = value_of((await self.applications.by_reference([number]))[0])
        if shown is None:
            raise not_found(NO_APPLICATION)
        record = self.applicants.disclosure.original(shown)
        member = record.applicant_member or await self._member(record, record.applicant_key)
        if member is None:
            raise not_found(NO_APPLICATION)
        applicant = await self.applicants.find(
            kind, member, record.department_identifier, record.applicant_district
        )
        capability = Capability.APPLICATIONS_BY_REFERENCE
        number_there = record.application_reference_number
        is_unknown = _is_unknown(record, number_there, directory.with_capability(capability))
        return ExistingRequest(record, number_there, applicant, is_unknown)

    async def grievance(self, kind: SubmissionKind, number: str) -> ExistingRequest:
        """Return the grievance to which something of this kind is submitted.

        Args:
            number: the helpdesk's registration number, or the hub's receipt number.

        Raises:
            HubError: as `application`.
        """
        directory = self.grievances.directory
        if directory.has_registration_number(number):
            helpdesk = directory.department_of_registration_number(number)
            number = await self._own_number(helpdesk, number)
        shown = value_of((await self.grievances.by_registration_number([number]))[0])
        if shown is None:
            raise not_found(NO_GRIEVANCE)
        record = self.applicants.disclosure.original(shown)
        member = record.account_member or await self._member(record, record.account_key)
        if member is None:
            raise not_found(NO_GRIEVANCE)
        applicant = await self.applicants.find(kind, member, record.department_identifier)
        capability = Capability.GRIEVANCES_BY_REGISTRATION_NUMBER
        number_there = record.registration_number
        is_unknown = _is_unknown(record, number_there, directory.with_capability(capability))
        return ExistingRequest(record, number_there, applicant, is_unknown)

    async def any_request(self, kind: SubmissionKind, number: str) -> ExistingRequest:
        """Return the application or grievance with a number.

        Raises:
            HubError: as `application`.
        """
        receipt = parse_receipt(number)
        stored = None if receipt is None else await self._submissions.by_receipt(receipt)
        directory = self.applications.directory
        if stored is not None:
            is_grievance = stored.kind is SubmissionKind.GRIEVANCE
        elif receipt is None and not directory.has_reference(number):
            is_grievance = directory.has_registration_number(number)
            if not is_grievance:
                message = "`request` has the form of no reference, registration or receipt number."
                raise bad_input(message)
        else:
            is_grievance = False
        find = self.grievance if is_grievance else self.application
        try:
            return await find(kind, number)
        except HubError as error:
            is_missing = error.code == ErrorCode.NOT_FOUND
            # The message must not say what has the number.
            raise not_found(NO_REQUEST) if is_missing else error from None

    @property
    def _submissions(self) -> Submissions:
        return self.applicants.services.stores.submissions

    async def _own_number(self, department: str, number: str) -> str:
        """Return the receipt number of what was submitted through the hub; the number otherwise.

        The hub knows the citizen of what was submitted, also if the department has no number for
        the citizen.
        """
        stored = await self._submissions.by_reference(department, number)
        return number if stored is None or stored.kind not in NEW else stored.receipt

    async def _member(self, record: CitizenRequest, key: str | None) -> str | None:
        """Return the member number of the record's citizen; None if unknown.

        Args:
            key: the citizen's number at the department.
        """
        if record.receipt_number is not None:
            stored = await self._submissions.by_receipt(record.receipt_number)
            if stored is not None:
                return stored.member or None
        if key is None:
            return None
        services, request = self.applicants.services, self.applicants.request
        scheme_key = f"{services.directory.scheme_of(record.department_identifier)}:{key}"
        by_number = Capability.CITIZENS_BY_DEPARTMENT_NUMBER
        found = (await services.registry.citizens(request, by_number, [scheme_key]))[scheme_key]
        if isinstance(found, Exception):
            raise found
        return found.member_identifier if isinstance(found, Citizen) else None


def _is_unknown(record: CitizenRequest, number: str | None, able: Collection[str]) -> bool:
    """Return whether the hub shows a record only because its department did not answer.

    Args:
        number: the department's number.
        able: the departments that look up their numbers.
    """
    is_stored = record.department_status.code == HUB
    is_received = record.submission_state is SubmissionState.ACKNOWLEDGED
    return is_stored and is_received and number is not None and record.department_identifier in able
