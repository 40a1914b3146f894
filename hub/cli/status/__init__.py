"""`hub status`: how a running hub and its departments do."""

from hub.cli.status.watching import parse_interval, show_once, watch

__all__ = ["parse_interval", "show_once", "watch"]
