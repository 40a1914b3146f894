"""SOAP departments: zeep holds the WSDL and writes requests; replies are read by `reader`."""

from adapters.connectors.soap.connector import SoapConnector
from adapters.connectors.soap.settings import SoapCall, SoapSettings

__all__ = ["SoapCall", "SoapConnector", "SoapSettings"]
