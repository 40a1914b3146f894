"""Query texts that are known by their hash ("automatic persisted queries")."""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

MOST_TEXTS = 1000


class UnknownQueryError(LookupError):
    """The text of this hash was never sent."""


class WrongHashError(ValueError):
    """The hash is not that of the text."""


class PersistedQueries:
    """Remembers the texts that were sent with their hash."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()

    def text_of(self, request: Mapping[str, Any]) -> str | None:
        """The request's text, its own or the remembered one; None when it has neither."""
        text = request.get("query")
        extensions = request.get("extensions")
        told = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        digest = told.get("sha256Hash") if isinstance(told, dict) else None
        if not isinstance(digest, str):
            return text if isinstance(text, str) else None
        if isinstance(text, str):
            if sha256(text.encode()).hexdigest() != digest:
                raise WrongHashError
            self._texts[digest] = text
            if len(self._texts) > MOST_TEXTS:
                self._texts.popitem(last=False)
        elif digest not in self._texts:
            raise UnknownQueryError
        return self._texts[digest]
