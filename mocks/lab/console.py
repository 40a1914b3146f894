"""Consoles of the lab's commands, and the error that they print."""

from rich.console import Console

out = Console()
err = Console(stderr=True)


class LabError(Exception):
    """A mistake that the user can correct. The message says how, in one sentence."""
