"""Changes of consents that the access log and the metrics record."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from hub.access.principal import Principal

CORRELATION_ID: ContextVar[str] = ContextVar("correlation_id", default="")
"""Correlation id of the operation that runs in the current task."""


class ConsentAct(StrEnum):
    """What was done."""

    REQUESTED = "REQUESTED"
    CODE_SENT = "CODE_SENT"
    CODE_REJECTED = "CODE_REJECTED"
    GIVEN = "GIVEN"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    NOMINATED = "NOMINATED"
    NOMINATION_WITHDRAWN = "NOMINATION_WITHDRAWN"


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One act.

    Attributes:
        act: what was done.
        principal: who did it.
        member_identifier: Family ID member number of the citizen.
        target: id of the consent or nomination, without personal data.
    """

    act: ConsentAct
    principal: Principal
    member_identifier: str
    target: str


Recorder = Callable[[ConsentEvent], Awaitable[None]]


async def nothing(_event: ConsentEvent) -> None:
    """Record nothing."""
