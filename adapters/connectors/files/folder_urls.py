"""Returns the folders that a manifest names: on this machine, or on an SFTP server."""

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from adapters.connectors.files.folders import (
    DeliveryFolder,
    LocalFolder,
    LocalOutbox,
    OutboxFolder,
)
from adapters.connectors.files.settings import FilesSettings, OutboxRule
from adapters.connectors.setup import SetupError

if TYPE_CHECKING:
    from adapters.connectors.files.sftp import SftpFolder


def delivery_folder(settings: FilesSettings, seconds: float) -> DeliveryFolder:
    """Return the folder into which the department delivers files.

    Raises:
        SetupError: the SFTP client is missing, or a key is not valid.
    """
    if settings.url.startswith("file:"):
        return LocalFolder(Path(_path_of(settings)))
    return _sftp_folder(settings, seconds, None)


def outbox_folder(settings: FilesSettings, rule: OutboxRule, seconds: float) -> OutboxFolder:
    """Return the folder into which the hub delivers the files of an outbox; as above."""
    path = posixpath.normpath(posixpath.join(_path_of(settings), rule.folder))
    if settings.url.startswith("file:"):
        return LocalOutbox(Path(path))
    return _sftp_folder(settings, seconds, path)


def _path_of(settings: FilesSettings) -> str:
    return unquote(urlsplit(settings.url).path)


def _sftp_folder(settings: FilesSettings, seconds: float, path: str | None) -> "SftpFolder":
    try:
        from adapters.connectors.files.sftp import SftpFolder
    except ImportError:
        raise SetupError(
            ("connector", "url"),
            "the SFTP client is not installed",
            "install the extra `sftp`: pip install 'citizen-hub[sftp]'",
        ) from None
    return SftpFolder(settings, seconds, path)
