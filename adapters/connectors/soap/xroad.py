"""X-Road's SOAP headers (message protocol 4.0): written to requests, checked in replies."""

from collections.abc import Mapping
from typing import Annotated

from lxml import etree
from pydantic import Field

from adapters.connectors.http.xroad import UserId, exchange_failure, user_of
from adapters.contract import CallContext, MalformedReplyError
from adapters.mapping.rules import StrictModel

XROAD = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
OBJECT_TYPE = f"{{{IDENTIFIERS}}}objectType"
PROTOCOL = "4.0"
STEPS = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")

NSMAP = {"xro": XROAD, "iden": IDENTIFIERS}

Subsystem = Annotated[str, Field(pattern=r"^[^/\s]+/[^/\s]+/[^/\s]+/[^/\s]+$")]
"""`INSTANCE/CLASS/MEMBER/SUBSYSTEM`."""


class XRoadRule(StrictModel):
    """X-Road's headers.

    Attributes:
        client: the hub's subsystem.
        service: the department's subsystem. The service code is the name of the operation.
        version: version of the service, if it has one.
        user_id: value of `userId`. `{caller}` is the person that the operation acts for.
    """

    client: Subsystem
    service: Subsystem
    version: str | None = None
    user_id: UserId | None = None


def headers_of(
    rule: XRoadRule, service_code: str, context: CallContext, issue: str | None
) -> list[etree._Element]:
    """Return the headers of one request; `issue` is the case of the call."""
    client = _identifier("client", "SUBSYSTEM", rule.client)
    service = _identifier("service", "SERVICE", rule.service)
    _add_step(service, "serviceCode", service_code)
    if rule.version is not None:
        _add_step(service, "serviceVersion", rule.version)
    headers = [client, service]
    user_id = user_of(rule.user_id, context)
    if user_id is not None:
        headers.append(_header("userId", user_id))
    headers.append(_header("id", context.correlation_id))
    if issue is not None:
        headers.append(_header("issue", issue))
    headers.append(_header("protocolVersion", PROTOCOL))
    return headers


def check_carried_back(
    department: str, sent: list[etree._Element], header: etree._Element | None
) -> None:
    """Check that the reply returns every header that was sent, in any order.

    X-Road's protocol requires this; otherwise the reply may belong to another request.

    Raises:
        MalformedReplyError: a header is missing or different.
    """
    returned: Mapping[str, object] = (
        {} if header is None else {str(node.tag): _content(node) for node in header}
    )
    for node in sent:
        if returned.get(str(node.tag)) != _content(node):
            name = etree.QName(node).localname
            raise exchange_failure(
                MalformedReplyError,
                department,
                message=f"{{}} did not copy X-Road's header `{name}` into its reply.",
            )


def _identifier(name: str, object_type: str, path: str) -> etree._Element:
    node = _header(name, None)
    node.set(OBJECT_TYPE, object_type)
    for step, value in zip(STEPS, path.split("/"), strict=True):
        _add_step(node, step, value)
    return node


def _header(name: str, text: str | None) -> etree._Element:
    node = etree.Element(f"{{{XROAD}}}{name}", nsmap=NSMAP)
    node.text = text
    return node


def _add_step(node: etree._Element, name: str, value: str) -> None:
    etree.SubElement(node, f"{{{IDENTIFIERS}}}{name}").text = value


def _content(node: etree._Element) -> object:
    if len(node) == 0:
        return (node.text or "").strip()
    steps = frozenset((str(child.tag), (child.text or "").strip()) for child in node)
    return node.get(OBJECT_TYPE), steps
