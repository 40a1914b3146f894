"""Whom a database server runs as."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Database servers refuse to run as root, so root hands them to `nobody`; None is oneself."""

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


def server_user() -> ServerUser:
    """The one for this process."""
    if os.geteuid() != 0:
        return ServerUser(None, None)
    nobody = pwd.getpwnam("nobody")
    return ServerUser(nobody.pw_name, nobody.pw_gid)
