"""Converts the content of a reply to nested mappings and lists, in the way its call says."""

from typing import Any

from adapters.connectors.connector import walk
from adapters.connectors.http.errors import shortened
from adapters.connectors.http.xml import NotXmlError, parse_text, without_forbidden
from adapters.connectors.soap.encoded import EncodedReader
from adapters.connectors.soap.envelope import Opened
from adapters.connectors.soap.packed_text import unpack
from adapters.connectors.soap.reader import Read, compile_element
from adapters.connectors.soap.schemaless_xml import (
    local_name,
    read_children,
    read_loosely,
    tables_of,
)
from adapters.connectors.soap.settings import SoapRequest
from adapters.connectors.soap.wsdl import Operation, Wsdl
from schema.provenance import SourceWarning

Tree = dict[str, Any]


class UndescribedError(ValueError):
    """The reply does not have the form that the WSDL or the manifest describes.

    The message says what was received, in words that clients may see.
    """


class ResultReader:
    """Reads the replies of one call."""

    def __init__(self, call: SoapRequest, operation: Operation, wsdl: Wsdl) -> None:
        self._call = call
        self._operation = operation
        self._wsdl = wsdl
        self._output = operation.zeep.output.body if operation.zeep.output is not None else None
        self._compiled: Read = read_loosely
        if self._output is not None and not operation.encoded_output:
            self._compiled = compile_element(self._output, wsdl.client.wsdl.types, wsdl.substitutes)

    def read(self, opened: Opened) -> tuple[Tree, list[SourceWarning]]:
        """Return the reply, and warnings about what was repaired.

        Raises:
            UndescribedError: the reply does not have the described form.
        """
        warnings = list(opened.warnings)
        if self._call.result == "diffgram":
            self._check_name(opened)
            return dict(tables_of(opened.content) or {}), warnings
        tree = self._described(opened, warnings)
        if self._call.result == "described":
            return tree, warnings
        text = self._text_in(tree)
        if text is None:
            return {}, warnings
        if self._call.packed is not None:
            try:
                return unpack(text, self._call.packed), warnings
            except ValueError:
                raise UndescribedError("the packed text has an unexpected form") from None
        try:
            cleaned, repairs = without_forbidden(text)
        except NotXmlError:
            raise UndescribedError("the text has too many forbidden characters") from None
        return _xml_in(cleaned), [*warnings, *repairs]

    def _described(self, opened: Opened, warnings: list[SourceWarning]) -> Tree:
        if self._operation.encoded_output:
            reader = EncodedReader(opened.body, self._wsdl.array_types)
            try:
                tree = reader.read(opened.content)
            except ValueError as error:
                raise UndescribedError(str(error)) from None
            warnings += reader.warnings
            return tree
        self._check_name(opened)
        try:
            value = self._compiled(opened.content)
        except (ValueError, TypeError):
            raise UndescribedError("an element has an unexpected content") from None
        if value is None or isinstance(value, dict):
            return value or {}
        # document/literal bare with a simple value.
        return {"value": value}

    def _check_name(self, opened: Opened) -> None:
        """Check the name of a document's element. Servers choose the name of an rpc wrapper."""
        if self._operation.is_rpc or self._output is None:
            return
        expected = local_name(self._output.qname.text)
        received = local_name(str(opened.content.tag))
        if received != expected:
            raise UndescribedError(f"{shortened(received)} instead of {expected}")

    def _text_in(self, tree: Tree) -> str | None:
        found: Any = tree
        if self._call.text is not None:
            try:
                found = walk(tree, self._call.text)
            except TypeError:
                raise UndescribedError(f"no object at {self._call.text}") from None
        while isinstance(found, dict) and len(found) == 1:
            (found,) = found.values()
        if isinstance(found, dict | list):
            raise UndescribedError("an object or list instead of a text")
        return None if found is None or not str(found).strip() else str(found)


def _xml_in(text: str) -> Tree:
    """Parse XML from a text with one or several roots; return their contents by name."""
    try:
        root = parse_text(text)
    except NotXmlError:
        try:
            return read_children(parse_text(f"<roots>{text}</roots>"))
        except NotXmlError:
            raise UndescribedError("the text is not XML") from None
    return {local_name(str(root.tag)): read_loosely(root)}
