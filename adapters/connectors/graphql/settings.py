"""Manifest keys of a GraphQL department and of its queries."""

from typing import Any, Literal

from pydantic import Field

from adapters.connectors.http.settings import HttpSettings, PagesRule
from adapters.connectors.templates import placeholders_in
from adapters.mapping.rules import StrictModel


class GraphqlSettings(HttpSettings):
    """The connector of a GraphQL department.

    Attributes:
        url: URL for queries, which are sent by POST.
        headers: headers of every query.
        sdl: file beside the manifest with the department's schema. Queries are validated against
            it when the manifest is loaded. The hub never downloads a schema.
        persisted: true sends only the hash of a query, and its text if the department does not
            know the hash ("automatic persisted queries").
        auth_failed: error codes that mean that the hub's credentials are wrong.
        maintenance: error codes that mean that the department is closed.
        refused: error codes that mean that the query is invalid.
    """

    kind: Literal["graphql"]
    url: str = Field(pattern=r"^https?://")
    headers: dict[str, str] = {}
    sdl: str | None = None
    persisted: bool = False
    auth_failed: list[str] = ["UNAUTHENTICATED", "UNAUTHORIZED", "FORBIDDEN"]
    maintenance: list[str] = ["MAINTENANCE", "DEPARTMENT_MAINTENANCE"]
    refused: list[str] = ["BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"]


class GraphqlCall(StrictModel):
    """One query.

    Attributes:
        query: text of the query, with one operation.
        variables: values of its variables; may contain placeholders.
        each_key: the query has one root field that takes one key. The hub sends many keys in one
            query, with one alias per key; variables that contain `{key}` are repeated. `rows` is
            then a path inside that field.
        pages: how to read all pages, by `cursor`, `offset` or `page`.
        whole_table: the department always sends its whole table: rows of other keys cause no
            warning.
    """

    query: str
    variables: dict[str, Any] = {}
    each_key: bool = False
    pages: PagesRule | None = None
    whole_table: bool = False


class GraphqlWrite(StrictModel):
    """The call of a write.

    Attributes:
        mutation: text of the mutation, with one operation.
        variables: values of its variables; may contain placeholders.
    """

    mutation: str
    variables: dict[str, Any] = {}


def placeholders_of(call: GraphqlCall | GraphqlWrite) -> set[str]:
    """Return the names of the placeholders that the adapter must fill."""
    names = placeholders_in(call.variables)
    return names - {"key"} if isinstance(call, GraphqlCall) and call.each_key else names
