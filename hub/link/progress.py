"""State of a call and of its attempts while they run."""

from dataclasses import dataclass

from adapters.contract import CallContext, DepartmentError
from hub.link.breaker import Permit


@dataclass(slots=True)
class CallProgress:
    """A call while its attempts run.

    Attributes:
        context: what the call carries; its deadline is within the department's.
        was_sent: whether an attempt was sent to the department.
        has_reply: whether an attempt has succeeded.
        failure: the department's latest failure.
    """

    context: CallContext
    was_sent: bool = False
    has_reply: bool = False
    failure: DepartmentError | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a call.

    Attributes:
        call: the call.
        permit: the breaker's permit.
        started: when it was sent, on the event loop's clock (seconds).
    """

    call: CallProgress
    permit: Permit
    started: float

    @property
    def granted(self) -> float:
        """Seconds that the department had for its reply."""
        return self.call.context.deadline - self.started
