"""Writes the hub's credentials from the security schemes of an OpenAPI document."""

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from adapters.workbench.introspection.description import (
    Description,
    reference,
    server_reference,
    variable_part,
)
from adapters.workbench.introspection.openapi_documents import OpenApiDocuments
from adapters.workbench.introspection.openapi_servers import NO_HOST
from adapters.workbench.introspection.openapi_shapes import list_of, object_of
from adapters.workbench.introspection.source import without_login
from adapters.workbench.introspection.yaml_text import flow

STRONGEST = ("oauth2", "basic", "api_key")
PERSON = "OAuth 2 without the flow for client credentials: the hub can't log in as a person"
BEARER = (
    "DECIDE: the token never changes, or a call returns it: then write `auth: {kind: session}` or "
    "`auth: {kind: oauth2}` in place of the header Authorization."
)


def auth_settings(
    documents: OpenApiDocuments, document: dict[str, Any], found: Description
) -> dict[str, Any]:
    """Return `auth` and `headers` of the connector, with references to the credentials.

    A document may list alternatives: those that it requires first are used. The others become
    comments of `found`, and what the connector can't do becomes a note.
    """
    components = object_of(document.get("components"))
    given = object_of(document.get("securityDefinitions") or components.get("securitySchemes"))
    schemes = {
        name: object_of(documents.resolved(each, f"/securitySchemes/{name}"))
        for name, each in given.items()
    }
    required = _required(document)
    chosen = [name for name in schemes if name in required] or list(schemes)
    credentials = _Credentials(found, chosen)
    for name in sorted(schemes, key=lambda each: each not in chosen):
        credentials.add(name, schemes[name])
    if not required and len(schemes) > len(credentials.headers) > 0:
        found.comments.append("DECIDE: the document does not say which credentials go together.")
    return credentials.settings()


class _Credentials:
    """Collects the hub's credentials.

    Attributes:
        headers: references by the name of the header.
    """

    def __init__(self, found: Description, chosen: Collection[str]) -> None:
        self.headers: dict[str, str] = {}
        self._found = found
        self._chosen = chosen
        # Reserved for the department's address.
        self._names = {"URL"}
        self._auths: list[tuple[str, dict[str, Any]]] = []

    def add(self, name: str, scheme: dict[str, Any]) -> None:
        """Add a security scheme."""
        kind, detail = str(scheme.get("type")), str(scheme.get("scheme") or "").lower()
        is_header = kind == "apiKey" and scheme.get("in") == "header"
        if is_header or (kind == "http" and detail == "bearer"):
            header = str(scheme.get("name")) if is_header else "Authorization"
            if name not in self._chosen:
                self._note(name, f"the header {header} is an alternative")
            elif is_header:
                self.headers[header] = _unique(header, self._names)
            else:
                self.headers[header] = f"Bearer {_unique('TOKEN', self._names)}"
                self._found.comments.append(BEARER)
            return
        auth = _auth(scheme, kind, self._names, str(self._found.connector.get("base_url", "")))
        if auth is not None:
            self._auths.append((name, auth))
            if str(auth.get("token_url")).startswith(NO_HOST):
                self._found.comments.append("DECIDE: the host of `token_url`: the server's")
        elif kind == "oauth2":
            self._note(name, PERSON)
        else:
            words = (kind, detail, str(scheme.get("in") or ""))
            self._note(name, f"security {' '.join(filter(None, words))}: set it up by hand")

    def settings(self) -> dict[str, Any]:
        """Return the keys of the connector; the alternatives become comments."""
        settings: dict[str, Any] = {"headers": self.headers} if self.headers else {}
        auths = sorted(
            self._auths,
            key=lambda each: (each[0] not in self._chosen, STRONGEST.index(each[1]["kind"])),
        )
        if auths and auths[0][0] in self._chosen:
            settings["auth"] = auths.pop(0)[1]
        for name, auth in auths:
            self._found.comments.append(f"DECIDE: or, for {name}: auth: {flow(auth)}")
        return settings

    def _note(self, name: str, message: str) -> None:
        self._found.note(f"/securitySchemes/{name}", message)


def _required(document: dict[str, Any]) -> set[str]:
    """Return the schemes that the document, or its first operation with any, requires first."""
    for requirements in (document.get("security"), *_of_operations(document)):
        for each in list_of(requirements):
            if object_of(each):
                return set(each)
    return set()


def _of_operations(document: dict[str, Any]) -> Iterator[Any]:
    for item in object_of(document.get("paths")).values():
        for method, operation in object_of(item).items():
            if method in ("get", "post"):
                yield object_of(operation).get("security")


def _auth(
    scheme: dict[str, Any], kind: str, names: set[str], base_url: str
) -> dict[str, Any] | None:
    if kind == "basic" or (kind == "http" and str(scheme.get("scheme")).lower() == "basic"):
        return {
            "kind": "basic",
            "username": _unique("USERNAME", names),
            "password": _unique("PASSWORD", names),
        }
    if kind == "apiKey" and scheme.get("in") == "query":
        name = str(scheme.get("name"))
        return {"kind": "api_key", "query": name, "value": _unique(name, names)}
    flows = object_of(scheme.get("flows"))
    flow = object_of(flows.get("clientCredentials"))
    if kind == "oauth2" and scheme.get("flow") == "application":
        flow = scheme
    url = str(flow.get("tokenUrl") or "")
    if kind != "oauth2" or not url:
        return None
    auth: dict[str, Any] = {
        "kind": "oauth2",
        "token_url": _token_url(base_url, url),
        "client_id": _unique("CLIENT_ID", names),
        "client_secret": _unique("CLIENT_SECRET", names),
    }
    scopes = " ".join(object_of(flow.get("scopes")))
    return {**auth, "scope": scopes} if scopes else auth


def _token_url(base_url: str, url: str) -> str:
    """Return the complete address: a relative one is resolved against the server's.

    If it is below the server's address, it is written so that it changes with the server's.
    """
    address = without_login(urljoin(f"{base_url}/", url))
    is_below = not urlsplit(url).netloc and address.startswith(f"{base_url}/")
    return f"{server_reference(base_url)}{address.removeprefix(base_url)}" if is_below else address


def _unique(name: str, names: set[str]) -> str:
    """Return a reference to a variable that no other credential of the department has."""
    wanted, number = variable_part(name), 2
    while wanted in names:
        wanted, number = f"{variable_part(name)}_{number}", number + 1
    names.add(wanted)
    return reference(wanted)
