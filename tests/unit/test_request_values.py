"""The request id and the time of a call."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.connectors.rest.requests import fill_path
from adapters.connectors.templates import (
    MISSING,
    REQUEST_VALUES,
    fill,
    fill_to_text,
    request_values,
    wrong_filters_in,
)
from adapters.contract import CallContext

INDIA = ZoneInfo("Asia/Kolkata")
NOW = dt.datetime(2026, 11, 28, 15, 30, 1, tzinfo=INDIA)


def values_of(*names: str, **context: Any) -> dict[str, object]:
    return request_values(names, INDIA, "forest", CallContext("test", 0.0, **context))


def test_the_caller_is_named_by_number_and_by_a_token_for_the_department() -> None:
    values = values_of(
        "caller", "caller_token", caller="7KNL042101", caller_token=lambda name: f"for {name}"
    )
    assert values == {"caller": "7KNL042101", "caller_token": "for forest"}
    unknown = values_of("caller", "caller_token")
    assert fill({"user": "{caller}", "proof": "Bearer {caller_token}"}, unknown) is MISSING


def test_only_the_values_that_a_call_contains_are_made() -> None:
    assert values_of() == {}
    assert set(values_of(*REQUEST_VALUES)) == {"request_id", "now", "caller", "caller_token"}


def test_every_attempt_has_another_request_id() -> None:
    first, second = (values_of("request_id")["request_id"] for _ in range(2))
    assert first != second
    assert uuid.UUID(str(first)).version == 4


def test_the_time_is_that_of_the_department() -> None:
    now = values_of("now")["now"]
    assert isinstance(now, dt.datetime)
    assert now.utcoffset() == dt.timedelta(hours=5, minutes=30)
    assert abs(now - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{now}", "2026-11-28T15:30:01+05:30"),
        ("{now:iso}", "2026-11-28T15:30:01+05:30"),
        ("{now:dd/mm/yyyy HH:MM:SS}", "28/11/2026 15:30:01"),
        ("{now:yyyymmddHHMMSS}", "20261128153001"),
        ("at {now:dd-mon-yyyy}", "at 28-Nov-2026"),
        ("{now:epoch}", "1795860001"),
        ("{now:epoch-ms}", "1795860001000"),
    ],
)
def test_the_time_is_written_in_the_format_of_the_department(template: str, text: str) -> None:
    assert fill_to_text(template, {"now": NOW}) == text
    assert fill({"sent": template}, {"now": NOW}) == {"sent": text}
    assert wrong_filters_in(template) == set()


def test_a_path_may_contain_the_day() -> None:
    assert fill_path("/days/{now:yyyy-mm-dd}/{key}", {"now": NOW, "key": "a/b"}) == (
        "/days/2026-11-28/a%2Fb"
    )


def test_a_format_that_dates_do_not_have_is_reported() -> None:
    assert wrong_filters_in("{now:YYYY}")
    assert wrong_filters_in("{request_id:dd}")
