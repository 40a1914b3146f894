"""Redirects a manifest's connector: to a replay server, a mock, or a department's sandbox."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel

from adapters.manifest import Manifest, load_department

_REQUIRED = re.compile(r"\$\{env:([^}:]+)\}")
_USER = re.compile(r"USER(_?NAME)?$")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
NOWHERE = "http://127.0.0.1:9"


def load_with_placeholders(folder: Path) -> Manifest:
    """Load the manifest, even if environment variables that it requires are not set.

    An unset variable has the value `NOWHERE` (names of users: `hub`), so redirect the connector
    before a call.

    Raises:
        ManifestError: the manifest is wrong.
    """
    try:
        text = (folder / "department.yaml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    unset = {name: "hub" if _USER.search(name) else NOWHERE for name in _REQUIRED.findall(text)}
    return load_department(folder, {**unset, **os.environ})


def redirected(manifest: Manifest, url: str) -> Manifest:
    """Return the manifest with a connector that calls `url`.

    The URL of a database, or of a folder of files, is replaced completely. Other HTTP addresses
    keep their paths, unless `url` has a path.
    """
    settings = manifest.file.connector
    if settings.kind in ("database", "files"):
        return with_connector(manifest, settings.model_copy(update={"url": url}))
    return with_connector(manifest, _moved(settings, url))


def with_connector(manifest: Manifest, settings: BaseModel) -> Manifest:
    return replace(manifest, file=manifest.file.model_copy(update={"connector": settings}))


def with_calls(manifest: Manifest, calls: dict[Any, dict[str, Any]]) -> Manifest:
    """Return the manifest with other calls for these capabilities."""
    capabilities = dict(manifest.file.capabilities)
    for capability, call in calls.items():
        capabilities[capability] = capabilities[capability].model_copy(update={"call": call})
    return replace(manifest, file=manifest.file.model_copy(update={"capabilities": capabilities}))


def _moved(value: Any, url: str) -> Any:
    """Return the settings with other addresses, without validating them a second time."""
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
