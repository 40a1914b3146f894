"""Points a manifest's connector elsewhere: at a replay, at a mock, at a department's sandbox."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel

from adapters.manifest import Manifest, load_department

_REQUIRED = re.compile(r"\$\{env:([^}:]+)\}")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
NOWHERE = "http://127.0.0.1:9"


def load_with_placeholders(folder: Path) -> Manifest:
    """The manifest, with stand-ins for the environment variables that are not set.

    Of use only where the connector is pointed elsewhere. Raises `ManifestError`.
    """
    with _stand_ins(folder / "department.yaml"):
        return load_department(folder)


@contextmanager
def _stand_ins(path: Path) -> Iterator[None]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    missing = [name for name in set(_REQUIRED.findall(text)) if name not in os.environ]
    for name in missing:
        os.environ[name] = NOWHERE
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]


def redirected(manifest: Manifest, url: str) -> Manifest:
    """The manifest with its connector at `url`.

    The URL of a database, or of a folder of files, is replaced whole. Every other http address
    keeps its path, unless `url` has one of its own.
    """
    settings = manifest.file.connector
    if settings.kind in ("database", "files"):
        return with_connector(manifest, settings.model_copy(update={"url": url}))
    return with_connector(manifest, _moved(settings, url))


def with_connector(manifest: Manifest, settings: BaseModel) -> Manifest:
    return replace(manifest, file=manifest.file.model_copy(update={"connector": settings}))


def with_calls(manifest: Manifest, calls: dict[Any, dict[str, Any]]) -> Manifest:
    """The manifest with other calls for these capabilities."""
    capabilities = dict(manifest.file.capabilities)
    for capability, call in calls.items():
        capabilities[capability] = capabilities[capability].model_copy(update={"call": call})
    return replace(manifest, file=manifest.file.model_copy(update={"capabilities": capabilities}))


def _moved(value: Any, url: str) -> Any:
    """The same settings with other addresses; checked before, they are not checked again."""
    if isinstance(value, BaseModel):
        changes = {name: _moved(getattr(value, name), url) for name in type(value).model_fields}
        return value.model_copy(update=changes)
    if isinstance(value, dict):
        return {key: _moved(each, url) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, url) for each in value]
    if not isinstance(value, str) or not _HTTP.match(value):
        return value
    there, old = urlsplit(url), urlsplit(value)
    path = there.path if there.path not in ("", "/") else old.path
    return urlunsplit((there.scheme, there.netloc, path, old.query, ""))
