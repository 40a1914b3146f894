"""Bodies of requests in the formats that departments take."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from adapters.connectors.xml_trees import write_xml

BODY_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "xml": "application/xml; charset=utf-8",
}


def body_writer(
    body_format: str, namespaces: Mapping[str, str]
) -> Callable[[Mapping[str, Any]], bytes]:
    """What writes a filled body in this format."""
    if body_format == "form":
        return lambda body: urlencode(
            {name: value for name, value in body.items() if value is not None}, doseq=True
        ).encode()
    if body_format == "xml":
        return lambda body: write_xml(body, namespaces)
    return orjson.dumps
