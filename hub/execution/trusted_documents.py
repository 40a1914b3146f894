"""Trusted documents: the documents that portals have registered with the hub.

A client sends the id of a document in place of its text (GraphQL over HTTP, appendix "Persisted
Documents"). An id is `sha256:` and the SHA-256 of the text in hexadecimal, or a name without a
colon. The documents are read from one of two places:

- a folder with files `NAME.graphql`; comments at the top of a file give its purpose and its clients
- a JSON file `{"id": {"document": "…", "purpose": "…", "client": "…"}}`, where a text can stand in
  place of the object
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

SHA256 = "sha256:"
_NAME = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_SHA256_ID = re.compile(r"sha256:[0-9a-f]{64}")
_HEADER = re.compile(r"#\s*(purpose|clients?)\s*:\s*(.*\S)", re.IGNORECASE)


class DocumentMode(StrEnum):
    """Which documents the hub runs.

    `OPEN` runs all documents. `AUDIT` runs all, and logs those that are not trusted. `ONLY` runs
    trusted documents only.
    """

    OPEN = "open"
    AUDIT = "audit"
    ONLY = "only"


class TrustedDocumentsError(Exception):
    """Trusted documents cannot be read. The message has a line per problem, with its place."""


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """A registered document.

    Attributes:
        name: its id in the folder or in the JSON file.
        text: the document.
        place: the file, for messages.
        purpose: code of the purpose that its operations have; None if the request states it.
        clients: the portals that may send it; empty for all.
    """

    name: str
    text: str
    place: str
    purpose: str | None = None
    clients: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The id that is derived from the text."""
        return sha256_id(self.text)


def sha256_id(text: str) -> str:
    """Return the id of a document's text: `sha256:` and 64 hexadecimal digits."""
    return SHA256 + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


class TrustedDocuments:
    """Finds trusted documents by id."""

    def __init__(self, documents: Sequence[TrustedDocument]) -> None:
        self._documents = tuple(documents)
        self._by_id = {each.sha256: each for each in documents}
        self._by_id |= {each.name: each for each in documents}

    def __iter__(self) -> Iterator[TrustedDocument]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, document_id: str) -> TrustedDocument | None:
        """Return the document with this id; None if there is none."""
        return self._by_id.get(document_id)

    def with_text(self, text: str) -> TrustedDocument | None:
        """Return the document with exactly this text; None if there is none."""
        return self._by_id.get(sha256_id(text))

    @property
    def digest(self) -> str:
        """A hash of all documents, their purposes and clients, to notice changes."""
        content = [[d.name, d.text, d.purpose, d.clients] for d in self._documents]
        return hashlib.sha256(json.dumps(sorted(content, key=repr)).encode()).hexdigest()


def read_trusted_documents(path: Path) -> TrustedDocuments:
    """Read the documents of a folder or of a JSON file.

    Raises:
        TrustedDocumentsError: the path cannot be read, or an entry is wrong.
    """
    try:
        if path.is_dir():
            found = [_read_file(file) for file in sorted(path.glob("*.graphql"))]
        else:
            found = _read_json(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise TrustedDocumentsError(
            f"{path}: trusted documents can't be read ({reason}). Set HUB_TRUSTED_DOCUMENTS to a "
            "folder with *.graphql files, or to a JSON file."
        ) from None
    return TrustedDocuments(found)


def _read_file(file: Path) -> TrustedDocument:
    text = file.read_text(encoding="utf-8")
    if not _NAME.fullmatch(file.stem):
        raise TrustedDocumentsError(
            f"{file}: the file's name is the document's id. Use letters, digits, `-`, `.`, `_` "
            "and `~` only."
        )
    header = header_of(text)
    clients = header.get("client", "")
    return TrustedDocument(
        file.stem,
        text,
        str(file),
        header.get("purpose"),
        tuple(name for each in clients.split(",") if (name := each.strip())),
    )


def header_of(text: str) -> dict[str, str]:
    """Return the purpose and the clients in the comments at the top of a document."""
    header: dict[str, str] = {}
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            break
        found = _HEADER.fullmatch(stripped)
        if found:
            header[found[1].lower().removesuffix("s")] = found[2]
    return header


def without_header(text: str) -> str:
    """Return a document without the comments that give its purpose and clients."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not _HEADER.fullmatch(line.strip()))


def _read_json(path: Path) -> list[TrustedDocument]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise TrustedDocumentsError(f"{path}:{error.lineno}: {error.msg}.") from None
    if not isinstance(content, dict):
        raise TrustedDocumentsError(f'{path}: write one object: {{"id": "document", …}}.')
    problems: list[str] = []
    documents: list[TrustedDocument] = []
    for name, entry in content.items():
        try:
            documents.append(_entry(name, entry, path))
        except ValueError as error:
            problems.append(f"{path}: {name[:80]!r}: {error}")
    if problems:
        raise TrustedDocumentsError("\n".join(problems))
    return documents


def _entry(name: str, entry: Any, path: Path) -> TrustedDocument:
    """Return the document of an entry of a JSON file.

    Raises:
        ValueError: the entry is wrong; the message says how to correct it.
    """
    given: Mapping[str, Any] = {"document": entry} if isinstance(entry, str) else entry
    if not isinstance(given, dict) or not isinstance(text := given.get("document"), str):
        raise ValueError('write the text of the document, or {"document": "…", "purpose": "…"}.')
    unknown = given.keys() - {"document", "purpose", "client", "clients"}
    if unknown:
        raise ValueError(f"the key {min(unknown)!r} is unknown. Remove it.")
    if re.fullmatch(r"[0-9a-f]{64}", name):
        # Manifests of Apollo and GraphQL Code Generator have the hash without its prefix.
        name = SHA256 + name
    if ":" in name:
        if not _SHA256_ID.fullmatch(name) or name != sha256_id(text):
            raise ValueError(f"the id is not the SHA-256 of the text, which is {sha256_id(text)}.")
    elif not _NAME.fullmatch(name):
        raise ValueError("an id has letters, digits, `-`, `.`, `_` and `~` only.")
    clients: Any = given.get("clients", given.get("client", ()))
    purpose = given.get("purpose")
    if purpose is not None and not isinstance(purpose, str):
        raise ValueError("`purpose` must be the code of a purpose.")
    clients = (clients,) if isinstance(clients, str) else tuple(clients)
    if not all(isinstance(each, str) for each in clients):
        raise ValueError("`clients` must be a list of texts.")
    return TrustedDocument(name, text, str(path), purpose, clients)
