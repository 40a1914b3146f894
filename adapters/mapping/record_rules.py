"""The rules of one record or object: which are wrong, which are wanted, and which are meant."""

from collections.abc import Mapping

from adapters.mapping.rules import FieldRule, FieldRules, RuleError, did_you_mean
from adapters.mapping.targets import Target, targets_of
from schema.needed_fields import NeededFields


def wrong_names(
    record_type: type, rules: FieldRules, targets: Mapping[str, Target], key_path: tuple[str, ...]
) -> list[RuleError]:
    """Fields that the record does not have, and those that it can't be without."""
    wrong: list[RuleError] = []
    for name in rules:
        if name not in targets:
            message = f"{record_type.__name__} has no field {name!r}"
            wrong.append(RuleError((*key_path, name), message, did_you_mean(name, list(targets))))
    missing = [t.name for t in targets.values() if t.required and t.name not in rules]
    if missing:
        message = f"{record_type.__name__} can't be without {', '.join(missing)}"
        wrong.append(RuleError(key_path, message, "add a rule for it"))
    return wrong


def unmapped_defaults(targets: Mapping[str, Target]) -> dict[str, str]:
    """Fields that are made anew for each object, as an empty list is, until a rule gives them."""
    return {t.attribute: "[]" for t in targets.values() if t.kind == "list" and not t.required}


def holds_json(rule: FieldRule) -> bool:
    """Whether the value is a JSON text."""
    return rule.format == ["json"]


def wanted_rules(
    record_type: type,
    rules: FieldRules,
    needed: NeededFields,
    *,
    for_merging: bool,
) -> FieldRules:
    """The rules of fields that are to be read, where not all are."""
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
    """The rules that make an object, or each of a list, and their key_path; raises `RuleError`."""
    if rule.fields is not None:
        return rule.fields, (*key_path, "fields")
    if rule.record is None:
        raise RuleError(
            key_path, f"{target.name} is made of fields", "give `fields`, or `record: NAME`"
        )
    if rule.record not in records:
        raise RuleError(
            (*key_path, "record"),
            f"there is no record {rule.record!r}",
            did_you_mean(rule.record, list(records)),
        )
    return records[rule.record], key_path
