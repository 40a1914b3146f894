"""The contract of an adapter: its capabilities, its replies and its errors.

An adapter translates for one department. A *look-up* takes a batch of keys and returns rows or an
error for each key. A *search* takes criteria and returns one page of rows.
"""

import datetime as dt
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from adapters.writes import Misfit, WriteCapability, WriteReply, WriteRequest
from schema.codes import ErrorCode
from schema.connections import Window
from schema.errors import DepartmentFault, ErrorSource, HubError
from schema.needed_fields import ALL_FIELDS, NeededFields
from schema.provenance import Record, SourceState, SourceWarning


class Capability(StrEnum):
    """A call that a department's system supports. The value is the key in `department.yaml`.

    A look-up's name says after `_by_` which key it takes. `citizen` is the number by which the
    department knows a citizen (`identity.scheme` in its manifest).
    """

    CITIZENS_BY_IDENTIFIER = "citizens_by_identifier"
    CITIZENS_BY_DEPARTMENT_NUMBER = "citizens_by_department_number"
    FAMILIES_BY_IDENTIFIER = "families_by_identifier"
    APPLICATIONS_BY_CITIZEN = "applications_by_citizen"
    APPLICATIONS_BY_REFERENCE = "applications_by_reference"
    BENEFITS_BY_CITIZEN = "benefits_by_citizen"
    CERTIFICATES_BY_CITIZEN = "certificates_by_citizen"
    CERTIFICATES_BY_NUMBER = "certificates_by_number"
    DOCUMENTS_BY_CERTIFICATE = "documents_by_certificate"
    """Takes numbers of certificates. Returns their files, of which the hub keeps no copies."""
    GRIEVANCES_BY_CITIZEN = "grievances_by_citizen"
    GRIEVANCES_BY_REGISTRATION_NUMBER = "grievances_by_registration_number"
    CITIZENS_SEARCH = "citizens_search"
    APPLICATIONS_SEARCH = "applications_search"
    APPLICATIONS_CHANGES_SINCE = "applications_changes_since"
    """Takes `since`, a moment with its time zone. Returns the applications that changed at or after
    it, oldest first. The newest `updatedDatetime` is the next `since`."""
    FIND_SUBMISSION = "find_submission"
    """Takes receipt numbers of the hub. Returns the applications that the department made of them.
    """
    FIND_GRIEVANCE = "find_grievance"
    """Takes receipt numbers of the hub. Returns the grievances that the department made of them."""

    @property
    def is_search(self) -> bool:
        return self.value.endswith(("_search", "_changes_since"))


@dataclass(frozen=True, slots=True)
class CallContext:
    """The data of a call besides its keys or criteria.

    Attributes:
        correlation_id: the hub's id of the operation, sent to the department if its protocol can
            carry it.
        deadline: when the reply must be complete, in seconds on the event loop's clock.
        needed: the fields that the operation reads.
        scope: who may see the reply. Cached copies are kept separate by scope.
        caller: the person that the operation acts for, for departments that require it: the
            member number of a citizen, or the identifier of an officer or operator at their issuer;
            empty if unknown.
        caller_token: returns a signed token that names the caller, for the department that it is
            given; None if the caller is unknown.
        operation: identifies the operation; its calls share a part of the department's slots.
        erasures: the cache's erasure counter before this call; None without a cache. Replies that
            were requested before the counter changed may contain an erased citizen.
        on_sent: called when an attempt is sent to the department.
        wait_until: when the operation stops waiting for the reply, although the call goes on, on
            the same clock; None if it waits until the deadline.
    """

    correlation_id: str
    deadline: float
    needed: NeededFields = ALL_FIELDS
    scope: str = ""
    caller: str = ""
    operation: object = field(default_factory=object, compare=False)
    erasures: int | None = None
    on_sent: Callable[[], None] | None = field(default=None, compare=False)
    wait_until: float | None = None
    caller_token: Callable[[str], str] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """The records that a department has for one key.

    Attributes:
        records: the mapped records; empty if the department has none.
        warnings: what could not be used as received.
        key: the department's key that these records were found by.
        state: LIVE; INCOMPLETE if rows are missing, as a warning says; CACHED or STALE if the hub
            answers from a copy.
        as_of: when the copy was made (UTC); None if LIVE.
        failure: why a STALE copy is shown.
    """

    records: Sequence[Record]
    warnings: Sequence[SourceWarning] = ()
    key: str = ""
    state: SourceState = SourceState.LIVE
    as_of: dt.datetime | None = None
    failure: "DepartmentError | None" = None


@dataclass(frozen=True, slots=True)
class LookUpReply:
    """The reply to a look-up.

    Attributes:
        results: for each requested key, in any order, its rows or the error of this key alone.
        latency_ms: milliseconds until the reply was complete.
        retrieved_at: when the reply was complete (UTC).
    """

    results: "Mapping[str, Rows | DepartmentError]"
    latency_ms: int
    retrieved_at: dt.datetime


@dataclass(frozen=True, slots=True)
class SearchReply:
    """The reply to a search.

    Attributes:
        rows: one page of rows.
        total_count: number of rows on all pages; None if the department does not report it.
        latency_ms: milliseconds until the reply was complete.
        retrieved_at: when the reply was complete (UTC).
        window: where the page lies in the department's list; None if the search has no pages.
    """

    rows: Rows
    total_count: int | None
    latency_ms: int
    retrieved_at: dt.datetime
    window: Window | None = None


