"""Opens a SOAP 1.1 reply: hardened parsing, and the Fault before anything else.

Departments answer Faults with HTTP 200 as readily as with 500 (`domain.md` C1): the body decides.
"""

from lxml import etree

from adapters.connectors.faults import fault_of
from adapters.connectors.http import HttpReply, raise_for_status
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
    MalformedReplyError,
)

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
BODY = f"{{{SOAP_11}}}Body"
FAULT = f"{{{SOAP_11}}}Fault"


def open_envelope(department: str, reply: HttpReply, auth_faults: list[str]) -> etree._Element:
    """The first element of the Body; raises the DepartmentError that the reply amounts to."""
    root = _parse(department, reply)
    body = root.find(BODY)
    if body is None or len(body) == 0:
        raise_for_status(department, reply.status)
        raise MalformedReplyError(department, f"{department} sent XML without a SOAP body.")
    content = body[0]
    if content.tag == FAULT:
        raise _fault_error(department, content, auth_faults)
    raise_for_status(department, reply.status)
    return content


def _parse(department: str, reply: HttpReply) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(reply.body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise_for_status(department, reply.status)
        raise MalformedReplyError(
            department, f"{department} sent a reply that is not well-formed XML."
        ) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise MalformedReplyError(department, f"{department} sent XML with a DTD; SOAP forbids it.")
    return root


def _fault_error(department: str, fault: etree._Element, auth_faults: list[str]) -> DepartmentError:
    code = (fault.findtext("faultcode") or "").rpartition(":")[2]
    string = fault.findtext("faultstring") or ""
    told = fault_of(code, string, _detail_of(fault))
    if any(text.lower() in string.lower() for text in auth_faults):
        return DepartmentAuthError(
            department, f"{department} refused the hub's credentials.", fault=told
        )
    if code == "Client" or code.startswith("Client."):
        return DepartmentRefusedError(
            department, f"{department} refused the hub's question.", fault=told
        )
    return DepartmentFaultError(department, f"{department} reports a failure.", fault=told)


def _detail_of(fault: etree._Element) -> dict[str, str] | None:
    """Code-like leaves of the detail; free text stays with the department."""
    detail = fault.find("detail")
    if detail is None:
        return None
    leaves = {
        etree.QName(leaf).localname: leaf.text or ""
        for leaf in detail.iter(etree.Element)
        if len(leaf) == 0 and leaf is not detail
    }
    return {name: text for name, text in leaves.items() if "code" in name.lower()} or None
