"""Receipt numbers show mistakes of people who copy them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.durable.receipts import new_receipt, parse_receipt

CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
receipts = st.builds(new_receipt)


@given(receipts)
def test_a_receipt_can_be_written_in_several_ways(receipt: str) -> None:
    assert len(receipt) == 15
    body = receipt[2:]
    spaced = " ".join(("ch", body[:4].lower(), body[4:8], body[8:]))
    confused = receipt[:2] + body.replace("0", "o").replace("1", "I")
    written = [receipt, spaced, spaced.replace(" ", "-"), confused, f" {receipt}\n"]
    assert {parse_receipt(each) for each in written} == {receipt}


@given(receipts, st.integers(2, 14), st.sampled_from(CHARACTERS))
def test_a_wrong_character_is_detected(receipt: str, index: int, other: str) -> None:
    wrong = receipt[:index] + other + receipt[index + 1 :]
    assert parse_receipt(wrong) == (receipt if other == receipt[index] else None)


@given(receipts, st.integers(2, 14), st.integers(2, 14))
def test_two_swapped_characters_are_detected(receipt: str, one: int, two: int) -> None:
    swapped = list(receipt)
    swapped[one], swapped[two] = swapped[two], swapped[one]
    wrong = "".join(swapped)
    assert parse_receipt(wrong) == (receipt if wrong == receipt else None)


@pytest.mark.parametrize("text", ["", "CH", "CH123", "AB0000000000000", "CH00000000000000", "CHé"])
def test_other_texts_are_no_receipts(text: str) -> None:
    assert parse_receipt(text) is None
