"""Reads what a department publishes of itself, and writes a manifest to start from.

`wsdl`, `openapi`, `database` and `graphql_endpoint` each give a `Description`; `guessing` finds the
hub's words in it; `writing` puts a folder there. Whatever can't be read is named with its place.
"""

from adapters.introspection.description import Description, IntrospectionError, Note
from adapters.introspection.fetching import Source
from adapters.introspection.reading import KINDS, describe
from adapters.introspection.writing import write_folder

__all__ = [
    "KINDS",
    "Description",
    "IntrospectionError",
    "Note",
    "Source",
    "describe",
    "write_folder",
]
