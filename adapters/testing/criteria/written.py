"""The manifest as it is written."""

from adapters.manifest.document import read_document
from adapters.testing.subjects import Subject


def written_manifest(subject: Subject) -> dict[str, object]:
    """The manifest as it is written, without what it holds by default."""
    document = read_document(subject.manifest.folder / "department.yaml")
    return document.content if isinstance(document.content, dict) else {}
