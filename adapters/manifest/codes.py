"""Reads `codes.yaml` and the shared files that it includes."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator

from adapters.manifest.document import Document, read_document
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.texts import WrittenText, text_or_none
from adapters.manifest.validation import validate
from adapters.mapping import Code, CodeTable
from adapters.mapping.rules import StrictModel, did_you_mean
from adapters.mapping.value_rules import list_from_one
from schema.benefit import EnrollmentStatus
from schema.benefit_payment import PaymentStatus
from schema.certificate import CertificateStatus, CertificateType
from schema.family import RelationshipType
from schema.language import Text
from schema.person import (
    BirthDatePrecision,
    EmploymentStatus,
    GuardianRelation,
    MaritalStatus,
    Script,
    Sex,
)
from schema.status import ApplicationStatus, CitizenAction, GrievanceStatus, SubmissionChannel

MOST_FILES = 32
"""Maximum number of code files of one department."""

ENUMS: Mapping[str, type[Enum]] = {
    enum.__name__: enum
    for enum in (
        ApplicationStatus,
        BirthDatePrecision,
        CertificateStatus,
        CertificateType,
        CitizenAction,
        EmploymentStatus,
        EnrollmentStatus,
        GrievanceStatus,
        GuardianRelation,
        MaritalStatus,
        PaymentStatus,
        RelationshipType,
        Script,
        Sex,
        SubmissionChannel,
    )
}


class CodeEntry(StrictModel):
    """The meaning of a code.

    Attributes:
        meaning: the hub's word, a value of the table's enum.
        label: the label of the code for citizens.
    """

    meaning: str
    label: WrittenText | None = None


def _entry_from_text(value: object) -> object:
    return {"meaning": value} if isinstance(value, str) else value


class CodeTableModel(StrictModel):
    """One table of `codes.yaml`.

    Attributes:
        enum: the hub's enum that the table translates to.
        codes: the department's codes; a bare word is short for `{meaning: word}`.
        others: what all other codes mean: `unknown` causes a warning, `absent` means "no value".
        texts: in a table without `enum`, the text of each code.
        translations: in a table without `enum`, the Hindi of each of the department's English
            texts.
    """

    enum: str | None = None
    codes: dict[str, Annotated[CodeEntry, BeforeValidator(_entry_from_text)]] = {}
    others: Literal["unknown", "absent"] = "unknown"
    texts: dict[str, WrittenText] = {}
    translations: dict[str, str] = {}


class CodesFile(StrictModel):
    """`codes.yaml`.

    Attributes:
        include: files of the same format with tables that several departments share; they must
            be in or below the folder that contains the departments' folders.
        tables: tables by name.
    """

    include: Annotated[list[str], BeforeValidator(list_from_one)] = []
    tables: dict[str, CodeTableModel] = {}


@dataclass(slots=True)
class CodeTables:
    """The code tables of a department.

    Attributes:
        tables: tables by name.
        positions: file and line (from 1) at which each table begins.
        own: names of the tables in the department's own file.
        broken: names of tables that contain mistakes.
        unread: True if a file could not be read, so that tables may be missing.
    """

    tables: dict[str, CodeTable] = field(default_factory=dict)
    positions: dict[str, tuple[Path, int]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    unread: bool = False


def read_code_tables(folder: Path, problems: list[Problem]) -> CodeTables:
    """Return the tables of the folder's `codes.yaml` and of the files that it includes.

    Mistakes are added to `problems`.
    """
    found = CodeTables()
    path = folder / "codes.yaml"
    if path.exists():
        _Reader(folder.parent.resolve(), found, problems).read(path.resolve(), path, ())
        found.own = {name for name, (file, _line) in found.positions.items() if file == path}
    return found


@dataclass(slots=True)
class _Reader:
    root: Path
    found: CodeTables
    problems: list[Problem]
    _seen: set[Path] = field(init=False, default_factory=set)

    def read(self, real: Path, shown: Path, including: tuple[Path, ...]) -> None:
        """Read one file and the files that it includes.

        Args:
            real: resolved path of the file.
            shown: path for messages.
            including: resolved paths of the files that include it.
        """
        self._seen.add(real)
        try:
            document = read_document(shown)
        except ManifestError as error:
            self.problems += error.problems
            self.found.unread = True
            return
        file = validate(CodesFile, document.content, document, self.problems)
        if file is None:
            raw = document.content.get("tables") if isinstance(document.content, dict) else None
            self.found.broken |= set(raw) if isinstance(raw, dict) else set()
        for name, model in file.tables.items() if file else ():
            self._add(name, model, document)
        for number, written in enumerate(file.include if file else ()):
            self._include(written, ("include", number), document, (*including, real))

    def _include(
        self,
        written: str,
        key_path: tuple[str | int, ...],
        document: Document,
        including: tuple[Path, ...],
    ) -> None:
        shown = Path(os.path.normpath(document.path.parent / written))
        real = (document.path.parent / written).resolve()
        if not real.is_relative_to(self.root):
            problem = f"{written} is outside {self.root}", "move the file into that folder"
        elif real in including:
            problem = f"{written} includes this file again", "remove one of the two includes"
        elif not real.is_file():
            problem = f"there is no file {written}", "add it, or correct its path"
        elif len(self._seen) >= MOST_FILES:
            problem = f"more than {MOST_FILES} files are included", "put several tables in one file"
        elif real in self._seen:
            return
        else:
            self.read(real, shown, including)
            return
        self.found.unread = True
        self.problems.append(document.problem(key_path, *problem))

    def _add(self, name: str, model: CodeTableModel, document: Document) -> None:
        key_path = ("tables", name)
        other = self.found.positions.setdefault(name, (document.path, document.line_of(key_path)))
        if other[0] != document.path:
            message = f"the table {name!r} is also defined in {other[0]}:{other[1]}"
            self.problems.append(document.problem(key_path, message, "rename one of them"))
            return
        if model.enum is None:
            labels = [Code(code, None, text.text) for code, text in model.texts.items()]
            labels += [Code(en, None, Text(en, hi)) for en, hi in model.translations.items()]
            self.found.tables[name] = CodeTable(name, None, labels)
            if model.codes:
                message, remedy = "`codes` need an `enum`", "add the enum, or write `texts` instead"
                self.problems.append(document.problem((*key_path, "codes"), message, remedy))
            return
        enum = ENUMS.get(model.enum)
        if enum is None:
            message, remedy = f"there is no enum {model.enum!r}", did_you_mean(model.enum, ENUMS)
            self.problems.append(document.problem((*key_path, "enum"), message, remedy))
            self.found.broken.add(name)
            return
        for key in ("texts", "translations"):
            if getattr(model, key):
                message = f"a table with an `enum` can't have `{key}`"
                remedy = "write labels: CODE: {meaning: WORD, label: {en: …, hi: …}}"
                self.problems.append(document.problem((*key_path, key), message, remedy))
        codes = self._codes(document, name, enum, model.codes)
        is_partial = model.others == "absent"
        self.found.tables[name] = CodeTable(name, enum, codes, is_partial=is_partial)

    def _codes(
        self, document: Document, table: str, enum: type[Enum], entries: Mapping[str, CodeEntry]
    ) -> Sequence[Code]:
        codes: list[Code] = []
        for code, entry in entries.items():
            if entry.meaning in enum.__members__:
                codes.append(Code(code, enum[entry.meaning], text_or_none(entry.label)))
                continue
            message = f"{enum.__name__} has no value {entry.meaning!r}"
            remedy = did_you_mean(entry.meaning, enum.__members__)
            self.problems.append(
                document.problem(("tables", table, "codes", code), message, remedy)
            )
        return codes
