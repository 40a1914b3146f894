"""A newest file that is not complete: the last complete file stays the age of the data."""

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pytest

from adapters.connectors.kept_rows import FileState, RowStore
from adapters.contract import LateFileError, MalformedReplyError
from schema.provenance import SourceState
from tests.connectors.deliveries import (
    CSV,
    FIXED,
    HEADER,
    NOON,
    DeliveryFolder,
    detail,
    fixed_file,
)
from tests.connectors.manifests import rows_of, warnings_of

MADE = NOON - dt.timedelta(hours=30)
NEW = "C_202611241100.csv"
GOOD = f"{HEADER}\nR1,P1,N,RAM,01/09/2026\n"
PROMISED = {"every": "24h", "grace": "1h"}
HEADLESS: dict[str, Any] = {**CSV, "csv": {**CSV["csv"], "header": False}}  # type: ignore[dict-item]
PACKED = {**CSV, "name": r"C_(?P<stamp>\d{12})\.csv(\.gz)?"}


@pytest.mark.parametrize(
    ("rule", "name", "content", "reason"),
    [
        (CSV, NEW, b"", "it is empty"),
        (CSV, NEW, b"\xef\xbb\xbf\r\n\r\n\x1a", "it is empty"),
        (CSV, NEW, b"\0" * 512, "it is empty"),
        (HEADLESS, NEW, b"", "it is empty"),
        (PACKED, f"{NEW}.gz", gzip.compress(b"", mtime=0), "it is empty"),
        (PACKED, f"{NEW}.gz", b"", "it is empty"),
        (CSV, NEW, GOOD.encode("utf-16"), "its header can't be read: it is not UTF-8"),
        (CSV, NEW, GOOD.encode("utf-16-le"), "its line 1 is not the header: it names no column"),
        (
            CSV,
            NEW,
            GOOD.replace(HEADER, HEADER.title()).encode(),
            "its line 1 is not the header: it names no column",
        ),
        (
            CSV,
            NEW,
            GOOD.partition("\n")[2].encode() * 3,
            "its line 1 is not the header: it names no column",
        ),
        (
            CSV,
            NEW,
            b"\n<html><body>503 Service Unavailable</body></html>\n",
            "its line 2 is not the header: it names no column",
        ),
        (HEADLESS, NEW, b"<html><body>503</body></html>\n" * 2, "none of its 2 rows can be read"),
        (HEADLESS, NEW, GOOD.replace(",", ";").encode(), "none of its 2 rows can be read"),
        (CSV, NEW, GOOD.replace("RAM", "RAM,DEVI").encode(), "none of its 1 rows can be read"),
        (CSV, NEW, GOOD.replace("ref", "number").encode(), "none of its 1 rows can be read"),
    ],
)
async def test_a_newest_file_that_nobody_can_read_does_not_renew_the_data(
    tmp_path: Path,
    row_store: RowStore,
    rule: dict[str, Any],
    name: str,
    content: bytes,
    reason: str,
) -> None:
    deliveries = DeliveryFolder(tmp_path, {**rule, **PROMISED}, row_store)
    good = GOOD if rule.get("csv", {}).get("header", True) else GOOD.partition("\n")[2]
    await deliveries.deliver(f"C_{MADE:%Y%m%d%H%M}.csv", good)
    await deliveries.deliver(name, content)
    seen = (await deliveries.seen())[name]
    assert (seen.state, seen.rows) == (FileState.UNREADABLE, 0)
    assert seen.problems[0].reason == reason
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert len(rows.records) == 1
    assert (rows.state, rows.as_of) == (SourceState.STALE, MADE.astimezone(dt.UTC))
    assert isinstance(rows.failure, LateFileError)
    assert warnings_of(rows)[:2] == [
        ("LATE_FILE", None, "delivery"),
        ("BAD_LINE", None, f"{name}:0: {reason}"),
    ]
    await deliveries.poll()
    assert (await deliveries.seen())[name].read_at == seen.read_at
    await deliveries.adapter.close()


