"""Finds the link to the next page in Link headers (RFC 8288)."""

import re
from collections.abc import Iterable, Iterator

_LINK = re.compile(r"[\s,]*<(?P<target>[^>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*(?P<name>[!#$%&'*+\-.^_`|~\w]+)\s*
        (?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s",;]+)))?""",
    re.VERBOSE,
)


def next_link(headers: Iterable[str]) -> str | None:
    """Return the target of the first link with the relation `next`; None if there is none."""
    for header in headers:
        for target, relations in _links(header):
            if "next" in relations:
                return target
    return None


def _links(header: str) -> Iterator[tuple[str, list[str]]]:
    position = 0
    while found := _LINK.match(header, position):
        position = found.end()
        relations: list[str] | None = None
        while parameter := _PARAMETER.match(header, position):
            position = parameter.end()
            # Only the first `rel` of a link counts (RFC 8288, 3.3).
            if parameter["name"].lower() == "rel" and relations is None:
                value = parameter["quoted"] or parameter["token"] or ""
                relations = value.lower().split()
        yield found["target"].strip(), relations or []
