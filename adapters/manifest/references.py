"""References in a connector's settings: `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.connectors.secrets import Referred
from adapters.manifest.document import Document, Place
from adapters.manifest.problems import Problem

_REFERENCE = re.compile(r"\$\{(env|file):([^}:]+)(?::-([^}]*))?\}")


def resolve_references(
    content: Any, place: Place, document: Document, problems: list[Problem]
) -> Any:
    """The content with every reference replaced; what can't be resolved is added to `problems`."""
    if isinstance(content, Mapping):
        return {
            key: resolve_references(value, (*place, key), document, problems)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [
            resolve_references(value, (*place, n), document, problems)
            for n, value in enumerate(content)
        ]
    if not isinstance(content, str):
        return content

    def problem(message: str, remedy: str) -> str:
        key = ".".join(map(str, place))
        problems.append(Problem(document.path, document.line_of(place), key, message, remedy))
        return ""

    def resolve(match: re.Match[str]) -> str:
        kind, name, default = match.groups()
        if kind == "env":
            value = os.environ.get(name, default)
            if value is None:
                return problem(f"the environment variable {name} is not set", f"export {name}=…")
            return value
        try:
            return Path(name).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            if default is not None:
                return default
            return problem(f"the file {name} can't be read", "create it, or correct its path")

    resolved, references = _REFERENCE.subn(resolve, content)
    return Referred(resolved) if references else content
