"""CSV files whose periods overlap."""

import datetime as dt
from pathlib import Path

import pytest

from adapters.connectors.kept_rows import FileState, RowStore
from schema.provenance import SourceState
from tests.connectors.deliveries import CSV, HEADER, NOON, DeliveryFolder
from tests.connectors.manifests import rows_of, warnings_of


def csv_of(*rows: str, header: str = HEADER) -> str:
    return "".join(f"{row}\r\n" for row in (header, *rows))


def name_at(moment: dt.datetime) -> str:
    return f"C_{moment:%Y%m%d%H%M}.csv"


async def test_a_row_in_three_overlapping_files_is_one_row(
    tmp_path: Path, row_store: RowStore
) -> None:
    deliveries = DeliveryFolder(tmp_path, CSV, row_store)
    for minutes in (90, 60, 30):
        made = NOON - dt.timedelta(minutes=minutes)
        rows = [f"R{n},P1,N,राम देवी,01/09/2026" for n in range(5)]
        if minutes == 30:
            rows[0] = "R0,P1,A,राम देवी,01/09/2026"
        await deliveries.deliver(name_at(made), csv_of(*rows))
    found = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert len(found.records) == 5
    assert found.records[0].department_status.code == "A"  # type: ignore[attr-defined]
    assert found.as_of == (NOON - dt.timedelta(minutes=30)).astimezone(dt.UTC)
    await deliveries.adapter.close()


async def test_without_an_identity_every_distinct_row_is_used_once(
    tmp_path: Path, row_store: RowStore
) -> None:
    deliveries = DeliveryFolder(tmp_path, {**CSV, "identity": []}, row_store)
    rows = ("R1,P1,N,RAM,01/09/2026", "R2,P1,N,RAM,01/09/2026")
    await deliveries.deliver(name_at(NOON - dt.timedelta(hours=2)), csv_of(*rows, rows[0]))
    await deliveries.deliver(name_at(NOON - dt.timedelta(hours=1)), csv_of(*reversed(rows)))
    assert len((await rows_of(deliveries.adapter, "P1"))["P1"].records) == 2
    await deliveries.adapter.close()


async def test_an_empty_file_updates_the_age_of_the_data(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, {**CSV, "every": "30m", "grace": "10m"})
    await deliveries.deliver(
        name_at(NOON - dt.timedelta(hours=2)), csv_of("R1,P1,N,RAM,01/09/2026")
    )
    assert (await rows_of(deliveries.adapter, "P1"))["P1"].state is SourceState.STALE
    for minutes in (60, 30):
        await deliveries.deliver(name_at(NOON - dt.timedelta(minutes=minutes)), csv_of())
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert (rows.state, len(rows.records)) == (SourceState.CACHED, 1)
    await deliveries.adapter.close()


async def test_invalid_rows_are_listed(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, CSV)
    content = csv_of(
        "R1,P1,N,RAM,01/09/2026",
        "R2,P1,N,RAM",
        'R3,P1,N,"RAM,01/09/2026',
        'R4,P1,N,"RAM, SON OF HARI",01/09/2026',
        ",P1,N,RAM,01/09/2026",
        f"R6,P1,N,{'x' * 20_000},01/09/2026",
        "",
        "R8,P1,N,RAM,01/09/2026",
    ).encode()
    content = content.replace(
        b"R8,P1,N,RAM", b"R8,P1,N,RAM\r\nR9,P1,N,\xff\xfe,01/09/2026\r\nR8,P1,N,RAM"
    )
    await deliveries.deliver(name_at(NOON), content)
    name = name_at(NOON)
    assert await deliveries.problems() == [
        f"{name}:3: it has 4 values, not 5",
        f"{name}:4: its quotes do not match",
        f"{name}:6: ref is blank",
        f"{name}:7: it has more than 16,384 bytes",
        f"{name}:9: it has 4 values, not 5",
        f"{name}:10: it is not UTF-8",
    ]
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert [r.application_reference_number for r in rows.records] == ["R1", "R4", "R8"]  # type: ignore[attr-defined]
    assert rows.records[1].applicant_name == "RAM, SON OF HARI"  # type: ignore[attr-defined]
    assert warnings_of(rows)[-1] == ("BAD_LINE", None, "and 1 more; see hub files")
    assert "RAM" not in str(warnings_of(rows))
    await deliveries.adapter.close()


async def test_columns_are_found_by_name(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, CSV)
    content = csv_of("more,P1,R1,N,RAM", "x,P1,R2,A,", header="new,person,ref,status,name")
    await deliveries.deliver(name_at(NOON), "\ufeff" + content)
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert [(r.application_reference_number, r.applicant_name) for r in rows.records] == [  # type: ignore[attr-defined]
        ("R1", "RAM"),
        ("R2", None),
    ]
    assert [raw for _, _, raw in warnings_of(rows)] == [
        f"{name_at(NOON)}:1: the column applied is missing",
        f"{name_at(NOON)}:1: 1 unknown columns are ignored",
    ]
    await deliveries.adapter.close()


async def test_a_trailer_contains_the_count_and_ends_the_file(tmp_path: Path) -> None:
    rule = {**CSV, "csv": {**CSV["csv"], "trailer": {"marker": "#END", "count": "2"}}}  # type: ignore[dict-item]
    deliveries = DeliveryFolder(tmp_path, rule)
    row = "R1,P1,N,RAM,01/09/2026"
    for minutes, end, state in (
        (40, "#END,1", FileState.WHOLE),
        (30, "#END,2", FileState.WRONG_COUNT),
        (20, "#END", FileState.WRONG_COUNT),
    ):
        name = name_at(NOON - dt.timedelta(minutes=minutes))
        await deliveries.deliver(name, csv_of(row, end))
        assert (await deliveries.seen())[name].state is state
    await deliveries.deliver(name_at(NOON), csv_of(row))
    assert (await deliveries.seen())[name_at(NOON)].state is FileState.INCOMPLETE
    await deliveries.adapter.close()


@pytest.mark.parametrize("ends", [True, False])
async def test_a_manifest_can_allow_a_last_line_without_a_line_end(
    tmp_path: Path, ends: bool
) -> None:
    deliveries = DeliveryFolder(tmp_path, {**CSV, "final_newline": ends})
    await deliveries.deliver(name_at(NOON), csv_of("R1,P1,N,RAM,01/09/2026").rstrip())
    state = (await deliveries.seen())[name_at(NOON)].state
    assert state is (FileState.INCOMPLETE if ends else FileState.WHOLE)
    await deliveries.adapter.close()
