"""What an adapter is: its capabilities, its replies, its errors.

An adapter belongs to one department. It has *look-ups*, which take a batch of keys and give one
result or one error per key, and *searches*, which take criteria and give a window of rows.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from schema.errors import DepartmentFault, ErrorSource, HubError
from schema.provenance import Record, SourceState, SourceWarning


class Capability(StrEnum):
    """What a department can be asked. The value is the key in `department.yaml`.

    Look-ups name their key after `_by_`; `citizen` means the department's own number of a citizen
    (`identity.scheme` of its manifest).
    """

    CITIZENS_BY_IDENTIFIER = "citizens_by_identifier"
    CITIZENS_BY_DEPARTMENT_NUMBER = "citizens_by_department_number"
    FAMILIES_BY_IDENTIFIER = "families_by_identifier"
    APPLICATIONS_BY_CITIZEN = "applications_by_citizen"
    APPLICATIONS_BY_REFERENCE = "applications_by_reference"
    BENEFITS_BY_CITIZEN = "benefits_by_citizen"
    CERTIFICATES_BY_CITIZEN = "certificates_by_citizen"
    GRIEVANCES_BY_CITIZEN = "grievances_by_citizen"
    GRIEVANCES_BY_REGISTRATION_NUMBER = "grievances_by_registration_number"
    CITIZENS_SEARCH = "citizens_search"
    APPLICATIONS_SEARCH = "applications_search"
    APPLICATIONS_CHANGES_SINCE = "applications_changes_since"
    """Takes `since`, a moment with its zone; gives what has changed at or after it, oldest first,
    so that the newest `updatedDatetime` is where to go on."""

    @property
    def is_search(self) -> bool:
        return self.value.endswith(("_search", "_changes_since"))


NeededFields = Mapping[str, frozenset[str]]
"""Python names of the fields that an operation asks of a record type, by the type's name.

A type that is not named is needed whole. Fields that nobody asked for need not be read.
"""


@dataclass(frozen=True, slots=True)
class CallContext:
    """What a call to a department carries besides its question.

    Attributes:
        correlation_id: the hub's id of the request, sent along where the wire has a place for it.
        deadline: moment by which the reply must be there, on the event loop's clock (seconds).
        needed: the fields that the operation asks for.
        scope: whose question it is; copies of replies are kept apart by it.
        caller: who asks, for departments that must be told; empty when it is not known.
        erasures: how often citizens had been erased from the copies before it was asked; None when
            no copy is kept. What is asked after an erasure is no part of what was asked before it.
    """

    correlation_id: str
    deadline: float
    needed: NeededFields = field(default_factory=dict)
    scope: str = ""
    caller: str = ""
    erasures: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """What a department holds for one key.

    Attributes:
        records: the mapped records; empty when it holds none.
        warnings: what could not be taken as it was.
        key: the department's key these records were found by.
        state: LIVE, or CACHED or STALE where the hub answers from a copy.
        as_of: when the copy was taken (UTC); None when LIVE.
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
    """The outcome of a look-up: one entry per key asked, in any order.

    Attributes:
        results: by key, its rows or the error that concerns this key alone.
        latency_ms: milliseconds until the whole reply was there.
        retrieved_at: when it was there (UTC).
    """

    results: "Mapping[str, Rows | DepartmentError]"
    latency_ms: int
    retrieved_at: dt.datetime


@dataclass(frozen=True, slots=True)
class SearchReply:
    """The outcome of a search: a window of rows and, where told, the number of all of them."""

    rows: Rows
    total_count: int | None
    latency_ms: int
    retrieved_at: dt.datetime


class Adapter(Protocol):
    """A department as the hub sees it.

    Both methods raise `DepartmentError` when the department as a whole did not answer well, and
    never anything else.
    """

    @property
    def department(self) -> str: ...
    @property
    def capabilities(self) -> frozenset[Capability]: ...
    def keys_at_once(self, capability: Capability) -> int:
        """Most keys that one call to the department takes; more of them are several calls."""

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply: ...
    async def search(
        self, capability: Capability, criteria: Mapping[str, object], context: CallContext
    ) -> SearchReply: ...
    async def close(self) -> None: ...


class DepartmentError(HubError):
    """A department did not answer a question, or not so that the hub could use it.

    `state` and `back_at` are what the department's `SourceStatus` says because of it; `back_at` is
    when it is expected to answer again, where that is known.
    """

    source = ErrorSource.DEPARTMENT
    state = SourceState.UNAVAILABLE
    back_at: dt.datetime | None = None
    code_name = "DEPARTMENT_ERROR"
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
    """No reply within the deadline."""

    code_name = "DEPARTMENT_TIMEOUT"


class DepartmentUnreachableError(DepartmentError):
    """No connection, or it broke before the reply was complete."""

    code_name = "DEPARTMENT_UNREACHABLE"


class DepartmentFaultError(DepartmentError):
    """The department answered that it failed: a SOAP Fault, an error envelope, HTTP 5xx."""

    code_name = "DEPARTMENT_FAULT"


class DepartmentRefusedError(DepartmentError):
    """The department says that the hub's question is wrong; asking again won't help."""

    code_name = "DEPARTMENT_REFUSED"
    source = ErrorSource.ADAPTER
    retry_may_help = False


class DepartmentOverloadedError(DepartmentError):
    """The department says that it is asked too much (HTTP 429): it is not to be asked again now."""

    code_name = "DEPARTMENT_OVERLOADED"


class DepartmentAuthError(DepartmentError):
    """The department refused the hub's credentials."""

    code_name = "DEPARTMENT_AUTH_FAILED"
    state = SourceState.AUTH_FAILED
    retry_may_help = False


class DepartmentMaintenanceError(DepartmentError):
    """The department is closed for maintenance."""

    code_name = "DEPARTMENT_MAINTENANCE"
    state = SourceState.MAINTENANCE


class MalformedReplyError(DepartmentError):
    """The reply is not in the form that the manifest says."""

    code_name = "DEPARTMENT_MALFORMED_REPLY"


class LateFileError(DepartmentError):
    """A department that leaves files has not left the next one when it was promised."""

    code_name = "DEPARTMENT_FILE_LATE"


class ReplyTooLargeError(DepartmentError):
    """The reply exceeds `limits.reply_bytes` or `limits.rows` of the manifest."""

    code_name = "DEPARTMENT_REPLY_TOO_LARGE"
    retry_may_help = False
