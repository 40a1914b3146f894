"""Finds credentials that are written in a manifest instead of references to them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.connectors.secrets import names_secret
from adapters.manifest.document import Document, KeyPath
from adapters.manifest.problems import Problem

_DEPARTMENT_NAMES = frozenset({"headers", "arguments", "body", "parameters"})
"""Keys of mappings whose keys are names that the department chose. All other credentials have the
type `Secret`, which accepts references only."""
_REFERENCE_OR_PLACEHOLDER = re.compile(r"\$\{(env|file):|\{[a-z_]+[^{}]*\}")
_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@\s:]*:(?P<password>[^/@\s]+)@", re.IGNORECASE)


def literal_credentials(content: Any, document: Document, at: KeyPath) -> Iterator[Problem]:
    """Return a problem for each literal credential in `content`. Messages never contain it.

    A default in a reference (`${env:NAME:-demo-key}`) is allowed: it is for demonstrations.

    Args:
        content: value of the manifest, for example its connector.
        document: the manifest file, for line numbers.
        at: key path of `content`.
    """
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from literal_credentials(value, document, (*at, str(key)))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from literal_credentials(value, document, (*at, number))
    elif isinstance(content, str) and content and not _REFERENCE_OR_PLACEHOLDER.search(content):
        name = next((step for step in reversed(at) if isinstance(step, str)), "")
        what = "a credential"
        if _IN_URL.match(content):
            what = "a password in a URL"
        elif _DEPARTMENT_NAMES.isdisjoint(at[:-1]) or not names_secret(name):
            return
        variable = re.sub(r"\W+", "_", f"HUB_{document.path.parent.name}_{name}").upper()
        remedy = f"write ${{env:{variable}}}, or ${{file:PATH}}"
        yield document.problem(at, f"{what} is written in the file", remedy)
