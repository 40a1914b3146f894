"""Whom X-Road is told that the hub asks for: somebody fixed, or who asks the hub."""

from typing import Annotated

from pydantic import AfterValidator, Field

from adapters.connectors.templates import fill_to_text, placeholders_in
from adapters.contract import CallContext

CALLER = "caller"


def _caller_alone(value: str) -> str:
    if placeholders_in(value) - {CALLER}:
        raise ValueError("the only placeholder here is {caller}")
    return value


UserId = Annotated[str, Field(max_length=200), AfterValidator(_caller_alone)]


def told_user(user_id: str | None, context: CallContext) -> str | None:
    """Who is told; None when nobody is, or when it is not known who asks."""
    if user_id is None:
        return None
    return fill_to_text(user_id, {CALLER: context.caller or None})
