"""Replaces references: `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.connectors.secrets import Referred
from adapters.manifest.document import Document, KeyPath
from adapters.manifest.problems import Problem

MOST_BYTES = 1 << 16
NOT_SET = "is not set"
"""End of the message about a variable that is not set."""
REFERENCE = re.compile(r"\$\{(env|file):([^}:]+)(?::-([^}]*))?\}")


def _read(path: Path) -> str:
    """Return the text of a file; raise OSError or ValueError if it can't contain a credential."""
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is not a regular file")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path} is too large")
    return content.decode("utf-8").strip()


def referred_files(content: Any) -> frozenset[Path]:
    """Return the files that the references in a document name."""
    if isinstance(content, str):
        found = REFERENCE.findall(content)
        return frozenset(Path(name).expanduser() for kind, name, _ in found if kind == "file")
    if isinstance(content, Mapping):
        content = list(content.values())
    parts = content if isinstance(content, list) else ()
    return frozenset(path for part in parts for path in referred_files(part))


def resolve_references(
    content: Any,
    key_path: KeyPath,
    document: Document,
    problems: list[Problem],
    environment: Mapping[str, str],
) -> Any:
    """Return the content with every reference replaced.

    References that can't be resolved are added to `problems`; `key_path` is that of the content.
    """
    if isinstance(content, Mapping):
        return {
            key: resolve_references(value, (*key_path, key), document, problems, environment)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [
            resolve_references(value, (*key_path, n), document, problems, environment)
            for n, value in enumerate(content)
        ]
    if not isinstance(content, str):
        return content

    def problem(message: str, remedy: str) -> str:
        problems.append(document.problem(key_path, message, remedy))
        return ""

    def resolve(match: re.Match[str]) -> str:
        kind, name, default = match.groups()
        if kind == "env":
            value = environment.get(name, default)
            if value is None:
                return problem(f"the environment variable {name} {NOT_SET}", f"export {name}=…")
            return value
        try:
            return _read(Path(name).expanduser())
        except (OSError, ValueError, RuntimeError):
            if default is not None:
                return default
            return problem(f"the file {name} can't be read", "create it, or correct its path")

    resolved, references = REFERENCE.subn(resolve, content)
    return Referred(resolved) if references else content
