"""The fields of record types that field rules can set.

They are read from the strawberry types, so that rules can name exactly the fields of the schema.
"""

import dataclasses
import datetime as dt
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from strawberry.utils.str_converters import to_camel_case

from adapters.record_types import RECORDS
from schema.language import Text
from schema.service import Money

Kind = Literal[
    "text",
    "binary",
    "bilingual",
    "integer",
    "number",
    "truth",
    "date",
    "datetime",
    "enum",
    "money",
    "object",
    "list",
]

RECORD_TYPES: dict[str, type] = {each.__name__: each for each in RECORDS.values()}
# The adapter and federation set these fields, never a manifest.
NOT_MAPPED = frozenset(
    {
        "origin",
        "row_warnings",
        "masking",
        "department_identifier",
        "known_applicant",
        "registry_status",
        "submission_state",
        "applicant_member",
        "account_member",
    }
)

_SIMPLE: dict[type, Kind] = {
    str: "text",
    bytes: "binary",
    Text: "bilingual",
    int: "integer",
    float: "number",
    bool: "truth",
    dt.date: "date",
    dt.datetime: "datetime",
    Money: "money",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """One field of a record type.

    Attributes:
        name: name in a manifest (the GraphQL name).
        attribute: Python name.
        kind: kind of its values.
        type: the enum, object or element type, if `kind` is enum, object or list.
        required: whether every record needs a value.
        default: value if the department has none.
        always: whether it is read for merging even if the operation does not request it.
        is_owner: whether it contains the key of the record's owner; if so, it is always read.
    """

    name: str
    attribute: str
    kind: Kind
    type: Any
    required: bool
    default: Any
    always: bool
    is_owner: bool


@cache
def targets_of(record_type: type) -> dict[str, Target]:
    """Return the fields of a record type that rules can set, by GraphQL name."""
    hints = get_type_hints(record_type, localns=RECORD_TYPES)
    manifest_names: Mapping[str, str] = getattr(record_type, "MANIFEST_NAMES", {})
    needed: frozenset[str] = getattr(record_type, "REQUIRED", frozenset())
    targets: dict[str, Target] = {}
    for field in dataclasses.fields(record_type):
        if not field.init or field.name in NOT_MAPPED:
            continue
        annotation, nullable = _without_none(hints[field.name])
        has_default = field.default is not dataclasses.MISSING
        is_filled = has_default or field.default_factory is not dataclasses.MISSING
        required = field.name in needed or not (nullable or is_filled)
        own_name = getattr(field, "graphql_name", None) or to_camel_case(field.name)
        name = manifest_names.get(field.name, own_name)
        kind, type_ = _kind_of(annotation)
        default = field.default if has_default else None
        always = required or field.name in getattr(record_type, "ALWAYS_READ", ())
        is_owner = field.name == getattr(record_type, "OWNER", None)
        targets[name] = Target(name, field.name, kind, type_, required, default, always, is_owner)
    return targets


@cache
def has_field(record_type: type, attribute: str) -> bool:
    """Return whether the constructor of this record type takes the attribute."""
    return any(field.init and field.name == attribute for field in dataclasses.fields(record_type))


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [each for each in get_args(annotation) if each is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return annotation, False


def _kind_of(annotation: Any) -> tuple[Kind, Any]:
    if annotation in _SIMPLE:
        return _SIMPLE[annotation], annotation
    arguments = get_args(annotation)
    if arguments:
        return "list", arguments[0]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "enum", annotation
    return "object", annotation
