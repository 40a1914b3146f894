"""Sentences about missing departments, in English and Hindi."""

import datetime as dt
import re
from string import Formatter

import pytest

from schema import source_messages
from schema.codes import ErrorCode
from schema.language import Language, Text
from schema.provenance import SourceState, SourceStatus
from schema.source_messages import message_of, moment_in

NAME = Text("Pensions", "पेंशन विभाग")
SINCE = dt.datetime(2026, 11, 28, 8, 35, tzinfo=dt.UTC)
TEXTS = [each for each in vars(source_messages).values() if isinstance(each, Text)] + [
    *source_messages.SENTENCES.values(),
    *source_messages.MONTHS,
]


def status(code: ErrorCode | None, **more: object) -> SourceStatus:
    return SourceStatus(
        department_identifier="pensions",
        state=SourceState.UNAVAILABLE,
        error_code=code,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("text", TEXTS, ids=lambda each: each.en)
def test_every_sentence_has_the_same_values_in_both_languages(text: Text) -> None:
    assert text.hi is not None
    assert re.search("[\u0900-\u097f]", text.hi)
    names = [{name for _, name, _, _ in Formatter().parse(each)} for each in (text.en, text.hi)]
    assert names[0] - {None} == names[1] - {None}


@pytest.mark.parametrize("lang", list(Language))
@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_error_names_the_department_in_the_citizens_language(
    code: ErrorCode, lang: Language
) -> None:
    message = message_of(status(code), NAME, SINCE, lang)
    assert message is not None
    assert NAME.in_language(lang) in message
    assert moment_in(lang, SINCE) in message


def test_a_closure_says_until_when_and_why() -> None:
    closed = status(
        ErrorCode.DEPARTMENT_MAINTENANCE, back_at=SINCE + dt.timedelta(hours=2), note="new server"
    )
    assert message_of(closed, NAME, SINCE, Language.EN) == (
        "Pensions is closed for maintenance until 28 Nov 2026, 16:05. "
        "Since 28 Nov 2026, 14:05. Reason: new server."
    )
    assert message_of(closed, NAME, None, Language.HI) == (
        "पेंशन विभाग 28 नवंबर 2026, 16:05 तक रखरखाव के लिए बंद है। कारण: new server।"
    )


def test_an_old_copy_shows_its_age() -> None:
    stale = status(ErrorCode.DEPARTMENT_TIMEOUT, as_of=SINCE)
    assert message_of(stale, NAME, None, Language.EN) == (
        "Pensions does not answer. You see its information of 28 Nov 2026, 14:05."
    )


def test_a_department_whose_data_is_shown_has_no_message() -> None:
    assert message_of(status(None), NAME, SINCE, Language.EN) is None
