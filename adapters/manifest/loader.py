"""Finds department folders and reads their manifests."""

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from adapters.connectors.kinds import KINDS, ConnectorKind
from adapters.connectors.templates import code_tables_in
from adapters.manifest.calls import plan_of
from adapters.manifest.codes import read_code_tables
from adapters.manifest.credentials import literal_credentials, parts_of_calls
from adapters.manifest.document import Document, read_document
from adapters.manifest.form_checks import check_services
from adapters.manifest.functions import load_functions
from adapters.manifest.model import DepartmentFile, Manifest
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.references import referred_files, resolve_references
from adapters.manifest.rules import RuleCheck, usable_parts
from adapters.manifest.service_centres import CentresFile, centre_of, check_centres
from adapters.manifest.services import ServicesFile, service_of
from adapters.manifest.texts import text_or_none
from adapters.manifest.validation import validate
from adapters.manifest.write_checks import WriteCheck
from adapters.mapping import CodeTable
from adapters.mapping.rules import did_you_mean
from adapters.writes import WriteCapability
from schema.department import ContactPoint, Department, GrievanceCategory

ENTRY_POINTS = "citizen_hub.departments"


def find_departments(folder: Path | None = None, only: Sequence[str] = ()) -> list[Path]:
    """Return department folders: those in `folder`, or the hub's own and the installed ones.

    A distribution adds its department with an entry point in the group `citizen_hub.departments`.
    The entry point names a package that contains `department.yaml`.

    Args:
        folder: folder that contains department folders.
        only: names of the folders to return; all if empty.

    Raises:
        ManifestError: `folder` contains no department, or not one named in `only`.
    """
    found = _all_departments(folder)
    if not only:
        return found
    by_name = {path.name: path for path in found}
    unknown = [name for name in only if name not in by_name]
    if unknown:
        at = folder or _own_departments()
        raise ManifestError(
            [
                Problem(at, 1, "", f"there is no department {name!r}", did_you_mean(name, by_name))
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
            message, remedy = "this folder contains no department", "add NAME/department.yaml"
            raise ManifestError.single(folder, message, remedy)
        return found
    own = _own_departments()
    added = [Path(str(files(point.value))) for point in entry_points(group=ENTRY_POINTS)]
    return sorted(path.parent for path in own.glob("*/department.yaml")) + added


def load_departments(folders: Iterable[Path]) -> list[Manifest]:
    """Return the manifests in the folders.

    Raises:
        ManifestError: a manifest has mistakes. Lists the problems of all manifests.
    """
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            manifests.append(load_department(folder))
        except ManifestError as error:
            problems.extend(error.problems)
    problems.extend(clashes(manifests))
    if problems:
        raise ManifestError(problems)
    return manifests


def load_department(folder: Path, environment: Mapping[str, str] = os.environ) -> Manifest:
    """Return the manifest in a folder.

    Args:
        folder: folder that holds `department.yaml`.
        environment: values of the references `${env:NAME}`, by name.

    Raises:
        ManifestError: the manifest has mistakes; lists all problems in all its files.
    """
    problems: list[Problem] = []
    document = _read(folder / "department.yaml", problems)
    content = _with_references(document, problems, environment)
    before = len(problems)
    unread = document.content is None
    file = None if unread else validate(DepartmentFile, content, document, problems)
    if file is None and any(problem.key == "manifest" for problem in problems[before:]):
        # In another version of the format, other problems would be misleading.
        raise ManifestError([each for each in problems[before:] if each.key == "manifest"])
    tables = read_code_tables(folder, problems)
    functions = load_functions(folder, folder.name, problems)
    left, broken = (file, set[tuple[str, str]]()) if file else usable_parts(content)
    problems += RuleCheck(left, document, tables, functions, broken).run()
    kind = _kind_of(content)
    for capability, model in left.capabilities.items() if kind else ():
        assert kind is not None
        plan_of(kind, capability, model, document, problems)
    services = _read_optional(folder / "services.yaml", problems)
    catalogue = validate(ServicesFile, services.content, services, problems)
    problems += check_services(catalogue, services) if catalogue else ()
    centres = _read_optional(folder / "service_centres.yaml", problems)
    offices = validate(CentresFile, centres.content, centres, problems)
    problems += check_centres(offices, centres) if offices else ()
    if file is not None and catalogue is not None and kind is not None:
        problems += WriteCheck(file, document, catalogue, tables, kind).run()
    if problems or file is None or catalogue is None or offices is None:
        raise ManifestError(problems)
    forms = file.forms if WriteCapability.SUBMIT_APPLICATION in file.writes else {}
    return Manifest(
        folder=folder,
        file=file,
        tables=tables.tables,
        department=_department_of(file, tables.tables),
        services=tuple(
            service_of(code, model, file.department, has_form=code in forms)
            for code, model in catalogue.services.items()
        ),
        service_centres=tuple(
            centre_of(identifier, model, offices.codes_of(model))
            for identifier, model in offices.service_centres.items()
        ),
        table_positions=tables.positions,
        own_tables=frozenset(tables.own),
        functions=functions,
        referred_files=referred_files(document.content),
    )


def _read(path: Path, problems: list[Problem]) -> Document:
    """Return the document; an empty one, and add to `problems`, if it can't be read."""
    try:
        return read_document(path)
    except ManifestError as error:
        problems += error.problems
        return Document(path, None)


def _read_optional(path: Path, problems: list[Problem]) -> Document:
    document = _read(path, problems) if path.exists() else Document(path, {})
    return Document(path, {}) if document.content is None else document


def _with_references(
    document: Document, problems: list[Problem], environment: Mapping[str, str]
) -> dict[str, Any]:
    content = document.content if isinstance(document.content, dict) else {}

    problems += literal_credentials(document)

    def resolved(value: Any, *at: str) -> Any:
        return resolve_references(value, at, document, problems, environment)

    changed = dict(content)
    if "connector" in content:
        changed["connector"] = resolved(content["connector"], "connector")
    for section, name, key, value in parts_of_calls(content):
        model = changed[section][name]
        call = {**model["call"], key: resolved(value, section, name, "call", key)}
        changed[section] = {**changed[section], name: {**model, "call": call}}
    return changed


def _kind_of(content: Mapping[str, Any]) -> ConnectorKind | None:
    connector = content.get("connector")
    named = connector.get("kind") if isinstance(connector, dict) else None
    kinds = {
        word: kind
        for settings, kind in KINDS.items()
        for word in get_args(settings.model_fields["kind"].annotation)
    }
    return kinds.get(named) if isinstance(named, str) else None


def _department_of(file: DepartmentFile, tables: Mapping[str, CodeTable]) -> Department:
    return Department(
        identifier=file.department,
        name_text=file.label.text,
        spatial_text=text_or_none(file.spatial),
        contact_point=ContactPoint(**file.contact.model_dump()),
        grievance_categories=[
            GrievanceCategory(code=code, name_text=name.text)
            for code, name in file.grievance_categories.items()
        ],
        correctable_fields=_correctable_fields(file, tables),
    )


def _correctable_fields(file: DepartmentFile, tables: Mapping[str, CodeTable]) -> list[str] | None:
    """Return the fields that the department has codes for; None if it needs no code."""
    write = file.writes.get(WriteCapability.REQUEST_CORRECTION)
    used = () if write is None else sorted(code_tables_in(write.call))
    needed = [tables[name] for placeholder, name in used if placeholder == "record_field"]
    if not needed:
        return None
    fields = dict.fromkeys(label.en for label in needed[0].labels.values())
    return [each for each in fields if all(table.code_of(each) for table in needed)]


def clashes(manifests: Sequence[Manifest]) -> list[Problem]:
    """Return a problem for each department name or service code that two departments use."""
    problems: list[Problem] = []
    taken: dict[tuple[str, str], Path] = {}
    for manifest in manifests:
        path = manifest.folder / "department.yaml"
        claims: list[tuple[str, Any]] = [("department", manifest.file.department)]
        claims += [("service", service.code) for service in manifest.services]
        for kind, name in claims:
            other = taken.setdefault((kind, name), path)
            if other != path:
                message = f"the {kind} {name!r} is also defined in {other}"
                problems.append(Problem(path, 1, kind, message, "rename one of them"))
    return problems
