"""Checks each capability's `call` against its connector."""

from typing import Any

from adapters.connectors.connector import CallPlan
from adapters.connectors.kinds import KINDS, ConnectorKind
from adapters.connectors.templates import (
    REQUEST_VALUES,
    code_tables_in,
    placeholders_in,
    wrong_filters_in,
    wrong_placeholders_in,
)
from adapters.connectors.write_replies import WritePlan
from adapters.contract import Capability
from adapters.manifest.document import Document, KeyPath
from adapters.manifest.model import CapabilityModel, Manifest
from adapters.manifest.problems import Problem
from adapters.manifest.validation import validate
from adapters.manifest.writes import PLACEHOLDERS, WriteModel
from adapters.mapping.rules import StrictModel, did_you_mean
from adapters.writes import WriteCapability

HOW_TO_WRITE = "write {name}, {name:dd/mm/yyyy} or {name|filter}, without blanks"
ALL_PLACEHOLDERS = ("key", "keys", "name", "birth_date", "since", "status_codes", "page", "offset")
# Filled while pages are read.
PAGE_PLACEHOLDERS = ("page", "offset", "limit", "cursor")

WORKLIST_PLACEHOLDERS = (
    "status_codes",
    "any_status",
    "since",
    "requested_from",
    "requested_to",
    "district",
    "text",
)


def placeholders_in_call(manifest: Manifest, capability: Capability) -> frozenset[str]:
    """Return the placeholders that the department's call of a capability contains."""
    kind = KINDS[type(manifest.file.connector)]
    call = kind.call.model_validate(manifest.file.capabilities[capability].call)
    return frozenset(kind.placeholders_of(call))


def plan_of(
    kind: ConnectorKind,
    capability: Capability,
    model: CapabilityModel,
    document: Document,
    problems: list[Problem],
) -> CallPlan[Any] | None:
    """Return the call of a capability for its connector.

    None if the call is wrong; then the mistakes are added to `problems`.
    """
    at = ("capabilities", capability.value, "call")
    call: StrictModel | None = validate(kind.call, model.call, document, problems, at)
    if call is None:
        return None
    known = placeholders_of(capability, model.keys.at_once) | REQUEST_VALUES
    _check_placeholders(kind, call, known, document, problems, at)
    for name, table in sorted(code_tables_in(_texts_of(call))):
        remedy = f"write {{{name}}}: only writes translate values to codes"
        problems.append(document.problem(at, f"{{{name}|code {table}}} is not possible", remedy))
    return CallPlan(capability.value, call, model.rows, model.total, model.key)


def write_plan_of(
    kind: ConnectorKind,
    capability: WriteCapability,
    model: WriteModel,
    document: Document,
    problems: list[Problem],
) -> WritePlan[Any] | None:
    """Return the call of a write for its connector.

    None if the call is wrong; then the mistakes are added to `problems`.
    """
    at = ("writes", capability.value, "call")
    if kind.write is None:
        message = "this kind of connector makes no writes"
        problems.append(document.problem(at[:2], message, "remove the write"))
        return None
    call: StrictModel | None = validate(kind.write, model.call, document, problems, at)
    if call is None:
        return None
    _check_placeholders(kind, call, PLACEHOLDERS | REQUEST_VALUES, document, problems, at)
    placeholders = frozenset(kind.placeholders_of(call))
    return WritePlan(capability.value, call, model.reply, placeholders)


def _check_placeholders(
    kind: ConnectorKind,
    call: StrictModel,
    known: frozenset[str],
    document: Document,
    problems: list[Problem],
    at: KeyPath,
) -> None:
    def report(message: str, remedy: str) -> None:
        problems.append(document.problem(at, message, remedy))

    for unknown in sorted(kind.placeholders_of(call) - known):
        report(f"unknown placeholder {{{unknown}}}", did_you_mean(unknown, known))
    written = _texts_of(call)
    if placeholders_in(written) <= kind.placeholders_of(call):
        for remedy in sorted(wrong_filters_in(written)):
            report("wrong filter or date format in a placeholder", remedy)
    for text in sorted(wrong_placeholders_in(written, known | set(ALL_PLACEHOLDERS))):
        report(f"{text} is not a placeholder and would be sent as it is", HOW_TO_WRITE)


def _texts_of(call: StrictModel) -> dict[str, Any]:
    """Return the parts of a call that contain placeholders.

    Braces in SQL and in the text of a GraphQL operation are not placeholders.
    """
    return {
        key: value
        for key, value in call.model_dump().items()
        if key not in ("sql", "mutation") and not (key == "query" and isinstance(value, str))
    }


def placeholders_of(capability: Capability, at_once: int) -> frozenset[str]:
    """Return the placeholders that a call of the capability may contain."""
    if capability is Capability.CITIZENS_SEARCH:
        return frozenset({"name", "birth_date", "phone_number", "family_identifier", "district"})
    if capability is Capability.APPLICATIONS_SEARCH:
        return frozenset({*WORKLIST_PLACEHOLDERS, *PAGE_PLACEHOLDERS})
    if capability is Capability.APPLICATIONS_CHANGES_SINCE:
        return frozenset({"since"})
    return frozenset({"keys" if at_once > 1 else "key", *PAGE_PLACEHOLDERS})
