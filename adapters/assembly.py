"""Makes an adapter out of a manifest: compiles its mapping and sets up its connector."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from adapters.adapter import CompiledCapability, ManifestAdapter
from adapters.connectors.kinds import KINDS, ConnectorKind
from adapters.connectors.setup import Setup, SetupError
from adapters.connectors.wire import CallPlan, Connector
from adapters.contract import Capability
from adapters.manifest.document import Document, read_document
from adapters.manifest.model import CapabilityModel, Manifest
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.validation import validate
from adapters.mapping import CodeTable, MappingContext, RuleError, compile_reader
from adapters.mapping.readers import Readers
from adapters.mapping.rules import StrictModel, did_you_mean
from schema.application import Application
from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.citizen import Citizen
from schema.family import Family
from schema.grievance import Grievance

# What a department that does not say otherwise writes for "no value".
ABSENT = ("", "-", "--", "NA", "N/A", "na", "null", "not avaiable", "not available", "00/00/0000")

# What the reading of pages fills in.
PAGE_PLACEHOLDERS = ("page", "offset", "limit", "cursor")

RECORDS: Mapping[str, type] = {
    "citizens": Citizen,
    "families": Family,
    "applications": Application,
    "benefits": Benefit,
    "certificates": Certificate,
    "grievances": Grievance,
}


def record_type_of(capability: Capability) -> type:
    return RECORDS[capability.value.partition("_")[0]]


def build_adapter(manifest: Manifest) -> ManifestAdapter:
    """The department's adapter; raises `ManifestError` with every problem found."""
    document = read_document(manifest.folder / "department.yaml")
    problems: list[Problem] = []
    capabilities = {
        capability: compiled
        for capability, model in manifest.file.capabilities.items()
        if (compiled := _compile(capability, model, manifest, document, problems)) is not None
    }
    connector = _connector(manifest, document, problems)
    if problems or connector is None:
        raise ManifestError(problems)
    file = manifest.file
    return ManifestAdapter(
        file.department, file.connector.kind, capabilities, connector, most_rows=file.limits.rows
    )


def _compile(
    capability: Capability,
    model: CapabilityModel,
    manifest: Manifest,
    document: Document,
    problems: list[Problem],
) -> CompiledCapability | None:
    file = manifest.file
    here = ("capabilities", capability.value)
    if model.record not in file.records:
        message = f"there is no record {model.record!r}"
        problems.append(
            _problem(document, (*here, "record"), message, did_you_mean(model.record, file.records))
        )
        return None
    if not capability.is_search and model.key is None:
        problems.append(_problem(document, here, "a look-up needs `key`", "say which column it is"))
        return None
    context = MappingContext(
        department=file.department,
        absent=frozenset([*ABSENT, *file.absent]),
        timezone=ZoneInfo(file.timezone),
        tables=manifest.tables,
        records=file.records,
    )
    record_type, rules = record_type_of(capability), file.records[model.record]
    try:
        compile_reader(record_type, rules, context)
    except RuleError as error:
        place = ("records", model.record, *error.place)
        problems.append(_problem(document, place, error.message, error.remedy))
        return None
    return CompiledCapability(
        name=capability.value,
        readers=Readers(record_type, rules, context, model.key, model.row),
        at_once=model.keys.at_once,
        key_type=model.keys.type,
        key_prefix=model.keys.prefix,
        status_codes=_status_table(model, manifest),
    )


def _status_table(model: CapabilityModel, manifest: Manifest) -> CodeTable | None:
    """The code table of the record's status: turns a search's statuses into codes."""
    rule = manifest.file.records[model.record].get("applicationStatus")
    return manifest.tables.get(rule.codes) if rule is not None and rule.codes else None


def _connector(manifest: Manifest, document: Document, problems: list[Problem]) -> Connector | None:
    file = manifest.file
    limits = file.limits
    kind = KINDS[type(file.connector)]
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
    )
    try:
        return kind.set_up(setup)
    except SetupError as error:
        problems.append(_problem(document, error.place, error.message, error.remedy))
        return None


def _plans(
    kind: ConnectorKind, manifest: Manifest, document: Document, problems: list[Problem]
) -> dict[str, CallPlan[Any]]:
    plans: dict[str, CallPlan[Any]] = {}
    for capability, model in manifest.file.capabilities.items():
        name = capability.value
        at = ("capabilities", name, "call")
        call: StrictModel | None = validate(kind.call, model.call, document, problems, at)
        if call is None:
            continue
        known = placeholders_of(capability, model.keys.at_once)
        for unknown in sorted(kind.placeholders_of(call) - known):
            message = f"nothing fills {{{unknown}}} here"
            problems.append(_problem(document, at, message, did_you_mean(unknown, known)))
        plans[name] = CallPlan(name, call, model.rows, model.total, model.key)
    return plans


def placeholders_of(capability: Capability, at_once: int) -> frozenset[str]:
    """What a call of the capability can name: its keys, or the criteria of its search."""
    if capability is Capability.CITIZENS_SEARCH:
        return frozenset({"name", "birth_date", "phone_number", "family_identifier", "district"})
    if capability is Capability.APPLICATIONS_SEARCH:
        return frozenset({"status_codes", "any_status", "since", *PAGE_PLACEHOLDERS})
    return frozenset({"keys" if at_once > 1 else "key", *PAGE_PLACEHOLDERS})


def _problem(document: Document, place: tuple[str, ...], message: str, remedy: str) -> Problem:
    return Problem(document.path, document.line_of(place), ".".join(place), message, remedy)
