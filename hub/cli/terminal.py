"""The terminal: answers go to standard output, everything else beside it."""

from rich.console import Console

out = Console()
err = Console(stderr=True)
