"""The access log: who read which data about which person, why, and on which legal basis."""

from hub.access.log.access_log import AccessLog
from hub.access.log.acts import Act
from hub.access.log.database import default_spill, default_url
from hub.access.log.entries import AccessEntry
from hub.access.log.options import LogOptions, options_of

__all__ = [
    "AccessEntry",
    "AccessLog",
    "Act",
    "LogOptions",
    "default_spill",
    "default_url",
    "options_of",
]
