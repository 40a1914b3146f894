"""The schema's ports: choose departments, call them through the gateway, merge their rows."""

from hub.federation.directory import Directory
from hub.federation.federation import Federation

__all__ = ["Directory", "Federation"]
