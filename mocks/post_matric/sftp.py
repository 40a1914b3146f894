"""An SFTP server for one account, which may read all folders and write to one."""

import hashlib
import socket
from pathlib import Path

import asyncssh
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mocks.call_counts import CallCounts

READER = "hub_reader"
PASSWORD = "hub-reader"
SEED = hashlib.sha256(b"the made-up post-matric server").digest()
"""Seed of the host key: the key is always the same, so that the manifest can contain it."""


def host_key() -> asyncssh.SSHKey:
    """Return the private host key."""
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    return asyncssh.import_private_key(
        key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    )


def public_host_key() -> str:
    """Return the public host key in the form of a manifest's `host_key`."""
    return host_key().export_public_key("openssh").decode().strip()


class _PasswordServer(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (READER, PASSWORD)


async def serve_folder(
    root: Path, listener: socket.socket, calls: CallCounts, inbox: str = ""
) -> asyncssh.SSHAcceptor:
    """Serve the files under `root` until closed; count `list`, `read`, `write` and `rename`.

    Args:
        inbox: name of the folder under `root` that the account may write to; empty for none.
    """

    def count(operation: str) -> None:
        calls.begin(operation)
        calls.end()

    def check_inbox(*paths: bytes) -> None:
        for path in paths:
            folder, _, name = path.strip(b"/").rpartition(b"/")
            if not inbox or folder.decode(errors="replace") != inbox or name in (b"", b".."):
                raise asyncssh.SFTPPermissionDenied("This account may write to its inbox only")

    class Restricted(asyncssh.SFTPServer):
        def __init__(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
            super().__init__(chan, chroot=str(root).encode())

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            if pflags & ~asyncssh.FXF_READ:
                check_inbox(path)
                count("write")
            else:
                count("read")
            return super().open(path, pflags, attrs)

        def scandir(self, path: bytes):  # type: ignore[no-untyped-def]
            count("list")
            return super().scandir(path)

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
            check_inbox(oldpath, newpath)
            count("rename")
            super().posix_rename(oldpath, newpath)

        def remove(self, path: bytes) -> None:
            check_inbox(path)
            super().remove(path)

        def _refuse(self, *_: object) -> None:
            raise asyncssh.SFTPPermissionDenied("This account may not do this")

        rename = mkdir = rmdir = setstat = symlink = link = _refuse  # type: ignore[assignment]

    return await asyncssh.listen(
        sock=listener,
        server_factory=_PasswordServer,
        server_host_keys=[host_key()],
        sftp_factory=Restricted,
        allow_scp=False,
    )
