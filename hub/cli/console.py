"""Consoles of the `hub` command, and the error that it prints."""

from rich.console import Console

out = Console()
err = Console(stderr=True)


class CliError(Exception):
    """A mistake that the user can correct. The message says how, in one sentence."""
