"""Reads an OpenAPI document, and the documents that it references."""

import json
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urldefrag

import yaml

from adapters.workbench.introspection.description import Description, IntrospectionError
from adapters.workbench.introspection.source import NotReadError, Source
from adapters.workbench.introspection.yaml_text import read_yaml, without_surrogates

LONGEST_CHAIN = 40


class OpenApiDocuments:
    """The documents of one source. Unusable references become notes of `found`."""

    def __init__(self, source: Source, found: Description) -> None:
        self._source = source
        self._found = found
        self._documents: dict[str, Any] = {}
        self._unresolved: dict[str, str] = {}

    def read_first(self) -> Any:
        """Return the content of the first document.

        Raises:
            IntrospectionError: it can't be read.
        """
        base = self._source.base
        content = self._source.read_first()
        first = self._parse(content, self._source.shown_address)
        is_json = content.lstrip()[:1] == b"{"
        self._found.files["openapi.json" if is_json else "openapi.yaml"] = content
        self._documents[base] = self._located(first, base)
        return self._documents[base]

    def _parse(self, content: bytes, address: str) -> Any:
        try:
            return without_surrogates(json.loads(content))
        except (ValueError, RecursionError):
            pass
        try:
            return without_surrogates(read_yaml(content))
        except RecursionError:
            raise IntrospectionError(f"{address} is nested too deeply") from None
        except UnicodeDecodeError as error:
            raise IntrospectionError(
                f"{address} is not UTF-8 (byte {error.start}); save it as UTF-8"
            ) from None
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
            limit = f": {error}" if type(error) is yaml.YAMLError and error.args else ""
            raise IntrospectionError(
                f"{address} is neither JSON nor YAML{where}{limit}; save the document itself, "
                "not a page that shows it"
            ) from None

    def _located(self, value: Any, base: str) -> Any:
        """Return a document with the full address in each reference to another document.

        A reference within a document that is not the first gets the document's address too.
        """
        if isinstance(value, list):
            return [self._located(each, base) for each in value]
        if not isinstance(value, dict):
            return value
        found = {key: self._located(each, base) for key, each in value.items()}
        reference = value.get("$ref")
        if isinstance(reference, str):
            where, pointer = urldefrag(reference)
            if where:
                try:
                    where = self._source.resolve(base, where)
                except NotReadError as error:
                    self._unresolved[reference] = str(error)
                    return found
            elif base != self._source.base:
                where = base
            found["$ref"] = f"{where}#{pointer}"
        return found

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
        if reference in self._unresolved:
            self._found.note(at, f"{reference} is not read: {self._unresolved[reference]}")
            return None
        address, _, pointer = reference.rpartition("#")
        address = address or self._source.base
        shown = f"{PurePosixPath(address).name}#{pointer}" if reference[:1] != "#" else reference
        try:
            if address not in self._documents:
                read = self._parse(self._source.read(address), PurePosixPath(address).name)
                self._documents[address] = self._located(read, address)
                # A part alone can't be read again. `hub check` needs the whole document.
                self._found.files.clear()
            document = self._documents[address]
        except (NotReadError, IntrospectionError) as error:
            self._found.note(at, f"{shown} is not read: {error}")
            return None
        if pointer and not pointer.startswith("/"):
            self._found.note(at, f"the reference {shown} names an anchor: write a JSON pointer")
            return None
        for step in unquote(pointer).split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(document, dict) and key in document:
                document = document[key]
            elif isinstance(document, list) and key.isdecimal() and int(key) < len(document):
                document = document[int(key)]
            else:
                self._found.note(at, f"the reference {shown} has no target")
                return None
        return document
