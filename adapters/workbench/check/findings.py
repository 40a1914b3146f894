"""Findings of the checks, and the collector that adds their file and line."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adapters.manifest.document import Document, KeyPath, read_document
from adapters.manifest.model import Manifest
from adapters.manifest.problems import Problem


class Severity(StrEnum):
    """ERROR: the manifest can't run. WARNING: it is probably a mistake. NOTE: for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One finding of a check.

    Attributes:
        severity: error, warning or note.
        department: identifier, or the folder's name if the manifest can't be read.
        rule: name of the check, in one word.
        path, line, key: file, line from 1, and dotted key.
        message: what was found.
        remedy: what to do; empty for a note.
    """

    severity: Severity
    department: str
    rule: str
    path: Path
    line: int
    key: str
    message: str
    remedy: str

    @classmethod
    def of_problem(cls, problem: Problem, severity: Severity = Severity.ERROR) -> "CheckFinding":
        where = (problem.path, problem.line, problem.key)
        said = (problem.message, problem.remedy)
        return cls(severity, problem.path.parent.name, "manifest", *where, *said)


class Findings:
    """Collects the findings of one department."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.found: list[CheckFinding] = []
        self._document: Document = read_document(manifest.folder / "department.yaml")

    def add(
        self, severity: Severity, rule: str, key_path: KeyPath, message: str, remedy: str = ""
    ) -> None:
        """Add a finding at a key path of `department.yaml`."""
        where = (self._document.path, self._document.line_of(key_path))
        self.add_at(severity, rule, where, ".".join(map(str, key_path)), message, remedy)

    def add_at(
        self,
        severity: Severity,
        rule: str,
        where: tuple[Path, int],
        key: str,
        message: str,
        remedy: str = "",
    ) -> None:
        """Add a finding in another file of the department."""
        department = self.manifest.file.department
        finding = CheckFinding(severity, department, rule, *where, key, message, remedy)
        self.found.append(finding)
