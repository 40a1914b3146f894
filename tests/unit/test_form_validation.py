"""Values of forms are checked against the catalogue, with at most one problem for each field."""

import json

import pytest

from hub.federation.submissions.form_validation import (
    CheckedForm,
    check_form,
    is_met,
)
from schema.form import AttributeCondition, AttributeOption, AttributeType, ServiceAttribute
from schema.language import Text
from schema.problem_codes import ProblemCode
from schema.submission_inputs import AttributeValueInput


def attribute(datatype: AttributeType = AttributeType.STRING, **values: object) -> ServiceAttribute:
    given_values: dict[str, object] = {
        "code": "a",
        "required": False,
        "variable": True,
        "order": 1,
        "options": [],
        "label_text": Text("A"),
        **values,
    }
    return ServiceAttribute(datatype=datatype, **given_values)  # type: ignore[arg-type]


def options(*keys: str) -> list[AttributeOption]:
    return [AttributeOption(key=each, name_text=Text(each)) for each in keys]


def entered(code: str, value: str | None = None, *values: str) -> AttributeValueInput:
    return AttributeValueInput(code=code, value=value, values=list(values) or None)


def codes(checked: CheckedForm) -> list[tuple[str, str]]:
    return [(each.attribute, each.code.value) for each in checked.problems]


CHOICE = attribute(AttributeType.SINGLE_VALUE_LIST, options=options("YES", "NO"))
CHOICES = attribute(AttributeType.MULTI_VALUE_LIST, options=options("X", "Y", "Z"))


@pytest.mark.parametrize(
    ("definition", "value", "expected"),
    [
        (attribute(), "  RAM  DEVI ", "RAM  DEVI"),
        (attribute(), "रमा\u200dदेवी", "रमा\u200dदेवी"),
        (attribute(AttributeType.TEXT), "one\r\ntwo", "one\ntwo"),
        (attribute(AttributeType.NUMBER), "90", 90),
        (attribute(AttributeType.NUMBER), " -2.50 ", -2.5),
        (attribute(AttributeType.DATE), "2026-02-28", "2026-02-28"),
        (
            attribute(AttributeType.DATETIME),
            "2026-11-25t06:00:00+05:30",
            "2026-11-25T06:00:00+05:30",
        ),
        (CHOICE, "YES", "YES"),
        (CHOICES, "X", ["X"]),
        (attribute(pattern="[0-9]{4}"), "1234", "1234"),
        (attribute(pattern="[0-9]{4}"), "१२३४", "1234"),
        (attribute(), "घर १२", "घर १२"),
        (attribute(AttributeType.NUMBER), "९०.५", 90.5),
        (attribute(AttributeType.DATE), "२०२६-०२-२८", "2026-02-28"),
        (attribute(max_length=3), "रमा", "रमा"),
    ],
)
def test_a_value_is_stored_as_json(
    definition: ServiceAttribute, value: str, expected: object
) -> None:
    checked = check_form([definition], [entered("a", value)])
    assert codes(checked) == []
    assert checked.values == {"a": expected}
    assert json.loads(json.dumps(checked.values)) == checked.values


