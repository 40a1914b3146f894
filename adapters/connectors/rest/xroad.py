"""The transport to a REST service through the hub's security server (X-Road's `pr-rest`)."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from pydantic import AfterValidator

from adapters.connectors.http.errors import fault_of
from adapters.connectors.http.transport import HttpReply, Transport
from adapters.connectors.http.xroad import UserId, exchange_error
from adapters.connectors.templates import placeholders_in
from adapters.contract import DepartmentError, DepartmentFaultError, MalformedReplyError
from adapters.mapping.rules import StrictModel
from schema.errors import ErrorSource

PROTOCOL = "/r1/"
ERROR, ID = "X-Road-Error", "X-Road-Id"


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


def service_path(settings: XRoadRestSettings) -> str:
    """`/r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICECODE`, each part percent-encoded."""
    return PROTOCOL + _encoded(settings.service)


def told_headers(settings: XRoadRestSettings, capability: str) -> Mapping[str, str]:
    """The headers with whom a call is made for and what it is about, as templates.

    A citizen's number is no matter but a person, and not told.
    """
    told = {"X-Road-UserId": settings.user_id}
    if not capability.endswith("_by_citizen"):
        told["X-Road-Issue"] = settings.issue
    return {name: template for name, template in told.items() if template is not None}


class XRoadTransport:
    """Adds X-Road's headers and tells its errors from the department's.

    A reply with the header `X-Road-Error` comes from X-Road itself; without it, whatever the status
    is, from the department. One with another `X-Road-Id` than was sent may be about somebody else.

    Args:
        department: identifier, for errors.
        transport: to the security server.
        settings: who asks for what.
        correlation_header: the header in which the hub's id of a request comes; it goes on as
            `X-Road-Id`.
    """

    def __init__(
        self,
        department: str,
        transport: Transport,
        settings: XRoadRestSettings,
        correlation_header: str,
    ) -> None:
        self._department = department
        self._transport = transport
        self._correlation_header = correlation_header
        told = {
            "X-Road-Client": _encoded(settings.client),
            "X-Road-Represented-Party": _encoded(settings.represented_party or ""),
            "X-Road-Security-Server": _encoded(settings.security_server or ""),
        }
        self._headers = {name: value for name, value in told.items() if value}

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply:
        whole = {**headers, **self._headers, ID: headers[self._correlation_header]}
        reply = await self._transport.send(method, url, headers=whole, query=query, content=content)
        if ERROR in reply.headers:
            raise rest_error(self._department, reply)
        if reply.headers.get(ID, whole[ID]) != whole[ID]:
            error = MalformedReplyError(
                self._department,
                f"The exchange brought a reply of {self._department}'s to another question.",
            )
            error.source = ErrorSource.EXCHANGE
            raise error
        return reply

    async def close(self) -> None:
        await self._transport.close()


def rest_error(department: str, reply: HttpReply) -> DepartmentError:
    """The error of X-Road's that a reply with its header is: JSON `{type, message, detail}`.

    `detail` is the number by which the operators of the server find it.
    """
    told = _told(reply.body)
    code = str(told.get("type") or reply.headers[ERROR])
    detail = told.get("detail")
    fault = fault_of(
        code, told.get("message"), {"xroad": str(detail)} if detail is not None else None
    )
    error = exchange_error(department, fault)
    if error is None:
        # Of a newer X-Road than its codes are known of.
        error = DepartmentFaultError(
            department, f"The exchange could not get an answer from {department}.", fault=fault
        )
        error.source = ErrorSource.EXCHANGE
    return error


def _encoded(identifier: str) -> str:
    """An identifier in a header or path: its parts encoded, the slashes between them kept."""
    return "/".join(quote(part, safe="") for part in identifier.split("/"))


def _told(body: bytes) -> Mapping[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}
