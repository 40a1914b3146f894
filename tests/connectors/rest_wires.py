"""The same rows in JSON and in XML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import orjson


@dataclass(frozen=True, slots=True)
class Wire:
    """A format of rows, and its description in a manifest."""

    write: Callable[[Sequence[Mapping[str, Any]]], bytes]
    connector: Mapping[str, Any]
    rows: str


def _json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return orjson.dumps({"rows": rows})


def _xml(rows: Sequence[Mapping[str, Any]]) -> bytes:
    inner = "".join(_element("f:row", each) for each in rows)
    return (
        '<f:reply xmlns:f="urn:forest" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<f:rows>{inner}</f:rows></f:reply>"
    ).encode()


def _element(name: str, value: Any) -> str:
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(n, v) for n, v in value.items())}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"


WIRES = {
    "json": Wire(_json, {}, "rows"),
    "xml": Wire(_xml, {"replies": "xml"}, "reply/rows/row"),
}
