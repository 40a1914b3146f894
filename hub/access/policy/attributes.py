"""The attributes of record types, with the classes of personal data that the types declare."""

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from strawberry.utils.str_converters import to_camel_case

from adapters.record_types import RECORDS
from schema.personal import FieldClass

_NAMES = {each.__name__: each for each in RECORDS.values()}


class Attribute(NamedTuple):
    """One attribute of a type with personal data.

    Attributes:
        name: Python name.
        path_name: name in the `field` of a warning.
        field_classes: its classes; empty if it has none.
        type: type of its values, or of their elements; without None.
        is_list: whether a value is a list.
        is_required: whether it can't be None.
        is_key: whether it stays in a masked record.
        has_own_view: whether it holds records of people with a view of their own.
    """

    name: str
    path_name: str
    field_classes: tuple[FieldClass, ...]
    type: Any
    is_list: bool
    is_required: bool
    is_key: bool
    has_own_view: bool


def is_personal(type_: Any) -> bool:
    """Return whether a type declares classes of personal data."""
    return isinstance(type_, type) and (hasattr(type_, "CLASSES") or hasattr(type_, "NOT_PERSONAL"))


@cache
def attributes_of(record_type: type) -> Mapping[str, Attribute]:
    """Return the attributes of a type with personal data, by Python name."""
    hints = get_type_hints(record_type, localns=_NAMES)
    classes: Mapping[str, Any] = getattr(record_type, "CLASSES", {})
    manifest_names: Mapping[str, str] = getattr(record_type, "MANIFEST_NAMES", {})
    found = {}
    for each in dataclasses.fields(record_type):
        if not each.init:
            continue
        type_, is_required = _without_none(hints[each.name])
        is_list = get_origin(type_) is not None and bool(get_args(type_))
        own_name = getattr(each, "graphql_name", None) or to_camel_case(each.name)
        given = classes.get(each.name, ())
        found[each.name] = Attribute(
            each.name,
            manifest_names.get(each.name, own_name),
            given if isinstance(given, tuple) else (given,),
            get_args(type_)[0] if is_list else type_,
            is_list,
            is_required,
            each.name in getattr(record_type, "KEYS", ()),
            each.name in getattr(record_type, "OWN_VIEW", ()),
        )
    return found


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """Return a type without None, and whether None is not allowed."""
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [each for each in get_args(annotation) if each is not type(None)]
        if len(rest) == 1 and len(get_args(annotation)) == 2:
            return rest[0], False
    return annotation, True
