"""Checks and selects the field rules of one record or object."""

from collections.abc import Mapping

from adapters.mapping.rules import FieldRule, FieldRules, RuleError, did_you_mean
from adapters.mapping.targets import Target, targets_of
from schema.needed_fields import NeededFields


def wrong_names(
    record_type: type, rules: FieldRules, targets: Mapping[str, Target], key_path: tuple[str, ...]
) -> list[RuleError]:
    """Return errors for unknown fields and for required fields without a rule."""
    wrong: list[RuleError] = []
    for name in rules:
        if name not in targets:
            message = f"{record_type.__name__} has no field {name!r}"
            wrong.append(RuleError((*key_path, name), message, did_you_mean(name, list(targets))))
    missing = [t.name for t in targets.values() if t.required and t.name not in rules]
    if missing:
        message = f"{record_type.__name__} requires {', '.join(missing)}"
        wrong.append(RuleError(key_path, message, "add a rule for each"))
    return wrong


def wanted_rules(
    record_type: type, rules: FieldRules, needed: NeededFields, *, for_merging: bool
) -> FieldRules:
    """Return the rules of the fields to read; see `compile_reader`."""
    targets = targets_of(record_type)
    rules = {name: rule for name, rule in rules.items() if name in targets}
    wanted = needed.of(record_type)
    if wanted is None:
        return rules

    def is_wanted(target: Target) -> bool:
        kept = target.required or target.is_owner or (target.always and for_merging)
        return kept or target.attribute in wanted

    return {name: rule for name, rule in rules.items() if is_wanted(targets[name])}


def rules_within(
    rule: FieldRule, target: Target, records: Mapping[str, FieldRules], key_path: tuple[str, ...]
) -> tuple[FieldRules, tuple[str, ...]]:
    """Return the rules for an object or list element, and their key path.

    Raises:
        RuleError: the rule has neither `fields` nor a known `record`.
    """
    if rule.fields is not None:
        return rule.fields, (*key_path, "fields")
    if rule.record is None:
        raise RuleError(
            key_path, f"{target.name} consists of fields", "add `fields`, or `record: NAME`"
        )
    if rule.record not in records:
        raise RuleError(
            (*key_path, "record"),
            f"there is no record {rule.record!r}",
            did_you_mean(rule.record, list(records)),
        )
    return records[rule.record], key_path
