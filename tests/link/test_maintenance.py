"""Maintenance: weekly windows, windows for one date, time zones and pauses."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from adapters.contract import DepartmentMaintenanceError
from adapters.manifest.limits import MaintenanceWindow
from hub.link.maintenance import Closure, Maintenance
from schema.provenance import SourceState
from tests.link.scripted import Stage

KOLKATA = ZoneInfo("Asia/Kolkata")


class Calendar:
    """Return a clock that shows a fixed time."""

    def __init__(self, local: str, zone: ZoneInfo = KOLKATA) -> None:
        self.set(local, zone)

    def set(self, local: str, zone: ZoneInfo = KOLKATA) -> None:
        self.now = dt.datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now


def window(**fields: Any) -> MaintenanceWindow:
    return MaintenanceWindow.model_validate(fields)


def back_at(maintenance: Maintenance) -> str | None:
    """Return when the department opens in local time; None if it is open."""
    closure = maintenance.closure()
    if closure is None:
        return None
    assert closure.back_at is not None
    return closure.back_at.astimezone(KOLKATA).strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-11-07T22:29:59", None),
        ("2026-11-07T22:30:00", "Sun 04:00"),
        ("2026-11-08T03:59:59", "Sun 04:00"),
        ("2026-11-08T04:00:00", None),
        ("2026-11-08T23:00:00", None),
        ("2026-11-07T03:00:00", None),
    ],
)
def test_a_weekly_window_may_span_midnight(local: str, expected: str | None) -> None:
    weekly = window(days=["Sat"], closes="22:30", opens="04:00")
    assert back_at(Maintenance("pensions", [weekly], KOLKATA, Calendar(local))) == expected


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-11-10T08:59:00", None),
        ("2026-11-10T09:00:00", "Tue 18:00"),
        ("2026-11-10T18:00:00", None),
    ],
)
@pytest.mark.parametrize(
    "once",
    [
        {"from": "2026-11-10T09:00", "until": "2026-11-10T18:00"},
        {"from": "2026-11-10T03:30Z", "until": "2026-11-10T12:30Z"},
    ],
)
def test_a_window_may_be_for_one_date(
    once: dict[str, str], local: str, expected: str | None
) -> None:
    assert back_at(Maintenance("pensions", [window(**once)], KOLKATA, Calendar(local))) == expected


def test_times_are_in_the_departments_time_zone() -> None:
    daily = window(closes="22:00", opens="23:00")
    calendar = Calendar("2026-11-10T22:30", ZoneInfo("Asia/Dubai"))
    assert Maintenance("pensions", [daily], KOLKATA, calendar).closure() is None
    assert Maintenance("pensions", [daily], ZoneInfo("Asia/Dubai"), calendar).closure() is not None


def test_of_overlapping_windows_the_last_to_end_is_reported() -> None:
    windows = [window(closes="22:00", opens="23:00"), window(closes="22:30", opens="02:00")]
    maintenance = Maintenance("pensions", windows, KOLKATA, Calendar("2026-11-10T22:45"))
    assert back_at(maintenance) == "Wed 02:00"


def test_a_pause_lasts_until_its_end_or_until_resumed() -> None:
    calendar = Calendar("2026-11-10T12:00")
    maintenance = Maintenance("pensions", [], KOLKATA, calendar)
    maintenance.pause(Closure(calendar.now + dt.timedelta(hours=2), "moving house"))
    with pytest.raises(DepartmentMaintenanceError) as closed:
        maintenance.check()
    assert closed.value.message == (
        "pensions is closed for maintenance until 10 Nov 2026 14:00 IST (moving house)."
    )
    assert closed.value.back_at == calendar.now + dt.timedelta(hours=2)
    calendar.set("2026-11-10T14:00")
    maintenance.check()
    maintenance.pause(Closure(None, None))
    with pytest.raises(DepartmentMaintenanceError, match=r"closed for maintenance\.$"):
        maintenance.check()
    maintenance.resume()
    maintenance.check()


def test_a_pause_without_an_end_outlasts_a_window() -> None:
    maintenance = Maintenance(
        "pensions",
        [window(closes="22:00", opens="23:00")],
        KOLKATA,
        Calendar("2026-11-10T22:30"),
    )
    maintenance.pause(Closure(None, "until further notice"))
    closure = maintenance.closure()
    assert closure is not None
    assert closure.back_at is None


def test_a_short_pause_does_not_shorten_a_window() -> None:
    calendar = Calendar("2026-11-10T22:30")
    maintenance = Maintenance(
        "pensions", [window(closes="22:00", opens="02:00")], KOLKATA, calendar
    )
    maintenance.pause(Closure(calendar.now + dt.timedelta(minutes=5), None))
    assert back_at(maintenance) == "Wed 02:00"


@pytest.mark.parametrize(
    ("fields", "remedy"),
    [
        ({"closes": "22:00"}, "write `closes` and `opens`"),
        (
            {"from": "2026-11-10T09:00", "until": "2026-11-10T08:00"},
            "write a time in `until` that is after `from`",
        ),
        (
            {"from": "2026-11-10T09:00", "until": "2026-11-10T18:00Z"},
            "write both `from` and `until` with a zone, or both without",
        ),
        ({"closes": "10 pm", "opens": "23:00"}, "write a time of day, for example 22:30"),
    ],
)
def test_an_invalid_window_is_reported(fields: dict[str, str], remedy: str) -> None:
    with pytest.raises(ValidationError, match=remedy):
        window(**fields)


async def test_a_closed_department_is_not_called() -> None:
    stage = Stage(windows=[window(closes="14:00", opens="15:00", note="backup")])
    # 09:00 UTC is 14:30 in India.
    assert await stage.outcome("1") == "DEPARTMENT_MAINTENANCE"
    status = stage.link.status()
    assert status is not None
    assert (status.state, status.back_at) == (
        SourceState.MAINTENANCE,
        dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC),
    )
    stage.clock.advance(1800)
    assert stage.adapter.calls == []
    assert stage.link.status() is None
    assert await stage.outcome("1") == "ok"


async def test_a_pause_closes_a_department_at_once() -> None:
    stage = Stage()
    assert await stage.outcome("1") == "ok"
    stage.link.maintenance.pause(Closure(None, "flood in the server room"))
    assert await stage.outcome("1") == "DEPARTMENT_MAINTENANCE"
    stage.link.maintenance.resume()
    assert await stage.outcome("1") == "ok"
    assert len(stage.adapter.calls) == 2
