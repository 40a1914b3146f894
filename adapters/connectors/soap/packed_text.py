"""Unpacks a text of fields (`docs/quirks.md` b), for example `1|SUCCESS|0069…|A~1^B~2`.

The manifest describes the text by a separator and the names of its fields, in order. A field can be
an object or a list of rows, with separators of its own.
"""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from adapters.mapping.rules import StrictModel

MOST_ROWS = 20_000

Separator = Annotated[str, Field(min_length=1, max_length=4)]


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class PackedField(StrictModel):
    """One field of a packed text. A plain text is short for `{name: text}`.

    Attributes:
        name: name of the field in paths; `-` skips the field.
        rows: separator of rows, if the field is a list.
        separator: separator of the fields of a row or object.
        fields: fields of a row or object. Without them, a row is its text.
        with_: (written `with`) fields from outside the list that are copied into each row.
    """

    name: str
    rows: Separator | None = None
    separator: Separator | None = None
    fields: "list[Annotated[PackedField, BeforeValidator(_named)]]" = []
    with_: list[str] = Field(default=[], alias="with")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.fields) != (self.separator is not None):
            raise ValueError("`fields` and their `separator` go together")
        if self.with_ and not (self.rows and self.fields):
            raise ValueError("`with` requires `rows` and `fields`")
        return self


class PackedRule(StrictModel):
    """The layout of a packed text.

    Attributes:
        separator: separator of its fields.
        fields: its fields in order. Extra fields are ignored, and missing fields have no value.
    """

    separator: Separator
    fields: list[Annotated[PackedField, BeforeValidator(_named)]] = Field(min_length=1)


def unpack(text: str, rule: PackedRule) -> dict[str, Any]:
    """Return the named fields of a packed text.

    Raises:
        ValueError: a list has more than `MOST_ROWS` rows.
    """
    return _object(text, rule.separator, rule.fields)


def _object(text: str, separator: str, fields: list[PackedField]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    values = text.split(separator)
    for field, value in zip(fields, values, strict=False):
        if field.name != "-":
            found[field.name] = _value(value, field)
    for field in fields:
        for row in found.get(field.name, ()) if field.with_ else ():
            for name in field.with_:
                row.setdefault(name, found.get(name))
    return found


def _value(text: str, field: PackedField) -> Any:
    if field.rows is not None:
        rows = text.split(field.rows)
        if len(rows) > MOST_ROWS:
            raise ValueError("too many rows")
        return [_row(row, field) for row in rows if row.strip()]
    if field.fields:
        return _row(text, field) if text.strip() else None
    return text


def _row(text: str, field: PackedField) -> Any:
    if field.separator is None:
        return text
    return _object(text, field.separator, field.fields)
