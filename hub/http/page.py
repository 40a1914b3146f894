"""The page on which a browser can try queries: one static file, nothing fetched from elsewhere."""

from pathlib import Path

QUERY_PAGE = Path(__file__).with_name("query.html")
