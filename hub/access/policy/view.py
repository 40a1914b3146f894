"""Views: they mask the records of one type for one combination of role, relation and purpose."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from hub.access.policy.attributes import Attribute, attributes_of, is_personal
from hub.access.policy.masks import Change, change_of, nothing
from hub.access.policy.terms import Level
from schema.person import BirthDatePrecision
from schema.personal import FieldClass, Masking
from schema.provenance import SourceStatus, SourceWarning

RecordT = TypeVar("RecordT")
Levels = tuple[Level, ...]
"""The level of each class, in the order of `FieldClass`."""

_POSITION = {each: position for position, each in enumerate(FieldClass)}
_INDEX_IN_LIST = re.compile(r"\[[0-9]+\]")


class View:
    """Masks records of one type.

    Attributes:
        is_plain: whether all personal data of the type is shown; `apply` returns the record.
        is_hidden: whether nothing of the type is shown; `apply` returns None.
    """

    def __init__(self, record_type: type, levels: Levels) -> None:
        self.record_type = record_type
        attributes = attributes_of(record_type)
        used = classes_in(record_type)
        lowest = {each: levels[_POSITION[each]] for each in used}
        self.is_plain = all(level is Level.PLAIN for level in lowest.values())
        self.is_hidden = not self.is_plain and _is_hidden(record_type, lowest)
        self._levels = levels
        changes = [] if self.is_hidden else list(_changes(attributes.values(), levels))
        # Without a call for each, because most values that are not plain are hidden.
        self._hides = tuple(name for name, change in changes if change is nothing)
        self._changes = tuple(each for each in changes if each[1] is not nothing)
        self._by_value = _by_value(record_type, lowest)
        self._hidden = frozenset(each for each, level in lowest.items() if level is Level.NONE)
        self._needs_masking = "masking" in attributes and (
            bool(self._hidden) or lowest.get(FieldClass.IDENTIFIER) is Level.MASKED
        )
        self._has_warnings = "row_warnings" in attributes
        self._masks_birth_date = (
            "birth_date_precision" in attributes
            and lowest.get(FieldClass.BIRTH_DATE) is Level.MASKED
        )
        self._plain_paths: dict[str, bool] = {}

    def apply(self, record: RecordT) -> RecordT | None:
        """Return what the principal sees of a record; None if nothing.

        It is the record itself if the view is plain, otherwise a copy. The record is not changed.
        Attributes in `OWN_VIEW` are not masked.
        """
        if self.is_plain:
            return record
        if self.is_hidden:
            return None
        if self._by_value is not None:
            attribute, shown = self._by_value
            return record if getattr(record, attribute) in shown else None
        masked = object.__new__(type(record))
        masked.__dict__ = self._masked(record.__dict__)
        if self._needs_masking:
            local_id: str = record.local_id()  # type: ignore[attr-defined]
            masked.__dict__["masking"] = Masking(local_id, self._hidden)
        return masked

    def _masked(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Return a copy of a record's attributes in which the values are masked."""
        state = attributes.copy()
        for name in self._hides:
            if name in state:
                state[name] = None
        for name, change in self._changes:
            value = state.get(name)
            if value is not None:
                state[name] = change(value)
        if self._masks_birth_date and state.get("birth_date") is not None:
            state["birth_date_precision"] = BirthDatePrecision.YEAR
        warnings, status = state.get("row_warnings"), state.get("registry_status")
        if warnings and self._has_warnings:
            state["row_warnings"] = self.warnings(warnings)
        if status is not None:
            state["registry_status"] = self.status(status)
        return state

    def warnings(self, warnings: Iterable[SourceWarning]) -> Sequence[SourceWarning]:
        """Return warnings about records of this type. Values that are not plain are removed."""
        if self.is_plain:
            return list(warnings)
        return [
            each
            if each.raw is None or self._is_plain_at(each.field_path)
            else SourceWarning(code=each.code, field_path=each.field_path)
            for each in warnings
        ]

    def status(self, status: SourceStatus) -> SourceStatus:
        """Return the state of a department that sent records of this type, with its warnings."""
        if self.is_plain or not status.warnings:
            return status
        return dataclasses.replace(status, warnings=list(self.warnings(status.warnings)))

    def _is_plain_at(self, path: str | None) -> bool:
        """Return whether the field that a warning names is plain. Unknown fields are not."""
        if path is None or self.is_hidden:
            return False
        known = self._plain_paths.get(path)
        if known is None:
            steps = _INDEX_IN_LIST.sub("", path).split(".")
            known = _is_plain_at(self.record_type, steps, self._levels)
            if len(self._plain_paths) < 1_000:
                self._plain_paths[path] = known
        return known


