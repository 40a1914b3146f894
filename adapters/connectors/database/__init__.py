"""Database departments: bound SQL through SQLAlchemy's async engines."""

from adapters.connectors.database.connector import DatabaseConnector
from adapters.connectors.database.settings import DatabaseCall, DatabaseSettings

__all__ = ["DatabaseCall", "DatabaseConnector", "DatabaseSettings"]