TWO = [detail("R1"), detail("R2")]
WHOLE = fixed_file(NOON - dt.timedelta(hours=1), TWO)


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (WHOLE[:-100], FileState.INCOMPLETE),
        (WHOLE[: 81 * 3], FileState.INCOMPLETE),
        (WHOLE[81:], FileState.INCOMPLETE),
        (fixed_file(NOON, TWO, count=3), FileState.WRONG_COUNT),
        (fixed_file(NOON, TWO, total=300), FileState.WRONG_COUNT),
        (fixed_file(NOON, [], count=2), FileState.WRONG_COUNT),
        (WHOLE[:81], FileState.INCOMPLETE),
        (b"", FileState.UNREADABLE),
    ],
    ids=["line", "trailer", "header", "count", "sum", "no rows", "only the header", "empty"],
)
async def test_a_cut_file_is_used_but_does_not_renew_the_data(
    tmp_path: Path, row_store: RowStore, content: bytes, state: FileState
) -> None:
    rule = {**FIXED, "every": "24h", "grace": "24h"}
    deliveries = DeliveryFolder(tmp_path, rule, row_store)
    await deliveries.deliver("F_20261123.txt", fixed_file(MADE, [detail("R0")]))
    await deliveries.deliver("F_20261124.txt", content)
    assert (await deliveries.seen())["F_20261124.txt"].state is state
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert (rows.state, rows.as_of) == (SourceState.STALE, MADE.astimezone(dt.UTC))
    # The next file is not late yet, but the newest is not complete.
    assert isinstance(rows.failure, MalformedReplyError)
    assert rows.failure.message == (
        "tested's newest file can't be used as a whole: F_20261124.txt is "
        f"{state}. `hub files` says why."
    )
    assert {each.code for each in rows.warnings} == {"BAD_LINE"}
    deliveries.now += dt.timedelta(minutes=5)
    await deliveries.deliver("F_20261124.txt", WHOLE)
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert (rows.state, rows.failure, rows.warnings) == (SourceState.CACHED, None, [])
    assert len(rows.records) == 3
    await deliveries.adapter.close()


async def test_a_file_without_rows_that_says_so_renews_the_data(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, {**FIXED, "every": "1h"})
    await deliveries.deliver("F_20261123.txt", fixed_file(MADE, [detail("R0")]))
    assert (await rows_of(deliveries.adapter, "P1"))["P1"].state is SourceState.STALE
    await deliveries.deliver("F_20261124.txt", fixed_file(NOON - dt.timedelta(minutes=9), []))
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert (rows.state, len(rows.records)) == (SourceState.CACHED, 1)
    await deliveries.adapter.close()


async def test_without_any_readable_file_a_call_is_an_error(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, CSV)
    await deliveries.deliver(NEW, b"")
    with pytest.raises(MalformedReplyError, match=f"{NEW} is unreadable"):
        await rows_of(deliveries.adapter, "P1")
    await deliveries.adapter.close()


async def test_a_file_that_is_dated_ahead_of_the_clock_is_read_and_reported(
    tmp_path: Path,
) -> None:
    deliveries = DeliveryFolder(tmp_path, {**CSV, "every": "24h"})
    await deliveries.deliver("C_209901010000.csv", GOOD)
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    # The folder knows when it was written.
    assert rows.as_of == (NOON - dt.timedelta(minutes=1)).astimezone(dt.UTC)
    reason = "its date, 2098-12-31 18:30 UTC, is ahead of the hub's clock"
    assert warnings_of(rows) == [("BAD_LINE", None, f"C_209901010000.csv:0: {reason}")]
    # A date that is wrong once must not hide that later files are missing.
    deliveries.now += dt.timedelta(hours=26)
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert rows.state is SourceState.STALE
    await deliveries.adapter.close()


@pytest.mark.parametrize("stamped", [True, False])
async def test_a_file_from_a_server_whose_clock_is_ahead_is_read_when_it_is_unchanged(
    tmp_path: Path, stamped: bool
) -> None:
    rule = dict(CSV) if stamped else {k: v for k, v in CSV.items() if k != "stamp_format"}
    deliveries = DeliveryFolder(tmp_path, rule)
    read = deliveries.now
    deliveries.now += dt.timedelta(days=2)
    deliveries.put(NEW, GOOD)
    deliveries.now = read
    await deliveries.poll()
    assert await deliveries.seen() == {}
    deliveries.now += dt.timedelta(seconds=10)
    await deliveries.poll()
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert len(rows.records) == 1
    as_of = NOON - dt.timedelta(hours=1) if stamped else deliveries.now
    assert rows.as_of == as_of.astimezone(dt.UTC)
    assert len(rows.warnings) == (0 if stamped else 1)
    await deliveries.adapter.close()
