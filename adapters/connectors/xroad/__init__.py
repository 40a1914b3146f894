"""REST departments behind X-Road: its identifiers, and the line through its security server."""

from adapters.connectors.xroad.rest import XRoadLine
from adapters.connectors.xroad.settings import XRoadRestSettings

__all__ = ["XRoadLine", "XRoadRestSettings"]
