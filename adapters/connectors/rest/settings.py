"""What a manifest says of a REST department and of each call to it."""

from typing import Any, Literal

from pydantic import Field

from adapters.mapping.rules import StrictModel


class EnvelopeRule(StrictModel):
    """How a reply tells success when HTTP says 200 in any case.

    Attributes:
        ok: path to the value that tells success, and that value, as `status=true`.
        error_rows: the reply is a list, and an entry with the `code` path is an error.
        code: path to the department's code.
        message: path to its sentence.
        empty: codes that mean "no rows".
        auth_failed: codes that mean the hub's credentials are wrong.
    """

    ok: str | None = Field(default=None, pattern=r"^[^=]+=[^=]+$")
    error_rows: bool = False
    code: str = "code"
    message: str = "message"
    empty: list[str] = []
    auth_failed: list[str] = []


class PagesRule(StrictModel):
    """How a reply that comes in pages is read whole.

    Attributes:
        count: path to the number of pages.
        most: pages read at most; a longer reply is an error, never cut in silence.
    """

    count: str
    most: int = Field(default=20, gt=0, le=1000)


class RestSettings(StrictModel):
    """The connector of a REST department."""

    kind: Literal["rest"]
    base_url: str = Field(pattern=r"^https?://")
    headers: dict[str, str] = {}
    envelope: EnvelopeRule | None = None


class RestCall(StrictModel):
    """One call.

    Attributes:
        method: HTTP method.
        path: path below `base_url`; placeholders are percent-encoded.
        query: query parameters; placeholders.
        body: JSON body; placeholders.
        empty_statuses: HTTP statuses that mean "no rows".
        pages: how to read all pages; `{page}` is the page's number, from 1.
    """

    method: Literal["GET", "POST"] = "GET"
    path: str = Field(pattern=r"^/")
    query: dict[str, str] = {}
    body: dict[str, Any] | None = None
    empty_statuses: list[int] = []
    pages: PagesRule | None = None
