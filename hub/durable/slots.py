"""Lets an operation give its slot to another one while it waits for a department's receipt."""

from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Protocol


class Slots(Protocol):
    """Limits how many operations run; see `hub.http.admission.Admission`."""

    def rest(self) -> AbstractContextManager[None]:
        """Let another operation run during the `with` block."""


SLOTS: ContextVar[Slots | None] = ContextVar("slots", default=None)
"""Where the current operation has a slot; None if it needs none."""


def resting() -> AbstractContextManager[None]:
    """Give the current operation's slot to another one during the `with` block."""
    slots = SLOTS.get()
    return nullcontext() if slots is None else slots.rest()
