"""Origin and age of data in a response."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import strawberry
from strawberry import field

from schema.enums import DescribedEnum, described


@strawberry.enum(description="How the hub obtained a department's data, or why it is missing.")
class SourceState(DescribedEnum):
    LIVE = described("The department replied during this operation.")
    CACHED = described("The hub used a fresh copy, without a call.")
    STALE = described("The call failed, so the hub used an older copy. `asOf` shows its age.")
    INCOMPLETE = described(
        "The department answered, but rows are missing. `warnings` says how many."
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


@strawberry.type(description="A problem with data in a department's reply.")
class SourceWarning:
    code: str = field(description="Kind of problem, for example UNKNOWN_CODE or INVALID_VALUE.")
    field_path: str | None = field(
        default=None,
        name="field",
        description="The affected field of the record. Null if no single field is affected.",
    )
    raw: str | None = field(default=None, description="The value as the department sent it.")


@strawberry.type(description="State of one department's data in a response.")
class SourceStatus:
    department: str = field(description="Identifier of the department.")
    state: SourceState = field(description="How the data was obtained, or why it is missing.")
    as_of: dt.datetime | None = field(
        default=None,
        description="The time at which the data was current. Null if there is no data.",
    )
    latency_ms: int | None = field(
        default=None,
        description="How long the department took to reply, in milliseconds. Null if this "
        "operation has no reply from it.",
    )
    message: str | None = field(
        default=None,
        description="Text for people: why data is missing or old, and until when if that is known.",
    )
    back_at: dt.datetime | None = field(
        default=None,
        description="When the department is expected to reply again. Null if that is unknown.",
    )
    warnings: list[SourceWarning] = field(
        default_factory=list, description="Problems with data in the reply."
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
    department: str = field(description="Identifier of the department that holds the record.")
    adapter: str = field(description="Connector: soap, rest, graphql, database or files.")
    state: SourceState = field(description="How the hub obtained the record.")
    as_of: dt.datetime = field(description="The time at which the record was current.")
    retrieved_at: dt.datetime = field(description="When the hub received the record.")
    latency_ms: int = field(description="How long the department took to reply, in milliseconds.")
    correlation_id: str = field(description="Id of the operation that fetched the record.")
    warnings: list[SourceWarning] = field(description="Problems with data in this record.")


@strawberry.type
class Record:
    """Base of every type that a department's reply is mapped to.

    `origin` is None only for a citizen or family that the hub built from the crosswalk.
    """

    origin: strawberry.Private[Origin | None] = None
    row_warnings: strawberry.Private[Sequence[SourceWarning]] = ()

    @strawberry.field(
        description="Origin and age of this record. Null if the family registry did not reply "
        "and the hub knows only the identifiers.",
        metadata={"reads": ()},
    )
    def provenance(self) -> Provenance | None:
        origin = self.origin
        if origin is None:
            return None
        return Provenance(
            department=origin.department,
            adapter=origin.adapter,
            state=origin.state,
            as_of=origin.retrieved_at,
            retrieved_at=origin.retrieved_at,
            latency_ms=origin.latency_ms,
            correlation_id=origin.correlation_id,
            warnings=list(self.row_warnings),
        )
