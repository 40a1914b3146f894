"""REST over X-Road (protocol `pr-rest`): settings, headers, errors of the exchange."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator

from adapters.connectors.http.errors import fault_of, json_object
from adapters.connectors.http.transport import CORRELATION_HEADER, HttpReply, HttpRequest, Transport
from adapters.connectors.http.xroad import UserId, exchange_error, exchange_failure
from adapters.connectors.templates import placeholders_in
from adapters.contract import DepartmentError, DepartmentFaultError, MalformedReplyError
from adapters.mapping.rules import StrictModel

PROTOCOL = "/r1/"
ERROR, ID = "X-Road-Error", "X-Road-Id"


def _has_form(form: str) -> AfterValidator:
    """Return the check that an identifier has as many parts as this form."""

    def check(value: str) -> str:
        steps = value.split("/")
        if len(steps) != len(form.split("/")) or not {"", ".", ".."}.isdisjoint(steps):
            raise ValueError(f"write it as {form}")
        return value

    return AfterValidator(check)


def _issue(value: str) -> str:
    if placeholders_in(value) - {"key", "keys"}:
        raise ValueError("the placeholders here are {key} and {keys}")
    return value


class XRoadRestSettings(StrictModel):
    """The hub as a client of X-Road. `base_url` of the connector is the hub's security server.

    Attributes:
        client: the hub's subsystem, INSTANCE/CLASS/MEMBER/SUBSYSTEM.
        service: the department's service, INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICECODE.
        user_id: value of `X-Road-UserId`. `{caller}` is the person that the operation acts for.
        issue: value of `X-Road-Issue` in look-ups by reference: `{key}` is the application's
            number, `{keys}` the numbers of a batch. Never sent with a citizen's number.
        represented_party: CLASS/MEMBER that the hub represents.
        security_server: the department's security server, INSTANCE/CLASS/MEMBER/SERVER.
    """

    client: Annotated[str, _has_form("INSTANCE/CLASS/MEMBER/SUBSYSTEM")]
    service: Annotated[str, _has_form("INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICECODE")]
    user_id: UserId | None = None
    issue: Annotated[str, AfterValidator(_issue)] | None = None
    represented_party: str | None = None
    security_server: str | None = None


def service_path(settings: XRoadRestSettings) -> str:
    """Return `/r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICECODE`, each part percent-encoded."""
    return PROTOCOL + _encoded(settings.service)


def call_headers(settings: XRoadRestSettings, capability: str) -> Mapping[str, str]:
    """Return templates of the headers with the user and the case of a call.

    A citizen's number is never sent as the case: it identifies a person.
    """
    templates = {"X-Road-UserId": settings.user_id}
    if not capability.endswith("_by_citizen"):
        templates["X-Road-Issue"] = settings.issue
    return {name: template for name, template in templates.items() if template is not None}


class XRoadTransport:
    """Adds X-Road's headers and recognises its errors.

    A reply with the header `X-Road-Error` comes from X-Road itself, any other from the department.
    A reply with another `X-Road-Id` than the request may concern another citizen, and is refused.
    """

    def __init__(self, department: str, transport: Transport, settings: XRoadRestSettings) -> None:
        self._department = department
        self._transport = transport
        identifiers = {
            "X-Road-Client": _encoded(settings.client),
            "X-Road-Represented-Party": _encoded(settings.represented_party or ""),
            "X-Road-Security-Server": _encoded(settings.security_server or ""),
        }
        self._headers = {name: value for name, value in identifiers.items() if value}

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send the request with X-Road's headers.

        Raises:
            DepartmentError: X-Road failed, returned another request's reply, or no reply came.
        """
        sent_id = request.headers[CORRELATION_HEADER]
        reply = await self._transport.send(request.with_headers({**self._headers, ID: sent_id}))
        if ERROR in reply.headers:
            raise rest_error(self._department, reply)
        if reply.headers.get(ID, sent_id) != sent_id:
            raise exchange_failure(
                MalformedReplyError,
                self._department,
                message="X-Road delivered a reply of {} to another request.",
            )
        return reply

    async def close(self) -> None:
        await self._transport.close()


def rest_error(department: str, reply: HttpReply) -> DepartmentError:
    """Return the error for a reply of X-Road itself: JSON `{type, message, detail}`.

    `detail` is an id with which the server's operators find the error in their log.
    """
    content = json_object(reply.body)
    detail = content.get("detail")
    fault = fault_of(
        content.get("type") or reply.headers[ERROR],
        content.get("message"),
        {"xroad": detail} if detail is not None else None,
    )
    error = exchange_error(department, fault)
    if error is None:
        # A newer version of X-Road may have more codes.
        error = exchange_failure(DepartmentFaultError, department, fault)
    return error


def _encoded(identifier: str) -> str:
    """Return an identifier for a header or path: its parts encoded, its slashes kept."""
    return "/".join(quote(part, safe="") for part in identifier.split("/"))
