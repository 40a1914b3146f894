"""Fills paths and headers so that a key can't change the target, and writes bodies."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

import orjson

from adapters.connectors.connector import Bindings
from adapters.connectors.http.xml import write_xml
from adapters.connectors.templates import fill_to_text

_SEPARATORS = re.compile(r"[/\\]")
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


def fill_path(template: str, bindings: Bindings) -> str | None:
    """Return the path with its placeholders filled and percent-encoded; None if a key is unsafe.

    An empty key would address the whole collection, and `..` something outside of it, because
    servers decode slashes and dots. No record has such a key.
    """
    encoded: dict[str, object] = {}
    for name, value in bindings.items():
        if f"{{{name}" not in template:
            continue
        if isinstance(value, dt.date):
            encoded[name] = value
            continue
        values = value if isinstance(value, list | tuple) else [value]
        texts = [str(each) for each in values]
        if not all(map(_is_safe, texts)):
            return None
        encoded[name] = ",".join(quote(text, safe="") for text in texts)
    path = fill_to_text(template, encoded)
    return path if path is not None and _is_safe(path, of_whole=True) else None


def _is_safe(text: str, *, of_whole: bool = False) -> bool:
    if not of_whole and not text.strip():
        return False
    for each in (text, unquote(text), unquote(unquote(text))):
        if any(part.strip() in (".", "..") for part in _SEPARATORS.split(each)):
            return False
    return True


def fill_headers(templates: Mapping[str, str], bindings: Bindings) -> dict[str, str]:
    """Return headers with placeholders filled; only printable ASCII stays unencoded."""
    filled = {name: fill_to_text(template, bindings) for name, template in templates.items()}
    return {name: quote(text, safe=_PRINTABLE) for name, text in filled.items() if text is not None}


BODY_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "xml": "application/xml; charset=utf-8",
}


def body_writer(
    body_format: str, namespaces: Mapping[str, str]
) -> Callable[[Mapping[str, Any]], bytes]:
    """Return the function that writes a filled body in this format."""
    if body_format == "form":
        return lambda body: urlencode(
            {name: value for name, value in body.items() if value is not None}, doseq=True
        ).encode()
    if body_format == "xml":
        return lambda body: write_xml(body, namespaces)
    return orjson.dumps
