"""Finds the manifest that a person at the terminal means."""

from pathlib import Path

from adapters.manifest import ManifestError, find_departments
from adapters.manifest.document import read_document
from adapters.mapping.rules import did_you_mean
from hub.cli.console import CliError


def folder_of(given: str) -> Path:
    """The folder itself if it is one, else the installed department of that name."""
    path = Path(given)
    if (path / "department.yaml").exists():
        return path
    folders = {_identifier_in(folder): folder for folder in find_departments()}
    if given in folders:
        return folders[given]
    raise CliError(
        f"there is no department {given!r}: {did_you_mean(given, folders)} "
        "Or give the folder that holds its department.yaml."
    )


def _identifier_in(folder: Path) -> str:
    """What its manifest calls the department; the folder's name where that can't be read."""
    try:
        content = read_document(folder / "department.yaml").content
    except ManifestError:
        return folder.name
    return str(content.get("department", folder.name)) if isinstance(content, dict) else folder.name
