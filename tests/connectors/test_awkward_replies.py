"""The same eight awkward replies over every kind of connector.

Each yields the right rows, or a warning with the field and the raw value.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import MalformedReplyError, Rows
from schema.application import Application
from schema.status import ApplicationStatus
from tests.connectors.awkward_departments import CITIZEN, KINDS, Kind, Location

ReadRows = Callable[..., Awaitable[Rows]]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def read_rows(kind: Kind, tmp_path: Path, request: pytest.FixtureRequest) -> ReadRows:
    database = request.getfixturevalue(kind.database) if kind.database is not None else None
    return lambda *rows: kind.read_rows(Location(tmp_path, database), rows)


@pytest.fixture
def row(kind: Kind) -> dict[str, Any]:
    return {
        "number": "F-1",
        "citizen": CITIZEN,
        "status": kind.code,
        "made": "03/11/2026",
        "name": "RAM DEVI",
    }


def applications(rows: Rows) -> list[Application]:
    return [each for each in rows.records if isinstance(each, Application)]


def shown(rows: Rows) -> list[tuple[str, str | None, dt.date | None]]:
    """Return number, name and day of each record."""
    return [
        (
            str(each.application_reference_number),
            each.applicant_name,
            each.requested_datetime.date() if each.requested_datetime else None,
        )
        for each in applications(rows)
    ]


def warnings_of(rows: Rows) -> list[tuple[str, str | None, str | None]]:
    return sorted(((w.code, w.field_path, w.raw) for w in rows.warnings), key=str)


DAY = dt.date(2026, 11, 3)


async def test_a_thousand_rows(read_rows: ReadRows, row: Mapping[str, Any]) -> None:
    numbers = [f"F-{n:04d}" for n in range(1000)]
    found = await read_rows(*({**row, "number": number} for number in numbers))
    assert shown(found) == [(number, "RAM DEVI", DAY) for number in numbers]
    assert warnings_of(found) == []


async def test_devanagari(read_rows: ReadRows, row: Mapping[str, Any]) -> None:
    found = await read_rows({**row, "name": "प्रिया ज़ैदी"})
    assert shown(found) == [("F-1", "प्रिया ज़ैदी", DAY)]
    assert warnings_of(found) == []


async def test_empty(read_rows: ReadRows, row: Mapping[str, Any]) -> None:
    found = await read_rows({**row, "name": "", "made": ""})
    assert shown(found) == [("F-1", None, None)]
    assert warnings_of(found) == []


async def test_nil(read_rows: ReadRows, row: Mapping[str, Any]) -> None:
    # In formats without null, departments write a dash.
    found = await read_rows({**row, "name": None, "made": None})
    assert shown(found) == [("F-1", None, None)]
    assert warnings_of(found) == []


async def test_missing(read_rows: ReadRows, row: Mapping[str, Any], kind: Kind) -> None:
    missing = {name: row[name] for name in ("number", "citizen", "status")}
    if kind is KINDS["fixed"]:
        # The only line is too short, so the file is unreadable as a whole.
        with pytest.raises(MalformedReplyError, match="is unreadable"):
            await read_rows(missing)
        found = await read_rows(missing, {**row, "number": "F-2"})
    else:
        found = await read_rows(missing)
    if not kind.lines:
        assert shown(found) == [("F-1", None, None)]
        assert warnings_of(found) == []
        return
    # A file has a layout, so a missing field is a bad line.
    assert {code for code, _, _ in warnings_of(found)} == {"BAD_LINE"}
    lines = " ".join(raw or "" for _, _, raw in warnings_of(found))
    if kind is KINDS["csv"]:
        assert shown(found) == [("F-1", None, None)]
        assert "the column name is missing" in lines
        assert "the column applied is missing" in lines
    else:
        assert shown(found) == [("F-2", "RAM DEVI", DAY)]
        assert "it has 20 bytes, not 80" in lines


async def test_duplicate(read_rows: ReadRows, row: Mapping[str, Any], kind: Kind) -> None:
    # The federation merges duplicates, with a warning. Files are merged when they are stored,
    # because the same row comes in several files.
    found = await read_rows(row, row, {**row, "number": "F-2"})
    assert shown(found) == [("F-1", "RAM DEVI", DAY)] * kind.duplicates + [("F-2", "RAM DEVI", DAY)]
    assert warnings_of(found) == []


async def test_wrong_type(read_rows: ReadRows, row: Mapping[str, Any], kind: Kind) -> None:
    found = await read_rows({**row, "made": "31/02/2026", "status": "?"})
    assert shown(found) == [("F-1", "RAM DEVI", None)]
    (record,) = applications(found)
    assert record.application_status is ApplicationStatus.UNKNOWN
    assert record.department_status is not None
    assert record.department_status.code == "?"
    assert warnings_of(found) == [
        ("INVALID_VALUE", "requestedDatetime", "31/02/2026"),
        ("UNKNOWN_CODE", "applicationStatus", "?"),
    ]
    if kind.has_objects:
        found = await read_rows({**row, "name": {"given": "RAM", "family": "DEVI"}})
        assert shown(found) == [("F-1", None, DAY)]
        ((code, field, raw),) = warnings_of(found)
        assert (code, field) == ("INVALID_VALUE", "applicantName")
        assert raw is not None
        assert "RAM" in raw


async def test_extra_element(read_rows: ReadRows, row: Mapping[str, Any], kind: Kind) -> None:
    found = await read_rows({"more": "x1", **row})
    assert shown(found) == [("F-1", "RAM DEVI", DAY)]
    if kind is KINDS["csv"]:
        ((code, _, raw),) = warnings_of(found)
        assert code == "BAD_LINE"
        assert raw is not None
        assert "1 unknown columns are ignored" in raw
    else:
        assert warnings_of(found) == []
