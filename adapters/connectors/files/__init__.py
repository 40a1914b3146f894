"""Connector for departments that deliver files, CSV or fixed-width, by folder or SFTP."""

from adapters.connectors.files.connector import FilesConnector
from adapters.connectors.files.settings import FilesCall, FilesSettings, FilesWrite

__all__ = ["FilesCall", "FilesConnector", "FilesSettings", "FilesWrite"]
