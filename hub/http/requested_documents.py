"""Chooses the document that a request runs: its own text, or a trusted document."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.access import Principal
from hub.execution.trusted_documents import (
    SHA256,
    DocumentMode,
    TrustedDocument,
    TrustedDocuments,
    sha256_id,
)
from hub.http.exchange import BadRequestError
from schema.codes import ErrorCode
from schema.errors import HubError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RequestedDocuments:
    """The rules for the documents of requests.

    Attributes:
        documents: the trusted documents.
        mode: which documents the hub runs.
        count: counts the requests by kind: `trusted`, `untrusted`, `unknown` or `refused`.
    """

    documents: TrustedDocuments
    mode: DocumentMode
    count: Callable[[str], None]

    def choose(self, given: Mapping[str, Any]) -> tuple[str, TrustedDocument | None]:
        """Return the text of a request's document, and the trusted document if it is one.

        Args:
            given: the parameters of the request. `documentId` or the parameter of Apollo's
                persisted queries names a trusted document; `query` is a text.

        Raises:
            BadRequestError: the request has neither an id nor a text.
            HubError: `DOCUMENT_NOT_FOUND`, or `DOCUMENT_NOT_TRUSTED`.
        """
        document_id = _id_in(given)
        text = given.get("query")
        if document_id is not None:
            return self._by_id(document_id)
        if not isinstance(text, str) or not text.strip():
            raise BadRequestError(400, "`query` must be a GraphQL document.")
        if self.mode is DocumentMode.OPEN and not self.documents:
            return text, None
        document = self.documents.with_text(text)
        if document is None:
            self._note_untrusted(text)
        else:
            self.count("trusted")
        return text, document

    def _by_id(self, document_id: str) -> tuple[str, TrustedDocument]:
        document = self.documents.get(document_id)
        if document is None:
            self.count("unknown")
            raise HubError(
                ErrorCode.DOCUMENT_NOT_FOUND,
                "The hub has no trusted document with this id. Register it with `hub documents "
                "add`, or send the document as `query`.",
            )
        self.count("trusted")
        return document.text, document

    def _note_untrusted(self, text: str) -> None:
        if self.mode is DocumentMode.OPEN:
            self.count("untrusted")
            return
        if self.mode is DocumentMode.ONLY:
            self.count("refused")
            raise HubError(
                ErrorCode.DOCUMENT_NOT_TRUSTED,
                "The hub runs trusted documents only. Register this one with `hub documents add`, "
                "and send its id as `documentId`.",
            )
        self.count("untrusted")
        # The text is not logged: it may contain numbers of citizens.
        log.warning("HUB_DOCUMENT_MODE=only would refuse the document %s", sha256_id(text))


def purpose_of(document: TrustedDocument | None, stated: str) -> str:
    """Return the code of an operation's purpose; empty if neither states one.

    Args:
        document: the trusted document, if it is one.
        stated: the header `Hub-Purpose`.

    Raises:
        BadRequestError: they state different purposes.
    """
    if document is None or document.purpose is None:
        return stated
    if stated not in ("", document.purpose):
        raise BadRequestError(
            400,
            f"The document has the purpose {document.purpose}, and the header Hub-Purpose states "
            "another. Leave the header out.",
        )
    return document.purpose


def check_client(document: TrustedDocument | None, principal: Principal) -> None:
    """Check that the principal's portal may send the document.

    Raises:
        HubError: `DOCUMENT_NOT_TRUSTED`.
    """
    if document is not None and document.clients and principal.client not in document.clients:
        raise HubError(ErrorCode.DOCUMENT_NOT_TRUSTED, "This document belongs to another portal.")


def _id_in(given: Mapping[str, Any]) -> str | None:
    document_id = given.get("documentId")
    if document_id is None:
        extensions = given.get("extensions")
        persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if digest is None or given.get("query") is not None:
            return None
        document_id = f"{SHA256}{digest}"
    if not isinstance(document_id, str):
        raise BadRequestError(400, "`documentId` must be a string.")
    if given.get("query") is not None:
        raise BadRequestError(400, "Send `documentId` or `query`, not both.")
    return document_id
