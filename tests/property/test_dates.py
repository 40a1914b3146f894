"""Dates round-trip in every format of `docs/quirks.md` 12, and other texts are never dates."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.dates import compile_format, date_reader, datetime_reader
from adapters.mapping.moments import clock_reader, days_among, two_field_reader
from adapters.mapping.values import text_reader

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


IST = ZoneInfo("Asia/Kolkata")
TEXT = text_reader(frozenset({""}))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timedelta(minutes=minutes))
DATES = st.dates(dt.date(2, 1, 1), dt.date(9998, 12, 31))


def written_offset(offset: dt.timedelta, form: str) -> str:
    minutes = abs(offset) // dt.timedelta(minutes=1)
    sign = "-" if offset < dt.timedelta(0) else "+"
    return f"{sign}{minutes // 60:02}{':' if form == 'extended' else ''}{minutes % 60:02}"


@given(
    DATES,
    st.none() | st.times().map(lambda time: time.replace(fold=0)) | st.just("24:00"),
    st.none() | st.just("Z") | OFFSETS,
    st.sampled_from(["extended", "basic"]),
    st.sampled_from(["T", "t", " "]),
    st.integers(0, 9),
)
def test_iso_is_read_with_every_precision_and_zone(
    day: dt.date,
    time: dt.time | str | None,
    zone: dt.timedelta | str | None,
    form: str,
    separator: str,
    digits: int,
) -> None:
    text = f"{day:%Y-%m-%d}".zfill(10) if form == "extended" else f"{day:%Y%m%d}".zfill(8)
    expected = dt.datetime.combine(day, dt.time.min)
    if time == "24:00":
        text += separator + ("24:00:00" if form == "extended" else "240000")
        expected += dt.timedelta(days=1)
    elif isinstance(time, dt.time):
        fraction = f"{time.microsecond:06}000"[:digits]
        micros = int(fraction.ljust(6, "0")[:6] or "0")
        text += separator + f"{time:%H:%M:%S}" + (f".{fraction}" if fraction else "")
        expected = dt.datetime.combine(day, time).replace(microsecond=micros)
        if form == "basic":
            text = text.replace(":", "")
    if zone is None:
        expected = expected.replace(tzinfo=IST)
    elif isinstance(zone, dt.timedelta):
        text += written_offset(zone, form)
        expected = expected.replace(tzinfo=dt.timezone(zone))
    else:
        text += "Z"
        expected = expected.replace(tzinfo=dt.UTC)
    read = datetime_reader([], IST, TEXT)(text)
    assert read is not None
    assert read.isoformat() == expected.isoformat()
    assert date_reader([], IST, TEXT)(text) == expected.date()


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03T10.5", "2026-11-03+25:00", "2026-11-03T24:00:01", "2026-11-03T23:59:60",
        "2026-11-03T10:42:07+5:30", "2026-11-03x10:42:07", "2026-11-03T10:42:07 +05:30",
        "2026-11-3", "26-11-03", "20206-01-01", "-2026-11-03", "0044-03-15 BC", "infinity",
        "२०२६-११-०३", "2026-11-03T١٠:٤٢:٠٧", "2026-02-31", "9999-12-31T24:00", "2026-11", "now",
        "1793680207", "2026-11-03T10:42:07.", "2026-11-03T", "2026-11-03+05:30T10:42:07",
    ],
)  # fmt: skip
def test_a_text_that_is_nearly_iso_is_a_value_error(text: str) -> None:
    for reader in (datetime_reader, date_reader):
        with pytest.raises(ValueError):  # noqa: PT011
            reader([], IST, TEXT)(text)


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("dd/mm/yyyy HHMM", "03/11/2026 10.5"), ("dd-mm-yyyy HHMMSS", "03-11-2026 1042.5"),
        ("yyyymmddHHMMSS", "202611031042.5"), ("yyyymmddHHMM", "2026110310.5"),
    ],
)  # fmt: skip
def test_a_fraction_is_no_time_of_day(date_format: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        compile_format(date_format, IST)(text)


@given(st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31)), st.sampled_from([int, str]))
def test_a_count_since_1970_is_read_in_the_departments_zone(
    moment: dt.datetime, written: type[int] | type[str]
) -> None:
    moment = moment.replace(tzinfo=dt.UTC)
    count = (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)
    for date_format, value in {
        "epoch-ms": written(count),
        "epoch": written(count // 1000)
        if count % 1000 == 0
        else f"{count // 1000}.{count % 1000:03}",
    }.items():
        found = datetime_reader([date_format], IST, TEXT)(value)
        if count < 0 and count % 1000:
            continue
        assert found is not None
        assert found == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        assert found.tzinfo == IST
        assert date_reader([date_format], IST, TEXT)(value) == found.date()


@pytest.mark.parametrize("date_format", ["epoch", "epoch-ms"])
@pytest.mark.parametrize(
    "value", ["1_793_680_207", "inf", "nan", "0x6", "१७९३", "1e30", "2026-11-03", 10**30, True, [1]]
)
def test_a_value_that_is_no_count_is_an_error(date_format: str, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        datetime_reader([date_format], IST, TEXT)(value)


ZEROS = ["0000-00-00", "00/00/0000", "00-00-0000", "00000000", "0000-00-00 00:00:00"]


@pytest.mark.parametrize("date_format", ["iso", "dd/mm/yyyy", "dd-mm-yyyy HH:MM:SS", "d-mon-yyyy"])
@pytest.mark.parametrize("text", [*ZEROS, "0000-00-00T00:00:00Z"])
def test_a_date_of_zeros_is_no_value_in_any_format(date_format: str, text: str) -> None:
    assert datetime_reader([date_format], IST, TEXT, days_among([]))(text) is None


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("iso", "0001-01-01"), ("iso", "0001-01-01T00:00:00Z"), ("dd/mm/yyyy", "01/01/0001"),
        ("dd-mm-yyyy HH:MM:SS", "01-01-0001 00:00:00"), ("d mon yyyy", "1 Jan 0001"),
        ("iso", "1753-01-01T00:00:00+05:30"), ("dd/mm/yyyy HH:MM", "01/01/1753 00:00"),
    ],
)  # fmt: skip
def test_the_first_day_and_absent_days_are_no_value(date_format: str, text: str) -> None:
    days = days_among(["1753-01-01", "NA"])
    assert datetime_reader([date_format], IST, TEXT, days)(text) is None
    assert date_reader([date_format], IST, TEXT, days)(text) is None


@pytest.mark.parametrize(
    ("date_format", "text", "expected"),
    [
        ("HH:MM:SS", "10:42:07", "2026-11-03T10:42:07+05:30"),
        ("HH:MM", "24:00", "2026-11-04T00:00:00+05:30"),
        ("HHMMSS", "240000", "2026-11-04T00:00:00+05:30"),
        ("HHMM", dt.timedelta(hours=24), "2026-11-04T00:00:00+05:30"),
        ("HHMM", dt.time(9, 5), "2026-11-03T09:05:00+05:30"),
        ("HH:MM:SS", "9:05:07", None), ("HHMM", "905", None), ("HH:MM", "24:01", None),
        ("HH:MM", "10:60", None), ("HH:MM", "१०:४२", None), ("HHMM", dt.timedelta(hours=25), None),
        ("HHMM", dt.timedelta(hours=-1), None), ("HH:MM", "10:4", None),
    ],
)  # fmt: skip
def test_a_time_in_a_second_field_is_exact(
    date_format: str, text: object, expected: str | None
) -> None:
    read = two_field_reader(datetime_reader([], IST, TEXT), clock_reader([date_format], IST, TEXT))
    if expected is None:
        with pytest.raises(ValueError):  # noqa: PT011
            read("2026-11-03", text)
        return
    moment = read("2026-11-03", text)
    assert moment is not None
    assert moment.isoformat() == expected
