"""Rows are assigned to the requested keys only; rows that may belong to them are reported."""

from typing import Any

import pytest

from adapters.attribution import AttributedRows, attribute
from adapters.contract import IncompleteReplyError, MalformedReplyError


def attributed(sent: list[Any], *keys: str, prefix: str = "") -> AttributedRows:
    """Assign rows with these keys."""
    rows = [{"no": key} for key in sent]
    return attribute("forest", rows, lambda row: row.get("no"), keys, prefix, "no")


@pytest.mark.parametrize(
    ("sent", "key", "rows", "missing"),
    [
        (["7"], "7", 1, None),
        ([" 7 "], "7", 1, None),
        ([7], "7", 1, None),
        ([7.0], "7", 1, None),
        (["7", "8"], "7", 1, None),
        (["7", None], "7", 1, "1 of 2 rows have no key"),
        (["7", ""], "7", 1, "1 of 2 rows have no key"),
        (["7", ["7"]], "7", 1, "1 of 2 rows have no key"),
        (["007", 7], "007", 1, "1 of 2 rows have a key with other zeros or letters"),
        (["Ab1", "AB1"], "Ab1", 1, "1 of 2 rows have a key with other zeros or letters"),
        ([7], "007", 0, "1 of 1 rows have a key with other zeros or letters"),
        ([7.5], "7", 0, None),
        ([True], "1", 0, None),
    ],
)
def test_keys_that_departments_damage(
    sent: list[Any], key: str, rows: int, missing: str | None
) -> None:
    found = attributed(sent, key)
    assert len(found.rows_of[key]) == rows
    assert found.missing(key) == missing
    assert found.is_complete == (rows == len(sent))


def test_a_prefix_may_be_missing_in_rows() -> None:
    found = attributed(["PPP:7", "7", "8"], "PPP:7", prefix="PPP:")
    assert len(found.rows_of["PPP:7"]) == 2


def test_the_error_of_a_key_without_rows_counts_the_others() -> None:
    error = attributed(["8", "9", None], "7").error("forest")
    assert isinstance(error, IncompleteReplyError)
    assert "3 of its 3 rows belong to no requested key" in error.message


@pytest.mark.parametrize("sent", [[None], [None, ""], [{}, []]])
def test_rows_without_any_key_are_an_error(sent: list[Any]) -> None:
    with pytest.raises(MalformedReplyError, match="the key `no`"):
        attributed(sent, "7")


def test_rows_that_are_no_objects_are_an_error() -> None:
    with pytest.raises(MalformedReplyError, match="form in its manifest"):
        attribute("forest", ["7"], lambda row: row.get("no"), ["7"], "", "no")


@pytest.mark.parametrize(
    ("sent", "listed", "nulls"),
    [
        # One entry for each key, in their order: null means "not found".
        (["7", None], ["7", "8"], 0),
        ([None, 8], ["7", "8"], 0),
        ([None, None], ["7", "8"], 0),
        # Otherwise, rows are missing.
        (["8", None], ["7", "8"], 1),
        (["7", None, None], ["7", "8"], 2),
        (["7", "7", None], ["7", "8", "9"], 1),
        (["6", None], ["7", "8"], 1),
        ([None], [], 1),
        (["7", None], [], 1),
    ],
)
def test_a_null_is_a_missing_row_unless_it_is_in_the_position_of_a_key(
    sent: list[Any], listed: list[str], nulls: int
) -> None:
    rows = [None if key is None else {"no": key} for key in sent]
    found = attribute("forest", rows, lambda row: row["no"], ["7", "8", "9"], "", "no", listed)
    assert (found.null_rows, found.total) == (nulls, len(sent))
    assert sum(map(len, found.rows_of.values())) + found.stranger_rows + sent.count(None) == (
        len(sent)
    )
