"""Builds an adapter from a manifest: compiles its mapping and sets up its connector."""

from collections.abc import Iterable, Mapping
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
from adapters.connectors.write_replies import WritePlan
from adapters.contract import Capability
from adapters.department_writes import CompiledWrite, DepartmentWrites
from adapters.manifest.calls import plan_of, write_plan_of
from adapters.manifest.codes import CodeTables
from adapters.manifest.document import Document, read_document
from adapters.manifest.loader import clashes, load_department
from adapters.manifest.model import CapabilityModel, Manifest
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.rules import RuleCheck, context_of
from adapters.mapping.readers import Readers
from adapters.record_types import record_type_of
from adapters.worklist_pages import Paging
from adapters.write_filling import Form, WriteFilling
from adapters.writes import WriteCapability


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
    writes = _write_plans(manifest, document, problems)
    connector = _connector(manifest, document, problems, row_store, wrappers, writes)
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
        department_writes=_department_writes(manifest, writes),
    )


def _write_plans(
    manifest: Manifest, document: Document, problems: list[Problem]
) -> dict[WriteCapability, WritePlan[Any]]:
    kind = KINDS[type(manifest.file.connector)]
    plans = {
        capability: write_plan_of(kind, capability, model, document, problems)
        for capability, model in manifest.file.writes.items()
    }
    return {capability: plan for capability, plan in plans.items() if plan is not None}


def _department_writes(
    manifest: Manifest, plans: Mapping[WriteCapability, WritePlan[Any]]
) -> DepartmentWrites:
    file, services = manifest.file, {each.code: each for each in manifest.services}
    forms = {
        code: Form(
            model.service or code,
            model.fields,
            model.blank,
            {each.code: each.datatype for each in services[code].attributes},
        )
        for code, model in file.forms.items()
    }
    filling = WriteFilling(file.department, ZoneInfo(file.timezone), manifest.tables, forms)
    compiled = {
        capability: CompiledWrite(
            plan,
            plan.call.model_dump(),
            file.writes[capability].documents,
            file.writes[capability].repeatable,
        )
        for capability, plan in plans.items()
    }
    request_types = {code: service.request_type for code, service in services.items()}
    return DepartmentWrites(file.department, compiled, filling, request_types)


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
    writes: Mapping[WriteCapability, WritePlan[Any]],
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
    if len(problems) > before or len(writes) < len(file.writes):
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
        writes={capability.value: plan for capability, plan in writes.items()},
    )
    try:
        connector = kind.set_up(setup)
    except SetupError as error:
        problems.append(document.problem(error.key_path, error.message, error.remedy))
        return None
    return connector if wrappers.connector is None else wrappers.connector(connector)
