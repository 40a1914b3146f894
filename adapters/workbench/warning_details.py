"""Says what a warning is about: the element, the form of its value, the rule, and what to do."""

import re

from adapters.contract import Capability
from adapters.manifest.model import Manifest
from adapters.mapping.rules import FieldRule
from schema.codes import WarningCode
from schema.provenance import SourceWarning

LONGEST = 60
_FIELD_WARNINGS = ("INVALID_VALUE", "UNKNOWN_CODE")


def masked(text: str) -> str:
    """Return the form of a value: each letter as `a` or `A`, each digit as 9."""
    form = re.sub(r"\d", "9", text[:LONGEST])
    form = re.sub(r"[^\W\d_]", lambda m: "A" if m[0].isupper() else "a", form)
    return form + ("…" if len(text) > LONGEST else "")


def detail_of(warning: SourceWarning, manifest: Manifest, capability: Capability) -> str:
    """Return the warning in words, with its value masked. The value of a code is shown."""
    field = warning.field_path or ""
    name = f"{warning.code} {field}".strip()
    if warning.code not in _FIELD_WARNINGS:
        return (
            f"{name}: {warning.raw}"
            if warning.code == WarningCode.INCOMPLETE and warning.raw
            else name
        )
    record = manifest.file.capabilities[capability].record
    rule = _rule_of(manifest, record, field)
    element = repr(rule.path) if rule is not None and rule.path is not None else "the value"
    if warning.code == WarningCode.UNKNOWN_CODE:
        table = f" to the table {rule.codes!r}" if rule is not None and rule.codes else ""
        return f"{name}: {element} is {warning.raw!r}; add it{table} in codes.yaml"
    shown = f"has a value like {masked(warning.raw)!r}" if warning.raw else "has an invalid value"
    return f"{name}: {element} {shown}; correct the rule `records.{record}.{field}`"


def _rule_of(manifest: Manifest, record: str, field: str) -> FieldRule | None:
    rules = manifest.file.records[record].rules
    rule: FieldRule | None = None
    for step in field.split("."):
        rule = rules.get(re.sub(r"\[\d+\]$", "", step))
        if rule is None:
            return None
        inner = manifest.file.records.get(rule.record) if rule.record is not None else None
        rules = rule.fields or (inner.rules if inner is not None else {})
    return rule
