"""Reads what a department publishes of itself, and writes a manifest to start from.

`wsdl`, `openapi`, `database` and `graphql_endpoint` each give a `Description`; `guessing` finds the
hub's words in it; `writing` puts a folder there. Whatever can't be read is named with its place.
"""

from collections.abc import Callable, Mapping

from adapters.workbench.introspection.database import describe_database
from adapters.workbench.introspection.description import Description, IntrospectionError, Note
from adapters.workbench.introspection.graphql_endpoint import describe_graphql
from adapters.workbench.introspection.manifest_folder import write_folder
from adapters.workbench.introspection.openapi import describe_openapi
from adapters.workbench.introspection.source import Source
from adapters.workbench.introspection.wsdl import describe_wsdl

__all__ = [
    "KINDS",
    "Description",
    "IntrospectionError",
    "Note",
    "Source",
    "describe",
    "write_folder",
]

KINDS: Mapping[str, Callable[[Source], Description]] = {
    "wsdl": describe_wsdl,
    "openapi": describe_openapi,
    "database": lambda source: describe_database(source.address),
    "graphql": describe_graphql,
}


def describe(kind: str, source: Source) -> Description:
    """What the source tells; raises `IntrospectionError` when nothing can be read."""
    return KINDS[kind](source)
