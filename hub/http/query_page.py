"""GraphiQL: the page on which to try queries in a browser, with all its files."""

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from hub.http.compression import CODINGS, preferred_coding

STATIC = Path(__file__).with_name("static")
EXAMPLES = STATIC / "examples"
STYLES = ("graphiql.css", "explorer.css", "page.css")
SCRIPTS = ("react.js", "react-dom.js", "graphiql.js", "explorer.js", "sign-in.js", "start.js")
MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
HEADERS = {"x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin"}
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PAGE_HEADERS = {
    **HEADERS,
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
    "vary": "Accept",
}
VARIABLE = re.compile(r"\$(\w+)")


class ExamplesError(Exception):
    """The example queries cannot be read. The message shows the hub's operator what to correct."""


@dataclass(frozen=True, slots=True)
class PageSignIn:
    """Where the page signs people in.

    Attributes:
        issuer: URL of the OpenID Connect issuer.
        client: identifier of the page at this issuer: a public client that uses PKCE.
    """

    issuer: str
    client: str


class QueryPage:
    """The page and its files, in memory. They load nothing from other servers.

    Args:
        examples: folder of the queries in the page's tabs, see `read_examples`.
        sign_in: where the page signs people in; None if it can't.

    Attributes:
        routes: the URLs of the files. They contain a hash of all files, so that browsers may keep
            each file for ever.

    Raises:
        ExamplesError: the examples cannot be read.
    """

    def __init__(self, examples: Path, sign_in: PageSignIn | None = None) -> None:
        self._files = {
            each.name: each.read_bytes()
            for each in sorted(STATIC.iterdir())
            if each.suffix.removeprefix(".") in MEDIA_TYPES
        }
        digest = hashlib.sha384()
        for name, content in self._files.items():
            digest.update(b"%s %d\n" % (name.encode(), len(content)) + content)
        self._digest = digest.hexdigest()[:16]
        self._compressed: dict[tuple[str, bytes], bytes] = {}
        self._page = self._render(read_examples(examples), sign_in)
        issuer = urlsplit(sign_in.issuer) if sign_in is not None else None
        connect = f"; connect-src 'self' {issuer.scheme}://{issuer.netloc}" if issuer else ""
        self._headers = {**PAGE_HEADERS, "content-security-policy": POLICY + connect}
        self.routes = [Route("/graphql/static/{digest}/{name}", self._file)]

    def page(self) -> Response:
        return HTMLResponse(self._page, headers=self._headers)

    def _render(self, examples: list[dict[str, str]], sign_in: PageSignIn | None) -> str:
        # Relative to the page, so that a proxy may serve the hub below another path.
        base = f"graphql/static/{self._digest}"
        links = [
            f'<link rel="icon" href="{base}/icon.svg">',
            *(f'<link rel="stylesheet" href="{base}/{name}">' for name in STYLES),
            *(f'<script defer src="{base}/{name}"></script>' for name in SCRIPTS),
        ]
        template = Template((STATIC / "page.html").read_text(encoding="utf-8"))
        return template.substitute(
            links="\n".join(links), examples=_for_script(examples), sign_in=_for_script(sign_in)
        )

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        content = self._files.get(name)
        if content is None:
            return Response(status_code=404)
        # A page of another version of the hub, during an update, gets the file of this version.
        is_current = request.path_params["digest"] == self._digest
        headers = {
            **HEADERS,
            "cache-control": "public, max-age=31536000, immutable" if is_current else "no-cache",
            "vary": "Accept-Encoding",
        }
        coding = preferred_coding(request.headers.get("accept-encoding", "").encode("latin-1"))
        suffix = name.rpartition(".")[2]
        if coding is not None and suffix != "woff2":
            content = await self._compress(name, content, coding)
            headers["content-encoding"] = coding.decode()
        return Response(content, headers=headers, media_type=MEDIA_TYPES[suffix])

    async def _compress(self, name: str, content: bytes, coding: bytes) -> bytes:
        compressed = self._compressed.get((name, coding))
        if compressed is None:
            compressed = await asyncio.to_thread(CODINGS[coding], content)
            self._compressed[name, coding] = compressed
        return compressed


def _for_script(value: Any) -> str:
    # `</script>` in an example must not end the script element.
    return orjson.dumps(value).decode().replace("<", "\\u003c")


def read_examples(folder: Path) -> list[dict[str, str]]:
    """Return the queries of a folder, in the order of their file names.

    Args:
        folder: contains `*.graphql`, and optionally `variables.json` with the values of their
            variables by name.

    Returns:
        The `query` of each, and its `variables` as JSON.

    Raises:
        ExamplesError: a file cannot be read, or the folder has no query.
    """
    try:
        queries = [each.read_text(encoding="utf-8") for each in sorted(folder.glob("*.graphql"))]
        given = folder / "variables.json"
        values = json.loads(given.read_text(encoding="utf-8")) if given.exists() else {}
    except (OSError, ValueError) as error:
        raise ExamplesError(f"HUB_GRAPHIQL_EXAMPLES={folder}: {error}") from None
    if not queries or not isinstance(values, dict):
        raise ExamplesError(
            f"HUB_GRAPHIQL_EXAMPLES={folder} must contain files *.graphql. "
            "variables.json, if there is one, must be an object."
        )
    return [{"query": query, "variables": _variables(query, values)} for query in queries]


def _variables(query: str, values: Mapping[str, Any]) -> str:
    used = {name: values[name] for name in dict.fromkeys(VARIABLE.findall(query)) if name in values}
    return json.dumps(used, indent=2, ensure_ascii=False) if used else ""
