"""The notice that a citizen reads before consenting."""

import datetime as dt
from dataclasses import replace

import pytest

from schema.access_record import LoggedRole
from schema.consent_text import ConsentFacts, consent_text
from schema.language import Language, Text
from schema.personal import FieldClass

FACTS = ConsentFacts(
    LoggedRole.OFFICER,
    Text("Food Department", "खाद्य विभाग"),
    None,
    Text("To check whether a person is entitled to a scheme", "पात्रता जाँचने के लिए"),
    [Text("Pensions", "पेंशन"), Text("Family register", "परिवार रजिस्टर")],
    [FieldClass.NAME, FieldClass.INCOME],
    30 * 86_400,
    None,
)


def test_the_notice_says_who_requests_which_data_for_what_and_until_when() -> None:
    assert consent_text(FACTS, Language.EN) == (
        "An officer of Food Department requests your consent to see: name, family income. "
        "Purpose: To check whether a person is entitled to a scheme. "
        "Departments: Pensions, Family register. "
        "The consent ends by itself 30 days after you give it. "
        "You can refuse it, or withdraw it at any time."
    )


def test_the_notice_is_wholly_in_hindi() -> None:
    notice = consent_text(FACTS, Language.HI)
    assert notice.startswith("खाद्य विभाग के अधिकारी को")
    assert "नाम, परिवार की आय" in notice
    assert not any("a" <= letter <= "z" for letter in notice.lower())


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"seconds": 1800}, "ends by itself 30 minutes after you give it"),
        (
            {"expires": dt.datetime(2026, 11, 28, 20, 30, tzinfo=dt.UTC)},
            "ends by itself on 29-11-2026 02:00",
        ),
        (
            {"centre": Text("Saral Kendra {x}")},
            "An operator of the service centre Saral Kendra {x} requests",
        ),
        ({"department": None}, "Officer of a department requests"),
    ],
)
def test_the_notice_names_the_office_and_the_end(change: dict[str, object], part: str) -> None:
    assert part in consent_text(replace(FACTS, **change), Language.EN)  # type: ignore[arg-type]


@pytest.mark.parametrize("field_class", FieldClass)
def test_each_class_of_data_has_a_label_in_both_languages(field_class: FieldClass) -> None:
    facts = replace(FACTS, classes=[field_class])
    assert consent_text(facts, Language.EN) != consent_text(facts, Language.HI)
