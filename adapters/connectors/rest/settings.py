"""Manifest keys of a REST department and of its calls."""

from typing import Any, Literal

from pydantic import Field

from adapters.connectors.http.settings import HttpSettings, PagesRule
from adapters.connectors.rest.xroad import XRoadRestSettings
from adapters.connectors.secrets import TextOfCall
from adapters.mapping.rules import StrictModel
from adapters.units import Bytes, Seconds


class EnvelopeRule(StrictModel):
    """How a reply reports success, for departments that always answer HTTP 200.

    Attributes:
        ok: path to the value that reports success, and that value, for example `status=true`.
        error: path that exists only in a failure.
        error_rows: true if the reply is a list, and an element that has the path `code` is an
            error.
        code: path to the department's code.
        message: path to the department's message.
        empty: codes that mean "no rows".
        auth_failed: codes that mean that the hub's credentials are wrong.
    """

    ok: str | None = Field(default=None, pattern=r"^[^=]+=[^=]+$")
    error: str | None = None
    error_rows: bool = False
    code: str = "code"
    message: str = "message"
    empty: list[str] = []
    auth_failed: list[str] = []


class EtagsRule(StrictModel):
    """Replies that are stored by their ETag and reused if the department answers 304.

    Attributes:
        bytes: maximum size of all stored replies.
        keep: time for which a reply is stored.
    """

    bytes: Bytes = 4 << 20
    keep: Seconds = 600.0


class RestSettings(HttpSettings):
    """The connector of a REST department.

    Attributes:
        base_url: URL to which the `path` of each call is appended; behind X-Road, the hub's
            security server.
        headers: headers of every call.
        xroad: the service, if the department is behind X-Road.
        envelope: how a reply reports success.
        replies: format of replies.
        namespaces: XML namespaces by prefix. Names in other namespaces have no prefix in paths.
        etags: stores replies that have an ETag, and sends conditional requests.
    """

    kind: Literal["rest"]
    base_url: str = Field(pattern=r"^https?://")
    headers: dict[str, str] = {}
    xroad: XRoadRestSettings | None = None
    envelope: EnvelopeRule | None = None
    replies: Literal["json", "xml"] = "json"
    namespaces: dict[str, str] = {}
    etags: EtagsRule | None = None


class RestCall(StrictModel):
    """One call.

    Attributes:
        method: HTTP method.
        path: path below `base_url`; placeholders are percent-encoded.
        query: query parameters; may contain placeholders.
        headers: headers of this call; may contain placeholders.
        body: the body; may contain placeholders.
        body_format: format of the body: `json`, `form` (a list repeats its name) or `xml` (one
            root element).
        empty_statuses: HTTP statuses that mean "no rows".
        bodiless_statuses: HTTP statuses that mean "no rows" if there is no body.
        pages: how to read all pages.
        whole_table: the department always sends its whole table: rows of other keys cause no
            warning.
    """

    method: Literal["GET", "POST"] = "GET"
    path: str = Field(pattern=r"^/")
    query: dict[str, TextOfCall] = {}
    headers: dict[str, TextOfCall] = {}
    body: dict[str, Any] | None = None
    body_format: Literal["json", "form", "xml"] = "json"
    empty_statuses: list[int] = []
    bodiless_statuses: list[int] = []
    pages: PagesRule | None = None
    whole_table: bool = False


class RestWrite(StrictModel):
    """The call of a write.

    Attributes:
        method: HTTP method.
        path: path below `base_url`; placeholders are percent-encoded.
        query: query parameters; may contain placeholders.
        headers: headers of this call; may contain placeholders.
        body: the body; may contain placeholders.
        body_format: format of the body: `json`, `form` (a list repeats its name) or `xml` (one
            root element).
    """

    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = "POST"
    path: str = Field(pattern=r"^/")
    query: dict[str, TextOfCall] = {}
    headers: dict[str, TextOfCall] = {}
    body: dict[str, Any] | None = None
    body_format: Literal["json", "form", "xml"] = "json"
