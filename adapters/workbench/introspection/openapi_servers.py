"""Reads the addresses of a REST department from its OpenAPI document."""

import posixpath
import re
from typing import Any
from urllib.parse import urljoin

from adapters.workbench.introspection.description import Description
from adapters.workbench.introspection.openapi_shapes import list_of, object_of
from adapters.workbench.introspection.source import Source, without_login

NO_HOST = "http://127.0.0.1:9"
_ABSOLUTE = re.compile(r"(?i)https?://([^/]*)(.*)")


def base_url(source: Source, document: dict[str, Any], found: Description) -> str:
    """Return the address to which paths are added; add a note to `found` if it has no host."""
    servers = list_of(document.get("servers"))
    if servers:
        url = server_url(servers[0])
        if len(servers) > 1:
            found.comments.append(f"The document lists {len(servers)} servers; the first is used.")
    else:
        schemes = [str(each) for each in list_of(document.get("schemes"))]
        scheme = "https" if "https" in schemes else schemes[0] if schemes else "https"
        url = str(document.get("basePath") or "")
        if document.get("host"):
            url = f"{scheme}://{document['host']}{url}"
    if source.is_remote:
        return without_login(urljoin(source.address, url or "/")).rstrip("/")
    if url.startswith("//"):
        return f"https:{url}".rstrip("/")
    absolute = _ABSOLUTE.fullmatch(url)
    if absolute is None or "{" in absolute[1]:
        message = f"the address of the server is not complete ({url or 'none'}): give its host"
        found.note("/servers", message)
        url = absolute[2] if absolute is not None else url
        found.comments.append("DECIDE: the host of the server")
        url = NO_HOST + posixpath.normpath(f"/{url.strip('/')}")
    return url.rstrip("/")


def server_url(given: Any) -> str:
    """Return the address of a server with its variables filled in."""
    server = object_of(given)
    url = str(server.get("url") or "")
    for name, variable in object_of(server.get("variables")).items():
        url = url.replace(f"{{{name}}}", str(object_of(variable).get("default", "")))
    return url
