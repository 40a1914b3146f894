"""What a check found: a mistake, something doubtful, or something to know."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adapters.manifest.document import Document, KeyPath, read_document
from adapters.manifest.model import Manifest
from adapters.manifest.problems import Problem


class Severity(StrEnum):
    """ERROR: it can't run. WARNING: it runs, but probably not as meant. NOTE: good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One thing that a check found.

    Attributes:
        severity: how bad it is.
        department: identifier, or the folder's name where the manifest does not tell it.
        rule: what was checked, in one word.
        path, line, key: where: file, line from 1, dotted key.
        message: what it is.
        remedy: what to do about it; empty for a note.
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
    def of_problem(cls, problem: Problem) -> "CheckFinding":
        where = (problem.path, problem.line, problem.key)
        said = (problem.message, problem.remedy)
        return cls(Severity.ERROR, problem.path.parent.name, "manifest", *where, *said)


class Findings:
    """Collects what is found in one department's manifest."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.found: list[CheckFinding] = []
        self._document: Document = read_document(manifest.folder / "department.yaml")

    def add(
        self, severity: Severity, rule: str, key_path: KeyPath, message: str, remedy: str = ""
    ) -> None:
        """Something at `place` in `department.yaml`."""
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
        """Something in another file of the department's."""
        department = self.manifest.file.department
        finding = CheckFinding(severity, department, rule, *where, key, message, remedy)
        self.found.append(finding)
