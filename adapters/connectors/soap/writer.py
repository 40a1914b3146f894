"""Writes requests: zeep writes the Body and the WSDL's headers, this module adds the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import ValidationError
from zeep.wsa import WsAddressingPlugin
from zeep.wsdl.utils import get_or_create_header
from zeep.xsd import ComplexType

from adapters.connectors.connector import Bindings
from adapters.connectors.http.login_keeper import Login
from adapters.connectors.http.transport import CORRELATION_HEADER, HttpRequest
from adapters.connectors.soap import xroad
from adapters.connectors.soap.encoded import write_body
from adapters.connectors.soap.security import Security
from adapters.connectors.soap.settings import SoapCall, SoapSettings, SoapWrite
from adapters.connectors.soap.versions import SoapVersion, http_headers
from adapters.connectors.soap.wsdl import Operation, Wsdl
from adapters.connectors.templates import MISSING, fill, fill_to_text
from adapters.contract import CallContext, DepartmentRefusedError


class UnfitArgumentsError(ValueError):
    """The manifest's arguments do not fit the WSDL; the message says why."""


@dataclass(frozen=True, slots=True)
class RequestWriter:
    """Writes the requests of one department."""

    department: str
    settings: SoapSettings
    wsdl: Wsdl
    security: Security | None

    def write(
        self,
        call: SoapCall | SoapWrite,
        operation: Operation,
        bindings: Bindings,
        context: CallContext,
        login: Login | None,
    ) -> tuple[HttpRequest, list[etree._Element]]:
        """Return the request for one call, and X-Road's headers in it, which the reply must return.

        Args:
            operation: the call's operation in the WSDL.
            login: the login to send; None if there is none.

        Raises:
            DepartmentRefusedError: the manifest's arguments do not fit the WSDL.
        """
        arguments = fill(call.arguments, bindings)
        values: dict[str, Any] = {} if arguments is MISSING else dict(arguments)
        headers = self._soap_headers(call, bindings)
        rule = self.settings.session
        if login is not None and rule is not None and login.token is not None:
            if rule.argument is not None:
                values[rule.argument] = login.token
            if rule.header is not None:
                headers[rule.header] = login.token
        envelope = self._envelope(operation, values, headers)
        action = operation.action if call.action is None else call.action
        if self.settings.addressing or operation.zeep.abstract.wsa_action:
            _add_addressing(envelope, operation, action, self.settings.endpoint)
        xroad_headers: list[etree._Element] = []
        if self.settings.xroad is not None:
            issue = None if call.issue is None else fill_to_text(call.issue, bindings)
            xroad_headers = xroad.headers_of(self.settings.xroad, operation.name, context, issue)
            get_or_create_header(envelope).extend(xroad_headers)
        if self.security is not None:
            self.security.apply(envelope)
        content = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        http = HttpRequest(
            "POST",
            self.settings.endpoint,
            self._http_headers(action, context, login),
            content=content,
            repeatable=call.repeatable,
        )
        return http, xroad_headers

    def _soap_headers(self, call: SoapCall | SoapWrite, bindings: Bindings) -> dict[str, Any]:
        if not self.settings.headers and not call.headers:
            return {}
        filled = fill({**self.settings.headers, **call.headers}, bindings)
        return {} if filled is MISSING else dict(filled)

    def _envelope(
        self, operation: Operation, values: dict[str, Any], headers: dict[str, Any]
    ) -> etree._Element:
        described = {name: headers[name] for name in headers if not name.startswith("{")}
        try:
            if described and (unknown := described.keys() - parts_of(operation)):
                raise UnfitArgumentsError(f"it has no header part {min(unknown)}")
            envelope: etree._Element = self._body_written(operation, values, described or None)
        except (ZeepError, TypeError, ValueError, AttributeError) as error:
            raise DepartmentRefusedError(
                self.department,
                f"The manifest's arguments of {operation.name} do not fit the WSDL: "
                f"{_reason(operation, values, error)}.",
            ) from None
        if self.settings.namespaces:
            _rename(envelope, self.settings.namespaces)
        if self.wsdl.version is not self.wsdl.binding_version:
            envelope = _in_version(envelope, self.wsdl.version)
        further = [_element(name, headers[name]) for name in headers if name.startswith("{")]
        if further:
            get_or_create_header(envelope).extend(further)
        return envelope

    def _body_written(
        self, operation: Operation, values: dict[str, Any], headers: dict[str, Any] | None
    ) -> Any:
        body = operation.zeep.input.body
        if not operation.encoded_input:
            if body is not None and not isinstance(body.type, ComplexType):
                # document/literal bare with one simple value: the argument's name is not sent.
                return operation.zeep.create(*values.values(), _soapheaders=headers).content
            return operation.zeep.create(**values, _soapheaders=headers).content
        version = self.wsdl.binding_version
        envelope = etree.Element(
            f"{{{version.namespace}}}Envelope", nsmap={"soap-env": version.namespace}
        )
        header = operation.zeep.input._serialize_header(headers, {"soap-env": version.namespace})
        if header is not None:
            envelope.append(header)
        etree.SubElement(envelope, version.body_tag)
        write_body(envelope, version, body, values)
        return envelope

    def _http_headers(
        self, action: str, context: CallContext, login: Login | None
    ) -> dict[str, str]:
        headers = http_headers(self.wsdl.version, action, self.settings.soap_action)
        headers[CORRELATION_HEADER] = context.correlation_id
        rule = self.settings.session
        if login is not None and rule is not None:
            if rule.http_header is not None and login.token is not None:
                headers[rule.http_header] = login.token
            if login.cookies:
                pairs = (f"{name}={value}" for name, value in login.cookies.items())
                headers["Cookie"] = "; ".join(pairs)
        return headers


