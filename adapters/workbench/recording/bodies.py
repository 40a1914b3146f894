"""Turns the body of a reply into the content of a sample."""

import json
from typing import Any

from lxml import etree

from adapters.workbench.recording.replacement import Replacer


class CanNotRecordError(Exception):
    """The reply can't become a sample; the message says why, and what to do."""


def sample_of_tree(replacer: Replacer, tree: Any) -> bytes:
    """Return the tree as JSON with personal data replaced."""
    replaced = replacer.replace_json(tree)
    return json.dumps(replaced, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def sample_of_body(replacer: Replacer, body: bytes) -> tuple[bytes, str]:
    """Return the body with personal data replaced, and the suffix of its format."""
    if body.lstrip()[:1] == b"<":
        try:
            return replacer.replace_xml(body), ".xml"
        except etree.XMLSyntaxError:
            raise CanNotRecordError(
                "the reply is XML with a syntax error; write the sample by hand"
            ) from None
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        raise CanNotRecordError(
            "the reply is neither JSON nor XML; write the sample by hand, with made-up people"
        ) from None
    return sample_of_tree(replacer, tree), ".json"
