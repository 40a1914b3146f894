"""Connector for databases: reads by SQL in read-only sessions, and writes by procedures."""

from adapters.connectors.database.connector import DatabaseConnector
from adapters.connectors.database.settings import DatabaseCall, DatabaseSettings, DatabaseWrite

__all__ = ["DatabaseCall", "DatabaseConnector", "DatabaseSettings", "DatabaseWrite"]
