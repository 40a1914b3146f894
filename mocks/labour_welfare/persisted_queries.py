"""Automatic persisted queries: a client sends the hash of a query text it has sent before."""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

MOST_TEXTS = 1000


class UnknownQueryError(LookupError):
    """No text with this hash was sent before."""


class WrongHashError(ValueError):
    """The hash does not match the text."""


class PersistedQueries:
    """Stores query texts by their hash."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()

    def text_of(self, request: Mapping[str, Any]) -> str | None:
        """Return the query text of a request, or the stored text for its hash.

        Returns:
            None if the request has neither a text nor a hash.

        Raises:
            UnknownQueryError: no text is stored for the hash.
            WrongHashError: the hash does not match the text.
        """
        text = request.get("query")
        extensions = request.get("extensions")
        persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
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
