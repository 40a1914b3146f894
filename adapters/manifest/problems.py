"""Problems of a manifest. Each names file, line, key and remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a manifest. As text: `file:line: key: message; remedy`.

    Attributes:
        path: the file.
        line: line number, from 1.
        key: dotted key in the file; empty if the whole file is meant.
        message: what is wrong.
        remedy: how to correct it.
    """

    path: Path
    line: int
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        return f"{self.path}:{self.line}: {key}{self.message}; {self.remedy}"


class ManifestError(Exception):
    """A manifest is not usable.

    Attributes:
        problems: all mistakes, sorted by file, line and key.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (str(p.path), p.line, p.key))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def single(cls, path: Path, message: str, remedy: str, line: int = 1) -> "ManifestError":
        """Return an error with one problem."""
        return cls([Problem(path, line, "", message, remedy)])
