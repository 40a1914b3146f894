"""Fixed-width files: valid rows are used, invalid rows are listed."""

import datetime as dt
from pathlib import Path

import pytest

from adapters.connectors.kept_rows import FileState, RowStore
from adapters.contract import DepartmentUnreachableError
from schema.provenance import SourceState
from tests.connectors.deliveries import FIXED, NOON, DeliveryFolder, detail, fixed_file
from tests.connectors.manifests import rows_of, warnings_of

MADE = NOON.replace(hour=0, minute=2)


async def test_a_thousand_rows_are_complete(tmp_path: Path, row_store: RowStore) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    lines = [detail(f"R{n:04d}", f"P{n % 500}") for n in range(1000)]
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, lines))
    assert await deliveries.problems() == []
    found = await rows_of(deliveries.adapter, *(f"P{n}" for n in range(500)), "NOBODY")
    assert sum(len(rows.records) for rows in found.values()) == 1000
    assert found["NOBODY"].records == []
    rows = found["P7"]
    assert [r.application_reference_number for r in rows.records] == ["R0007", "R0507"]  # type: ignore[attr-defined]
    assert rows.records[0].applicant_name == "राम देवी"  # type: ignore[attr-defined]
    assert rows.warnings == []
    assert (rows.state, rows.as_of) == (SourceState.CACHED, MADE.astimezone(dt.UTC))
    origin = rows.records[0].origin
    assert origin is not None
    assert (origin.state, origin.retrieved_at) == (SourceState.CACHED, rows.as_of)
    await deliveries.adapter.close()


async def test_invalid_rows_are_listed_and_valid_rows_are_used(
    tmp_path: Path, row_store: RowStore
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    lines = [
        detail("R1"),
        detail("R2")[:-1],
        detail("R3").replace("रा".encode(), b"\xe0\xa4\xff\xe0\xa4\xff", 1),
        b"X" + detail("R4")[1:],
        detail(""),
        detail("R6", amount="1x"),
        detail("R7"),
    ]
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, lines))
    assert await deliveries.problems() == [
        "F_20261124.txt:3: it has 79 bytes, not 80",
        "F_20261124.txt:4: name is not UTF-8",
        "F_20261124.txt:5: it begins like no line of this file",
        "F_20261124.txt:6: ref is blank",
        "F_20261124.txt:7: amount is not a number",
    ]
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert [r.application_reference_number for r in rows.records] == ["R1", "R7"]  # type: ignore[attr-defined]
    reported = warnings_of(rows)
    assert reported[0] == ("BAD_LINE", None, "F_20261124.txt:3: it has 79 bytes, not 80")
    assert len(reported) == 5
    await deliveries.adapter.close()


async def test_a_value_that_does_not_fit_is_a_warning_with_the_raw_value(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    await deliveries.deliver(
        "F_20261124.txt", fixed_file(MADE, [detail("R1", applied="31/31/2026", status="?")])
    )
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert len(rows.records) == 1
    assert warnings_of(rows) == [
        ("UNKNOWN_CODE", "applicationStatus", "?"),
        ("INVALID_VALUE", "requestedDatetime", "31/31/2026"),
    ]
    await deliveries.adapter.close()


@pytest.mark.parametrize(
    ("count", "total", "reason"),
    [
        (3, None, "its count differs from the 2 rows of the file"),
        (None, 201, "its control sum differs from the sum of the rows"),
    ],
)
async def test_a_wrong_count_or_sum_is_reported(
    tmp_path: Path, count: int | None, total: int | None, reason: str
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    lines = [detail("R1"), detail("R2")]
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, lines, count=count, total=total))
    assert (await deliveries.seen())["F_20261124.txt"].state is FileState.WRONG_COUNT
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert len(rows.records) == 2
    assert warnings_of(rows) == [("BAD_LINE", None, f"F_20261124.txt:4: {reason}")]
    await deliveries.adapter.close()


