"""Reads the description that a department publishes, and writes a manifest to start from.

`wsdl`, `openapi`, `database` and `graphql_endpoint` each read a `Description`. `guesses` finds the
hub's capabilities and fields in it, `write_guesses` the writes. `manifest_folder` writes the
manifest, with the writes as comments. What can't be read becomes a note with its position.
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
    """Return the description of the source.

    Raises:
        IntrospectionError: nothing can be read.
    """
    return KINDS[kind](source)