@cache
def compile_view(record_type: type, levels: Levels) -> View:
    """Return the view of a type for the levels of all classes.

    Raises:
        TypeError: the type declares no classes of personal data.
    """
    if not is_personal(record_type):
        raise TypeError(f"{record_type.__name__} declares no classes of personal data")
    return View(record_type, levels)


@cache
def classes_in(record_type: type) -> frozenset[FieldClass]:
    """Return the classes of a type, and of the objects in it."""
    found: set[FieldClass] = set(getattr(record_type, "CLASS_BY", ("", {}))[1].values())
    if (of_record := getattr(record_type, "RECORD_CLASS", None)) is not None:
        found.add(of_record)
    for each in attributes_of(record_type).values():
        found |= set(each.field_classes)
        if is_personal(each.type) and not each.has_own_view:
            found |= classes_in(each.type)
    return frozenset(found)


def _is_hidden(record_type: type, levels: Mapping[FieldClass, Level]) -> bool:
    own = getattr(record_type, "RECORD_CLASS", None)
    if own is not None:
        return levels[own] is not Level.PLAIN
    return bool(levels) and all(level is Level.NONE for level in levels.values())


def _by_value(
    record_type: type, levels: Mapping[FieldClass, Level]
) -> tuple[str, frozenset[Any]] | None:
    """Return the attribute that decides on the class of a record, and its values that are shown."""
    if not hasattr(record_type, "CLASS_BY"):
        return None
    attribute, class_of = record_type.CLASS_BY
    shown = (value for value, each in class_of.items() if levels[each] is Level.PLAIN)
    return attribute, frozenset(shown)


def _changes(attributes: Iterable[Attribute], levels: Levels) -> Iterable[tuple[str, Change]]:
    for each in attributes:
        if each.is_key or each.has_own_view:
            continue
        level = _level_of(each, levels)
        is_nested = is_personal(each.type)
        if level is Level.PLAIN or (level is Level.MASKED and is_nested):
            if is_nested and not (inner := compile_view(each.type, levels)).is_plain:
                yield each.name, _each_of(inner) if each.is_list else inner.apply
        elif each.is_list:
            yield each.name, _empty
        else:
            field_class = each.field_classes[0]
            yield (
                each.name,
                change_of(level, field_class, each.type, is_required=each.is_required),
            )


def _level_of(attribute: Attribute, levels: Levels) -> Level:
    return min((levels[_POSITION[each]] for each in attribute.field_classes), default=Level.PLAIN)


def _each_of(view: View) -> Callable[[Iterable[Any]], list[Any]]:
    def apply(records: Iterable[Any]) -> list[Any]:
        return [masked for each in records if (masked := view.apply(each)) is not None]

    return apply


def _empty(_: Any) -> list[Any]:
    return []


def _is_plain_at(record_type: type, steps: Sequence[str], levels: Levels) -> bool:
    for each in attributes_of(record_type).values():
        if each.path_name != steps[0]:
            continue
        level = _level_of(each, levels)
        if is_personal(each.type) and len(steps) > 1 and level is not Level.NONE:
            return _is_plain_at(each.type, steps[1:], levels)
        if level is not Level.PLAIN:
            return False
        return not is_personal(each.type) or compile_view(each.type, levels).is_plain
    return False
