"""Checks `forms` and `writes` of a manifest against its services, code tables and connector."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.connectors.kinds import ConnectorKind
from adapters.connectors.templates import (
    DATES,
    code_tables_in,
    placeholders_in,
    wrong_filters_in,
    wrong_placeholders_in,
)
from adapters.connectors.write_replies import WriteMeaning
from adapters.contract import Capability
from adapters.department_writes import FINDERS
from adapters.manifest.calls import HOW_TO_WRITE, write_plan_of
from adapters.manifest.codes import CodeTables
from adapters.manifest.document import Document, KeyPath
from adapters.manifest.model import DepartmentFile
from adapters.manifest.problems import Problem
from adapters.manifest.services import AttributeModel, ServiceModel, ServicesFile
from adapters.manifest.writes import COMMON, FACTS, FormModel, WriteModel
from adapters.mapping.rules import did_you_mean
from adapters.write_filling import DOCUMENT_VALUES
from adapters.writes import WriteCapability
from schema.form import AttributeType
from schema.service import ServiceRequestType

_Fault = tuple[KeyPath, str, str]
"""Key path, message and remedy."""
_DATE_TYPES = frozenset({AttributeType.DATE, AttributeType.DATETIME})
SUBMIT = WriteCapability.SUBMIT_APPLICATION


@dataclass(frozen=True, slots=True)
class WriteCheck:
    """Checks the writes of one manifest.

    Attributes:
        file: content of `department.yaml`.
        document: the same file, for line numbers.
        catalogue: content of `services.yaml`.
        tables: code tables of the department.
        kind: the kind of its connector.
    """

    file: DepartmentFile
    document: Document
    catalogue: ServicesFile
    tables: CodeTables
    kind: ConnectorKind

    def run(self) -> list[Problem]:
        """Return all problems."""
        problems = [self.document.problem(*fault) for fault in self._faults()]
        for capability, model in self.file.writes.items():
            write_plan_of(self.kind, capability, model, self.document, problems)
        return problems

    def _faults(self) -> Iterator[_Fault]:
        for code, form in self.file.forms.items():
            for at, message, remedy in self._form_faults(code, form):
                yield ("forms", code, *at), message, remedy
        for capability, write in self.file.writes.items():
            for at, message, remedy in self._write_faults(capability, write):
                yield ("writes", capability.value, *at), message, remedy
        if self.file.forms and SUBMIT not in self.file.writes:
            yield ("forms",), "no call submits the forms", f"add `{SUBMIT}` to `writes`"
        if SUBMIT in self.file.writes and not self.file.forms:
            message = "no service has a form that it could submit"
            yield ("writes", SUBMIT.value), message, "add the forms of services to `forms`"

    def _form_faults(self, code: str, form: FormModel) -> Iterator[_Fault]:
        service = self.catalogue.services.get(code)
        if service is None:
            services = self.catalogue.services
            remedy = did_you_mean(code, services) if services else "add it to services.yaml"
            yield (), f"services.yaml has no service {code!r}", remedy
            return
        attributes = {each.code: each for each in service.attributes if each.variable}
        dates = {code for code, each in attributes.items() if each.datatype in _DATE_TYPES}
        known = attributes.keys() | COMMON | FACTS
        for name, template in form.fields.items():
            at = ("fields", name)
            for message, remedy in self._template_faults(template, known, DATES | dates):
                if not attributes and message.startswith("unknown placeholder"):
                    remedy = f"add `attributes` to {code} in services.yaml"
                yield at, message, remedy
            for used, table in sorted(code_tables_in(template)):
                if used in attributes:
                    yield from self._options_without_codes(attributes[used], table, at)
        used_codes = placeholders_in(form.fields)
        for attribute in attributes.values():
            if attribute.required and attribute.code not in used_codes:
                message = f"the citizen must fill in {attribute.code!r}, but no field sends it"
                remedy = f"add a field with {{{attribute.code}}}, or make the attribute optional"
                yield ("fields",), message, remedy
        yield from self._number_faults(service)

    def _number_faults(self, service: ServiceModel) -> Iterator[_Fault]:
        """Check that the hub can learn the number of an application."""
        submit = self.file.writes.get(SUBMIT)
        if submit is None:
            return
        request_type = service.request_type
        if request_type is ServiceRequestType.REALTIME and submit.reply.reference is None:
            message = "the service assigns its number at once (REALTIME)"
            yield (), message, f"add `reply: {{reference: …}}` to `{SUBMIT}`"
        can_find = Capability.FIND_SUBMISSION in self.file.capabilities
        if request_type is ServiceRequestType.BATCH and not can_find:
            message = "the service assigns its number later (BATCH), but nobody asks for it"
            yield (), message, "add the capability `find_submission`"

    def _options_without_codes(
        self, attribute: AttributeModel, name: str, at: KeyPath
    ) -> Iterator[_Fault]:
        table = self.tables.tables.get(name)
        if table is None:
            return
        for option in attribute.options:
            if table.code_of(option.key) is None:
                message = f"the code table {name!r} has no code for the option {option.key!r}"
                yield at, message, "add a code with this meaning or text to codes.yaml"

    def _template_faults(
        self, template: Any, known: "frozenset[str] | set[str]", dates: "frozenset[str] | set[str]"
    ) -> Iterator[tuple[str, str]]:
        for unknown in sorted(placeholders_in(template) - known):
            yield f"unknown placeholder {{{unknown}}}", did_you_mean(unknown, known)
        for remedy in sorted(wrong_filters_in(template, dates)):
            yield "wrong filter or date format in a placeholder", remedy
        for text in sorted(wrong_placeholders_in(template, known)):
            yield f"{text} is not a placeholder and would be sent as it is", HOW_TO_WRITE
        yield from self._table_faults(template)

    def _table_faults(self, template: Any) -> Iterator[tuple[str, str]]:
        tables: Mapping[str, Any] = self.tables.tables
        for _, name in sorted(code_tables_in(template)):
            if name in tables or name in self.tables.broken or self.tables.unread:
                continue
            remedy = did_you_mean(name, tables) if tables else "add it to codes.yaml"
            yield f"there is no code table {name!r}", remedy

    def _write_faults(self, capability: WriteCapability, write: WriteModel) -> Iterator[_Fault]:
        known = DOCUMENT_VALUES | COMMON
        for message, remedy in self._template_faults(write.documents, known, DATES):
            yield ("documents",), message, remedy
        for message, remedy in self._table_faults(write.call):
            yield ("call",), message, remedy
        placeholders = placeholders_in(write.call)
        if "fields" in placeholders and capability is not SUBMIT:
            message = f"only `{SUBMIT}` sends a form"
            yield ("call",), message, "remove {fields}"
        finder = self._finder_of(capability)
        if finder is not None and not self._sends_receipt(capability, write):
            message = f"`{finder}` asks for the hub's receipt number, which is not sent"
            yield ("call",), message, "add {receipt} to the call, or to each form"
        is_certain = finder is not None or write.repeatable or write.reply.receipt is not None
        for number, rule in enumerate(write.reply.rules):
            if rule.means is WriteMeaning.ALREADY_THERE and not is_certain:
                message = "another application of the citizen may be meant"
                remedy = "add `reply.receipt`, `repeatable: true` or the capability that finds it"
                yield ("reply", "rules", number), message, remedy

    def _finder_of(self, capability: WriteCapability) -> Capability | None:
        finder = FINDERS.get(capability)
        return finder if finder in self.file.capabilities else None

    def _sends_receipt(self, capability: WriteCapability, write: WriteModel) -> bool:
        if "receipt" in placeholders_in(write.call) or ":receipt" in str(write.call):
            return True
        return capability is SUBMIT and all(
            "receipt" in placeholders_in(form.fields) for form in self.file.forms.values()
        )
