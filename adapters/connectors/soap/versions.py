"""Differences between SOAP 1.1 and SOAP 1.2: namespaces, media types, the action."""

from dataclasses import dataclass
from typing import Literal

ActionForm = Literal["quoted", "unquoted", "empty", "none"]


@dataclass(frozen=True, slots=True)
class SoapVersion:
    """One version of SOAP.

    Attributes:
        name: `1.1` or `1.2`.
        namespace: namespace of the envelope.
        media_type: media type of a message.
        body_tag: qualified name of the Body.
        header_tag: qualified name of the Header.
        fault_tag: qualified name of the Fault.
    """

    name: str
    namespace: str
    media_type: str
    body_tag: str
    header_tag: str
    fault_tag: str


def _version(name: str, namespace: str, media_type: str) -> SoapVersion:
    tags = (f"{{{namespace}}}{part}" for part in ("Body", "Header", "Fault"))
    return SoapVersion(name, namespace, media_type, *tags)


SOAP_11 = _version("1.1", "http://schemas.xmlsoap.org/soap/envelope/", "text/xml")
SOAP_12 = _version("1.2", "http://www.w3.org/2003/05/soap-envelope", "application/soap+xml")
BY_NAMESPACE = {version.namespace: version for version in (SOAP_11, SOAP_12)}
BY_NAME = {version.name: version for version in (SOAP_11, SOAP_12)}


def http_headers(version: SoapVersion, action: str, form: ActionForm) -> dict[str, str]:
    """Return Content-Type and, in SOAP 1.1, SOAPAction, in the form that the department accepts."""
    content_type = f"{version.media_type}; charset=utf-8"
    if version is SOAP_12:
        # RFC 3902: the action is an optional parameter of the media type.
        if form in ("quoted", "unquoted") and action:
            written = f'"{action}"' if form == "quoted" else action
            content_type = f"{content_type}; action={written}"
        return {"Content-Type": content_type}
    if form == "none":
        return {"Content-Type": content_type}
    written = {"quoted": f'"{action}"', "unquoted": action, "empty": '""'}[form]
    return {"Content-Type": content_type, "SOAPAction": written}
