"""Finds the manifest that a person at the terminal means."""

from pathlib import Path

from adapters.manifest import find_departments
from adapters.mapping.rules import did_you_mean
from hub.cli.failures import CliError


def folder_of(given: str) -> Path:
    """The folder itself if it is one, else the installed department of that name."""
    path = Path(given)
    if (path / "department.yaml").exists():
        return path
    folders = {folder.name: folder for folder in find_departments()}
    if given in folders:
        return folders[given]
    raise CliError(
        f"there is no department {given!r}: {did_you_mean(given, folders)} "
        "Or give the folder that holds its department.yaml."
    )
