"""Dates round-trip in every format of `docs/quirks.md` 12."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.dates import compile_format

FORMATS = {
    "dd/mm/yyyy": "%d/%m/%Y",
    "dd-mm-yyyy HH:MM:SS": "%d-%m-%Y %H:%M:%S",
    "yyyy-mm-dd": "%Y-%m-%d",
    "yyyymmddHHMMSS": "%Y%m%d%H%M%S",
    "ddmmyyyy": "%d%m%Y",
    "HH:MM dd.mm.yyyy": "%H:%M %d.%m.%Y",
    "dd-mon-yyyy": "%d-%b-%Y",
    "dd month yyyy": "%d %B %Y",
    "mon dd, yyyy HH:MM": "%b %d, %Y %H:%M",
    "yyyymondd": "%Y%b%d",
    "dd-mon-yyyy HH:MM:SS": "%d-%b-%Y %H:%M:%S",
    "HH:MM:SS, dd month yyyy": "%H:%M:%S, %d %B %Y",
}
# When summer time ends, an hour repeats. A text without a zone means the first one.
MOMENTS = st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0, fold=0)
)


ZONES = [None, ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Helsinki")]


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("date_format", FORMATS)
@given(moment=MOMENTS)
def test_round_trip(date_format: str, zone: ZoneInfo | None, moment: dt.datetime) -> None:
    moment = moment.replace(tzinfo=zone)
    if "HH" not in date_format:
        moment = moment.replace(hour=0, minute=0)
    if "SS" not in date_format:
        moment = moment.replace(second=0)
    parse = compile_format(date_format, zone)
    text = moment.strftime(FORMATS[date_format])
    # The second time it may come from the cache.
    assert [parse(text).isoformat(), parse(text).isoformat()] == [moment.isoformat()] * 2


@pytest.mark.parametrize("date_format", FORMATS)
@pytest.mark.parametrize("zone", ZONES, ids=str)
@given(text=st.text(max_size=25) | st.text("0123456789+- /:", min_size=8, max_size=19))
def test_a_text_in_another_format_is_a_value_error(
    date_format: str, zone: ZoneInfo | None, text: str
) -> None:
    try:
        moment = compile_format(date_format, zone)(text)
    except ValueError:
        return
    # Names of months are read in upper and lower case.
    assert moment.strftime(FORMATS[date_format]).lower() == text.lower()


DAYS = st.dates(dt.date(1000, 1, 1))


@pytest.mark.parametrize("change", [str, str.upper, str.lower, str.title])
@given(day=DAYS)
def test_names_of_months_are_read_in_upper_and_lower_case(
    change: Callable[[str], str], day: dt.date
) -> None:
    names = {
        "d month yyyy": f"{day.day} {day:%B} {day.year}",
        "mon-d-yyyy": f"{day:%b-}{day.day}-{day.year}",
    }
    for date_format, text in names.items():
        assert compile_format(date_format)(change(text)).date() == day


@given(day=DAYS)
def test_days_and_months_without_leading_zeros_are_read(day: dt.date) -> None:
    parse = compile_format("d/m/yyyy")
    for text in (f"{day.day}/{day.month}/{day.year}", f"{day:%d/%m/}{day.year}"):
        assert parse(text).date() == day


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("dd-mon-yyyy", "31-Feb-2026"), ("dd-mon-yyyy", "03-Nov-26"), ("dd-mon-yyyy", "3-Nov-2026"),
        ("dd-mon-yyyy", "03-Now-2026"), ("dd-mon-yyyy", "03-November-2026"),
        ("d month yyyy", "3 Nov 2026"), ("d month yyyy", "003 November 2026"),
        ("dd-mon-yyyy HH:MM", "03-Nov-2026 10.42"), ("dd-mon-yyyy HH:MM", "03-Nov-2026T10:42"),
        ("dd-mon-yyyy HH:MM", "03-Nov-2026 1:42"), ("dd-mon-yyyy HH:MM:SS", "03-Nov-2026 10:42"),
        ("dd-mon-yyyy HH:MM", "03-Nov-2026"), ("dd-mon-yyyy HH:MM", "03-Nov-2026 25:00"),
        ("d month yyyy", "३ November 2026"), ("d month yyyy", "3 नवंबर 2026"),
    ],
)  # fmt: skip
def test_a_text_that_is_nearly_a_date_is_a_value_error(date_format: str, text: str) -> None:
    parse = compile_format(date_format)
    with pytest.raises(ValueError):  # noqa: PT011
        parse(text)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "dd/mm",
        "dd/dd/yyyy",
        "dd moon yyyy",
        "yyyy",
        "dd mon mm yyyy",
        "mon yyyy",
        "d dd mon yyyy",
    ],
)
def test_an_invalid_format_is_refused(wrong: str) -> None:
    with pytest.raises(UnknownDateFormatError):
        compile_format(wrong)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/Berlin", "UTC"])
@given(moment=MOMENTS)
def test_local_times_are_in_the_departments_zone(zone: str, moment: dt.datetime) -> None:
    parse = compile_format("dd-mm-yyyy HH:MM:SS", ZoneInfo(zone))
    expected = moment.replace(tzinfo=ZoneInfo(zone))
    assert parse(moment.strftime("%d-%m-%Y %H:%M:%S")).isoformat() == expected.isoformat()
