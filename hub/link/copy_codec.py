"""Encodes copies for a shared store: tagged values in MessagePack, decoded to record types only.

Every value that MessagePack does not have is a list `[tag, ...]`. An object names its type, which
must be a dataclass or an enum of the schema. So a manipulated value cannot run code in the hub.
"""

import dataclasses
import datetime as dt
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import msgspec

from adapters.contract import Rows
from hub.link.copies import Copy

PLAIN = frozenset({type(None), bool, int, float, str, bytes})


class UnstorableError(Exception):
    """The copy cannot be stored, for example because a text has half a surrogate pair."""


class UndecodableError(Exception):
    """The bytes are not a copy that this version of the hub wrote."""


def encode(kept: Copy) -> bytes:
    """Return a copy as bytes.

    Raises:
        UnstorableError: a record holds a value that MessagePack cannot carry.
    """
    try:
        return msgspec.msgpack.encode(_pack(kept))
    except (TypeError, ValueError, OverflowError) as error:
        raise UnstorableError(type(error).__name__) from None


def decode(content: bytes) -> Copy:
    """Return the copy that `encode` made these bytes of.

    Raises:
        UndecodableError: the bytes are not such a copy.
    """
    try:
        kept = _unpack(msgspec.msgpack.decode(content))
    except (
        msgspec.DecodeError,
        LookupError,
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
        RecursionError,
    ) as error:
        raise UndecodableError(str(error)) from None
    if not isinstance(kept, Copy):
        raise UndecodableError("not a copy")
    return kept


def _pack(value: Any) -> Any:
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is list or kind is tuple:
        return [kind.__name__, *map(_pack, value)]
    if isinstance(value, Mapping):
        return ["dict", *([_pack(key), _pack(each)] for key, each in value.items())]
    if isinstance(value, Enum):
        return ["enum", kind.__name__, value.name]
    if isinstance(value, dt.datetime | dt.date):
        return ["datetime" if isinstance(value, dt.datetime) else "date", value.isoformat()]
    if kind is Decimal:
        return ["decimal", str(value)]
    if kind is frozenset:
        return ["frozenset", *map(_pack, value)]
    names = _stored_types().get(kind.__name__)
    if names is None or names.type is not kind:
        raise TypeError(f"{kind.__name__} is not stored")
    return ["object", kind.__name__, *(_pack(getattr(value, name)) for name in names.fields)]


@dataclasses.dataclass(frozen=True, slots=True)
class StoredType:
    """A type of stored objects.

    Attributes:
        type: the type; an enum has no fields.
        fields: names of the fields that are stored, in their order.
    """

    type: type
    fields: tuple[str, ...]


@cache
def _stored_types() -> Mapping[str, StoredType]:
    """Return the dataclasses and enums of the schema, `Rows` and `Copy`, by name."""
    candidates: list[type] = [Rows, Copy]
    for name, module in sorted(sys.modules.items()):
        if name.startswith("schema."):
            candidates += [
                each
                for each in vars(module).values()
                if isinstance(each, type) and each.__module__ == name
            ]
    return {
        each.__name__: StoredType(each, _fields_of(each))
        for each in candidates
        if dataclasses.is_dataclass(each) or issubclass(each, Enum)
    }


def _fields_of(stored: type) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(stored):
        return ()
    return tuple(each.name for each in dataclasses.fields(stored) if each.init)


def _unpack(value: Any) -> Any:
    if value.__class__ is not list:
        return value
    return UNPACK[value[0]](value)


def _object(value: list[Any]) -> Any:
    stored = _stored_types()[value[1]]
    if len(value) != len(stored.fields) + 2:
        raise ValueError(f"{value[1]} has other fields now")
    made: Any = object.__new__(stored.type)
    for name, each in zip(stored.fields, value[2:], strict=True):
        object.__setattr__(made, name, _unpack(each))
    return made


def _enum(value: list[Any]) -> Any:
    stored = _stored_types()[value[1]].type
    if not issubclass(stored, Enum):
        raise TypeError(f"{value[1]} is not an enum")
    return stored[value[2]]


UNPACK: Mapping[str, Callable[[list[Any]], Any]] = {
    "list": lambda value: [_unpack(each) for each in value[1:]],
    "tuple": lambda value: tuple(_unpack(each) for each in value[1:]),
    "frozenset": lambda value: frozenset(_unpack(each) for each in value[1:]),
    "dict": lambda value: {_unpack(key): _unpack(each) for key, each in value[1:]},
    "enum": _enum,
    "datetime": lambda value: dt.datetime.fromisoformat(value[1]),
    "date": lambda value: dt.date.fromisoformat(value[1]),
    "decimal": lambda value: Decimal(value[1]),
    "object": _object,
}
