"""Builds an adapter from a manifest: compiles its mapping and sets up its connector."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.adapter import CompiledCapability, ManifestAdapter
from adapters.connectors.connector import CallPlan, Connector
from adapters.connectors.files import FilesSettings
from adapters.connectors.kept_rows import RowStore
from adapters.connectors.kinds import KINDS, ConnectorKind
from adapters.connectors.setup import NO_WRAPPERS, Setup, SetupError, Wrappers
from adapters.connectors.templates import REQUEST_VALUES
from adapters.contract import Capability
from adapters.manifest.calls import plan_of
from adapters.manifest.codes import CodeTables
from adapters.manifest.document import Document, read_document
from adapters.manifest.loader import clashes, load_department
from adapters.manifest.model import CapabilityModel, Manifest
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.rules import RuleCheck, context_of
from adapters.mapping import CodeTable
from adapters.mapping.readers import Readers
from adapters.record_types import record_type_of
from adapters.worklist_pages import Paging


def assemble(
    folders: Iterable[Path], row_store: RowStore | None = None
) -> list[tuple[Manifest, ManifestAdapter]]:
    """Build the adapters of all departments.

    Args:
        folders: the folders of the departments.
        row_store: stores the rows of file deliveries; in memory if None.

    Raises:
        ManifestError: with the problems of all manifests.
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


def build_adapter(
    manifest: Manifest, row_store: RowStore | None = None, wrappers: Wrappers = NO_WRAPPERS
) -> ManifestAdapter:
    """Build the adapter of one department.

    Args:
        manifest: the department's manifest.
        row_store: stores the rows of file deliveries; in memory if None.
        wrappers: wrap the transport and the connector, for example to record samples.

    Raises:
        ManifestError: with all problems of the manifest.
    """
    document = read_document(manifest.folder / "department.yaml")
    file = manifest.file
    tables = CodeTables(tables=manifest.tables)
    problems = RuleCheck(file, document, tables, manifest.functions, set()).run()
    connector = _connector(manifest, document, problems, row_store, wrappers)
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
        key_path=model.key,
        paging=_paging(model, manifest),
        status_codes=_status_table(model, manifest),
        request_values=_placeholders(model, manifest) & REQUEST_VALUES,
    )


def _paging(model: CapabilityModel, manifest: Manifest) -> Paging:
    """Return how the call requests a page of a list, from the placeholders in it."""
    names = _placeholders(model, manifest)
    if "offset" in names:
        return Paging.BY_OFFSET
    return Paging.BY_NUMBER if "page" in names else Paging.NONE


def _placeholders(model: CapabilityModel, manifest: Manifest) -> frozenset[str]:
    kind = KINDS[type(manifest.file.connector)]
    return frozenset(kind.placeholders_of(kind.call.model_validate(model.call)))


def _status_table(model: CapabilityModel, manifest: Manifest) -> CodeTable | None:
    """Return the code table of the record's status, which translates the statuses of a search."""
    rule = manifest.file.records[model.record].rules.get("applicationStatus")
    return manifest.tables.get(rule.codes) if rule is not None and rule.codes else None


def _connector(
    manifest: Manifest,
    document: Document,
    problems: list[Problem],
    row_store: RowStore | None,
    wrappers: Wrappers,
) -> Connector | None:
    file = manifest.file
    limits = file.limits
    kind = KINDS[type(file.connector)]
    if isinstance(file.connector, FilesSettings) and limits.cache is not None:
        # A cached copy of stored rows would report its own age instead of theirs.
        message, remedy = "rows of files are stored already", "remove `cache`"
        problems.append(document.problem(("limits", "cache"), message, remedy))
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
        wrappers=wrappers,
    )
    try:
        connector = kind.set_up(setup)
    except SetupError as error:
        problems.append(document.problem(error.key_path, error.message, error.remedy))
        return None
    return connector if wrappers.connector is None else wrappers.connector(connector)


def _plans(
    kind: ConnectorKind, manifest: Manifest, document: Document, problems: list[Problem]
) -> dict[str, CallPlan[Any]]:
    plans = {
        capability.value: plan_of(kind, capability, model, document, problems)
        for capability, model in manifest.file.capabilities.items()
    }
    return {name: plan for name, plan in plans.items() if plan is not None}
