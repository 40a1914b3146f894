"""Reads the responses of one GraphQL department."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.connectors.graphql.errors import error_of, errors_of, fault_in, was_not_executed
from adapters.connectors.graphql.settings import GraphqlSettings
from adapters.connectors.http.errors import department_error, malformed
from adapters.connectors.http.statuses import not_in_format, raise_for_status
from adapters.connectors.http.transport import HttpReply
from adapters.connectors.http.writes import response_of
from adapters.connectors.write_replies import WriteResponse
from adapters.contract import DepartmentAuthError, DepartmentError, DepartmentRefusedError
from adapters.mapping.json_values import NotJsonError, read_json


@dataclass(frozen=True, slots=True)
class GraphqlResponses:
    """Reads responses.

    Attributes:
        department: identifier, for errors.
        settings: the manifest's `connector`.
    """

    department: str
    settings: GraphqlSettings

    def read(self, reply: HttpReply) -> Mapping[str, Any]:
        """Return a response, which may have errors; raise the error of one that can't be used."""
        try:
            response, _ = read_json(reply.body, reply.charset)
        except NotJsonError:
            response = None
        if not isinstance(response, dict):
            raise_for_status(self.department, reply)
            raise not_in_format(self.department, reply, "a GraphQL response")
        errors = errors_of(response)
        # With an error status, the body's errors are more specific than the status.
        if not errors or reply.status in (401, 403):
            raise_for_status(self.department, reply)
        if errors and not _has_values(response.get("data")):
            failed = error_of(self.department, errors[0], self.settings)
            if isinstance(failed, DepartmentAuthError):
                raise failed
        return response

    def with_data(self, response: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the response if it has data; raise its error otherwise."""
        if isinstance(response.get("data"), Mapping):
            return response
        for error in errors_of(response):
            raise error_of(self.department, error, self.settings)
        raise malformed(self.department, "its data")

    def write_response(self, reply: HttpReply) -> WriteResponse:
        """Return the response to a write, whatever it reports."""
        try:
            content, _ = read_json(reply.body, reply.charset)
        except NotJsonError:
            content = None
        errors = errors_of(content) if isinstance(content, dict) else ()
        fault: dict[str, object] = {}
        if errors:
            extensions = errors[0].get("extensions")
            detail = extensions if isinstance(extensions, Mapping) else {}
            fault = {"code": detail.get("code"), "string": errors[0].get("message")}
        return response_of(reply, content, self._write_failure(reply), fault)

    def _write_failure(self, reply: HttpReply) -> DepartmentError | None:
        """Return the error that a query with this response would raise; None for success.

        A mutation that returned values was executed, although some of its fields may have failed.
        """
        page = reply.page_error(self.department)
        if page is not None:
            return page
        try:
            response = self.read(reply)
            if _has_values(response.get("data")):
                return None
            if was_not_executed(response):
                return department_error(
                    DepartmentRefusedError, self.department, fault_in(errors_of(response)[0])
                )
            self.with_data({**response, "data": None})
        except DepartmentError as error:
            return error
        return None


def _has_values(data: Any) -> bool:
    return isinstance(data, Mapping) and any(value is not None for value in data.values())
