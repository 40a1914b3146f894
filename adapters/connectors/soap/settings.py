"""What a manifest says of a SOAP department and of each call to it."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from adapters.connectors.http.settings import HttpSettings
from adapters.connectors.secrets import SecretFields
from adapters.connectors.soap.outcome import OutcomeRule, Told
from adapters.connectors.soap.packed_text import PackedRule
from adapters.connectors.soap.security import SecurityRule
from adapters.connectors.soap.versions import ActionForm
from adapters.connectors.soap.xroad import XRoadRule
from adapters.mapping.rules import StrictModel
from adapters.units import Seconds

Result = Literal["described", "diffgram", "xml-text", "packed"]


class LoginRule(StrictModel):
    """A call that opens or closes a session.

    Attributes:
        operation: name of the WSDL's operation.
        arguments: its arguments; credentials by reference. `{token}` is the token (logoff).
        outcome: how its reply says that it was refused.
    """

    operation: str
    arguments: SecretFields = {}
    outcome: OutcomeRule | None = None


class SessionRule(StrictModel):
    """How the hub logs in.

    Attributes:
        login: the call that opens a session.
        token: path to the token in its reply.
        cookies: names of the cookies that go with every call.
        argument: name of the argument in which the token goes with every call.
        header: the SOAP header in which it goes: a part of the WSDL, or `{namespace}Name`.
        http_header: the HTTP header in which it goes.
        idle: an unused session is taken for expired after so long.
        expired: texts in a Fault, or in prose, that mean that the session has expired.
        hold: a login that was refused is not tried again for so long.
        logoff: the call that closes the session when the hub stops.
    """

    login: LoginRule
    token: str | None = None
    cookies: list[str] = []
    argument: str | None = None
    header: str | None = None
    http_header: str | None = None
    idle: Seconds | None = None
    expired: list[str] = []
    hold: Seconds = 30.0
    logoff: LoginRule | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        places = [self.argument, self.header, self.http_header]
        if self.token is None and not self.cookies:
            raise ValueError("say what a login gives: `token` or `cookies`")
        if any(places) and self.token is None:
            raise ValueError("say where the token is in the login's reply: `token`")
        if not any(places) and not self.cookies:
            raise ValueError("say where the token goes: `argument`, `header` or `http_header`")
        return self


class SoapSettings(HttpSettings):
    """The connector of a SOAP department.

    Attributes:
        wsdl: name of the WSDL file beside the manifest; the hub never fetches one while it runs.
        endpoint: where to send requests; the WSDL's own address is not used.
        service: which of the WSDL's services; the first.
        port: which of the service's ports; the first of the version.
        version: of SOAP; the port's.
        soap_action: how the action is written.
        namespaces: namespaces of the WSDL, and those that the department really wants.
        auth_faults: texts in a Fault that mean that the hub's credentials are wrong.
        empty_faults: texts in a Fault that mean "no rows"; whole, or `/regular expression/`.
        empty_statuses: HTTP statuses of replies without a body that mean "no rows".
        outcome: how a reply that is no Fault says whether it went well.
        headers: SOAP headers of every call: parts of the WSDL, or `{namespace}Name`.
        session: how the hub logs in.
        security: the WS-Security header.
        addressing: whether WS-Addressing headers go with every call.
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
    empty_faults: list[Told] = []
    empty_statuses: list[int] = []
    outcome: OutcomeRule | None = None
    headers: SecretFields = {}
    session: SessionRule | None = None
    security: SecurityRule | None = None
    addressing: bool = False
    xroad: XRoadRule | None = None


class SoapCall(StrictModel):
    """One call.

    Attributes:
        operation: name of the WSDL's operation.
        arguments: its arguments by element name; placeholders.
        headers: SOAP headers, besides the connector's.
        action: the action, where it is not the WSDL's.
        result: what the reply holds: what the WSDL describes, a DataSet, XML in a text, or a packed
            text.
        text: path to the text, for `xml-text` and `packed`.
        packed: how a packed text is laid out.
        outcome: how the reply says whether it went well, where not as the connector's.
        issue: the case that an X-Road call is made for; placeholders.
        repeatable: whether it may be sent again after a new login: not if it changes something.
    """

    operation: str
    arguments: dict[str, Any] = {}
    headers: dict[str, Any] = {}
    action: str | None = None
    result: Result = "described"
    text: str | None = None
    packed: PackedRule | None = None
    outcome: OutcomeRule | None = None
    issue: str | None = None
    repeatable: bool = True

    @model_validator(mode="after")
    def _result_is_whole(self) -> Self:
        if (self.result == "packed") != (self.packed is not None):
            raise ValueError("`result: packed` and `packed` go together")
        if self.text is not None and self.result not in ("xml-text", "packed"):
            raise ValueError("`text` goes with `result: xml-text` or `packed`")
        return self
