"""Finds department folders and reads their manifests."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any

from adapters.manifest.catalogue import CentresFile, ServicesFile, centre_of, service_of
from adapters.manifest.document import Document, read_document
from adapters.manifest.model import CodeLine, CodeTableModel, DepartmentFile, Manifest
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.references import resolve_references
from adapters.manifest.validation import validate
from adapters.mapping import Code, CodeTable
from adapters.mapping.rules import StrictModel, did_you_mean
from schema.benefit import EnrollmentStatus
from schema.certificate import CertificateStatus, CertificateType
from schema.department import ContactPoint, Department
from schema.family import RelationshipType
from schema.person import (
    BirthDatePrecision,
    EmploymentStatus,
    GuardianRelation,
    MaritalStatus,
    Sex,
)
from schema.status import ApplicationStatus, GrievanceStatus, SubmissionChannel

ENTRY_POINTS = "citizen_hub.departments"

ENUMS: Mapping[str, type[Enum]] = {
    enum.__name__: enum
    for enum in (
        ApplicationStatus,
        BirthDatePrecision,
        CertificateStatus,
        CertificateType,
        EmploymentStatus,
        EnrollmentStatus,
        GrievanceStatus,
        GuardianRelation,
        MaritalStatus,
        RelationshipType,
        Sex,
        SubmissionChannel,
    )
}


class CodesFile(StrictModel):
    """`codes.yaml`: tables by name."""

    tables: dict[str, CodeTableModel] = {}


def find_departments(folder: Path | None = None, only: Sequence[str] = ()) -> list[Path]:
    """Department folders: those in `folder`, or the hub's own and the installed distributions'.

    `only` names the folders that are wanted; all are when it is empty.

    A distribution adds its folder with an entry point of the group `citizen_hub.departments` that
    names a package holding `department.yaml`. Raises `ManifestError` when `folder` has none, or not
    those that are wanted.
    """
    found = _all_departments(folder)
    if not only:
        return found
    by_name = {path.name: path for path in found}
    unknown = [name for name in only if name not in by_name]
    if unknown:
        raise ManifestError(
            [
                Problem(
                    folder or _own_departments(),
                    1,
                    "",
                    f"there is no department {name!r}",
                    did_you_mean(name, by_name),
                )
                for name in unknown
            ]
        )
    return [by_name[name] for name in dict.fromkeys(only)]


def _own_departments() -> Path:
    return Path(str(files("adapters") / "departments"))


def _all_departments(folder: Path | None) -> list[Path]:
    if folder is not None:
        found = sorted(path.parent for path in folder.glob("*/department.yaml"))
        if not found:
            message, remedy = "there is no department in it", "add NAME/department.yaml"
            raise ManifestError.single(folder, 1, "", message, remedy)
        return found
    own = _own_departments()
    added = [Path(str(files(point.value))) for point in entry_points(group=ENTRY_POINTS)]
    return sorted(path.parent for path in own.glob("*/department.yaml")) + added


def load_departments(folders: Iterable[Path]) -> list[Manifest]:
    """Every manifest; raises one `ManifestError` with the problems of all of them."""
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            manifests.append(load_department(folder))
        except ManifestError as error:
            problems.extend(error.problems)
    problems.extend(_clashes(manifests))
    if problems:
        raise ManifestError(problems)
    return manifests


def load_department(folder: Path) -> Manifest:
    """The manifest in `folder`; raises `ManifestError` with every problem found in its files."""
    problems: list[Problem] = []
    document = read_document(folder / "department.yaml")
    content = document.content if isinstance(document.content, dict) else {}
    if "connector" in content:
        connector = resolve_references(content["connector"], ("connector",), document, problems)
        content = {**content, "connector": connector}
    file = validate(DepartmentFile, content, document, problems)
    tables = _code_tables(_optional(folder / "codes.yaml"), problems)
    services = _optional(folder / "services.yaml")
    catalogue = validate(ServicesFile, services.content, services, problems)
    centres = _optional(folder / "service_centres.yaml")
    offices = validate(CentresFile, centres.content, centres, problems)
    if problems or file is None or catalogue is None or offices is None:
        raise ManifestError(problems)
    return Manifest(
        folder=folder,
        file=file,
        tables=tables,
        department=_department_of(file),
        services=tuple(
            service_of(code, model, file.department) for code, model in catalogue.services.items()
        ),
        service_centres=tuple(
            centre_of(identifier, model) for identifier, model in offices.service_centres.items()
        ),
    )


def _optional(path: Path) -> Document:
    return read_document(path) if path.exists() else Document(path, {})


def _department_of(file: DepartmentFile) -> Department:
    return Department(
        identifier=file.department,
        preferred_label=file.label.en,
        preferred_label_local=file.label.hi,
        spatial=file.spatial,
        contact_point=ContactPoint(**file.contact.model_dump()),
    )


def _code_tables(document: Document, problems: list[Problem]) -> dict[str, CodeTable]:
    file = validate(CodesFile, document.content, document, problems)
    tables: dict[str, CodeTable] = {}
    for name, model in file.tables.items() if file else ():
        if model.enum is None:
            labels = [Code(code, None, text) for code, text in model.texts.items()]
            tables[name] = CodeTable(name, None, labels)
            continue
        enum = ENUMS.get(model.enum)
        if enum is None:
            place: tuple[str, ...] = ("tables", name, "enum")
            message, remedy = f"there is no enum {model.enum!r}", did_you_mean(model.enum, ENUMS)
            problems.append(_problem(document, place, message, remedy))
            continue
        tables[name] = CodeTable(name, enum, _codes(document, name, enum, model.codes, problems))
    return tables


def _codes(
    document: Document,
    table: str,
    enum: type[Enum],
    lines: Mapping[str, CodeLine],
    problems: list[Problem],
) -> Sequence[Code]:
    codes: list[Code] = []
    for code, line in lines.items():
        if line.meaning in enum.__members__:
            codes.append(Code(code, enum[line.meaning], line.label))
            continue
        message = f"{enum.__name__} has no value {line.meaning!r}"
        remedy = did_you_mean(line.meaning, enum.__members__)
        problems.append(_problem(document, ("tables", table, "codes", code), message, remedy))
    return codes


def _problem(document: Document, place: tuple[str, ...], message: str, remedy: str) -> Problem:
    return Problem(document.path, document.line_of(place), ".".join(place), message, remedy)


def _clashes(manifests: Sequence[Manifest]) -> list[Problem]:
    """Names that two departments claim."""
    problems: list[Problem] = []
    taken: dict[tuple[str, str], Path] = {}
    for manifest in manifests:
        path = manifest.folder / "department.yaml"
        claims: list[tuple[str, Any]] = [("department", manifest.file.department)]
        claims += [("service", service.service_code) for service in manifest.services]
        for kind, name in claims:
            other = taken.setdefault((kind, name), path)
            if other != path:
                message = f"the {kind} {name!r} is also claimed by {other}"
                problems.append(Problem(path, 1, kind, message, "rename one of them"))
    return problems
