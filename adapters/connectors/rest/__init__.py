"""REST departments: JSON over HTTP."""

from adapters.connectors.rest.connector import RestConnector
from adapters.connectors.rest.settings import RestCall, RestSettings

__all__ = ["RestCall", "RestConnector", "RestSettings"]
