"""Checks that every field of the schema is mapped or declared absent, and every record used."""

from collections.abc import Collection, Iterator

from adapters.manifest.model import Manifest
from adapters.mapping.rules import FieldRules
from adapters.mapping.targets import targets_of
from adapters.record_types import record_type_of
from adapters.workbench.check.findings import Findings, Severity


def records_in_use(manifest: Manifest) -> dict[str, set[type]]:
    """Return the records that capabilities use, also through other records, with their types."""
    used: dict[str, set[type]] = {}

    def follow(name: str, record_type: type) -> None:
        if name not in manifest.file.records or record_type in used.setdefault(name, set()):
            return
        used[name].add(record_type)
        for rules, made in rule_sets(manifest.file.records[name].rules, record_type):
            for field, rule in rules.items():
                if rule.record is not None and field in targets_of(made):
                    follow(rule.record, targets_of(made)[field].type)

    for capability, model in manifest.file.capabilities.items():
        follow(model.record, record_type_of(capability))
    return used


def rule_sets(rules: FieldRules, record_type: type) -> Iterator[tuple[FieldRules, type]]:
    """Yield the rules, and those of nested objects and lists, each with the type that it makes."""
    yield rules, record_type
    targets = targets_of(record_type)
    for name, rule in rules.items():
        if rule.fields is not None and name in targets:
            yield from rule_sets(rule.fields, targets[name].type)


def unmapped_fields(
    record_type: type, rules: FieldRules, absent: Collection[str], within: str = ""
) -> Iterator[str]:
    """Yield the dotted names of fields without a rule that are not declared absent."""
    rare: Collection[str] = getattr(record_type, "RARE", ())
    for name, target in targets_of(record_type).items():
        dotted = within + name
        if dotted in absent or (target.attribute in rare and name not in rules):
            continue
        rule = rules.get(name)
        if rule is None:
            yield dotted
        elif rule.fields is not None:
            yield from unmapped_fields(target.type, rule.fields, absent, f"{dotted}.")


def check_fields(findings: Findings) -> None:
    """Warn of fields without a rule, and of records that no capability uses."""
    manifest = findings.manifest
    used = records_in_use(manifest)
    for name, record in manifest.file.records.items():
        key_path = ("records", name)
        if name not in used:
            message, remedy = f"no capability uses the record {name!r}", "remove it"
            findings.add(Severity.WARNING, "unused", key_path, message, remedy)
        for record_type in sorted(used.get(name, ()), key=lambda each: each.__name__):
            absent = frozenset(record.absent_fields)
            targets = targets_of(record_type)
            for each in record.absent_fields:
                if each.partition(".")[0] not in targets:
                    message = f"{record_type.__name__} has no field {each!r}"
                    remedy = "remove it from `absent_fields`"
                    findings.add(Severity.WARNING, "fields", key_path, message, remedy)
            missing = list(unmapped_fields(record_type, record.rules, absent))
            if missing:
                message = f"{record_type.__name__} has fields without a rule: {', '.join(missing)}"
                remedy = f"map them, or add `absent_fields: [{', '.join(missing)}]`"
                findings.add(Severity.WARNING, "fields", key_path, message, remedy)
