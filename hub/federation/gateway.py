"""The gateway to departments: all calls pass here, so policy and access log apply to each."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from adapters.contract import CallContext, Capability, DepartmentError, LookUpReply, SearchReply
from adapters.writes import WriteCapability, WriteReply, WriteRequest
from hub.access import AccessEntry, Principal
from hub.access.policy import LegalBasis, Policy
from hub.federation.attribution import Attribution, Persons
from hub.link import DepartmentLink
from schema.codes import ErrorCode
from schema.errors import HubError

QUIET_TURNS = 20
"""Turns of the event loop without a call after which an operation makes no further calls: a level
of fields starts the next level within a few turns."""


class OperationReads:
    """What one operation has received from departments.

    Attributes:
        replies: department, capability and reply, in the order of arrival.
        failures: department, capability, keys and error of each look-up that failed.
    """

    def __init__(self) -> None:
        self.replies: list[tuple[str, Capability, LookUpReply | SearchReply]] = []
        self.failures: list[tuple[str, Capability, Sequence[str], DepartmentError]] = []
        self._running = 0
        self._ended = asyncio.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Mark a call as running."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._ended.set()

    def note(
        self, department: str, capability: Capability, reply: LookUpReply | SearchReply
    ) -> None:
        """Keep a reply."""
        self.replies.append((department, capability, reply))

    async def settled(self) -> None:
        """Wait until the operation's other fields have made their calls.

        The response is sent after these calls anyway, so it is not delayed.
        """
        turns = 0
        while turns < QUIET_TURNS:
            if self._running:
                self._ended.clear()
                await self._ended.wait()
                turns = 0
            await asyncio.sleep(0)
            turns += 1


@dataclass(frozen=True, slots=True)
class PrincipalRequest:
    """An operation's principal, and the data that its calls share.

    Attributes:
        principal: who sent the operation.
        call: the correlation id, the deadline and the fields that the operation reads.
        reads: what the operation has read so far.
        purpose: code of the purpose that the client states; empty if it states none.
        address: the client's IP address.
        legal_basis: why the law allows the operation, apart from consents; empty if it is unknown.
        consents: ids of the consents that the operation uses, by member number.
        accesses: the operation's entries for the access log. They are written before the response
            is sent.
    """

    principal: Principal
    call: CallContext
    reads: OperationReads = field(default_factory=OperationReads)
    purpose: str = ""
    address: str = ""
    legal_basis: str = ""
    consents: dict[str, str] = field(default_factory=dict)
    accesses: list[AccessEntry] = field(default_factory=list)

    def with_purpose(self, purpose: str, legal_basis: str) -> "PrincipalRequest":
        """Return the request with another purpose. It shares what the operation collects."""
        return PrincipalRequest(
            self.principal,
            self.call,
            self.reads,
            purpose,
            self.address,
            legal_basis,
            self.consents,
            self.accesses,
        )


@dataclass(frozen=True, slots=True)
class DepartmentGateway:
    """Calls departments for a principal, if the purpose of the operation covers them.

    Attributes:
        links: by department.
        policy: the departments that each purpose covers.
        attribution: finds the citizens in a reply, for the access log.
    """

    links: Mapping[str, DepartmentLink]
    policy: Policy
    attribution: Attribution

    async def look_up(
        self,
        request: PrincipalRequest,
        department: str,
        capability: Capability,
        keys: Sequence[str],
        subjects: Sequence[str] | None = None,
        wait_until: float | None = None,
    ) -> LookUpReply:
        """Return the department's rows for the keys, and log the access.

        Args:
            subjects: member numbers of the citizens that the keys belong to. If None, they are
                found in the reply.
            wait_until: when to stop waiting for the reply; see `CallContext`.

        Raises:
            HubError: `PURPOSE_NOT_COVERED`.
            DepartmentError: the call failed.
        """
        persons = Persons(list(subjects or ()))
        call = request.call
        if wait_until is not None:
            call = replace(call, wait_until=wait_until)
        with self._logged(request, department, capability, persons):
            try:
                reply = await self.links[department].look_up(capability, keys, call)
            except DepartmentError as error:
                request.reads.failures.append((department, capability, keys, error))
                raise
            request.reads.note(department, capability, reply)
            if subjects is None:
                self.attribution.of_look_up(department, capability, keys, reply, persons)
        return reply

    async def search(
        self,
        request: PrincipalRequest,
        department: str,
        capability: Capability,
        criteria: Mapping[str, object],
    ) -> SearchReply:
        """Return one page of the rows that match the criteria, and log the access.

        Raises:
            HubError: `PURPOSE_NOT_COVERED`.
            DepartmentError: the call failed.
        """
        persons = Persons()
        with self._logged(request, department, capability, persons):
            reply = await self.links[department].search(capability, criteria, request.call)
            request.reads.note(department, capability, reply)
            self.attribution.of_records(department, reply.rows.records, persons)
        return reply

    def note_stored(
        self,
        request: PrincipalRequest,
        department: str,
        capability: Capability,
        subjects: Sequence[str],
    ) -> None:
        """Log that submissions to a department were read from the hub's own database.

        Args:
            capability: the look-up of the department that would have returned them.
            subjects: member numbers of the citizens who submitted them.

        Raises:
            HubError: `PURPOSE_NOT_COVERED`.
        """
        with self._logged(request, department, capability, Persons(list(subjects))):
            pass

    async def write(
        self,
        request: PrincipalRequest,
        department: str,
        capability: WriteCapability,
        write_request: WriteRequest,
        subjects: Sequence[str],
    ) -> WriteReply:
        """Send a write to a department, at most once, and log the access.

        Args:
            subjects: member numbers of the citizens that the write concerns.

        Raises:
            HubError: `PURPOSE_NOT_COVERED`. Nothing was sent.
            DepartmentError: the department did not confirm the write. `not_done` says whether it
                certainly had no effect.
        """
        with self._logged(request, department, capability, Persons(list(subjects))):
            return await self.links[department].write(capability, write_request, request.call)

    @contextmanager
    def _logged(
        self,
        request: PrincipalRequest,
        department: str,
        capability: Capability | WriteCapability,
        persons: Persons,
    ) -> Iterator[None]:
        """Check the purpose, then log the call that is made inside, with these people."""
        if not self.policy.covers(request.purpose, department):
            raise purpose_not_covered(department)
        started_ns = time.time_ns()

        def log(error_code: str | None) -> None:
            consents = (request.consents.get(each) for each in persons.citizens)
            consent = next(filter(None, consents), "") if request.consents else ""
            request.accesses.append(
                AccessEntry(
                    request.call.correlation_id,
                    started_ns // 1000,
                    time.time_ns() // 1000,
                    department,
                    capability,
                    request.principal,
                    persons.citizens,
                    persons.numbers,
                    request.call.needed,
                    request.purpose,
                    LegalBasis.CONSENT if consent else request.legal_basis,
                    consent,
                    error_code,
                )
            )

        try:
            with request.reads.running():
                yield
        except HubError as error:
            log(error.code)
            raise
        log(None)


def purpose_not_covered(department: str) -> HubError:
    return HubError(
        ErrorCode.PURPOSE_NOT_COVERED,
        "The purpose does not cover this department, so the hub did not call it.",
        department=department,
    )
