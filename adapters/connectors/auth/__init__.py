"""How the hub proves to a department who it is: the blocks `auth` and `tls` of HTTP connectors."""

from adapters.connectors.auth.line import open_line
from adapters.connectors.auth.settings import AuthSettings, TlsSettings

__all__ = ["AuthSettings", "TlsSettings", "open_line"]
