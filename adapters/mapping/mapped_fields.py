"""Expressions of a field's raw value, object or list in a row."""

from dataclasses import dataclass

from adapters.mapping.access import Access, MappingAccess
from adapters.mapping.record_rules import holds_json
from adapters.mapping.rules import FieldRule, RuleError
from adapters.mapping.targets import Target
from adapters.mapping.value_steps import ValueSteps


@dataclass(frozen=True, slots=True)
class MappedField:
    """A field, its rule, and where its paths begin.

    Attributes:
        target: the field.
        rule: rule of the field.
        base: variable of the row or object where paths begin.
        access: access to that row or object.
        key_path: key path of the rule in the manifest, below the record.
        path: names of the fields from the record to this field.
    """

    target: Target
    rule: FieldRule
    base: str
    access: Access
    key_path: tuple[str, ...]
    path: tuple[str, ...]


class FieldExpressions:
    """Writes the expression of a field's raw value, object or list."""

    def __init__(self, steps: ValueSteps) -> None:
        self._steps = steps

    def value(self, field: MappedField) -> str | None:
        """Return the expression of the raw value; None if the rule has no source."""
        if self._is_prepared(field):
            return self._prepared(field)
        path = field.rule.path
        return field.access.value(field.base, path) if path is not None else None

    def elements(self, field: MappedField) -> tuple[str, Access]:
        """Return the expression of a list, and the access to each element.

        Raises:
            RuleError: the rule has no `path`.
        """
        if self._is_prepared(field):
            return f"as_list({self._prepared(field)})", MappingAccess()
        path = field.rule.path
        if path is None:
            message = f"{field.target.name} is a list"
            raise RuleError(field.key_path, message, "add the `path` of its elements")
        if holds_json(field.rule):
            return f"as_list(from_json({field.access.value(field.base, path)}))", MappingAccess()
        return field.access.elements(field.base, path)

    def object(self, field: MappedField) -> tuple[str, Access]:
        """Return the expression of an object, and the access to it."""
        if self._is_prepared(field):
            return str(self._prepared(field)), MappingAccess()
        path = field.rule.path
        if path is not None and holds_json(field.rule):
            return f"from_json({field.access.value(field.base, path)})", MappingAccess()
        return field.access.object(field.base, path)

    def _is_prepared(self, field: MappedField) -> bool:
        """Return whether the value must be prepared, and is not simply at `path`."""
        return self._steps.concerns(field.target, field.rule)

    def _prepared(self, field: MappedField) -> str | None:
        target, rule = field.target, field.rule
        return self._steps.expression(target, rule, field.base, field.access, field.key_path)
