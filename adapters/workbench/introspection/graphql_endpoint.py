"""Describes a GraphQL department from its SDL, an introspection file, or its endpoint."""

import json
from typing import Any
from urllib.parse import urlsplit

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    build_client_schema,
    build_schema,
    get_introspection_query,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from adapters.workbench.introspection.description import (
    DescribedOperation,
    Description,
    IntrospectionError,
    Kind,
    ValueShape,
)
from adapters.workbench.introspection.source import HTTP, Source
from adapters.workbench.introspection.yaml_text import without_surrogates
from adapters.workbench.operation_names import why_not_read, write_word_in

MOST_DEPTH = 4
_KINDS: dict[str, Kind] = {
    "Int": "integer",
    "Float": "number",
    "Boolean": "truth",
    "Date": "date",
    "DateTime": "datetime",
}


def describe_graphql(source: Source) -> Description:
    """Read the schema of the department.

    Raises:
        IntrospectionError: there is no schema to read.
    """
    schema = _schema(source)
    url = source.shown_address if source.is_remote else ""
    found = Description("graphql", urlsplit(source.address).hostname or "department", {})
    found.connector = {"kind": "graphql", "url": url or "http://127.0.0.1:9"}
    found.make = "GraphQL"
    if schema.subscription_type is not None:
        found.note("subscription", "subscriptions are left out")
    for name, field in (schema.query_type.fields if schema.query_type else {}).items():
        unused = why_not_read(name) if write_word_in(name) else ""
        found.operations.append(_operation("Query", name, field, found, unused))
    for name, field in (schema.mutation_type.fields if schema.mutation_type else {}).items():
        unused = "it is a mutation, which changes data"
        found.operations.append(_operation("Mutation", name, field, found, unused))
    return found


def _operation(
    root: str, name: str, field: GraphQLField, found: Description, unused: str
) -> DescribedOperation:
    position = f"{root}.{name}"
    arguments = [
        _argument(key, each, found, f"{position}({key})") for key, each in field.args.items()
    ]
    reply = _shape(name, field.type, found, position, 0)
    return DescribedOperation(
        name,
        position,
        arguments,
        ValueShape("data", "object", children=[reply]),
        {"field": name, "types": {key: str(each.type) for key, each in field.args.items()}},
        reads=not unused,
        # The connector sends writes as mutations.
        is_callable=root == "Mutation" or not unused,
        unused=unused,
        documentation=(field.description or "")[:200],
    )


def _schema(source: Source) -> GraphQLSchema:
    if urlsplit(source.address).scheme.lower() in HTTP:
        content = source.post({"query": get_introspection_query()})
    else:
        content = source.read_first()
    try:
        text = content.decode()
        if text.lstrip()[:1] == "{":
            tree: Any = without_surrogates(json.loads(text))
            data = tree.get("data", tree)
            return build_client_schema(data)
        return build_schema(text, assume_valid_sdl=True)
    except (GraphQLError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        found = getattr(error, "locations", None) or ()
        where = f" (line {found[0].line}, column {found[0].column})" if found else ""
        raise IntrospectionError(
            f"{source.shown_address} is not a GraphQL schema{where}: give the SDL, the JSON of an "
            "introspection query, or the URL of the endpoint"
        ) from None


def _argument(name: str, given: Any, found: Description, position: str) -> ValueShape:
    shape = _shape(name, given.type, found, position, 0)
    shape.required = _is_required(given)
    return shape


def _is_required(given: Any) -> bool:
    return is_non_null_type(given.type) and given.default_value is Undefined


def _shape(name: str, given: Any, found: Description, position: str, depth: int) -> ValueShape:
    many, inner = False, given
    while is_non_null_type(inner) or is_list_type(inner):
        many = many or is_list_type(inner)
        inner = inner.of_type
    named = get_named_type(given)
    shape = ValueShape(name, many=many)
    if isinstance(named, GraphQLEnumType):
        shape.values = tuple(named.values)
    elif isinstance(named, GraphQLUnionType):
        found.note(position, f"the union {named.name} is left out")
        shape.kind = "any"
    elif isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        shape.kind = "object"
        if depth < MOST_DEPTH:
            for key, field in named.fields.items():
                required = any(
                    is_non_null_type(each.type) for each in getattr(field, "args", {}).values()
                )
                if required:
                    found.note(f"{named.name}.{key}", "it requires arguments; left out")
                    continue
                part = _shape(key, field.type, found, f"{named.name}.{key}", depth + 1)
                part.required = isinstance(named, GraphQLInputObjectType) and _is_required(field)
                if part.kind != "object" or part.children:
                    shape.children.append(part)
    else:
        shape.kind = _KINDS.get(named.name, "text")
    return shape