def _reason(operation: Operation, values: Mapping[str, Any], error: Exception) -> str:
    """Return why arguments do not fit. zeep's own messages quote Python signatures."""
    if isinstance(error, UnfitArgumentsError):
        return str(error)
    body = operation.zeep.input.body
    if body is not None and isinstance(body.type, ComplexType):
        known = {name for name, _ in (*body.type.elements, *body.type.attributes)}
        if unknown := values.keys() - known:
            return f"it has no element {min(unknown)}"
    if isinstance(error, ValidationError) and error.path:
        return f"the element {'/'.join(map(str, error.path))} is missing or has a wrong value"
    return "a value has a type that the WSDL does not allow"


def parts_of(operation: Operation) -> set[str]:
    header = operation.zeep.input.header
    return {name for name, _ in header.type.elements} if header is not None else set()


def _add_addressing(
    envelope: etree._Element, operation: Operation, action: str, endpoint: str
) -> None:
    """Add WS-Addressing headers with zeep's plugin, and set the action."""
    WsAddressingPlugin(endpoint).egress(envelope, {}, operation.zeep, {})
    wsa_action = operation.zeep.abstract.wsa_action or action
    header = get_or_create_header(envelope)
    for node in header.iterchildren("{http://www.w3.org/2005/08/addressing}Action"):
        node.text = wsa_action


def _rename(envelope: etree._Element, namespaces: Mapping[str, str]) -> None:
    """Move elements to the namespaces that the department actually accepts."""
    for node in envelope.iter(etree.Element):
        name = etree.QName(node)
        if name.namespace in namespaces:
            node.tag = f"{{{namespaces[name.namespace]}}}{name.localname}"


def _in_version(envelope: etree._Element, version: SoapVersion) -> etree._Element:
    """Return the same envelope in another version of SOAP."""
    root = etree.Element(f"{{{version.namespace}}}Envelope", nsmap={"soap-env": version.namespace})
    for part in envelope:
        name = etree.QName(part).localname
        moved = etree.SubElement(root, f"{{{version.namespace}}}{name}")
        moved.extend(list(part))
    return root


def _element(tag: str, value: Any) -> etree._Element:
    """Return a header that the WSDL does not have. Its children get its namespace."""
    node = etree.Element(tag)
    if isinstance(value, Mapping):
        namespace = etree.QName(tag).namespace
        for name, each in value.items():
            child = name if name.startswith("{") or not namespace else f"{{{namespace}}}{name}"
            node.append(_element(child, each))
    else:
        node.text = str(value)
    return node
