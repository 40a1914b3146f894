"""One department's line: whatever the hub asks a department goes through here."""

from hub.link.line import Line

__all__ = ["Line"]
