"""Texts of manifests: in English and Hindi, or in English only."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from adapters.manifest.document import KeyPath
from adapters.mapping.rules import StrictModel
from schema.language import Text


class TextModel(StrictModel):
    """A text in English and Hindi. A plain text is English, without its translation."""

    en: str = Field(min_length=1)
    hi: str | None = Field(default=None, min_length=1)

    @property
    def text(self) -> Text:
        return Text(self.en, self.hi)


def english_only(value: Any) -> Any:
    """Expand a plain text to a text in English."""
    return {"en": value} if isinstance(value, str) else value


WrittenText = Annotated[TextModel, BeforeValidator(english_only)]
"""A text for citizens: `{en: …, hi: …}`, or a plain text in English."""


def text_or_none(written: TextModel | None) -> Text | None:
    """Return the schema's text; None for None."""
    return None if written is None else written.text


def texts_in(value: Any, at: KeyPath = ()) -> Iterator[tuple[KeyPath, TextModel]]:
    """Return all texts in a model of a manifest, with their key paths.

    Args:
        value: the model, or a value in it.
        at: key path of the value.
    """
    if isinstance(value, TextModel):
        yield at, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts_in(getattr(value, name), (*at, name))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts_in(each, (*at, str(key)))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from texts_in(each, (*at, number))
