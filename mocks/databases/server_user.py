"""The operating system user that a database server runs as."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The user and group of a database server; None for those of this process."""

    name: str | None
    group: int | None

    def run(self, command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this user until it ends."""
        return subprocess.run(
            command,
            cwd=cwd,
            user=self.name,
            group=self.group,
            capture_output=True,
            text=True,
            check=False,
        )

    def give(self, path: Path) -> None:
        """Make this user the owner of a file or directory."""
        if self.name is not None:
            os.chown(path, pwd.getpwnam(self.name).pw_uid, self.group or -1)


def server_user() -> ServerUser:
    """Return `nobody` if this process is root (database servers refuse to run as root)."""
    if os.geteuid() != 0:
        return ServerUser(None, None)
    nobody = pwd.getpwnam("nobody")
    return ServerUser(nobody.pw_name, nobody.pw_gid)
