"""Finds literal credentials in a manifest."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.connectors.secrets import names_secret
from adapters.connectors.templates import placeholders_in
from adapters.manifest.document import Document, KeyPath
from adapters.manifest.problems import Problem
from adapters.manifest.references import REFERENCE

PARTS_OF_CALL = ("arguments", "body", "headers", "query", "variables")
"""Keys of a call that may have references as values."""
_DEPARTMENT_NAMES = frozenset({*PARTS_OF_CALL, "parameters"})
"""Keys of mappings in which the department chose the names. All other credentials have the
type `Secret`, which accepts references only."""
PASSWORD_IN_URL = re.compile(
    r"^[a-z][a-z0-9+.-]*://[^/@\s:]*:(?P<password>[^/@\s]+)@", re.IGNORECASE
)
_IN_QUERY = re.compile(r"[?&](?P<name>[\w.-]+)=(?P<value>[^&{}\s]+)")
TRIVIAL = re.compile(r"(?i)true|false|yes|no|on|off|null|\d{0,2}")


def parts_of_calls(content: Any) -> Iterator[tuple[str, str, str, Any]]:
    """Yield the parts of calls that may contain references.

    Each has the section (`capabilities` or `writes`), the capability, the key of its call, and the
    value. `content` is that of `department.yaml`; it may have mistakes.
    """
    for section in ("capabilities", "writes"):
        capabilities = content.get(section) if isinstance(content, dict) else None
        for name, model in capabilities.items() if isinstance(capabilities, dict) else ():
            call = model.get("call") if isinstance(model, dict) else None
            for key, value in call.items() if isinstance(call, dict) else ():
                if key == "path" or (key in PARTS_OF_CALL and isinstance(value, dict)):
                    yield section, str(name), str(key), value


def literal_credentials(document: Document) -> Iterator[Problem]:
    """Return a problem for each literal credential in a manifest. Messages never contain it.

    A default in a reference (`${env:NAME:-demo-key}`) is allowed: it is for demonstrations.
    """
    content = document.content if isinstance(document.content, dict) else {}
    yield from _literals_in(content.get("connector"), document, ("connector",))
    for section, capability, key, value in parts_of_calls(content):
        yield from _literals_in(value, document, (section, capability, "call", key))


def _literals_in(content: Any, document: Document, at: KeyPath) -> Iterator[Problem]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _literals_in(value, document, (*at, str(key)))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _literals_in(value, document, (*at, number))
    elif isinstance(content, str) and content and not REFERENCE.search(content):
        found = _found_in(content, at)
        if found is not None:
            what, name = found
            variable = re.sub(r"\W+", "_", f"HUB_{document.path.parent.resolve().name}_{name}")
            remedy = f"write ${{env:{variable.upper()}}}, or ${{file:PATH}}"
            yield document.problem(at, f"{what} is written in the file", remedy)


def _found_in(content: str, at: KeyPath) -> tuple[str, str] | None:
    """Return what a text contains and a name for it; None if it contains no credential."""
    name = next((step for step in reversed(at) if isinstance(step, str)), "")
    if PASSWORD_IN_URL.match(content):
        return "a password in a URL", name
    for match in _IN_QUERY.finditer(content) if name in ("path", "url", "base_url") else ():
        if names_secret(match["name"]) and not TRIVIAL.fullmatch(match["value"]):
            return f"the credential {match['name']!r} in a URL", match["name"]
    if placeholders_in(content) or _DEPARTMENT_NAMES.isdisjoint(at[:-1]):
        return None
    if not names_secret(name) or TRIVIAL.fullmatch(content):
        return None
    return "a credential", name