LookUp = Callable[[Capability, Sequence[str], CallContext], Coroutine[Any, Any, LookUpReply]]
"""The form of `Adapter.look_up`, which every stage of a department's link has too."""


class Adapter(Protocol):
    """One department, as the hub sees it."""

    @property
    def department(self) -> str: ...

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def writes(self) -> frozenset[WriteCapability]:
        """The writes that the department accepts."""

    def keys_at_once(self, capability: Capability) -> int:
        """Return the largest number of keys that one look-up takes."""

    def misfits(
        self,
        service_code: str,
        values: Mapping[str, object],
        facts: Mapping[str, object],
        capability: WriteCapability = WriteCapability.SUBMIT_APPLICATION,
    ) -> Sequence[Misfit]:
        """Return the values that the department does not take as they are.

        Args:
            service_code: the hub's code of the service; empty if the write concerns none.
            values: values of the service's form by attribute code.
            facts: further values by placeholder, as in `WriteRequest`.
            capability: the write.
        """

    async def open(self) -> None:
        """Start background work, if the adapter has any. The opener must also close the adapter."""

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        """Return the rows for each key, in one call to the department.

        Args:
            keys: at most `keys_at_once(capability)` keys; `adapters.batches` splits longer lists.

        Raises:
            DepartmentError: the call failed as a whole.
        """

    async def search(
        self, capability: Capability, criteria: Mapping[str, object], context: CallContext
    ) -> SearchReply:
        """Return one page of the rows that match the criteria.

        Raises:
            DepartmentError: the call failed.
            HubError: `BAD_USER_INPUT`, the department cannot use these criteria.
        """

    async def write(
        self, capability: WriteCapability, request: WriteRequest, context: CallContext
    ) -> WriteReply:
        """Send a write once. The department has received it if this returns.

        Raises:
            DepartmentError: the department did not confirm it. `not_done` says whether it certainly
                had no effect.
        """

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete stored rows of citizens with one of these numbers.

        Returns: how many rows were deleted.
        """

    async def close(self) -> None:
        """End background work and close connections."""


class DepartmentError(HubError):
    """A call to a department failed, or its reply could not be used.

    Attributes:
        state: the department's state in `sources` because of this error.
        back_at: when the department is expected to answer again; None if unknown.
        note: reason of a closure, as an operator wrote it.
        retry_after: seconds for which the department demanded no more calls; None if it did not.
        not_done: True if the call certainly had no effect at the department, so that a write may be
            sent again. False if the hub cannot know.
    """

    source = ErrorSource.DEPARTMENT
    state = SourceState.UNAVAILABLE
    back_at: dt.datetime | None = None
    note: str | None = None
    retry_after: float | None = None
    not_done = False
    code_name = ErrorCode.DEPARTMENT_FAULT
    retry_may_help = True

    def __init__(
        self, department: str, message: str, *, fault: DepartmentFault | None = None
    ) -> None:
        super().__init__(
            self.code_name,
            message,
            department=department,
            retryable=self.retry_may_help,
            fault=fault,
        )


class DepartmentTimeoutError(DepartmentError):
    """The department did not reply within its deadline."""

    code_name = ErrorCode.DEPARTMENT_TIMEOUT


class DepartmentUnreachableError(DepartmentError):
    """The connection to the department failed or broke before the reply was complete."""

    code_name = ErrorCode.DEPARTMENT_UNREACHABLE


class DepartmentFaultError(DepartmentError):
    """The department reported an internal error: a SOAP Fault, an error envelope, HTTP 5xx."""

    code_name = ErrorCode.DEPARTMENT_FAULT


class DepartmentRefusedError(DepartmentError):
    """The department rejected the call as invalid. Repeating it does not help."""

    code_name = ErrorCode.DEPARTMENT_REFUSED
    not_done = True
    source = ErrorSource.ADAPTER
    retry_may_help = False


class DepartmentOverloadedError(DepartmentError):
    """The department demands fewer calls (HTTP 429)."""

    code_name = ErrorCode.DEPARTMENT_OVERLOADED
    not_done = True


class DepartmentAuthError(DepartmentError):
    """The department rejected the hub's credentials."""

    code_name = ErrorCode.DEPARTMENT_AUTH_FAILED
    not_done = True
    state = SourceState.AUTH_FAILED
    retry_may_help = False


class DepartmentMaintenanceError(DepartmentError):
    """The department is closed for maintenance."""

    code_name = ErrorCode.DEPARTMENT_MAINTENANCE
    not_done = True
    state = SourceState.MAINTENANCE


class MalformedReplyError(DepartmentError):
    """The reply does not have the form that the manifest describes."""

    code_name = ErrorCode.DEPARTMENT_MALFORMED_REPLY


class IncompleteReplyError(MalformedReplyError):
    """Rows of the reply are missing, and the rows that arrived can't be used without them."""

    code_name = ErrorCode.DEPARTMENT_INCOMPLETE_REPLY


class LateFileError(DepartmentError):
    """The department's next file is overdue."""

    code_name = ErrorCode.DEPARTMENT_FILE_LATE


class ReplyTooLargeError(DepartmentError):
    """The reply exceeds `limits.reply_bytes` or `limits.rows` of the manifest."""

    code_name = ErrorCode.DEPARTMENT_REPLY_TOO_LARGE
    retry_may_help = False
