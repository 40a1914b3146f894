"""Documents and code name files and folders that exist."""

import re
from pathlib import Path

from tests.support.processes import PROJECT

PACKAGES = ("hub", "adapters", "schema", "mocks", "tests")
DOCUMENTS = [
    PROJECT / "README.md",
    *sorted((PROJECT / "docs").rglob("*.md")),
    *sorted(path for name in PACKAGES for path in (PROJECT / name).rglob("*.py")),
]
PATH = re.compile(
    r"(?<![\w/.-])(?:hub|adapters|schema|mocks|tests|docs)(?:/[a-z0-9_.-]+)*/[a-z0-9_-]+"
    r"\.(?:py|md|graphql|html|ya?ml|svg)\b"
)
QUOTED = re.compile(r"`((?:hub|adapters|schema|mocks|tests|docs)(?:/[a-z0-9_.-]+)+)/?`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def missing_paths(document: Path) -> set[str]:
    """Return the paths that a document names and that are not in the repository."""
    text = document.read_text(encoding="utf-8")
    missing = {
        named
        for named in {*PATH.findall(text), *QUOTED.findall(text)}
        if not (PROJECT / named).exists() and not (document.parent / named).exists()
    }
    if document.suffix == ".md":
        missing |= {link for link in LINK.findall(text) if not (document.parent / link).exists()}
    return missing


def test_every_file_that_is_named_exists() -> None:
    missing = {
        str(document.relative_to(PROJECT)): paths
        for document in DOCUMENTS
        if (paths := missing_paths(document))
    }
    assert not missing