async def test_an_incomplete_file_is_used_as_far_as_possible_and_read_again(
    tmp_path: Path, row_store: RowStore
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    whole = fixed_file(MADE, [detail(f"R{n}") for n in range(10)])
    await deliveries.deliver("F_20261124.txt", whole[: 81 * 5 + 40])
    assert (await deliveries.seen())["F_20261124.txt"].state is FileState.INCOMPLETE
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert len(rows.records) == 4
    # No file was complete, so rows may be missing.
    assert rows.state is SourceState.STALE
    assert [raw for _, _, raw in warnings_of(rows)] == [
        "F_20261124.txt:6: the line is cut off",
        "F_20261124.txt:6: the trailer is missing",
    ]
    deliveries.now += dt.timedelta(minutes=5)
    await deliveries.deliver("F_20261124.txt", whole)
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert (len(rows.records), rows.state) == (10, SourceState.CACHED)
    assert rows.warnings == []
    await deliveries.adapter.close()


async def test_a_file_that_is_still_being_written_is_left_for_the_next_poll(
    tmp_path: Path,
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    deliveries.put("F_20261124.txt", fixed_file(MADE, [detail("R1")]))
    deliveries.now -= dt.timedelta(seconds=59)
    await deliveries.poll()
    assert await deliveries.seen() == {}
    deliveries.now += dt.timedelta(seconds=59)
    await deliveries.poll()
    assert len(await deliveries.seen()) == 1
    await deliveries.adapter.close()


async def test_the_same_file_twice_changes_nothing(tmp_path: Path, row_store: RowStore) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    content = fixed_file(MADE, [detail("R1"), detail("R2")])
    await deliveries.deliver("F_20261124.txt", content)
    await deliveries.deliver("F_20261124_again.txt", content)
    assert (await deliveries.seen())["F_20261124_again.txt"].state is FileState.DUPLICATE
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert len(rows.records) == 2
    assert rows.warnings == []
    await deliveries.adapter.close()


async def test_an_older_file_that_arrives_later_does_not_replace_newer_rows(
    tmp_path: Path, row_store: RowStore
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, [detail("R1", status="A")]))
    before = MADE - dt.timedelta(days=1)
    older = [detail("R1", status="N"), detail("R2", status="N")]
    await deliveries.deliver("F_20261123.txt", fixed_file(before, older))
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert {
        r.application_reference_number: r.department_status.code  # type: ignore[attr-defined]
        for r in rows.records
    } == {"R1": "A", "R2": "N"}
    assert rows.as_of == MADE.astimezone(dt.UTC)
    await deliveries.adapter.close()


async def test_a_late_file_makes_the_rows_stale(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, {**FIXED, "every": "24h", "grace": "3h"})
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, [detail("R1")]))
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert rows.state is SourceState.CACHED
    deliveries.now = MADE + dt.timedelta(hours=27, minutes=1)
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert rows.state is SourceState.STALE
    assert len(rows.records) == 1
    assert warnings_of(rows) == [("LATE_FILE", None, "delivery")]
    assert rows.failure is not None
    assert "promised by 2026-11-24T21:32+00:00" in rows.failure.message
    await deliveries.deliver(
        "F_20261125.txt", fixed_file(MADE + dt.timedelta(days=1), [detail("R1", status="A")])
    )
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert (rows.state, rows.warnings) == (SourceState.CACHED, [])
    await deliveries.adapter.close()


async def test_later_files_win_even_if_the_departments_clock_was_ahead(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    ahead = MADE + dt.timedelta(days=4000)
    await deliveries.deliver("F_20261124.txt", fixed_file(ahead, [detail("R1", status="N")]))
    deliveries.now += dt.timedelta(days=1)
    made = deliveries.now - dt.timedelta(minutes=1)
    await deliveries.deliver("F_20261125.txt", fixed_file(made, [detail("R1", status="A")]))
    (record,) = (await rows_of(deliveries.adapter, "P1"))["P1"].records
    assert record.department_status.code == "A"  # type: ignore[attr-defined]
    await deliveries.adapter.close()


async def test_a_department_without_files_is_unreachable(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    with pytest.raises(DepartmentUnreachableError, match="not delivered a file yet"):
        await rows_of(deliveries.adapter, "P1")
    deliveries.path.rmdir()
    await deliveries.poll()
    with pytest.raises(DepartmentUnreachableError, match="can't be fetched"):
        await rows_of(deliveries.adapter, "P1")
    await deliveries.adapter.close()
