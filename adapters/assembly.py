"""Makes an adapter out of a manifest: compiles its mapping and sets up its connector."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.adapter import CompiledCapability, ManifestAdapter
from adapters.connectors.files import FilesSettings
from adapters.connectors.kept_rows import RowStore
from adapters.connectors.kinds import KINDS, ConnectorKind
from adapters.connectors.setup import Setup, SetupError
from adapters.connectors.wire import CallPlan, Connector
from adapters.contract import Capability
from adapters.manifest.calls import plan_of
from adapters.manifest.codes import CodeTables
from adapters.manifest.document import Document, read_document
from adapters.manifest.loading import clashes, load_department
from adapters.manifest.model import CapabilityModel, Manifest
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.rules import RuleCheck, context_of
from adapters.mapping import CodeTable
from adapters.mapping.readers import Readers
from adapters.record_types import RECORDS, record_type_of

__all__ = ["RECORDS", "assemble", "build_adapter", "record_type_of"]


def assemble(
    folders: Iterable[Path], row_store: RowStore | None = None
) -> list[tuple[Manifest, ManifestAdapter]]:
    """Every department; raises one `ManifestError` with the problems of all of them.

    Rows of files are kept in `row_store`; in memory when not given.
    """
    departments: list[tuple[Manifest, ManifestAdapter]] = []
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            manifests.append(load_department(folder))
            departments.append((manifests[-1], build_adapter(manifests[-1], row_store)))
        except ManifestError as error:
            problems.extend(error.problems)
    problems.extend(clashes(manifests))
    if problems:
        raise ManifestError(problems)
    return departments


def build_adapter(manifest: Manifest, row_store: RowStore | None = None) -> ManifestAdapter:
    """The department's adapter; raises `ManifestError` with every problem found.

    Rows of files are kept in `row_store`; in memory when not given.
    """
    document = read_document(manifest.folder / "department.yaml")
    file = manifest.file
    tables = CodeTables(tables=manifest.tables)
    problems = RuleCheck(file, document, tables, manifest.functions, set()).run()
    connector = _connector(manifest, document, problems, row_store)
    if problems or connector is None:
        raise ManifestError(problems)
    capabilities = {
        capability: _compiled(capability, model, manifest)
        for capability, model in file.capabilities.items()
    }
    return ManifestAdapter(
        file.department,
        file.connector.kind,
        capabilities,
        connector,
        timezone=ZoneInfo(file.timezone),
        most_rows=file.limits.rows,
    )


def _compiled(
    capability: Capability, model: CapabilityModel, manifest: Manifest
) -> CompiledCapability:
    rules = manifest.file.records[model.record].rules
    context = context_of(manifest.file, manifest.tables, manifest.functions)
    return CompiledCapability(
        name=capability.value,
        readers=Readers(record_type_of(capability), rules, context, model.key, model.row),
        at_once=model.keys.at_once,
        key_type=model.keys.type,
        key_prefix=model.keys.prefix,
        status_codes=_status_table(model, manifest),
    )


def _status_table(model: CapabilityModel, manifest: Manifest) -> CodeTable | None:
    """The code table of the record's status: turns a search's statuses into codes."""
    rule = manifest.file.records[model.record].rules.get("applicationStatus")
    return manifest.tables.get(rule.codes) if rule is not None and rule.codes else None


def _connector(
    manifest: Manifest,
    document: Document,
    problems: list[Problem],
    row_store: RowStore | None,
) -> Connector | None:
    file = manifest.file
    limits = file.limits
    kind = KINDS[type(file.connector)]
    if isinstance(file.connector, FilesSettings) and limits.cache is not None:
        # A copy of a copy would tell its own age for that of the rows.
        message, remedy = "rows of files are kept already", "leave `cache` out"
        problems.append(_problem(document, ("limits", "cache"), message, remedy))
    before = len(problems)
    plans = _plans(kind, manifest, document, problems)
    if len(problems) > before:
        return None
    setup: Setup[Any, Any] = Setup(
        department=file.department,
        folder=manifest.folder,
        settings=file.connector,
        plans=plans,
        connections=limits.concurrency,
        deadline=limits.deadline,
        first_byte=limits.first_byte,
        reply_bytes=limits.reply_bytes,
        rows=limits.rows,
        timezone=ZoneInfo(file.timezone),
        row_store=row_store,
    )
    try:
        return kind.set_up(setup)
    except SetupError as error:
        problems.append(_problem(document, error.place, error.message, error.remedy))
        return None


def _plans(
    kind: ConnectorKind, manifest: Manifest, document: Document, problems: list[Problem]
) -> dict[str, CallPlan[Any]]:
    plans = {
        capability.value: plan_of(kind, capability, model, document, problems)
        for capability, model in manifest.file.capabilities.items()
    }
    return {name: plan for name, plan in plans.items() if plan is not None}


def _problem(document: Document, place: tuple[str, ...], message: str, remedy: str) -> Problem:
    return Problem(document.path, document.line_of(place), ".".join(place), message, remedy)
