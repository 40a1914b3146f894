"""The messages to citizens, from a YAML file, and their check against the rules of TRAI's DLT."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from schema.language import Language, Text

BUILT_IN = Path(__file__).with_name("messages.yaml")
MAX_VALUE = 30
"""Maximum number of characters that a placeholder may stand for (TRAI)."""
CONSENT_CODE = "consentCode"
SUBMISSION_RECEIVED = "submissionReceived"
SUBMISSION_SENT = "submissionSent"
SUBMISSION_NUMBERED = "submissionNumbered"
SUBMISSION_FAILED = "submissionFailed"
VALUES: Mapping[str, frozenset[str]] = {
    CONSENT_CODE: frozenset({"code", "centre", "purpose"}),
    SUBMISSION_RECEIVED: frozenset({"receipt", "department"}),
    SUBMISSION_SENT: frozenset({"receipt", "department"}),
    SUBMISSION_NUMBERED: frozenset({"receipt", "department", "number"}),
    SUBMISSION_FAILED: frozenset({"receipt", "department"}),
}
"""The values that the hub has for each message."""
ESSENTIAL: Mapping[str, str] = {
    CONSENT_CODE: "code",
    SUBMISSION_RECEIVED: "receipt",
    SUBMISSION_SENT: "receipt",
    SUBMISSION_NUMBERED: "number",
    SUBMISSION_FAILED: "receipt",
}
"""The value that each message must contain once."""

_PLACEHOLDER = re.compile(r"\{#(?:var|numeric|alphanumeric)#\}")
_ANY_PLACEHOLDER = re.compile(r"\{#.*?#\}")
_DEVANAGARI = re.compile("[\u0900-\u097f]")


class MessagesError(Exception):
    """The file of messages cannot be used. The text shows the hub's operator what to correct."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class Template(_Model):
    """A registered text in one language.

    Attributes:
        template_id: its registration.
        text: the text, with placeholders.
        variables: names of the values, in the order of the placeholders.
    """

    template_id: Annotated[str, Field(pattern=r"^\d{19}$")]
    text: str
    variables: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the text with the values. A value is cut if it is too long."""
        parts: list[str] = []
        for name, group in groupby(self.variables):
            value = values[name]
            parts += [value[n * MAX_VALUE : (n + 1) * MAX_VALUE] for n in range(len(list(group)))]
        remaining = iter(parts)
        return _PLACEHOLDER.sub(lambda _match: next(remaining), self.text)

    def room(self, name: str) -> int:
        """Return the maximum number of characters of a value."""
        return MAX_VALUE * self.variables.count(name)


class MessageTexts(_Model):
    """A message in both languages."""

    en: Template
    hi: Template

    def in_language(self, lang: Language) -> Template:
        return self.hi if lang is Language.HI else self.en


class Messages(_Model):
    """All messages.

    Attributes:
        entity_id: registration of the sender.
        header: registered name of the sender.
        messages: the messages by name.
    """

    entity_id: Annotated[str, Field(pattern=r"^\d{19}$")]
    header: Annotated[str, Field(pattern=r"^[A-Za-z]{6}$")]
    messages: Mapping[str, MessageTexts]

    def check_purposes(self, titles: Sequence[Text], path: Path) -> None:
        """Check that the message with a code has room for the title of each purpose.

        Raises:
            MessagesError: it has not.
        """
        for title in titles:
            for lang in Language:
                room = self.messages[CONSENT_CODE].in_language(lang).room("purpose")
                text = title.in_language(lang)
                if room and len(text) > room:
                    raise MessagesError(
                        f"{path}: {CONSENT_CODE}.{lang.name.lower()} has room for {room} "
                        f"characters of the purpose, but {text!r} has {len(text)}. Add a "
                        "placeholder to the registered template, or shorten the purpose's title."
                    )


def read_messages(path: Path = BUILT_IN) -> Messages:
    """Return the messages in a file.

    Raises:
        MessagesError: the file cannot be read, or a message cannot be sent as it is.
    """
    try:
        messages = Messages.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise MessagesError(f"{path}: {where}: {first['msg']}") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise MessagesError(f"HUB_SMS_MESSAGES={path}: {error}") from None
    for name, known in VALUES.items():
        if name not in messages.messages:
            raise MessagesError(f"{path}: messages.{name} is missing")
        for lang in Language:
            template = messages.messages[name].in_language(lang)
            problem = _problem(template, lang, known, ESSENTIAL[name])
            if problem is not None:
                raise MessagesError(f"{path}: messages.{name}.{lang.name.lower()}: {problem}")
    return messages


def _problem(
    template: Template, lang: Language, known: frozenset[str], essential: str
) -> str | None:
    """Return why a template cannot be sent, or None."""
    placeholders = _PLACEHOLDER.findall(template.text)
    unknown = [each for each in _ANY_PLACEHOLDER.findall(template.text) if each not in placeholders]
    if unknown:
        return f"use {{#var#}}, {{#numeric#}} or {{#alphanumeric#}} in place of {unknown[0]}"
    if len(placeholders) != len(template.variables):
        return (
            f"the text has {len(placeholders)} placeholders, but `variables` has "
            f"{len(template.variables)} names"
        )
    if wrong := [each for each in template.variables if each not in known]:
        return f"the hub has no value {wrong[0]!r}. It has: {', '.join(sorted(known))}"
    names = [name for name, _group in groupby(template.variables)]
    if len(names) != len(set(names)):
        return "placeholders of the same value must be next to each other"
    if template.variables.count(essential) != 1:
        return f"the text must contain `{essential}` once"
    if lang is Language.HI and not _DEVANAGARI.search(template.text):
        return "the text is not in Hindi"
    return None
