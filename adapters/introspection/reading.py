"""One way in for every kind of description."""

from collections.abc import Callable, Mapping

from adapters.introspection.database import describe_database
from adapters.introspection.description import Description
from adapters.introspection.fetching import Source
from adapters.introspection.graphql_endpoint import describe_graphql
from adapters.introspection.openapi import describe_openapi
from adapters.introspection.wsdl import describe_wsdl

KINDS: Mapping[str, Callable[[Source], Description]] = {
    "wsdl": describe_wsdl,
    "openapi": describe_openapi,
    "database": lambda source: describe_database(source.address),
    "graphql": describe_graphql,
}


def describe(kind: str, source: Source) -> Description:
    """What the source tells; raises `IntrospectionError` when nothing can be read."""
    return KINDS[kind](source)
