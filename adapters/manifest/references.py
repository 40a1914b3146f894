"""References in a connector's settings: `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.connectors.secrets import Referred
from adapters.manifest.document import Document, KeyPath
from adapters.manifest.problems import Problem

MOST_BYTES = 1 << 16
_REFERENCE = re.compile(r"\$\{(env|file):([^}:]+)(?::-([^}]*))?\}")


def _read(path: Path) -> str:
    """The file's text; OSError or ValueError when it can't be one that holds a credential."""
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is no file")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path} is too large")
    return content.decode("utf-8").strip()


def resolve_references(
    content: Any,
    key_path: KeyPath,
    document: Document,
    problems: list[Problem],
    environment: Mapping[str, str],
) -> Any:
    """The content with every reference replaced; what can't be resolved is added to `problems`."""
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
        key = ".".join(map(str, key_path))
        problems.append(Problem(document.path, document.line_of(key_path), key, message, remedy))
        return ""

    def resolve(match: re.Match[str]) -> str:
        kind, name, default = match.groups()
        if kind == "env":
            value = environment.get(name, default)
            if value is None:
                return problem(f"the environment variable {name} is not set", f"export {name}=…")
            return value
        try:
            return _read(Path(name).expanduser())
        except (OSError, ValueError, RuntimeError):
            if default is not None:
                return default
            return problem(f"the file {name} can't be read", "create it, or correct its path")

    resolved, references = _REFERENCE.subn(resolve, content)
    return Referred(resolved) if references else content
