"""Finds the decisions that `hub introspect` and `hub adapter new` left to a person."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters.manifest.document import Document, KeyPath, read_document
from adapters.manifest.problems import ManifestError
from adapters.workbench.check.findings import CheckFinding, Severity

FILES = ("department.yaml", "codes.yaml", "services.yaml", "service_centres.yaml")
MARK = "DECIDE"
HEADER = f"# Lines with {MARK} are guesses"
"""Beginning of the line in which `hub introspect` says what the mark means."""


def open_decisions(folder: Path) -> list[CheckFinding]:
    """Return an error for each value that still says DECIDE, and a warning for such comments."""
    found: list[CheckFinding] = []
    for name in FILES:
        path = folder / name
        if not path.exists():
            continue
        try:
            document = read_document(path)
        except ManifestError:
            # The loader reports this error.
            continue
        for at, text in _marked_values(document.content, ()):
            message = f"{' '.join(text.split())[:60]!r} is not decided"
            found.append(_finding(document, Severity.ERROR, at, message, "replace it"))
        found += _marked_comments(document, {each.line for each in found})
    return found


def _marked_values(content: Any, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(content, dict):
        for key, value in content.items():
            if MARK in str(key):
                yield at, str(key)
            yield from _marked_values(value, (*at, str(key)))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _marked_values(value, (*at, number))
    elif isinstance(content, str) and MARK in content:
        yield at, content


def _marked_comments(document: Document, reported: set[int]) -> Iterator[CheckFinding]:
    lines = document.path.read_text(encoding="utf-8").splitlines()
    marked = [
        number
        for number, line in enumerate(lines, start=1)
        if MARK in line.partition("#")[2] and number not in reported and not line.startswith(HEADER)
    ]
    if marked:
        message = f"{len(marked)} comments still say {MARK}, the first in line {marked[0]}"
        remedy = "check each guess, and remove the mark"
        yield _finding(document, Severity.WARNING, (), message, remedy)


def _finding(
    document: Document, severity: Severity, at: KeyPath, message: str, remedy: str
) -> CheckFinding:
    problem = document.problem(at, message, remedy)
    department = document.path.parent.name
    where = (problem.path, problem.line, problem.key)
    return CheckFinding(severity, department, "decide", *where, message, remedy)
