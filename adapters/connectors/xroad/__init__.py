"""Departments behind X-Road: its identifiers, its errors, and the line to its REST services.

X-Road's REST message protocol (`pr-rest`) and, for errors, the codes that both protocols share.
"""

from adapters.connectors.xroad.errors import xroad_error
from adapters.connectors.xroad.rest import XRoadLine
from adapters.connectors.xroad.settings import XRoadRestSettings

__all__ = ["XRoadLine", "XRoadRestSettings", "xroad_error"]
