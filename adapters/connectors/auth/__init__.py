"""How the hub reaches a department over HTTP and proves who it is: `auth`, `tls` and `proxy`."""

from adapters.connectors.auth.line import open_line
from adapters.connectors.auth.settings import HttpSettings, ProxySettings, TlsSettings

__all__ = ["HttpSettings", "ProxySettings", "TlsSettings", "open_line"]
