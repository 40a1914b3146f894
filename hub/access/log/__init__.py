"""The access log: who read which data about which person, why, and on which legal basis."""

from hub.access.log.entries import AccessEntry
from hub.access.log.writer import AccessLog

__all__ = ["AccessEntry", "AccessLog"]
