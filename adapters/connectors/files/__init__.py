"""Departments that leave files: CSV and fixed-width drops in a folder or on an SFTP server."""

from adapters.connectors.files.connector import FilesConnector
from adapters.connectors.files.settings import FilesCall, FilesSettings

__all__ = ["FilesCall", "FilesConnector", "FilesSettings"]
