"""Sends queries to a GraphQL department and reads its responses."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, build_schema

from adapters.connectors.connector import (
    Bindings,
    CallPlan,
    Connector,
    RowsOfReply,
    null_rows,
    walk,
    without_nulls,
)
from adapters.connectors.graphql.documents import (
    ALIAS,
    QueryDocument,
    QueryText,
    mutation_text,
    wrong_variables,
)
from adapters.connectors.graphql.errors import (
    NOT_FOUND,
    NOT_SUPPORTED,
    error_of,
    errors_of,
    path_of,
    words_of,
)
from adapters.connectors.graphql.responses import GraphqlResponses
from adapters.connectors.graphql.settings import GraphqlCall, GraphqlSettings
from adapters.connectors.http.authentication import open_requests
from adapters.connectors.http.errors import malformed
from adapters.connectors.http.pages import Page, PageReader
from adapters.connectors.http.transport import CORRELATION_HEADER, HttpRequest
from adapters.connectors.http.writes import decided
from adapters.connectors.setup import Setup, SetupError
from adapters.connectors.templates import MISSING, fill
from adapters.connectors.write_replies import WriteResponse
from adapters.contract import (
    CallContext,
    DepartmentError,
    DepartmentRefusedError,
)
from adapters.mapping.access import Shape
from adapters.mapping.json_values import whole_number
from adapters.mapping.values import as_list

ACCEPT = "application/graphql-response+json, application/json;q=0.9"


class GraphqlConnector(Connector):
    """The `graphql` connector of one department.

    Raises:
        SetupError: the schema, a query or a certificate can't be used.
    """

    def __init__(self, setup: Setup[GraphqlSettings, GraphqlCall]) -> None:
        settings = setup.settings
        self._department = setup.department
        self._settings = settings
        self._responses = GraphqlResponses(setup.department, settings)
        self._plans = setup.plans
        self._most_rows = setup.rows
        schema = _schema(setup.folder, settings.sdl) if settings.sdl is not None else None
        self._schema = schema
        self._documents = {
            name: QueryDocument(name, plan.call, schema) for name, plan in setup.plans.items()
        }
        self._writes = setup.writes
        self._mutations = {
            name: mutation_text(name, plan.call, schema) for name, plan in setup.writes.items()
        }
        self._persisted = settings.persisted
        self._headers = {"Accept": ACCEPT, "Content-Type": "application/json", **settings.headers}
        self._requests = open_requests(setup)

    async def call(
        self, capability: str, bindings: Bindings, context: CallContext, shape: Shape | None
    ) -> RowsOfReply:
        plan = self._plans[capability]
        document = self._documents[capability]
        if plan.call.each_key:
            return await self._each_key(plan, document, bindings, context)
        if plan.call.pages is None:
            response = await self._response(document.whole, _filled(plan, bindings), context)
            return self._read(plan, response, bindings)
        failures: dict[str, DepartmentError] = {}

        async def fetch(window: Mapping[str, object], _: str | None) -> Page:
            variables = _filled(plan, {**bindings, **window})
            response = await self._response(document.whole, variables, context)
            found = self._read(plan, response, bindings)
            failures.update(found.failures)
            return Page(found.rows, response["data"], (), "")

        pages = await PageReader(self._department, plan.call.pages, self._most_rows).read(fetch)
        return RowsOfReply(
            pages.rows,
            len(pages.rows),
            has_others=plan.call.whole_table,
            failures=failures,
            missing=pages.missing,
        )

    async def write(
        self, capability: str, bindings: Bindings, context: CallContext
    ) -> WriteResponse:
        plan = self._writes[capability]
        filled = fill(plan.call.variables, bindings)
        body = {
            "query": self._mutations[capability],
            "variables": {} if filled is MISSING else filled,
        }
        request = replace(self._request(body, context), repeatable=False)
        return await self._requests.send(
            request, lambda reply: decided(plan, self._responses.write_response(reply))
        )

    def check_write(self, capability: str, bindings: Bindings, context: CallContext) -> None:
        if self._schema is None:
            return
        filled = fill(self._writes[capability].call.variables, bindings)
        given = {} if filled is MISSING else filled
        reason = wrong_variables(self._mutations[capability], self._schema, given)
        if reason is not None:
            message = f"The variables of {capability} do not fit the schema: {reason}"
            raise DepartmentRefusedError(self._department, message)

    async def _each_key(
        self,
        plan: CallPlan[GraphqlCall],
        document: QueryDocument,
        bindings: Bindings,
        context: CallContext,
    ) -> RowsOfReply:
        bound = bindings.get("keys") or [bindings["key"]]
        keys = bound if isinstance(bound, list) else [bound]
        variables = document.variables_for(
            _filled(plan, bindings), [_filled(plan, {**bindings, "key": key}) for key in keys]
        )
        response = await self._response(document.for_keys(len(keys)), variables, context)
        failures: dict[str, DepartmentError] = {}
        aliases = {f"{ALIAS}{nth}": str(key) for nth, key in enumerate(keys)}
        for error in errors_of(response):
            failed = error_of(self._department, error, self._settings)
            path = path_of(error)
            if not path or path[0] not in aliases:
                raise failed
            failures.setdefault(aliases[str(path[0])], failed)
        rows: list[Any] = []
        for alias, key in aliases.items():
            if key not in failures:
                rows += self._rows(response["data"].get(alias), plan.rows)
        # A null list means that the key was not found. A null in a list is a missing row.
        kept = without_nulls(rows)
        nulls = len(rows) - len(kept)
        missing = null_rows(nulls, len(rows)) if nulls else None
        return RowsOfReply(kept, failures=failures, missing=missing)

    def _read(
        self, plan: CallPlan[GraphqlCall], response: Mapping[str, Any], bindings: Bindings
    ) -> RowsOfReply:
        data = response["data"]
        rows = self._rows(data, plan.rows)
        errors = errors_of(response)
        keys = _keys_of(rows, plan.key, bindings.get("keys")) if errors else ()
        failures: dict[str, DepartmentError] = {}
        for error in errors:
            failed = error_of(self._department, error, self._settings)
            failures.setdefault(self._key_at(path_of(error), plan, keys, failed), failed)
        try:
            total = walk(data, plan.total) if plan.total else None
            count = whole_number(total) if total is not None else None
        except (TypeError, ValueError):
            raise malformed(self._department, "its number of rows") from None
        return RowsOfReply(rows, count, has_others=plan.call.whole_table, failures=failures)

    def _key_at(
        self,
        path: tuple[str | int, ...],
        plan: CallPlan[GraphqlCall],
        keys: Sequence[str | None],
        failed: DepartmentError,
    ) -> str:
        """Return the key of the row that an error concerns; raise the error if there is none."""
        steps = tuple(plan.rows.split("/")) if plan.rows else ()
        within = path[len(steps) :]
        if plan.key is None or path[: len(steps)] != steps or not within:
            raise failed
        # The path into a single object has no index.
        nth = within[0] if isinstance(within[0], int) else 0
        key = keys[nth] if 0 <= nth < len(keys) else None
        if key is None:
            raise failed
        return key

    def _rows(self, tree: Any, path: str | None) -> Sequence[Any]:
        try:
            return as_list(walk(tree, path))
        except TypeError:
            raise malformed(self._department, "its rows") from None

    async def _response(
        self, query: QueryText, variables: Mapping[str, Any], context: CallContext
    ) -> Mapping[str, Any]:
        """Send a query; return the response if it has data, and raise its error otherwise."""
        if self._persisted:
            response = await self._send({"extensions": _persisted(query)}, variables, context)
            words = {word for error in errors_of(response) for word in words_of(error)}
            if words & NOT_SUPPORTED:
                self._persisted = False
            elif not words & NOT_FOUND:
                return self._responses.with_data(response)
        body: dict[str, Any] = {"query": query.text}
        if self._persisted:
            body["extensions"] = _persisted(query)
        return self._responses.with_data(await self._send(body, variables, context))

    async def _send(
        self, body: Mapping[str, Any], variables: Mapping[str, Any], context: CallContext
    ) -> Mapping[str, Any]:
        request = self._request({**body, "variables": variables}, context)
        return await self._requests.send(request, self._responses.read)

    def _request(self, body: Mapping[str, Any], context: CallContext) -> HttpRequest:
        headers = {**self._headers, CORRELATION_HEADER: context.correlation_id}
        try:
            content = orjson.dumps(body)
        except TypeError:
            message = f"The request to {self._department} contains a value that JSON can't have."
            raise DepartmentRefusedError(self._department, message) from None
        return HttpRequest("POST", self._settings.url, headers, content=content)

    async def close(self) -> None:
        await self._requests.close()


def _keys_of(rows: Sequence[Any], path: str | None, listed: object) -> Sequence[str | None]:
    """Return the key of each row; None for a row without a key.

    A null has the key in its position, if the rows are in the order of the listed keys.
    """
    keys: list[str | None] = []
    for row in rows:
        key = None
        with suppress(TypeError):
            key = walk(row, path)
        keys.append(None if key is None else str(key))
    if isinstance(listed, list) and len(listed) == len(rows):
        in_order = list(map(str, listed))
        if all(
            row is None or key == own for row, key, own in zip(rows, keys, in_order, strict=True)
        ):
            return in_order
    return keys


def _filled(plan: CallPlan[GraphqlCall], bindings: Bindings) -> Mapping[str, Any]:
    filled = fill(plan.call.variables, bindings)
    return {} if filled is MISSING else filled


def _persisted(query: QueryText) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": query.digest}}


def _schema(folder: Path, name: str) -> GraphQLSchema:
    key_path = ("connector", "sdl")
    try:
        return build_schema((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"there is no file {name} beside the manifest"
        raise SetupError(key_path, message, "save the department's schema there") from None
    except (OSError, UnicodeDecodeError, GraphQLError, TypeError) as error:
        raise SetupError(key_path, f"{name} can't be read: {error}", "correct it") from None
