"""What the access log records: accesses to departments, and acts of administrators."""

from abc import ABC
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.contract import Capability
from adapters.writes import WriteCapability
from hub.access.principal import Principal, Role
from schema.needed_fields import ALL_FIELDS, NeededFields

if TYPE_CHECKING:
    LoggedCall = Capability | WriteCapability
else:

    class LoggedCall(ABC):  # noqa: B024
        """A `Capability` or a `WriteCapability`: msgspec reads no unions of enums."""

    LoggedCall.register(Capability)
    LoggedCall.register(WriteCapability)


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One call to a department for an operation, and the people that it concerned.

    Attributes:
        correlation_id: correlation id of the operation.
        started_us: when the call started, in microseconds since 1970 (UTC).
        ended_us: when the call ended, in the same unit.
        department: identifier of the department.
        capability: the kind of call, a read or a write.
        principal: who sent the operation.
        citizens: Family ID member numbers of the citizens; may contain duplicates.
        numbers: people that the hub knows by another number only: pairs of scheme and number.
        needed: the fields that the operation reads; a write sends the whole submission.
        purpose: code of the purpose; empty if there is none.
        legal_basis: name of the legal basis; empty if the policy states none.
        consent: id of the consent that covers the call; empty if none is needed.
        error_code: error code; None if the call succeeded.
    """

    correlation_id: str
    started_us: int
    ended_us: int
    department: str
    capability: LoggedCall
    principal: Principal
    citizens: Sequence[str] = ()
    numbers: Sequence[tuple[str, str]] = ()
    needed: NeededFields = ALL_FIELDS
    purpose: str = ""
    legal_basis: str = ""
    consent: str = ""
    error_code: str | None = None

    @property
    def role(self) -> Role:
        return self.principal.role