@pytest.mark.parametrize(
    ("definition", "value", "code"),
    [
        (attribute(required=True), "   ", ProblemCode.REQUIRED),
        (attribute(), "two\nlines", ProblemCode.UNREADABLE_TEXT),
        (attribute(AttributeType.TEXT), "nul\x00", ProblemCode.UNREADABLE_TEXT),
        (attribute(), "right\u202eleft", ProblemCode.UNREADABLE_TEXT),
        (attribute(), "half \ud800", ProblemCode.UNREADABLE_TEXT),
        (attribute(min_length=3), "ab", ProblemCode.TOO_SHORT),
        (attribute(max_length=3), "abcd", ProblemCode.TOO_LONG),
        (attribute(pattern="[0-9]{4}"), "12345", ProblemCode.WRONG_FORM),
        (attribute(AttributeType.NUMBER), "ninety", ProblemCode.NOT_A_NUMBER),
        (attribute(AttributeType.NUMBER), "1e3", ProblemCode.NOT_A_NUMBER),
        (attribute(AttributeType.NUMBER), "９０", ProblemCode.NOT_A_NUMBER),
        (attribute(pattern="[0-9]{4}"), "१२३४५", ProblemCode.WRONG_FORM),
        (attribute(AttributeType.NUMBER), "NaN", ProblemCode.NOT_A_NUMBER),
        (attribute(AttributeType.NUMBER, min=90.0), "89.9", ProblemCode.TOO_SMALL),
        (attribute(AttributeType.NUMBER, max=366.0), "367", ProblemCode.TOO_LARGE),
        (attribute(AttributeType.DATE), "2026-02-30", ProblemCode.NOT_A_DATE),
        (attribute(AttributeType.DATE), "25/11/2026", ProblemCode.NOT_A_DATE),
        (attribute(AttributeType.DATETIME), "2026-11-25T06:00:00", ProblemCode.NOT_A_MOMENT),
        (attribute(AttributeType.DATETIME), "2026-11-25T06:00:00+20:00", ProblemCode.NOT_A_MOMENT),
        (CHOICE, "MAYBE", ProblemCode.NOT_AN_OPTION),
        (CHOICES, "W", ProblemCode.NOT_AN_OPTION),
    ],
)
def test_a_wrong_value_is_one_problem_of_its_field(
    definition: ServiceAttribute, value: str, code: ProblemCode
) -> None:
    checked = check_form([definition], [entered("a", value)])
    assert codes(checked) == [("a", code.value)]
    assert checked.values == {}


def test_a_limit_is_named_in_both_languages() -> None:
    (problem,) = check_form(
        [attribute(AttributeType.NUMBER, min=90.0)], [entered("a", "5")]
    ).problems
    assert problem.message_text == Text("The smallest number allowed is 90.", "न्यूनतम संख्या 90 है।")


def test_several_values_are_for_lists_only() -> None:
    assert check_form([CHOICES], [entered("a", None, "Z", "X")]).values == {"a": ["X", "Z"]}
    twice = check_form([CHOICES], [entered("a", "X", "X")])
    assert codes(twice) == [("a", "REPEATED")]
    both = check_form([CHOICE], [entered("a", None, "YES", "NO")])
    assert codes(both) == [("a", "ONE_VALUE_ONLY")]


def test_a_field_is_sent_once_and_exists_in_the_form() -> None:
    label = attribute(code="note", variable=False)
    sent = [entered("a", "1"), entered("a", "2"), entered("b", "3"), entered("note", "4")]
    checked = check_form([attribute(required=True), label], sent)
    assert codes(checked) == [
        ("b", "UNKNOWN_FIELD"),
        ("note", "UNKNOWN_FIELD"),
        ("a", "REPEATED"),
    ]


HIDDEN = [
    attribute(
        AttributeType.SINGLE_VALUE_LIST, code="trade", options=options("MASON", "OTHER"), order=1
    ),
    attribute(
        code="other",
        required=True,
        order=2,
        visible_if=AttributeCondition(attribute="trade", one_of=["OTHER"]),
    ),
    attribute(
        code="more", required=True, order=3,
        visible_if=AttributeCondition(attribute="other", one_of=["Plumber"]),
    ),
]  # fmt: skip


def test_a_field_that_is_not_visible_is_neither_required_nor_accepted() -> None:
    assert codes(check_form(HIDDEN, [entered("trade", "MASON")])) == []
    other = check_form(HIDDEN, [entered("trade", "OTHER")])
    assert codes(other) == [("other", "REQUIRED")]
    stale = check_form(HIDDEN, [entered("trade", "MASON"), entered("other", "Plumber")])
    assert codes(stale) == [("other", "NOT_SHOWN")]
    # A condition on a field that is not visible is not met.
    assert "more" not in dict(codes(stale))


def test_a_condition_reads_numbers_and_lists() -> None:
    condition = AttributeCondition(attribute="a", one_of=["2"])
    assert is_met(condition, {"a": 2})
    assert is_met(condition, {"a": 2.0})
    assert is_met(condition, {"a": ["1", "2"]})
    assert not is_met(condition, {"a": ["1"]})
    assert not is_met(condition, {})
    assert is_met(None, {})
