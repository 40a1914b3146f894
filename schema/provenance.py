"""Where an answer comes from and how fresh it is."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import strawberry
from strawberry import enum_value, field


@strawberry.enum(
    description="How a department's part of an answer was obtained, or why it is missing."
)
class SourceState(Enum):
    LIVE = enum_value("LIVE", description="The department answered this question just now.")
    CACHED = enum_value("CACHED", description="The hub answered from a copy that is still fresh.")
    STALE = enum_value(
        "STALE", description="The department can't be reached; an older copy is shown, see asOf."
    )
    UNAVAILABLE = enum_value(
        "UNAVAILABLE", description="The department did not answer, or its reply made no sense."
    )
    MAINTENANCE = enum_value("MAINTENANCE", description="The department is closed for maintenance.")
    AUTH_FAILED = enum_value(
        "AUTH_FAILED", description="The department refused the hub's credentials."
    )
    CIRCUIT_OPEN = enum_value(
        "CIRCUIT_OPEN", description="The department failed often; the hub is not asking it for now."
    )


@strawberry.type(
    description="Something in a department's reply that the hub could not take as it is."
)
class SourceWarning:
    code: str = field(description="What is wrong: UNKNOWN_CODE, INVALID_VALUE, DUPLICATE_ROW, …")
    field_path: str | None = field(
        default=None, name="field", description="The field of the record it concerns."
    )
    raw: str | None = field(default=None, description="The department's value, as it came.")


@strawberry.type(
    description="What one department contributed to an answer, and in what state it is."
)
class SourceStatus:
    department: str = field(description="Identifier of the department.")
    state: SourceState = field(description="How its part was obtained, or why it is missing.")
    as_of: dt.datetime | None = field(
        default=None, description="The moment its rows were true; null when there are none."
    )
    latency_ms: int | None = field(
        default=None, description="Milliseconds the department took; null when it was not asked."
    )
    message: str | None = field(
        default=None, description="For people: why the rows are missing, and until when if known."
    )
    back_at: dt.datetime | None = field(
        default=None, description="When it is expected to answer again, where that is known."
    )
    warnings: list[SourceWarning] = field(
        default_factory=list, description="Values in its reply that could not be taken as they are."
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """The one reply that a record came out of; shared by all records of that reply.

    Attributes:
        department: identifier of the department.
        adapter: connector kind that read it (`soap`, `rest`, `database`).
        retrieved_at: when the reply arrived (UTC).
        latency_ms: milliseconds from call to reply.
        correlation_id: the hub's id of the request that caused the call.
    """

    department: str
    adapter: str
    retrieved_at: dt.datetime
    latency_ms: int
    correlation_id: str
    state: SourceState = SourceState.LIVE


@strawberry.type(description="Where one record comes from and how fresh it is.")
class Provenance:
    department: str = field(description="Identifier of the department that holds the record.")
    adapter: str = field(description="The kind of connector that read it: soap, rest, database, …")
    state: SourceState = field(description="How the record was obtained.")
    as_of: dt.datetime = field(description="The moment the record was true.")
    retrieved_at: dt.datetime = field(description="When the hub received it.")
    latency_ms: int = field(description="Milliseconds the department took to answer.")
    correlation_id: str = field(description="The hub's id of the request that fetched it.")
    warnings: list[SourceWarning] = field(
        description="Values of this record that could not be taken as they are."
    )


@strawberry.type
class Record:
    """Base of every type that a department's reply is mapped to.

    `origin` is None only for a citizen or family that the hub knows by its crosswalk alone.
    """

    origin: strawberry.Private[Origin | None] = None
    row_warnings: strawberry.Private[Sequence[SourceWarning]] = ()

    @strawberry.field(
        description="Where this record comes from; null if its department is down.",
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
