"""How a manifest says that replies come in pages."""

from typing import Literal, Self

from pydantic import Field, model_validator

from adapters.mapping.rules import StrictModel


class PagesRule(StrictModel):
    """How a reply that comes in pages is read whole.

    Attributes:
        by: how the next page is asked for: `{page}` counts pages, `{offset}` counts rows,
            `{cursor}` is what the last page told, `link` is the Link header (RFC 8288).
        count: path to the number of pages, or
        total: path to the number of rows (`by: page` and `offset`); without either, pages are
            read until one has fewer than `size` rows.
        size: rows in a page.
        first: number of the first page.
        next: path to the cursor of the next page; none, or an empty one, ends.
        more: path to a truth value that says whether there is a next page, where told.
        at_once: pages asked for at once, where their number is told.
        most: pages read at most; a longer reply is an error, never cut in silence.
    """

    by: Literal["page", "offset", "cursor", "link"] = "page"
    count: str | None = None
    total: str | None = None
    size: int | None = Field(default=None, gt=0)
    first: int = Field(default=1, ge=0, le=1)
    next: str | None = None
    more: str | None = None
    at_once: int = Field(default=1, gt=0, le=16)
    most: int = Field(default=20, gt=0, le=1000)

    @model_validator(mode="after")
    def _knows_the_end(self) -> Self:
        if self.by == "cursor" and self.next is None:
            raise ValueError("pages by cursor need `next`: the path to the next page's cursor")
        if self.by in ("cursor", "link"):
            return self
        needs_size = self.by == "offset" or self.count is None
        if needs_size and self.size is None:
            raise ValueError("say how many rows a page has (`size`), or where `count` is")
        return self
