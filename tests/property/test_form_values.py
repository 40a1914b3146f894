"""Any value of a form is stored or gets a problem, and the catalogue alone decides which."""

import datetime as dt
import json
import re
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.federation.submissions.form_validation import check_form, clean_text, is_met
from schema.form import AttributeType, ServiceAttribute
from schema.submission_inputs import AttributeValueInput
from tests.support.own_manifests import MANIFESTS

FORMS = {
    service.code: service.attributes
    for manifest in MANIFESTS
    for service in manifest.services
    if service.attributes
}


ANY_TEXT = st.text(st.characters(codec=None), max_size=40)
INPUTS = st.lists(
    st.builds(
        AttributeValueInput,
        code=st.sampled_from(sorted({each.code for form in FORMS.values() for each in form})),
        value=st.none() | ANY_TEXT,
        values=st.none() | st.lists(ANY_TEXT, max_size=3),
    ),
    max_size=8,
)


@given(service=st.sampled_from(sorted(FORMS)), inputs=INPUTS)
def test_any_input_gets_problems_and_never_an_exception(
    service: str, inputs: list[AttributeValueInput]
) -> None:
    checked = check_form(FORMS[service], inputs)
    named = [each.attribute for each in checked.problems]
    assert len(named) == len(set(named))
    assert not set(named) & checked.values.keys()
    json.dumps(checked.values).encode()
    # Messages contain no value that was entered.
    texts = " ".join(f"{each.message_text.en} {each.message_text.hi}" for each in checked.problems)
    for each in inputs:
        for value in (each.value, *(each.values or ())):
            if value and len(value) > 3 and not re.fullmatch(r"[\w\s.]*", value):
                assert value not in texts


def valid_value(definition: ServiceAttribute) -> st.SearchStrategy[AttributeValueInput]:
    """Return inputs that the field's definition allows."""

    def value(text: str) -> AttributeValueInput:
        return AttributeValueInput(code=definition.code, value=text, values=None)

    keys = [each.key for each in definition.options]
    match definition.datatype:
        case AttributeType.NUMBER:
            least = 0 if definition.min is None else definition.min
            most = 10**6 if definition.max is None else definition.max
            return st.integers(ceil(least), floor(most)).map(str).map(value)
        case AttributeType.DATE:
            return st.dates(dt.date(1900, 1, 1), dt.date(2026, 12, 31)).map(str).map(value)
        case AttributeType.DATETIME:
            zone = st.just(dt.timezone(dt.timedelta(hours=5, minutes=30)))
            moments = st.datetimes(dt.datetime(1900, 1, 1), timezones=zone)
            return moments.map(dt.datetime.isoformat).map(value)
        case AttributeType.SINGLE_VALUE_LIST:
            return st.sampled_from(keys).map(value)
        case AttributeType.MULTI_VALUE_LIST:
            lists = st.lists(st.sampled_from(keys), min_size=1, unique=True)
            return lists.map(
                lambda chosen: AttributeValueInput(code=definition.code, value=None, values=chosen)
            )
    if definition.pattern is not None:
        return st.from_regex(definition.pattern, fullmatch=True, alphabet=st.characters(
            codec="ascii", categories=["Lu", "Ll", "Nd", "Pd", "Po"]
        )).filter(
            lambda text: len(text) <= (definition.max_length or len(text)) and text == text.strip()
        ).map(value)  # fmt: skip
    least, most = definition.min_length or 1, definition.max_length or 50
    return st.text("अआकखABCabc123", min_size=least, max_size=most).map(value)


@pytest.mark.parametrize("service", sorted(FORMS))
@settings(deadline=None)
@given(data=st.data())
def test_values_that_the_catalogue_allows_have_no_problems(
    service: str, data: st.DataObject
) -> None:
    inputs: list[AttributeValueInput] = []
    visible: dict[str, object] = {}
    for each in FORMS[service]:
        if each.variable and is_met(each.visible_if, visible):
            chosen = data.draw(valid_value(each))
            inputs.append(chosen)
            visible[each.code] = chosen.values or chosen.value
    assert check_form(FORMS[service], inputs).problems == []


@given(ANY_TEXT)
def test_a_clean_text_can_be_stored_and_is_stable(text: str) -> None:
    for lines in (False, True):
        cleaned = clean_text(text, lines=lines)
        if cleaned is not None:
            cleaned.encode()
            assert clean_text(cleaned, lines=lines) == cleaned
