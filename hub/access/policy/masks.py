"""The masked forms of values."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from hub.access.policy.terms import Level
from schema.person import mask
from schema.personal import FieldClass
from schema.tracked_application import mask_name

CONCEALED = "XXXX"
"""Replaces a text that the schema requires, and of which nothing may be seen."""

Change = Callable[[Any], Any]
"""Returns what replaces a value that is not None."""


def masked_contact(value: str) -> str | None:
    """Mask a telephone number, except for its last four digits. Hide an e-mail address."""
    return None if "@" in value else mask(value)


def masked_birth_date(value: dt.date) -> dt.date:
    """Return 1 January of the year."""
    return value.replace(month=1, day=1)


def nothing(_: Any) -> None:
    """Hide a value."""


_MASKS: dict[tuple[FieldClass, type], Change] = {
    (FieldClass.IDENTIFIER, str): mask,
    (FieldClass.AADHAAR, str): mask,
    (FieldClass.NAME, str): mask_name,
    (FieldClass.BIRTH_DATE, dt.date): masked_birth_date,
    (FieldClass.CONTACT, str): masked_contact,
}


def change_of(level: Level, field_class: FieldClass, type_: Any, *, is_required: bool) -> Change:
    """Return what masks or hides the values of an attribute.

    Args:
        level: MASKED or NONE.
        field_class: class of the attribute.
        type_: type of its values.
        is_required: whether the schema does not allow null.

    Raises:
        TypeError: the schema requires a value of a type that has no neutral value.
    """
    if level is Level.MASKED:
        masked = _MASKS.get((field_class, type_))
        if masked is not None:
            return masked
    if not is_required:
        return nothing
    if type_ is str:
        return lambda _: CONCEALED
    raise TypeError(f"a required {type_} has no neutral value")
