"""What is wrong with a manifest: each problem names file, line, key and the remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        path: the file.
        line: the line, from 1.
        key: dotted key within the file; empty for the file as a whole.
        message: what is wrong.
        remedy: what to do about it.
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
    """A manifest can't be used; `problems` lists everything that is wrong, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (str(p.path), p.line, p.key))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def single(cls, path: Path, line: int, key: str, message: str, remedy: str) -> "ManifestError":
        return cls([Problem(path, line, key, message, remedy)])
