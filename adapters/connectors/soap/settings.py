"""Manifest keys of a SOAP department and of its calls."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from adapters.connectors.http.settings import HttpSettings
from adapters.connectors.soap.outcome import OutcomeRule, TextPattern
from adapters.connectors.soap.packed_text import PackedRule
from adapters.connectors.soap.security import SecurityRule
from adapters.connectors.soap.versions import ActionForm
from adapters.connectors.soap.xroad import XRoadRule
from adapters.mapping.rules import StrictModel
from adapters.units import Seconds

Result = Literal["described", "diffgram", "xml-text", "packed"]


class SoapLoginRule(StrictModel):
    """A call that opens or closes a session.

    Attributes:
        operation: name of the operation in the WSDL.
        arguments: its arguments. Secrets must be references. `{token}` is the token (logoff).
        outcome: how its reply reports success or failure.
    """

    operation: str
    arguments: dict[str, Any] = {}
    outcome: OutcomeRule | None = None


class SessionRule(StrictModel):
    """How the hub logs in.

    Attributes:
        login: the call that opens a session.
        token: path to the token in the login's reply.
        cookies: names of the cookies that are sent with every call.
        argument: name of the argument that carries the token in every call.
        header: SOAP header that carries it: a header part of the WSDL, or `{namespace}Name`.
        http_header: HTTP header that carries it.
        idle: time after which an unused session counts as expired.
        expired: texts in a Fault or in prose that mean that the session has expired.
        hold: time until a rejected login is tried again.
        logoff: the call that closes the session when the hub stops.
    """

    login: SoapLoginRule
    token: str | None = None
    cookies: list[str] = []
    argument: str | None = None
    header: str | None = None
    http_header: str | None = None
    idle: Seconds | None = None
    expired: list[str] = []
    hold: Seconds = 30.0
    logoff: SoapLoginRule | None = None

    @model_validator(mode="after")
    def _has_source_and_target(self) -> Self:
        targets = [self.argument, self.header, self.http_header]
        if self.token is None and not self.cookies:
            raise ValueError("name what the login returns: `token` or `cookies`")
        if any(targets) and self.token is None:
            raise ValueError("give the path to the token in the login's reply: `token`")
        if not any(targets) and not self.cookies:
            raise ValueError("name where the token is sent: `argument`, `header` or `http_header`")
        return self


class SoapSettings(HttpSettings):
    """The connector of a SOAP department.

    Attributes:
        wsdl: name of the WSDL file beside the manifest. The hub never downloads one while it runs.
        endpoint: URL for requests. The address in the WSDL is not used.
        service: name of the service in the WSDL. Default: the first.
        port: name of the service's port. Default: the first with this version.
        version: version of SOAP. Default: the port's.
        soap_action: form of the SOAP action: `quoted`, `unquoted`, `empty` or `none`.
        namespaces: namespaces that the department actually accepts, by namespace in the WSDL.
        auth_faults: texts in a Fault that mean that the hub's credentials are wrong.
        empty_faults: texts of Faults that mean "no rows": whole, or `/regular expression/`.
        empty_statuses: HTTP statuses that mean "no rows" if there is no body.
        outcome: how a reply that is not a Fault reports success or failure.
        headers: SOAP headers of every call: header parts of the WSDL, or `{namespace}Name`.
        session: how the hub logs in.
        security: the WS-Security header.
        addressing: true adds WS-Addressing headers to every call.
        xroad: the headers of X-Road.
    """

    kind: Literal["soap"]
    wsdl: str
    endpoint: str = Field(pattern=r"^https?://")
    service: str | None = None
    port: str | None = None
    version: Literal["1.1", "1.2"] | None = None
    soap_action: ActionForm = "quoted"
    namespaces: dict[str, str] = {}
    auth_faults: list[str] = []
    empty_faults: list[TextPattern] = []
    empty_statuses: list[int] = []
    outcome: OutcomeRule | None = None
    headers: dict[str, Any] = {}
    session: SessionRule | None = None
    security: SecurityRule | None = None
    addressing: bool = False
    xroad: XRoadRule | None = None


class SoapRequest(StrictModel):
    """A request, and how its reply is read. `SoapCall` and `SoapWrite` describe the keys."""

    operation: str
    arguments: dict[str, Any] = {}
    headers: dict[str, Any] = {}
    action: str | None = None
    result: Result = "described"
    text: str | None = None
    packed: PackedRule | None = None
    outcome: OutcomeRule | None = None
    issue: str | None = None

    @model_validator(mode="after")
    def _result_is_whole(self) -> Self:
        if (self.result == "packed") != (self.packed is not None):
            raise ValueError("`result: packed` and `packed` go together")
        if self.text is not None and self.result not in ("xml-text", "packed"):
            raise ValueError("`text` goes with `result: xml-text` or `packed`")
        return self


class SoapCall(SoapRequest):
    """One call.

    Attributes:
        operation: name of the operation in the WSDL.
        arguments: its arguments by element name; may contain placeholders.
        headers: SOAP headers in addition to the connector's.
        action: the action, if it is not the WSDL's.
        result: content of the reply: what the WSDL describes, a DataSet, XML in a text, or a packed
            text.
        text: path to the text, for `xml-text` and `packed`.
        packed: layout of a packed text.
        outcome: how the reply reports success or failure, if it differs from the connector's.
        issue: the case of an X-Road call; may contain placeholders.
        repeatable: false if the operation changes data. Then it is not sent again after a login.
    """

    repeatable: bool = True


class SoapWrite(SoapRequest):
    """The call of a write.

    Attributes:
        operation: name of the operation in the WSDL.
        arguments: its arguments by element name; may contain placeholders.
        headers: SOAP headers in addition to the connector's.
        action: the action, if it is not the WSDL's.
        result: content of the reply: what the WSDL describes, a DataSet, XML in a text, or a packed
            text.
        text: path to the text, for `xml-text` and `packed`.
        packed: layout of a packed text.
        outcome: how the reply reports success or failure, if it differs from the connector's.
        issue: the case of an X-Road call; may contain placeholders.
    """

    repeatable: ClassVar[bool] = False
