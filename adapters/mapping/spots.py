"""Where a field's value stands in a row, or what it is made of there."""

from dataclasses import dataclass

from adapters.mapping.access import Access, MappingAccess
from adapters.mapping.preparing import Preparing
from adapters.mapping.record_rules import holds_json
from adapters.mapping.rules import FieldRule, RuleError
from adapters.mapping.targets import Target


@dataclass(frozen=True, slots=True)
class Spot:
    """One field, and where it is read.

    Attributes:
        target: the field.
        rule: how it is read.
        base: the name of the row, or of the object in it, that its path begins at.
        access: the way to reach into that.
        place: of the rule in the manifest, below the record.
        path: the field's names from the record on.
    """

    target: Target
    rule: FieldRule
    base: str
    access: Access
    place: tuple[str, ...]
    path: tuple[str, ...]


class Finding:
    """The expressions by which a generated function reaches what stands at a spot."""

    def __init__(self, preparing: Preparing) -> None:
        self._preparing = preparing

    def leaf(self, spot: Spot) -> str | None:
        """The expression of a value before it is read; None when the rule has no source."""
        if self._is_made(spot):
            return self._made(spot)
        path = spot.rule.path
        return spot.access.leaf(spot.base, path) if path is not None else None

    def elements(self, spot: Spot) -> tuple[str, Access]:
        """The elements of a list, and the way to reach into each."""
        if self._is_made(spot):
            return f"as_list({self._made(spot)})", MappingAccess()
        path = spot.rule.path
        if path is None:
            message = f"{spot.target.name} is a list"
            raise RuleError(spot.place, message, "give the `path` of its elements")
        if holds_json(spot.rule):
            return f"as_list(from_json({spot.access.leaf(spot.base, path)}))", MappingAccess()
        return spot.access.elements(spot.base, path)

    def object(self, spot: Spot) -> tuple[str, Access]:
        """An object, and the way to reach into it."""
        if self._is_made(spot):
            return str(self._made(spot)), MappingAccess()
        path = spot.rule.path
        if path is not None and holds_json(spot.rule):
            return f"from_json({spot.access.leaf(spot.base, path)})", MappingAccess()
        return spot.access.object(spot.base, path)

    def _is_made(self, spot: Spot) -> bool:
        """Whether the value is made of what stands in the row, and does not stand there itself."""
        return self._preparing.concerns(spot.target, spot.rule)

    def _made(self, spot: Spot) -> str | None:
        target, rule = spot.target, spot.rule
        return self._preparing.expression(target, rule, spot.base, spot.access, spot.place)
