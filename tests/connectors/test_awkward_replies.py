"""The same eight awkward replies over every kind of connector: right rows, or a warning that names
what is wrong, with its raw form.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Rows
from schema.application import Application
from schema.status import ApplicationStatus
from tests.connectors.awkward_departments import CITIZEN, KINDS, Kind, Place

Ask = Callable[..., Awaitable[Rows]]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def ask(kind: Kind, tmp_path: Path, request: pytest.FixtureRequest) -> Ask:
    database = request.getfixturevalue(kind.database) if kind.database is not None else None
    return lambda *rows: kind.ask(Place(tmp_path, database), rows)


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
    """Number, name and day of each."""
    return [
        (
            each.application_reference_number,
            each.applicant_name,
            each.requested_datetime.date() if each.requested_datetime else None,
        )
        for each in applications(rows)
    ]


def told(rows: Rows) -> list[tuple[str, str | None, str | None]]:
    return sorted(((w.code, w.field_path, w.raw) for w in rows.warnings), key=str)


DAY = dt.date(2026, 11, 3)


async def test_a_thousand_rows(ask: Ask, row: Mapping[str, Any]) -> None:
    numbers = [f"F-{n:04d}" for n in range(1000)]
    found = await ask(*({**row, "number": number} for number in numbers))
    assert shown(found) == [(number, "RAM DEVI", DAY) for number in numbers]
    assert told(found) == []


async def test_devanagari(ask: Ask, row: Mapping[str, Any]) -> None:
    found = await ask({**row, "name": "प्रिया ज़ैदी"})
    assert shown(found) == [("F-1", "प्रिया ज़ैदी", DAY)]
    assert told(found) == []


async def test_empty(ask: Ask, row: Mapping[str, Any]) -> None:
    found = await ask({**row, "name": "", "made": ""})
    assert shown(found) == [("F-1", None, None)]
    assert told(found) == []


async def test_nil(ask: Ask, row: Mapping[str, Any]) -> None:
    # Where a wire has no mark for it, departments write a dash.
    found = await ask({**row, "name": None, "made": None})
    assert shown(found) == [("F-1", None, None)]
    assert told(found) == []


async def test_missing(ask: Ask, row: Mapping[str, Any], kind: Kind) -> None:
    missing = {name: row[name] for name in ("number", "citizen", "status")}
    found = await ask(missing)
    if not kind.lines:
        assert shown(found) == [("F-1", None, None)]
        assert told(found) == []
        return
    # A file has a layout, and says where it is not kept.
    assert {code for code, _, _ in told(found)} == {"BAD_LINE"}
    lines = " ".join(raw or "" for _, _, raw in told(found))
    if kind is KINDS["csv"]:
        assert shown(found) == [("F-1", None, None)]
        assert "the column name is missing" in lines
        assert "the column applied is missing" in lines
    else:
        assert shown(found) == []
        assert "it has 20 bytes, not 80" in lines


async def test_duplicate(ask: Ask, row: Mapping[str, Any], kind: Kind) -> None:
    # Twins are merged, and told, where all departments' rows come together; a file's rows already
    # where they are kept, for the same row comes in several windows.
    found = await ask(row, row, {**row, "number": "F-2"})
    assert shown(found) == [("F-1", "RAM DEVI", DAY)] * kind.twins + [("F-2", "RAM DEVI", DAY)]
    assert told(found) == []


async def test_wrong_type(ask: Ask, row: Mapping[str, Any], kind: Kind) -> None:
    found = await ask({**row, "made": "31/02/2026", "status": "?"})
    assert shown(found) == [("F-1", "RAM DEVI", None)]
    (record,) = applications(found)
    assert record.application_status is ApplicationStatus.UNKNOWN
    assert record.department_status is not None
    assert record.department_status.code == "?"
    assert told(found) == [
        ("INVALID_VALUE", "requestedDatetime", "31/02/2026"),
        ("UNKNOWN_CODE", "applicationStatus", "?"),
    ]
    if kind.has_objects:
        found = await ask({**row, "name": {"given": "RAM", "family": "DEVI"}})
        assert shown(found) == [("F-1", None, DAY)]
        ((code, field, raw),) = told(found)
        assert (code, field) == ("INVALID_VALUE", "applicantName")
        assert raw is not None
        assert "RAM" in raw


async def test_extra_element(ask: Ask, row: Mapping[str, Any], kind: Kind) -> None:
    found = await ask({"more": "x1", **row})
    assert shown(found) == [("F-1", "RAM DEVI", DAY)]
    if kind is KINDS["csv"]:
        ((code, _, raw),) = told(found)
        assert code == "BAD_LINE"
        assert raw is not None
        assert "1 columns are new" in raw
    else:
        assert told(found) == []
