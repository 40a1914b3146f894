"""Reads a document and its imports, with limits, and only from hosts that the user named."""

import asyncio
import contextlib
import ipaddress
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from adapters.workbench.introspection.description import IntrospectionError

PASSWORD = "HUB_INTROSPECT_PASSWORD"  # noqa: S105
MOST_BYTES = 16 << 20
MOST_DOCUMENTS = 60
MOST_SECONDS = 60.0
LONGEST_WAIT = 20.0
MOST_REDIRECTS = 5
HTTP = ("http", "https")
SCHEMAS = (".xsd", ".wsdl")
DESCRIPTIONS = (*SCHEMAS, ".xml", ".json", ".yaml", ".yml", ".graphql")


class NotReadError(Exception):
    """A document can't be read; the message says why."""


@dataclass(slots=True)
class Source:
    """The first document, and the folders or hosts from which its imports may be read.

    Attributes:
        address: path or URL of the first document.
        user: user for basic auth; the environment variable HUB_INTROSPECT_PASSWORD has the
            password.
        hosts: other hosts to import from, for example `schemas.example` or `schemas.example:8443`.
    """

    address: str
    user: str | None = None
    hosts: Sequence[str] = ()
    _bytes: int = 0
    _documents: int = 0
    _began: float = field(default_factory=time.monotonic)

    @property
    def is_remote(self) -> bool:
        return urlsplit(self.address).scheme.lower() in HTTP

    @property
    def shown_address(self) -> str:
        """The address without a user and a password, for messages and files."""
        return without_login(self.address)

    def read_first(self) -> bytes:
        """Read the first document.

        Raises:
            IntrospectionError: it can't be read.
        """
        try:
            return self.read(self.address if self.is_remote else str(Path(self.address).resolve()))
        except NotReadError as error:
            raise IntrospectionError(f"{self.shown_address} can't be read: {error}") from None

    @property
    def base(self) -> str:
        """The URL or absolute path of the first document."""
        return self.address if self.is_remote else str(Path(self.address).resolve())

    def resolve(self, base: str, location: str) -> str:
        """Return the address of the document that the one at `base` imports from `location`.

        Raises:
            NotReadError: `location` is not an address, or not allowed.
        """
        try:
            return self._resolved(base, location)
        except (ValueError, OSError, RuntimeError):
            raise NotReadError("its address is invalid") from None

    def _resolved(self, base: str, location: str) -> str:
        scheme = urlsplit(location).scheme.lower()
        if urlsplit(base).scheme.lower() in HTTP:
            return urljoin(base, location)
        if scheme in HTTP:
            saved = self._saved_beside(base, location)
            if saved is None:
                raise NotReadError(
                    "a file can't import from the network; save it as "
                    f"{_names_of(location)[0]} beside {Path(base).name}"
                )
            return saved
        if scheme == "file":
            location = unquote(urlsplit(location).path)
        path = (Path(base).parent / unquote(location)).resolve()
        if not path.exists():
            return self._saved_beside(base, location) or str(path)
        return str(path)

    def _saved_beside(self, base: str, location: str) -> str | None:
        """Return the file that a user saved for `location` beside its importer or the first file.

        Its name is the last part of the location: `types.xsd`, or `xsd0.xsd` for `?xsd=xsd0`.
        """
        for folder in (Path(base).parent, Path(self.base).parent):
            for name in _names_of(location):
                path = folder / name
                if path.is_file() and str(path.resolve()) != base:
                    return str(path.resolve())
        return None

    def read(self, address: str) -> bytes:
        """Read the document at `address`.

        Raises:
            NotReadError: it can't be read, or a limit is exceeded.
        """
        self._documents += 1
        if self._documents > MOST_DOCUMENTS:
            raise NotReadError(f"there are more than {MOST_DOCUMENTS} documents")
        if time.monotonic() - self._began > MOST_SECONDS:
            raise NotReadError(f"reading took more than {MOST_SECONDS:g} seconds")
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
                remedy = f"; save it as {path.name} beside {Path(self.base).name}"
                raise NotReadError(f"there is no such file{remedy if address != self.base else ''}")
            if path.stat().st_size > self._left():
                raise NotReadError(f"it has more than {MOST_BYTES:,} bytes")
            return path.read_bytes()
        except OSError as error:
            raise NotReadError(error.strerror or "it can't be opened") from None

    def post(self, body: Mapping[str, Any]) -> bytes:
        """POST the body as JSON to the source and return the reply.

        Raises:
            IntrospectionError: there is no usable reply.
        """
        try:
            content = self._fetch(self.address, body)
        except NotReadError as error:
            raise IntrospectionError(f"{self.shown_address} can't be queried: {error}") from None
        self._bytes += len(content)
        return content

    def _fetch(self, address: str, body: Mapping[str, Any] | None = None) -> bytes:
        for _ in range(MOST_REDIRECTS):
            try:
                self._check_host(address)
                content = asyncio.run(self._fetch_once(address, body))
                if isinstance(content, bytes):
                    return content
                address = urljoin(address, content)
            except TimeoutError:
                raise NotReadError(f"reading took more than {MOST_SECONDS:g} seconds") from None
            except httpx.TimeoutException:
                raise NotReadError(f"no reply within {LONGEST_WAIT:g} seconds") from None
            except httpx.ConnectError:
                raise NotReadError("the server can't be reached, or refuses TLS") from None
            except httpx.HTTPError:
                raise NotReadError("the server broke off or sent no valid HTTP reply") from None
            except (httpx.InvalidURL, ValueError):
                raise NotReadError("its address is invalid") from None
        raise NotReadError("it redirects too often")

    def _check_host(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme.lower() not in HTTP:
            raise NotReadError(f"it is not at an HTTP address ({parts.scheme or 'no scheme'})")
        if parts.scheme.lower() == "http" and urlsplit(self.address).scheme.lower() == "https":
            raise NotReadError("it is not encrypted, but the first document was")
        is_named = any(_is_named(address, host) for host in self.hosts)
        if not is_named and not self._is_first_host(address):
            raise NotReadError(
                f"it is on a host that was not named ({parts.netloc.rpartition('@')[2]})"
            )

    def _is_first_host(self, address: str) -> bool:
        return _host(address) == _host(self.address)

    async def _fetch_once(self, address: str, body: Mapping[str, Any] | None) -> bytes | str:
        """Return the content, or the address of a redirect; raise `TimeoutError` at the limit."""
        left = MOST_SECONDS - (time.monotonic() - self._began)
        # Only the first host gets the password.
        is_known = self.user and self._is_first_host(address)
        auth = httpx.BasicAuth(self.user or "", os.environ.get(PASSWORD, "")) if is_known else None
        # Limit the whole request: httpx limits only the time between two parts of a reply.
        async with asyncio.timeout(max(left, 0)):
            async with (
                httpx.AsyncClient(timeout=LONGEST_WAIT, trust_env=False, auth=auth) as client,
                client.stream(
                    "GET" if body is None else "POST",
                    address,
                    headers={"Accept": "*/*"},
                    json=body,
                ) as reply,
            ):
                if reply.is_redirect:
                    return str(reply.headers.get("Location", ""))
                if reply.status_code == 401:
                    raise NotReadError(f"it requires a password: give --user, and {PASSWORD}")
                if reply.status_code != 200:
                    raise NotReadError(f"HTTP {reply.status_code}")
                return await self._bounded(reply)

    async def _bounded(self, reply: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in reply.aiter_bytes():
            size += len(chunk)
            if size > self._left():
                raise NotReadError(f"there are more than {MOST_BYTES:,} bytes")
            chunks.append(chunk)
        return b"".join(chunks)


def without_login(address: str) -> str:
    """Return a URL without its user and password."""
    return re.sub(r"^([A-Za-z][\w+.-]*://)[^/?#]*@", r"\1", address)


def _names_of(location: str) -> list[str]:
    """Return the names of files in which a user may have saved the document at a location."""
    parts = urlsplit(location)
    last = unquote(parts.path).replace("\\", "/").rpartition("/")[2]
    key, _, value = parts.query.rpartition("=")
    suffix = ".wsdl" if key.lower().endswith("wsdl") else ".xsd"
    queried = unquote(value).rpartition("/")[2]
    names = [f"{queried}{suffix}", queried, f"{last}?{parts.query}"]
    if queried.endswith(SCHEMAS):
        names.sort(key=lambda each: each != queried)
    found = [*(names if queried else ()), last, f"{last}.xsd"]
    found.sort(key=lambda each: each != last or not last.endswith(SCHEMAS))
    kept = [each for each in found if each and not each.startswith(".")]
    return kept or ["schema.xsd"]


def _is_near(path: Path, root: Path) -> bool:
    """Return True for a file in the folder, in a sibling folder, or a schema one folder up.

    Outside the folder only files with the suffix of a description are allowed, and hidden files
    nowhere.
    """
    around = root.parent
    if path.is_relative_to(root):
        inner = path.relative_to(root).parts
    elif around != Path(root.anchor) and path.is_relative_to(around):
        inner = path.relative_to(around).parts
        if path.suffix.lower() not in (SCHEMAS if len(inner) == 1 else DESCRIPTIONS):
            return False
    else:
        return False
    return not any(part.startswith(".") for part in inner)


def _is_named(address: str, host: str) -> bool:
    """Return True if the address is on `host`, for example `schemas.example:8443`."""
    named = urlsplit(host if "//" in host else f"//{host}")
    wanted = _host(address)
    return _host(named.geturl())[0] == wanted[0] and named.port in (None, wanted[1])


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
