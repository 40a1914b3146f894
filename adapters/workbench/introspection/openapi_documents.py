"""Reads an OpenAPI document, and the documents that it references."""

import json
from typing import Any
from urllib.parse import unquote, urldefrag

import yaml

from adapters.workbench.introspection.description import Description, IntrospectionError
from adapters.workbench.introspection.source import NotReadError, Source
from adapters.workbench.introspection.yaml_text import read_yaml

LONGEST_CHAIN = 40


class OpenApiDocuments:
    """The documents of one source. Unusable references become notes of `found`."""

    def __init__(self, source: Source, found: Description) -> None:
        self._source = source
        self._found = found
        self._documents: dict[str, Any] = {}

    def read_first(self) -> Any:
        """Return the content of the first document.

        Raises:
            IntrospectionError: it can't be read.
        """
        base = self._source.base
        self._documents[base] = self._parse(self._source.read_first(), self._source.address)
        return self._documents[base]

    def _parse(self, content: bytes, address: str) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            pass
        try:
            return read_yaml(content)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            words = " ".join(str(error).split())[:200]
            raise IntrospectionError(f"{address} is neither JSON nor YAML: {words}") from None

    def resolved(self, given: Any, at: str) -> Any:
        """Return the target of a reference; `given` itself if it is not a reference."""
        seen: set[str] = set()
        while isinstance(given, dict) and isinstance(given.get("$ref"), str):
            reference = given["$ref"]
            if reference in seen or len(seen) > LONGEST_CHAIN:
                self._found.note(at, f"the reference {reference} is circular")
                return None
            seen.add(reference)
            given = self._target(reference, at)
        return given

    def _target(self, reference: str, at: str) -> Any:
        where, pointer = urldefrag(reference)
        document: Any = self._documents[self._source.base]
        if where:
            try:
                address = self._source.resolve(self._source.base, where)
                if address not in self._documents:
                    self._documents[address] = self._parse(self._source.read(address), address)
                document = self._documents[address]
            except (NotReadError, IntrospectionError) as error:
                self._found.note(at, f"{reference} is not read: {error}")
                return None
        for step in unquote(pointer).split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(document, dict) and key in document:
                document = document[key]
            elif isinstance(document, list) and key.isdecimal() and int(key) < len(document):
                document = document[int(key)]
            else:
                self._found.note(at, f"the reference {reference} has no target")
                return None
        if where and isinstance(document, dict) and "$ref" in document:
            self._found.note(
                at, f"{reference}: references within another document are not followed"
            )
            return {key: value for key, value in document.items() if key != "$ref"}
        return document
