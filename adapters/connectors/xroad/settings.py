"""What a manifest says of a REST department behind X-Road."""

from typing import Annotated

from pydantic import AfterValidator

from adapters.connectors.templates import placeholders_in
from adapters.connectors.xroad.caller import UserId
from adapters.mapping.rules import StrictModel


def _identifier(value: str, parts: tuple[int, ...], form: str) -> str:
    steps = value.split("/")
    if len(steps) not in parts or not all(steps) or any(step in (".", "..") for step in steps):
        raise ValueError(f"write it as {form}")
    return value


def _client(value: str) -> str:
    return _identifier(value, (4,), "INSTANCE/CLASS/MEMBER/SUBSYSTEM")


def _service(value: str) -> str:
    return _identifier(value, (5,), "INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICECODE")


def _issue(value: str) -> str:
    if placeholders_in(value) - {"key", "keys"}:
        raise ValueError("the placeholders here are {key} and {keys}")
    return value


class XRoadRestSettings(StrictModel):
    """The hub as a client of X-Road; `base_url` of the connector is its own security server.

    Attributes:
        client: the hub's subsystem.
        service: the department's service.
        user_id: whom the hub asks for, where the department wants to be told; `{caller}` is who
            asks the hub.
        issue: what the hub asks for, told where keys are no citizens' numbers: `{key}`
            is the application reference, `{keys}` are those of a batch.
        represented_party: CLASS/MEMBER whom the hub asks for.
        security_server: the department's server that is to answer, as INSTANCE/CLASS/MEMBER/SERVER.
    """

    client: Annotated[str, AfterValidator(_client)]
    service: Annotated[str, AfterValidator(_service)]
    user_id: UserId | None = None
    issue: Annotated[str, AfterValidator(_issue)] | None = None
    represented_party: str | None = None
    security_server: str | None = None
