"""Which department answers what; identity crosswalk; merging; the one door to departments."""

from hub.federation.directory import Directory
from hub.federation.federation import Federation

__all__ = ["Directory", "Federation"]
