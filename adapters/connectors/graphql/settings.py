"""What a manifest says of a GraphQL department and of each query to it."""

from typing import Any, Literal

from pydantic import Field

from adapters.connectors.http.pages import PagesRule
from adapters.connectors.http.settings import HttpSettings
from adapters.connectors.templates import placeholders_in
from adapters.mapping.rules import StrictModel


class GraphqlSettings(HttpSettings):
    """The connector of a GraphQL department.

    Attributes:
        url: where queries go, by POST.
        headers: sent with every query.
        sdl: name of the file beside the manifest that holds the department's schema; queries are
            checked against it when the manifest is loaded, and the hub never fetches one.
        persisted: whether a query's text is sent only when the department does not know its hash
            yet ("automatic persisted queries").
        auth_failed: codes of errors that mean that the hub's credentials are wrong.
        maintenance: codes that mean that the department is closed.
        refused: codes that mean that the question is wrong.
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
        query: its text, with one operation.
        variables: values of its variables; placeholders.
        each_key: the query's one root field takes one key: the hub asks for many at once by as
            many aliases, and variables made of `{key}` are repeated with them. `rows` is then a
            path within that field's value.
        pages: how to read all pages, by `cursor`, `offset` or `page`.
        whole_table: the department sends all its rows whatever is asked: rows of other keys are
            no reason for a warning.
    """

    query: str
    variables: dict[str, Any] = {}
    each_key: bool = False
    pages: PagesRule | None = None
    whole_table: bool = False


def placeholders_of(call: GraphqlCall) -> set[str]:
    """Names that a call wants filled from outside."""
    names = placeholders_in(call.variables)
    return names - {"key"} if call.each_key else names
