"""Checks of the forms that departments receive."""

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

MOST_DOCUMENT_BYTES = 2 << 20


def text_of(fields: object, name: str) -> str:
    """Return a field as text without surrounding blanks; empty if it is missing or no scalar."""
    value = fields.get(name) if isinstance(fields, Mapping) else None
    return str(value).strip() if isinstance(value, str | int | float) else ""


def missing_field(fields: object, *names: str) -> str | None:
    """Return the first of these fields that is missing or blank; None if there is none."""
    return next((name for name in names if not text_of(fields, name)), None)


def without_content(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a mock keeps of a document: everything but its content."""
    return {name: value for name, value in document.items() if name != "content"}


def document_problem(document: object) -> str | None:
    """Return what is wrong with a document; None if nothing is.

    Args:
        document: has `name`, `content` in Base64, and `sha256` of the content.
    """
    missing = missing_field(document, "name", "content", "sha256")
    if missing is not None:
        return f"{missing} is missing"
    try:
        content = base64.b64decode(text_of(document, "content"), validate=True)
    except (binascii.Error, ValueError):
        return "content is not Base64"
    if len(content) > MOST_DOCUMENT_BYTES:
        return "document is larger than 2 MB"
    if sha256(content).hexdigest() != text_of(document, "sha256").lower():
        return "sha256 does not match the content"
    return None
