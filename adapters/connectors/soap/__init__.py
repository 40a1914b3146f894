"""The `soap` connector. zeep reads the WSDL and writes requests; `reader` reads replies."""

from adapters.connectors.soap.connector import SoapConnector
from adapters.connectors.soap.settings import SoapCall, SoapSettings, SoapWrite

__all__ = ["SoapCall", "SoapConnector", "SoapSettings", "SoapWrite"]
