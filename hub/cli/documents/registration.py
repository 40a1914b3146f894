"""Adds documents to the folder of trusted documents."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from hub.access.policy import PolicyError, load_policy
from hub.cli.console import CliError
from hub.cli.documents.checks import problems_of
from hub.cli.hub_client import read_document
from hub.cli.settings import read_settings
from hub.execution.documents import Documents
from hub.execution.trusted_documents import TrustedDocument, header_of, without_header
from hub.settings import Settings
from schema.contract import build_schema


def add_documents(
    files: Sequence[Path], purpose: str | None, clients: Sequence[str], folder: Path | None
) -> list[TrustedDocument]:
    """Check documents and write them into a folder, as `NAME.graphql`.

    Args:
        files: files with one document each. The name of a file becomes the id of its document.
        purpose: code of the purpose; None for the one at the top of each file.
        clients: the portals that may send them; empty for those at the top of each file.
        folder: None for the setting HUB_TRUSTED_DOCUMENTS.

    Raises:
        CliError: a document has mistakes, or the folder cannot be used. Nothing was added.
    """
    settings = read_settings()
    target = folder or settings.trusted_documents
    if target is None:
        raise CliError("name the folder with --in, or set HUB_TRUSTED_DOCUMENTS.")
    if target.exists() and not target.is_dir():
        raise CliError(f"{target} is a file. Documents can be added to a folder only.")
    documents = [_document_of(file, purpose, clients) for file in files]
    problems = list(problems_of(documents, new_documents(), purposes_of_policy(settings)))
    if problems:
        raise CliError("\n".join(f"{each.place}: {each.message}" for each in problems))
    target.mkdir(parents=True, exist_ok=True)
    added = [replace(each, text=_with_header(each)) for each in documents]
    for each in added:
        (target / f"{each.name}.graphql").write_text(each.text, encoding="utf-8")
    return added


def new_documents() -> Documents:
    """Return an object that checks documents against the hub's schema."""
    return Documents(build_schema())


def purposes_of_policy(settings: Settings) -> Iterable[str]:
    """Return the codes of the purposes.

    Raises:
        CliError: the policy has mistakes.
    """
    try:
        return load_policy(settings.policy).purposes
    except PolicyError as error:
        raise CliError(str(error)) from None


def _document_of(file: Path, purpose: str | None, clients: Sequence[str]) -> TrustedDocument:
    text = read_document(str(file))
    header = header_of(text)
    names = clients or header.get("client", "").split(",")
    allowed = tuple(name for each in names if (name := each.strip()))
    return TrustedDocument(file.stem, text, str(file), purpose or header.get("purpose"), allowed)


def _with_header(document: TrustedDocument) -> str:
    """Return the document's text, with its purpose and clients in comments at the top."""
    lines = [f"# purpose: {document.purpose}"] if document.purpose else []
    lines += [f"# clients: {', '.join(document.clients)}"] if document.clients else []
    return "\n".join([*lines, without_header(document.text)])
