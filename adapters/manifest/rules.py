"""Checks the capabilities and field rules of a manifest against the schema's record types.

It checks the valid parts of a file that has other mistakes, so that all problems are reported at
once.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from adapters.contract import Capability
from adapters.manifest.codes import CodeTables
from adapters.manifest.document import Document, KeyPath
from adapters.manifest.model import CapabilityModel, DepartmentFile, RecordModel
from adapters.manifest.problems import Problem
from adapters.mapping import CodeTable, FieldRule, MappingContext, RuleError, compile_reader
from adapters.mapping.rules import FieldRules, did_you_mean
from adapters.mapping.scalars import NO_TABLE
from adapters.mapping.targets import targets_of
from adapters.record_types import record_type_of

# Texts that mean "no value" in every department. The misspelling is in real data.
ABSENT = ("", "-", "--", "NA", "N/A", "na", "null", "not avaiable", "not available", "00/00/0000")


def context_of(
    file: DepartmentFile,
    tables: Mapping[str, CodeTable],
    functions: Mapping[str, Callable[[Any], Any]],
) -> MappingContext:
    """Return the data that all field rules of a department use."""
    return MappingContext(
        department=file.department,
        absent=frozenset([*ABSENT, *file.absent]),
        timezone=ZoneInfo(file.timezone),
        tables=tables,
        records={name: record.rules for name, record in file.records.items()},
        functions=functions,
    )


def usable_parts(content: Mapping[str, Any]) -> tuple[DepartmentFile, set[tuple[str, str]]]:
    """Return the valid records and capabilities of a `department.yaml` that has mistakes.

    Returns:
        A file with the valid parts, and the invalid rules as (record, field). Each invalid rule is
        replaced by a dummy.
    """
    records: dict[str, RecordModel] = {}
    broken: set[tuple[str, str]] = set()
    for name, rules in _mapping(content.get("records")).items():
        fitting: dict[str, Any] = {}
        for field, rule in _mapping(rules).items():
            if field == "absent_fields" or _fits(RecordModel, {field: rule}):
                fitting[field] = rule
            else:
                fitting[field] = {"path": "?"}
                broken.add((name, field))
        if _fits(RecordModel, fitting):
            records[name] = RecordModel.model_validate(fitting)
    capabilities = {
        Capability(name): CapabilityModel.model_validate(model)
        for name, model in _mapping(content.get("capabilities")).items()
        if name in set(Capability) and _fits(CapabilityModel, model)
    }
    for name in _mapping(content.get("records")):
        if name not in records:
            capabilities = {c: m for c, m in capabilities.items() if m.record != name}
    left: dict[str, Any] = {
        "department": str(content.get("department")),
        "timezone": "Asia/Kolkata",
        "absent": [],
        "records": records,
        "capabilities": capabilities,
    }
    return DepartmentFile.model_construct(**left), broken


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _fits(model: type[Any], content: Any) -> bool:
    try:
        model.model_validate(content)
    except (ValidationError, RecursionError):
        return False
    return True


@dataclasses.dataclass(slots=True)
class RuleCheck:
    """Checks the capabilities and records of a manifest.

    Attributes:
        file: content of the manifest, or its valid parts.
        document: the manifest file, for line numbers.
        tables: code tables of the department.
        functions: functions of `adapter.py`.
        broken: rules that are dummies, as (record, field); not reported again.
        problems: the problems that were found.
    """

    file: DepartmentFile
    document: Document
    tables: CodeTables
    functions: Mapping[str, Callable[[Any], Any]]
    broken: set[tuple[str, str]]
    problems: list[Problem] = dataclasses.field(init=False, default_factory=list)

    def run(self) -> list[Problem]:
        """Return all problems."""
        checked: set[tuple[str, type]] = set()
        for capability, model in self.file.capabilities.items():
            self._check_capability(capability, model)
            reads = (model.record, record_type_of(capability))
            if model.record in self.file.records and reads not in checked:
                checked.add(reads)
                self._check_record(*reads)
        return self.problems

    def _check_capability(self, capability: Capability, model: CapabilityModel) -> None:
        here = ("capabilities", capability.value)
        records = self.file.records
        if model.record not in records:
            message = f"there is no record {model.record!r}"
            self._report((*here, "record"), message, did_you_mean(model.record, records))
        if not capability.is_search and model.key is None:
            self._report(here, "a look-up needs `key`", "add the path from a row to its key")

    def _check_record(self, name: str, record_type: type) -> None:
        record = self.file.records[name]
        context = context_of(self.file, self.tables.tables, self.functions)
        try:
            compile_reader(record_type, record.rules, context)
        except RuleError as error:
            for each in error.all:
                field = each.key_path[0] if each.key_path else ""
                if (name, field) not in self.broken and not self._follows_from_codes(each):
                    self._report(("records", name, *each.key_path), each.message, each.remedy)
        for number, dotted in enumerate(record.absent_fields):
            self._check_absent(name, number, dotted, record_type)

    def _follows_from_codes(self, error: RuleError) -> bool:
        """Return True if the rule only lacks a table that is reported as wrong already."""
        if not error.message.startswith(NO_TABLE):
            return False
        return self.tables.unread or any(
            error.message == f"{NO_TABLE} {name!r}" for name in self.tables.broken
        )

    def _check_absent(self, name: str, number: int, dotted: str, record_type: type) -> None:
        key_path = ("records", name, "absent_fields", number)
        rules: FieldRules | None = self.file.records[name].rules
        steps = dotted.split(".")
        for depth, step in enumerate(steps):
            targets = targets_of(record_type)
            if step not in targets:
                message = f"{record_type.__name__} has no field {step!r}"
                remedy = did_you_mean(step, list(targets))
                # A field of an older schema does no harm here: `hub check` warns of it.
                if depth or remedy.startswith("did you mean"):
                    self._report(key_path, message, remedy)
                return
            rule: FieldRule | None = (rules or {}).get(step)
            last = depth == len(steps) - 1
            if last and targets[step].required:
                message = f"{record_type.__name__} requires {step}"
                self._report(key_path, message, "remove it from here, and add a rule for it")
            elif last and rule is not None:
                self._report(
                    key_path, f"{dotted} has a rule", "remove it from here, or remove the rule"
                )
            rules = rule.fields if rule is not None else None
            if not last and targets[step].kind not in ("object", "list"):
                self._report(key_path, f"{step} has no fields", f"write {step} alone")
                return
            record_type = targets[step].type

    def _report(self, key_path: KeyPath, message: str, remedy: str) -> None:
        self.problems.append(self.document.problem(key_path, message, remedy))
