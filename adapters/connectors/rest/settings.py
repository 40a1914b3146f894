"""What a manifest says of a REST department and of each call to it."""

from typing import Any, Literal

from pydantic import Field

from adapters.connectors.http.pages import PagesRule
from adapters.connectors.http.settings import HttpSettings
from adapters.connectors.rest.xroad import XRoadRestSettings
from adapters.mapping.rules import StrictModel
from adapters.units import Bytes, Seconds


class EnvelopeRule(StrictModel):
    """How a reply tells success when HTTP says 200 in any case.

    Attributes:
        ok: path to the value that tells success, and that value, as `status=true`; or
        error: path to what only a failure has.
        error_rows: the reply is a list, and an entry with the `code` path is an error.
        code: path to the department's code.
        message: path to its sentence.
        empty: codes that mean "no rows".
        auth_failed: codes that mean the hub's credentials are wrong.
    """

    ok: str | None = Field(default=None, pattern=r"^[^=]+=[^=]+$")
    error: str | None = None
    error_rows: bool = False
    code: str = "code"
    message: str = "message"
    empty: list[str] = []
    auth_failed: list[str] = []


class EtagsRule(StrictModel):
    """Replies kept by their ETag, to be told again when the department says that they still hold.

    Attributes:
        bytes: most bytes of replies kept.
        keep: how long one is kept.
    """

    bytes: Bytes = 4 << 20
    keep: Seconds = 600.0


class RestSettings(HttpSettings):
    """The connector of a REST department.

    Attributes:
        base_url: what the paths of calls stand below; behind X-Road, the hub's security server.
        headers: sent with every call.
        xroad: the service, for a department behind X-Road.
        envelope: how a reply tells success.
        replies: their format.
        namespaces: of XML, by prefix; names of other namespaces stand without one in paths.
        etags: whether, and how long, replies with an ETag are kept.
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
        query: query parameters; placeholders.
        headers: headers of this call; placeholders.
        body: the body; placeholders.
        body_format: how it is written: `json`, `form` (lists repeat the name) or `xml` (one root).
        empty_statuses: HTTP statuses that mean "no rows".
        bodiless_statuses: those that mean it when nothing comes with them.
        pages: how to read all pages.
        whole_table: the department sends all its rows whatever is asked: rows of other keys are
            no reason for a warning.
    """

    method: Literal["GET", "POST"] = "GET"
    path: str = Field(pattern=r"^/")
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: dict[str, Any] | None = None
    body_format: Literal["json", "form", "xml"] = "json"
    empty_statuses: list[int] = []
    bodiless_statuses: list[int] = []
    pages: PagesRule | None = None
    whole_table: bool = False
