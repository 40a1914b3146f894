"""Replies that come in pages, over any wire."""

from adapters.connectors.paging.reader import Page, PageReader
from adapters.connectors.paging.rule import PagesRule

__all__ = ["Page", "PageReader", "PagesRule"]
