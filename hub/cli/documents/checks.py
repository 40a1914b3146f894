"""Checks trusted documents against the schema, for `hub documents check` and `add`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graphql import GraphQLError, OperationDefinitionNode

from hub.cli.console import CliError
from hub.execution.documents import DocumentError, Documents
from hub.execution.trusted_documents import (
    TrustedDocument,
    TrustedDocuments,
    TrustedDocumentsError,
    read_trusted_documents,
)
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """A mistake in a document.

    Attributes:
        place: file and line.
        message: what is wrong and how to correct it.
    """

    place: str
    message: str


def documents_at(folder: Path | None, settings: Settings) -> tuple[Path, TrustedDocuments]:
    """Return the place of the trusted documents, and the documents.

    Args:
        folder: folder or JSON file; None for the setting HUB_TRUSTED_DOCUMENTS.

    Raises:
        CliError: there is no such place, or an entry cannot be read.
    """
    place = folder or settings.trusted_documents
    if place is None:
        raise CliError(
            "there are no trusted documents. Name a folder, or set HUB_TRUSTED_DOCUMENTS."
        )
    try:
        return place, read_trusted_documents(place)
    except TrustedDocumentsError as error:
        raise CliError(str(error)) from None


def problems_of(
    documents: Iterable[TrustedDocument], runner: Documents, purposes: Iterable[str]
) -> Iterator[DocumentProblem]:
    """Yield the mistakes in documents.

    Args:
        runner: prepares documents for the schema.
        purposes: the codes of the policy.
    """
    known = frozenset(purposes)
    for each in documents:
        if each.purpose is not None and each.purpose not in known:
            codes = ", ".join(sorted(known))
            yield DocumentProblem(
                each.place, f"the policy has no purpose {each.purpose!r}. Use one of {codes}."
            )
        for error in errors_in(each, runner):
            line = f":{error.locations[0].line}" if error.locations else ""
            yield DocumentProblem(f"{each.place}{line}", error.message)


def errors_in(document: TrustedDocument, runner: Documents) -> list[GraphQLError]:
    """Return the errors that the hub would report for a document, without duplicates."""
    found: dict[str, GraphQLError] = {}
    for name in operation_names(document, runner):
        try:
            runner.prepare(document.text, name)
        except DocumentError as error:
            found |= {str(each): each for each in error.errors}
    return list(found.values())


def operation_names(document: TrustedDocument, runner: Documents) -> list[str | None]:
    """Return the names of a document's operations; None for one without a name.

    For a document that does not parse, this is [None].
    """
    try:
        parsed = runner.parse(document.text)
    except DocumentError:
        return [None]
    operations = [d for d in parsed.definitions if isinstance(d, OperationDefinitionNode)]
    return [each.name.value if each.name else None for each in operations] or [None]
