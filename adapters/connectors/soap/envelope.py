"""Opens a SOAP reply: attachments, hardened parsing, Faults.

Departments send Faults with HTTP 200 as well as with 500 (`docs/quirks.md` 1), so the body decides,
not the status.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from adapters.connectors.http.errors import note_retry_after, shortened
from adapters.connectors.http.statuses import (
    MAY_DEMAND_A_PAUSE,
    not_in_format,
    raise_for_status,
)
from adapters.connectors.http.transport import HttpReply
from adapters.connectors.http.xml import NotXmlError, Parsed, parse
from adapters.connectors.soap.multipart import (
    Attachments,
    BadMultipartError,
    is_multipart,
    put_in,
    take_apart,
)
from adapters.connectors.soap.outcome import FaultRules, error_of, read_fault
from adapters.connectors.soap.versions import BY_NAMESPACE
from adapters.contract import DepartmentError, MalformedReplyError
from schema.provenance import SourceWarning


@dataclass(frozen=True, slots=True)
class Opened:
    """A reply that is not a Fault.

    Attributes:
        content: the first element of the Body.
        body: the Body.
        header: the Header; None if there is none.
        warnings: what was repaired to parse it.
    """

    content: etree._Element
    body: etree._Element
    header: etree._Element | None
    warnings: Sequence[SourceWarning]


@dataclass(frozen=True, slots=True)
class EnvelopeOpener:
    """Opens the replies of one department.

    Attributes:
        department: identifier, for errors.
        rules: the meaning of Faults.
        empty_statuses: HTTP statuses that mean "no rows" if there is no body.
        most_bytes: maximum size in bytes of the attachments that are put into the envelope.
    """

    department: str
    rules: FaultRules
    empty_statuses: Sequence[int]
    most_bytes: int

    def open(self, reply: HttpReply) -> Opened | None:
        """Return the opened reply; None if it means "no rows".

        Raises:
            DepartmentError: the reply is a Fault, or not a SOAP message.
        """
        if reply.status in self.empty_statuses and not reply.body.strip():
            return None
        parsed = self._parse(reply)
        root = parsed.root
        name = etree.QName(root)
        version = BY_NAMESPACE.get(name.namespace or "")
        body = root.find(version.body_tag) if version is not None else None
        if version is None or body is None or len(body) == 0:
            raise_for_status(self.department, reply)
            raise MalformedReplyError(
                self.department,
                f"{self.department} sent XML without a SOAP body. Its root element is "
                f"{shortened(name.localname)}.",
            )
        content = body[0]
        if content.tag == version.fault_tag:
            fault = read_fault(content, version)
            error = error_of(self.department, fault, self.rules, reply.status)
            if error is None:
                return None
            if reply.status in MAY_DEMAND_A_PAUSE:
                note_retry_after(error, reply.headers)
            raise error
        raise_for_status(self.department, reply)
        return Opened(content, body, root.find(version.header_tag), parsed.warnings)

    def fault_in(self, reply: HttpReply) -> dict[str, object]:
        """Return code, text and detail of a reply's Fault as received; empty if it has none."""
        try:
            root = self._parse(reply).root
        except DepartmentError:
            return {}
        version = BY_NAMESPACE.get(etree.QName(root).namespace or "")
        node = None if version is None else root.find(f"{version.body_tag}/{version.fault_tag}")
        if version is None or node is None:
            return {}
        fault = read_fault(node, version)
        detail = " ".join((fault.detail or {}).values())
        return {"code": fault.code, "string": fault.string, "detail": detail or None}

    def _parse(self, reply: HttpReply) -> Parsed:
        attachments: Attachments | None = None
        envelope = reply.body
        content_type = reply.headers.get("Content-Type", "")
        try:
            if is_multipart(content_type):
                envelope, attachments = take_apart(content_type, reply.body)
            parsed = parse(envelope)
            if attachments is not None:
                put_in(parsed.root, attachments, self.most_bytes)
        except NotXmlError as error:
            raise_for_status(self.department, reply)
            if str(error) != "a DTD":
                raise not_in_format(self.department, reply, "XML") from None
            raise MalformedReplyError(
                self.department, f"{self.department} sent XML with a DTD, which SOAP forbids."
            ) from None
        except BadMultipartError as error:
            raise_for_status(self.department, reply)
            raise MalformedReplyError(
                self.department, f"{self.department} sent unusable attachments: {error}."
            ) from None
        return parsed
