"""Builds an adapter from a manifest: compiles its mapping and sets up its connector."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.adapter import CompiledCapability, ManifestAdapter
from adapters.connectors.connector import CallPlan, Connector
from adapters.connectors.files import FilesSettings
from adapters.connectors.kept_rows import RowStore
from adapters.connectors.kinds import KINDS
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
from adapters.mapping.readers import Readers
from adapters.record_types import record_type_of
from adapters.worklist_pages import Paging


def assemble(
    folders: Iterable[Path], row_store: RowStore | None = None
) -> list[tuple[Manifest, ManifestAdapter]]:
    """Build the adapters of all departments.

    Args:
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
    kind = KINDS[type(manifest.file.connector)]
    placeholders = kind.placeholders_of(kind.call.model_validate(model.call))
    paging = Paging.BY_NUMBER if "page" in placeholders else Paging.NONE
    if "offset" in placeholders:
        paging = Paging.BY_OFFSET
    # The code table of the status also translates the statuses that a search requests.
    status = rules.get("applicationStatus")
    return CompiledCapability(
        name=capability.value,
        readers=Readers(record_type_of(capability), rules, context, model.key, model.row),
        at_once=model.keys.at_once,
        key_type=model.keys.type,
        key_prefix=model.keys.prefix,
        key_path=model.key,
        paging=paging,
        status_codes=manifest.tables.get(status.codes) if status and status.codes else None,
        request_values=REQUEST_VALUES & placeholders,
    )


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
    plans: dict[str, CallPlan[Any]] = {}
    for capability, model in file.capabilities.items():
        plan = plan_of(kind, capability, model, document, problems)
        if plan is not None:
            plans[capability.value] = plan
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
