"""Where a field's value stands in a row, or what it is made of there."""

from dataclasses import dataclass

from adapters.mapping.access import Access, MappingAccess
from adapters.mapping.record_rules import holds_json
from adapters.mapping.rules import FieldRule, RuleError
from adapters.mapping.targets import Target
from adapters.mapping.value_steps import ValueSteps


@dataclass(frozen=True, slots=True)
class MappedField:
    """One field, and where it is read.

    Attributes:
        target: the field.
        rule: how it is read.
        base: the name of the row, or of the object in it, that its path begins at.
        access: the way to reach into that.
        key_path: of the rule in the manifest, below the record.
        path: the field's names from the record on.
    """

    target: Target
    rule: FieldRule
    base: str
    access: Access
    key_path: tuple[str, ...]
    path: tuple[str, ...]


class FieldExpressions:
    """The expressions by which a generated function reaches what stands at a field."""

    def __init__(self, steps: ValueSteps) -> None:
        self._steps = steps

    def value(self, field: MappedField) -> str | None:
        """The expression of a value before it is read; None when the rule has no source."""
        if self._is_made(field):
            return self._made(field)
        path = field.rule.path
        return field.access.value(field.base, path) if path is not None else None

    def elements(self, field: MappedField) -> tuple[str, Access]:
        """The elements of a list, and the way to reach into each."""
        if self._is_made(field):
            return f"as_list({self._made(field)})", MappingAccess()
        path = field.rule.path
        if path is None:
            message = f"{field.target.name} is a list"
            raise RuleError(field.key_path, message, "give the `path` of its elements")
        if holds_json(field.rule):
            return f"as_list(from_json({field.access.value(field.base, path)}))", MappingAccess()
        return field.access.elements(field.base, path)

    def object(self, field: MappedField) -> tuple[str, Access]:
        """An object, and the way to reach into it."""
        if self._is_made(field):
            return str(self._made(field)), MappingAccess()
        path = field.rule.path
        if path is not None and holds_json(field.rule):
            return f"from_json({field.access.value(field.base, path)})", MappingAccess()
        return field.access.object(field.base, path)

    def _is_made(self, field: MappedField) -> bool:
        """Whether the value is made of what stands in the row, and does not stand there itself."""
        return self._steps.concerns(field.target, field.rule)

    def _made(self, field: MappedField) -> str | None:
        target, rule = field.target, field.rule
        return self._steps.expression(target, rule, field.base, field.access, field.key_path)
