"""Finds the folder of a department that a command names."""

from collections.abc import Sequence
from pathlib import Path

from adapters.manifest import ManifestError, find_departments
from adapters.manifest.document import read_document
from adapters.mapping.rules import did_you_mean
from hub.cli.console import CliError


def folders_of(names: Sequence[str], *, everything: bool) -> list[Path]:
    """Return the folders of these departments, or of all installed ones.

    Raises:
        CliError: a department does not exist, or none was named.
    """
    folders = find_departments() if everything else [folder_of(each) for each in names]
    if not folders:
        raise CliError("give the name or folder of a department, or --all.")
    return folders


def folder_of(given: str, departments: Path | None = None) -> Path:
    """Return the folder of a manifest, given its path or the name of a department.

    `departments` is the folder of all departments; None: the installed departments.

    Raises:
        CliError: there is no such folder or department.
    """
    path = Path(given)
    if (path / "department.yaml").exists():
        return path
    folders = {_identifier_in(folder): folder for folder in find_departments(departments)}
    if given in folders:
        return folders[given]
    raise CliError(
        f"there is no department {given!r}: {did_you_mean(given, folders)} "
        "You can also give the folder that contains its department.yaml."
    )


def _identifier_in(folder: Path) -> str:
    """Return the identifier in the manifest; the folder's name if the manifest can't be read."""
    try:
        content = read_document(folder / "department.yaml").content
    except ManifestError:
        return folder.name
    return str(content.get("department", folder.name)) if isinstance(content, dict) else folder.name
