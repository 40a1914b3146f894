"""Reads the replies of one REST department: their status, format and envelope."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.connectors.http.statuses import not_in_format, raise_for_status
from adapters.connectors.http.transport import HttpReply
from adapters.connectors.http.writes import response_of
from adapters.connectors.http.xml import NotXmlError, read_xml
from adapters.connectors.rest.replies import fault_in, open_envelope
from adapters.connectors.rest.settings import RestCall, RestSettings
from adapters.connectors.write_replies import WriteResponse
from adapters.contract import DepartmentError, MalformedReplyError
from adapters.mapping.json_values import NotJsonError, read_json
from schema.errors import DepartmentFault
from schema.provenance import SourceWarning


@dataclass(frozen=True, slots=True)
class RestReplies:
    """Reads replies.

    Attributes:
        department: identifier, for errors.
        settings: the manifest's `connector`.
    """

    department: str
    settings: RestSettings

    def usable(self, call: RestCall, reply: HttpReply) -> HttpReply | None:
        """Return the reply; None if it means "no rows"; raise the error that its status reports."""
        if reply.status in call.empty_statuses:
            return None
        if reply.status in call.bodiless_statuses and not reply.body.strip():
            return None
        if not 200 <= reply.status < 300:
            raise_for_status(self.department, reply, self._fault_in(reply))
        return reply

    def _fault_in(self, reply: HttpReply) -> DepartmentFault | None:
        """Return the department's own code and text; None if the body has none."""
        if self.settings.envelope is None:
            return None
        try:
            payload, _ = self._parsed(reply)
        except MalformedReplyError:
            return None
        return fault_in(self.department, self.settings.envelope, payload)

    def payload(self, reply: HttpReply | None) -> tuple[Any, Sequence[SourceWarning]]:
        """Return the decoded reply, or None if it means "no rows", and its warnings."""
        if reply is None:
            return None, ()
        payload, warnings = self._parsed(reply)
        return open_envelope(self.department, self.settings.envelope, payload), warnings

    def _parsed(self, reply: HttpReply) -> tuple[Any, Sequence[SourceWarning]]:
        """Decode a body; raise `MalformedReplyError` if it does not have the manifest's format."""
        try:
            if self.settings.replies == "xml":
                named = self.settings.namespaces.items()
                prefixes = {uri: prefix for prefix, uri in named if prefix}
                return read_xml(reply.body, prefixes)
            return read_json(reply.body, reply.charset)
        except (NotXmlError, NotJsonError):
            expected = self.settings.replies.upper()
            raise not_in_format(self.department, reply, expected) from None

    def write_response(self, reply: HttpReply) -> WriteResponse:
        """Return the reply to a write, whatever it reports."""
        content: Any = None
        unreadable: MalformedReplyError | None = None
        if reply.body.strip():
            try:
                content, _ = self._parsed(reply)
            except MalformedReplyError as error:
                unreadable = error
        return response_of(reply, content, self._write_failure(reply, content, unreadable))

    def _write_failure(
        self, reply: HttpReply, content: Any, unreadable: MalformedReplyError | None
    ) -> DepartmentError | None:
        """Return the error that a look-up with this reply would raise; None for success."""
        # "No rows" is no success of a write.
        envelope = self.settings.envelope
        envelope = envelope and envelope.model_copy(update={"empty": []})
        page = reply.page_error(self.department)
        if page is not None:
            return page
        try:
            if not 200 <= reply.status < 300:
                raise_for_status(self.department, reply, self._fault_in(reply))
            if unreadable is None:
                open_envelope(self.department, envelope, content)
        except DepartmentError as error:
            return error
        return unreadable
