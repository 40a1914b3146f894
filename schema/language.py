"""Languages: texts in English and Hindi, and the fields that return them.

A text that can exist in both languages is a field with the argument `lang: Language! = EN`. Declare
it with ``name: str = text_field("name_text", description=…)``, beside the attribute that holds the
`Text`. A text that a department's staff or a citizen wrote exists in one language. It is a field of
the type `DepartmentText`, declared with `department_text_field`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry import argument

from schema.batch import reads
from schema.enums import DescribedEnum, described


@strawberry.enum(description="A language of texts for citizens.")
class Language(DescribedEnum):
    EN = described("English.")
    HI = described("Hindi, in Devanagari script.")


LanguageArgument = Annotated[
    Language,
    argument(
        name="lang",
        description="Language of the text. If there is none in it, the text in the other language.",
    ),
]
"""Type of the argument `lang`. Its default value is `Language.EN`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in English and, unless its translation is missing, in Hindi.

    `en` also holds a department's text that exists in Hindi only.
    """

    en: str
    hi: str | None = None

    def in_language(self, lang: Language) -> str:
        """Return the text in a language. English replaces a missing text in Hindi."""
        return self.hi or self.en if lang is Language.HI else self.en


_DEVANAGARI = re.compile("[\u0900-\u097f]")


@strawberry.type(description="A text as a department sent it, in one language.")
class DepartmentText:
    text: str = strawberry.field(description="The text.")

    @strawberry.field(
        description="Its language: HI if it contains Devanagari letters, otherwise EN.",
        metadata=reads("text"),
    )
    def language(self) -> Language:
        return Language.HI if _DEVANAGARI.search(self.text) else Language.EN


TEXT = "text"
"""Key in the metadata of fields with `lang`: the attribute that has the text, and the function that
returns its `Text`; None if the attribute is a `Text`. Plans read such fields without a resolver."""

DEPARTMENT_TEXT = "department_text"
"""Key in the metadata of fields of the type `DepartmentText`: the attribute that has the text."""


def text_field(attribute: str, *, description: str, name: str | None = None) -> Any:
    """Declare a field that returns a text in the language of its argument `lang`.

    Args:
        attribute: name of the private attribute that holds the `Text`.
        description: description of the field in the schema.
        name: name of the field in the schema; by default, that of the Python attribute.
    """

    def resolve(self: Any, lang: LanguageArgument = Language.EN) -> str:
        text: Text = getattr(self, attribute)
        return text.in_language(lang)

    return strawberry.field(
        resolver=resolve, name=name, description=description, metadata=text_metadata(attribute)
    )


def optional_text_field(attribute: str, *, description: str, name: str | None = None) -> Any:
    """Declare a field as `text_field` does; it is null if the attribute is None."""

    def resolve(self: Any, lang: LanguageArgument = Language.EN) -> str | None:
        text: Text | None = getattr(self, attribute)
        return None if text is None else text.in_language(lang)

    return strawberry.field(
        resolver=resolve, name=name, description=description, metadata=text_metadata(attribute)
    )


def text_metadata(attribute: str, text_of: Callable[[Any], Text] | None = None) -> dict[str, Any]:
    """Return the metadata of a field with `lang`.

    Args:
        attribute: the attribute that the field reads.
        text_of: returns the text for a value of the attribute; None if the value is a `Text`.
    """
    return {**reads(attribute), TEXT: (attribute, text_of)}


def department_text_field(attribute: str, *, description: str, name: str | None = None) -> Any:
    """Declare a field that returns a department's text with its language; null for None.

    Args:
        attribute: name of the private attribute that holds the text.
        description: description of the field in the schema.
        name: name of the field in the schema; by default, that of the Python attribute.
    """

    def resolve(self: Any) -> DepartmentText | None:
        text: str | None = getattr(self, attribute)
        return None if text is None else DepartmentText(text=text)

    metadata = {**reads(attribute), DEPARTMENT_TEXT: attribute}
    return strawberry.field(resolver=resolve, name=name, description=description, metadata=metadata)
