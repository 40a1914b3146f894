"""Origin and age of data in a response."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry
from strawberry import field

from schema.batch import Info, reads
from schema.codes import ErrorCode, FaultKind, WarningCode
from schema.enums import DescribedEnum, described
from schema.errors import DepartmentFault
from schema.language import Language, LanguageArgument, Text
from schema.personal import Masking
from schema.source_messages import message_of

if TYPE_CHECKING:
    from schema.department import Department


@strawberry.enum(description="How the hub obtained a department's data, or why it is missing.")
class SourceState(DescribedEnum):
    LIVE = described("The department replied during this operation.")
    CACHED = described("The hub used a fresh copy, without a call.")
    STALE = described("The call failed, so the hub used an older copy. `asOf` shows its age.")
    INCOMPLETE = described(
        "The department answered, but rows are missing. `warnings` says how many."
    )
    PENDING = described(
        "The department had not replied when `waitAtMostMs` ended. The call goes on: repeat the "
        "query to get the rows."
    )
    UNAVAILABLE = described(
        "The department did not reply in time, reported an error, or sent a reply "
        "that the hub cannot read."
    )
    MAINTENANCE = described("The department is closed for maintenance.")
    AUTH_FAILED = described("The department rejected the hub's login.")
    CIRCUIT_OPEN = described(
        "The department failed repeatedly, so the hub has paused calls to it for a few seconds."
    )
    NOT_COVERED = described(
        "The hub did not call the department: the purpose or the person's consent does not cover "
        "it, or the caller may not see its records. `errorCode` says which."
    )


NOT_FAILED = frozenset(
    {
        SourceState.LIVE,
        SourceState.CACHED,
        SourceState.INCOMPLETE,
        SourceState.PENDING,
        SourceState.NOT_COVERED,
    }
)
"""The states of a department that has not failed: it has replied, may still reply, or was not
called."""
WHOLE = frozenset({SourceState.LIVE, SourceState.CACHED, SourceState.STALE})
"""The states of a department none of whose rows is missing. A STALE copy was whole when it was
made; `asOf` shows its age."""


@strawberry.type(description="A problem with data in a department's reply.")
class SourceWarning:
    # A raw value is as personal as the field that the warning names. Views remove it.
    NOT_PERSONAL: ClassVar = frozenset({"code", "field_path", "raw"})

    code: WarningCode = field(description="Kind of problem.")
    field_path: str | None = field(
        default=None,
        name="field",
        description="The affected field of the record. Null if no single field is affected.",
    )
    raw: str | None = field(default=None, description="The value as the department sent it.")


@strawberry.enum(description="Whether the hub calls a department that failed repeatedly.")
class CircuitState(DescribedEnum):
    CLOSED = described("The hub calls the department.")
    OPEN = described("The hub has paused calls to the department for a few seconds.")
    HALF_OPEN = described("The hub makes a few calls to find out whether the department replies.")


@strawberry.type(description="A failure as the department reported it.")
class SourceFault:
    kind: FaultKind = field(description="Kind of failure.")
    code: str = field(description="The department's code, or the hub's name of the failure.")
    text: str | None = field(
        default=None, description="The department's text, with long numbers masked."
    )


@strawberry.type(description="What operators need to know about a department's system.")
class SourceInternals:
    detail: str | None = field(
        description="Why data is missing or old, with technical details. Null if it is neither."
    )
    latency_ms: int | None = field(
        description="How long the department took to reply, in milliseconds. Null if this "
        "operation has no reply from it."
    )
    fault: SourceFault | None = field(
        description="The failure as the department reported it. Null if it reported none."
    )
    circuit: CircuitState = field(description="Whether the hub calls the department.")
    calls_running: int = field(description="Number of calls that run.")
    calls_waiting: int = field(description="Number of calls that wait for others to end.")


@dataclass(frozen=True, slots=True)
class LinkState:
    """The state of a department's link.

    Attributes:
        circuit: state of the breaker.
        running: number of calls that run.
        waiting: number of calls that wait for a slot.
        missing_since: since when the department does not reply or is closed; None if it replies,
            or if the time is unknown.
    """

    circuit: CircuitState
    running: int
    waiting: int
    missing_since: dt.datetime | None


@strawberry.type(description="State of one department's data in a response.")
class SourceStatus:
    department_identifier: strawberry.Private[str]
    state: SourceState = field(description="How the data was obtained, or why it is missing.")
    as_of: dt.datetime | None = field(
        default=None,
        description="The time at which the data was current. Null if there is no data.",
    )
    error_code: ErrorCode | None = field(
        default=None,
        description="The error because of which data is missing or old. Null if none is.",
    )
    is_retryable: bool = field(
        default=False,
        description="True if data is missing or old, and the same operation may get it later.",
    )
    back_at: dt.datetime | None = field(
        default=None,
        description="When the department is expected to reply again. Null if that is unknown.",
    )
    warnings: list[SourceWarning] = field(
        default_factory=list, description="Problems with data in the reply."
    )
    message: strawberry.Private[str | None] = None
    note: strawberry.Private[str | None] = None
    latency_ms: strawberry.Private[int | None] = None
    fault: strawberry.Private[DepartmentFault | None] = None

    @strawberry.field(description="The department.", metadata=reads("department_identifier"))
    def department(
        self, info: Info
    ) -> Annotated["Department", strawberry.lazy("schema.department")] | None:
        return info.context.sources.catalogue.department(self.department_identifier)

    @strawberry.field(
        name="message",
        description="Text for citizens: why data is missing or old, since when, and until when. "
        "Null if it is neither.",
    )
    def message_in(self, info: Info, lang: LanguageArgument = Language.EN) -> str | None:
        department = info.context.sources.catalogue.department(self.department_identifier)
        name = Text(self.department_identifier) if department is None else department.name_text
        return message_of(self, name, self._missing_since(info), lang)

    @strawberry.field(
        description="Since when the department does not reply or is closed. Null if it replied, "
        "or if the time is unknown."
    )
    def since(self, info: Info) -> dt.datetime | None:
        return self._missing_since(info)

    def _missing_since(self, info: Info) -> dt.datetime | None:
        if self.error_code is None or self.state in NOT_FAILED:
            return None
        link = info.context.sources.catalogue.link_state(self.department_identifier)
        return link.missing_since if link is not None else None

    @strawberry.field(description="For operators; null for all other callers.")
    def internals(self, info: Info) -> SourceInternals | None:
        sources = info.context.sources
        link = sources.catalogue.link_state(self.department_identifier)
        if not sources.sees_internals or link is None:
            return None
        return SourceInternals(
            detail=self.message,
            latency_ms=self.latency_ms,
            fault=None
            if self.fault is None
            else SourceFault(kind=self.fault.kind, code=self.fault.code, text=self.fault.string),
            circuit=link.circuit,
            calls_running=link.running,
            calls_waiting=link.waiting,
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """The reply that a record was read from. All records of one reply share it.

    Attributes:
        department: identifier of the department.
        adapter: kind of connector that read it: `soap`, `rest`, `graphql`, `database`, `files`.
        retrieved_at: when the reply arrived (UTC).
        latency_ms: milliseconds from the call to the complete reply.
        correlation_id: the hub's id of the operation that caused the call.
        state: LIVE; INCOMPLETE if rows of the reply are missing; CACHED or STALE if the hub used a
            copy.
    """

    department: str
    adapter: str
    retrieved_at: dt.datetime
    latency_ms: int
    correlation_id: str
    state: SourceState = SourceState.LIVE


@strawberry.type(description="Origin and age of one record.")
class Provenance:
    department_identifier: strawberry.Private[str]
    adapter: str = field(description="Connector: soap, rest, graphql, database or files.")
    state: SourceState = field(description="How the hub obtained the record.")
    as_of: dt.datetime = field(description="The time at which the record was current.")
    retrieved_at: dt.datetime = field(description="When the hub received the record.")
    latency: strawberry.Private[int]
    correlation_id: str = field(description="Id of the operation that fetched the record.")
    warnings: list[SourceWarning] = field(description="Problems with data in this record.")

    @strawberry.field(
        description="The department that holds the record.",
        metadata=reads("department_identifier"),
    )
    def department(
        self, info: Info
    ) -> Annotated["Department", strawberry.lazy("schema.department")] | None:
        return info.context.sources.catalogue.department(self.department_identifier)

    @strawberry.field(
        description="How long the department took to reply, in milliseconds. For operators; null "
        "for all other callers."
    )
    def latency_ms(self, info: Info) -> int | None:
        return self.latency if info.context.sources.sees_internals else None


@strawberry.type
class Record:
    """Base of every type that a department's reply is mapped to.

    `origin` is None only for a citizen or family that the hub built from the crosswalk, and for a
    submission that no department has confirmed. `masking` is None unless the record is a masked
    copy.
    """

    NOT_PERSONAL: ClassVar = frozenset({"origin", "row_warnings", "masking"})

    origin: strawberry.Private[Origin | None] = None
    row_warnings: strawberry.Private[Sequence[SourceWarning]] = ()
    masking: strawberry.Private[Masking | None] = None

    @strawberry.field(
        description="Origin and age of this record. Null if it comes from no department: the "
        "family registry did not reply and the hub knows only the identifiers, or it is a "
        "submission that no department has confirmed yet.",
        metadata={"reads": ()},
    )
    def provenance(self) -> Provenance | None:
        origin = self.origin
        if origin is None:
            return None
        return Provenance(
            department_identifier=origin.department,
            adapter=origin.adapter,
            state=origin.state,
            as_of=origin.retrieved_at,
            retrieved_at=origin.retrieved_at,
            latency=origin.latency_ms,
            correlation_id=origin.correlation_id,
            warnings=list(self.row_warnings),
        )


@strawberry.type
class RegistryRecord(Record):
    """Base of the types that the family registry holds.

    `registry_status` is the registry's state if it failed: the record comes from an old copy, or
    from the crosswalk, which knows only its numbers.
    """

    NOT_PERSONAL: ClassVar = Record.NOT_PERSONAL | {"registry_status"}

    registry_status: strawberry.Private[SourceStatus | None] = None

    @strawberry.field(
        description="State of the family registry's data in this record. If the registry did not "
        "reply and the hub has no copy, personal details are null, and this says why.",
        metadata={"reads": ()},
    )
    def source_status(self) -> SourceStatus | None:
        if self.registry_status is not None or self.origin is None:
            return self.registry_status
        return SourceStatus(
            department_identifier=self.origin.department,
            state=self.origin.state,
            as_of=self.origin.retrieved_at,
            latency_ms=self.origin.latency_ms,
        )
