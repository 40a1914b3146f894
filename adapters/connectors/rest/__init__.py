"""The `rest` connector: JSON or XML over HTTP."""

from adapters.connectors.rest.connector import RestConnector
from adapters.connectors.rest.settings import RestCall, RestSettings, RestWrite

__all__ = ["RestCall", "RestConnector", "RestSettings", "RestWrite"]
