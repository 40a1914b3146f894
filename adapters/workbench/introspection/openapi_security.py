"""Writes the hub's credentials from the security schemes of an OpenAPI document."""

from collections.abc import Iterator
from typing import Any

from adapters.workbench.introspection.description import Description, reference, variable_part
from adapters.workbench.introspection.openapi_documents import OpenApiDocuments
from adapters.workbench.introspection.openapi_shapes import list_of, object_of

STRONGEST = ("oauth2", "basic", "api_key")
DECIDE = "DECIDE"


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
    # The department's address has this name.
    names = {"URL"}
    headers: dict[str, str] = {}
    auths: list[tuple[str, dict[str, Any]]] = []
    for name in sorted(schemes, key=lambda each: each not in chosen):
        scheme, kind = schemes[name], str(schemes[name].get("type"))
        header = str(scheme.get("name"))
        if kind == "apiKey" and scheme.get("in") == "header":
            if name in chosen:
                headers[header] = _unique(header, names)
            else:
                found.note(f"/securitySchemes/{name}", f"the header {header} is an alternative")
            continue
        auth = _auth(scheme, kind, names)
        if auth is None:
            detail = scheme.get("scheme") or scheme.get("flow") or scheme.get("in") or ""
            found.note(f"/securitySchemes/{name}", _unsupported(kind, str(detail)))
        else:
            auths.append((name, auth))
    auths.sort(key=lambda each: (each[0] not in chosen, STRONGEST.index(each[1]["kind"])))
    settings: dict[str, Any] = {}
    if headers and len(schemes) > len(headers) and not required:
        found.comments.append("DECIDE: the document does not say which credentials go together.")
    if headers:
        settings["headers"] = headers
    if auths:
        settings["auth"] = auths[0][1]
    for name, auth in auths[1:]:
        words = ", ".join(f"{key}: {value}" for key, value in auth.items())
        found.comments.append(f"DECIDE: or, for {name}: auth: {{{words}}}")
    return settings


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


def _auth(scheme: dict[str, Any], kind: str, names: set[str]) -> dict[str, Any] | None:
    if kind == "basic" or (kind == "http" and str(scheme.get("scheme")).lower() == "basic"):
        return {
            "kind": "basic",
            "username": _unique("USERNAME", names),
            "password": _unique("PASSWORD", names),
        }
    if kind == "apiKey" and scheme.get("in") == "query":
        name = str(scheme.get("name"))
        return {"kind": "api_key", "query": name, "value": _unique(name, names)}
    if kind == "http" and str(scheme.get("scheme")).lower() == "bearer":
        return None
    flows = object_of(scheme.get("flows"))
    flow = object_of(flows.get("clientCredentials"))
    if kind == "oauth2" and scheme.get("flow") == "application":
        flow = scheme
    url = str(flow.get("tokenUrl") or "")
    if kind != "oauth2" or not url:
        return None
    auth: dict[str, Any] = {
        "kind": "oauth2",
        "token_url": url if url.startswith(("http://", "https://")) else f"https://{DECIDE}/token",
        "client_id": _unique("CLIENT_ID", names),
        "client_secret": _unique("CLIENT_SECRET", names),
    }
    scopes = " ".join(object_of(flow.get("scopes")))
    return {**auth, "scope": scopes} if scopes else auth


def _unsupported(kind: str, detail: str) -> str:
    if kind == "http" and detail.lower() == "bearer":
        return (
            "a bearer token: write `auth: {kind: session, ...}` if a login returns it, or the "
            "header Authorization with a reference"
        )
    if kind == "oauth2":
        return "OAuth 2 without the flow for client credentials: the hub can't log in as a person"
    return f"security {kind} {detail}: set it up by hand".replace("  ", " ")


def _unique(name: str, names: set[str]) -> str:
    """Return a reference to a variable that no other credential of the department has."""
    wanted, number = variable_part(name), 2
    while wanted in names:
        wanted, number = f"{variable_part(name)}_{number}", number + 1
    names.add(wanted)
    return reference(wanted)
