"""Reads the source and what it imports: bounded, and from no host that was not named."""

import contextlib
import ipaddress
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from adapters.introspection.description import IntrospectionError

PASSWORD = "HUB_INTROSPECT_PASSWORD"  # noqa: S105
MOST_BYTES = 16 << 20
MOST_DOCUMENTS = 60
MOST_SECONDS = 60.0
MOST_REDIRECTS = 5
HTTP = ("http", "https")


class NotReadError(Exception):
    """One document can't be read; the message says why."""


@dataclass(slots=True)
class Source:
    """Where documents come from: a file and what is beside it, or one host.

    Attributes:
        address: path or URL that the person named.
        user: for basic auth; the password is in the environment (HUB_INTROSPECT_PASSWORD).
    """

    address: str
    user: str | None = None
    _bytes: int = 0
    _documents: int = 0
    _began: float = field(default_factory=time.monotonic)

    @property
    def is_remote(self) -> bool:
        return urlsplit(self.address).scheme.lower() in HTTP

    def read_first(self) -> bytes:
        """Raises `IntrospectionError`."""
        try:
            return self.read(self.address if self.is_remote else str(Path(self.address).resolve()))
        except NotReadError as error:
            raise IntrospectionError(f"{self.address} can't be read: {error}") from None

    @property
    def base(self) -> str:
        return self.address if self.is_remote else str(Path(self.address).resolve())

    def resolve(self, base: str, location: str) -> str:
        """The address of what a document at `base` calls `location`; raises `NotReadError`."""
        scheme = urlsplit(location).scheme.lower()
        if urlsplit(base).scheme.lower() in HTTP:
            return urljoin(base, location)
        if scheme in HTTP:
            raise NotReadError(f"it is on the network ({location}); save it beside the first file")
        if scheme == "file":
            location = unquote(urlsplit(location).path)
        return str((Path(base).parent / unquote(location)).resolve())

    def read(self, address: str) -> bytes:
        """The document's bytes; raises `NotReadError`."""
        self._documents += 1
        if self._documents > MOST_DOCUMENTS:
            raise NotReadError(f"there are more than {MOST_DOCUMENTS} documents")
        if time.monotonic() - self._began > MOST_SECONDS:
            raise NotReadError(f"reading took more than {MOST_SECONDS:.0f} seconds")
        remote = urlsplit(address).scheme.lower() in HTTP
        content = self._fetch(address) if remote else self._open(address)
        self._bytes += len(content)
        return content

    def _left(self) -> int:
        return MOST_BYTES - self._bytes

    def _open(self, address: str) -> bytes:
        root = Path(self.address).resolve().parent
        path = Path(address)
        if self.is_remote or not (path == Path(self.base) or _is_near(path, root)):
            raise NotReadError("it is outside the folder of the first file")
        try:
            if not path.is_file():
                raise NotReadError("there is no such file")
            if path.stat().st_size > self._left():
                raise NotReadError(f"it has more than {MOST_BYTES:,} bytes")
            return path.read_bytes()
        except OSError as error:
            raise NotReadError(error.strerror or "it can't be opened") from None

    def _fetch(self, address: str) -> bytes:
        for _ in range(MOST_REDIRECTS):
            self._check_host(address)
            content = self._fetch_once(address)
            if isinstance(content, bytes):
                return content
            address = urljoin(address, content)
        raise NotReadError("it redirects too often")

    def _check_host(self, address: str) -> None:
        if _host(address) != _host(self.address):
            raise NotReadError(f"it is on a host that was not named ({urlsplit(address).hostname})")

    def _fetch_once(self, address: str) -> bytes | str:
        """The content, or the place it redirects to."""
        password = os.environ.get(PASSWORD, "")
        auth = httpx.BasicAuth(self.user, password) if self.user else None
        try:
            with (
                httpx.Client(timeout=20, trust_env=False, auth=auth) as client,
                client.stream("GET", address, headers={"Accept": "*/*"}) as reply,
            ):
                if reply.is_redirect:
                    return str(reply.headers.get("Location", ""))
                if reply.status_code == 401:
                    raise NotReadError(f"it asks for a password: give --user, and {PASSWORD}")
                if reply.status_code != 200:
                    raise NotReadError(f"HTTP {reply.status_code}")
                return self._bounded(reply)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotReadError(f"{type(error).__name__}") from None

    def _bounded(self, reply: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in reply.iter_bytes():
            size += len(chunk)
            if size > self._left():
                raise NotReadError(f"there are more than {MOST_BYTES:,} bytes")
            if time.monotonic() - self._began > MOST_SECONDS:
                raise NotReadError(f"reading took more than {MOST_SECONDS:.0f} seconds")
            chunks.append(chunk)
        return b"".join(chunks)


def _is_near(path: Path, root: Path) -> bool:
    """Within the folder, or in a folder beside it (`../schemas/x.xsd` is usual)."""
    near = root.parent if root.parent != Path(root.anchor) else root
    return path.is_relative_to(root) or path.is_relative_to(near)


def _host(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    host = (parts.hostname or "").lower().rstrip(".")
    with contextlib.suppress(ValueError):
        host = str(ipaddress.ip_address(host))
    try:
        port = parts.port
    except ValueError:
        port = None
    return host, port or (443 if parts.scheme == "https" else 80)
