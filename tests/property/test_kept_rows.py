"""Stored rows: replayed, reordered, cut-off or repeated files change nothing."""

import asyncio
import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.connectors.files.layouts import read_csv, read_fixed
from adapters.connectors.files.settings import FileRule
from adapters.connectors.kept_rows import FileState, KeptRow, MemoryRows, RowStore, SeenFile
from hub.store import Store, open_store
from hub.store.encryption import ContentCipher
from hub.store.kept_files import KeptFiles

NOON = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)
ROW = st.tuples(st.sampled_from("abcd"), st.sampled_from("PQ"), st.integers(0, 3))
FILES = st.lists(st.tuples(st.integers(0, 4), st.lists(ROW, max_size=6)), max_size=5)


def kept(as_of: dt.datetime, rows: Sequence[tuple[str, str, int]]) -> list[KeptRow]:
    return [
        KeptRow(
            identity, as_of, line, f"{key}{value}".encode(), {"person": key},
            f"{identity}{key}{value}".encode(),
        )
        for line, (identity, key, value) in enumerate(rows, start=1)
    ]  # fmt: skip


async def keep(
    store: RowStore,
    number: int,
    hour: int,
    rows: list[tuple[str, str, int]],
    department: str = "tested",
) -> None:
    as_of = NOON + dt.timedelta(hours=hour)
    seen = SeenFile(f"f{number}", 1, 1, b"d", b"l", as_of, as_of, FileState.WHOLE, len(rows))
    await store.keep(department, "delivery", seen, kept(as_of, rows))


async def contents(store: RowStore, department: str = "tested") -> list[bytes]:
    return list(await store.find(department, "delivery", "person", ["P", "Q"], 100))


async def test_nothing_remains_of_an_erased_number() -> None:
    store = MemoryRows()
    await keep(store, 1, 0, [("a", "P", 1), ("b", "Q", 2)])
    assert await store.erase("tested", ["P"]) == 1
    assert "P" not in repr(vars(store))
    assert await contents(store) == [b"bQ2"]


@given(files=FILES, data=st.data())
def test_the_order_and_repetition_of_files_do_not_matter(
    files: list[tuple[int, list[tuple[str, str, int]]]], data: st.DataObject
) -> None:
    numbered = list(enumerate(files))
    replayed = data.draw(st.permutations(numbered + numbered[: len(numbered) // 2 + 1]))

    async def compare() -> None:
        once, often = MemoryRows(), MemoryRows()
        for number, (hour, rows) in numbered:
            await keep(once, number, hour, rows)
        for number, (hour, rows) in replayed:
            await keep(often, number, hour, rows)
        assert await contents(once) == await contents(often)

    asyncio.run(compare())


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Store]]:
    """The hub's database, and its event loop."""
    with asyncio.Runner() as runner:
        path = tmp_path_factory.mktemp("store") / "hub.db"
        store = runner.run(open_store(f"sqlite:///{path}"))
        yield runner, store
        runner.run(store.close())


departments = (f"department-{n}" for n in count())


@settings(deadline=None)
@given(files=FILES)
def test_the_database_store_and_the_memory_store_keep_the_same_rows(
    files: list[tuple[int, list[tuple[str, str, int]]]],
    database: tuple[asyncio.Runner, Store],
) -> None:
    runner, store = database
    both: list[RowStore] = [MemoryRows(), KeptFiles(store, ContentCipher(bytes(32)))]
    department = next(departments)

    async def compare() -> None:
        for number, (hour, rows) in enumerate(files):
            for each in both:
                await keep(each, number, hour, rows, department)
        memory, kept = [await contents(each, department) for each in both]
        assert memory == kept
        erased = [await each.erase(department, {"P"}) for each in both]
        assert erased[0] == erased[1]
        memory, kept = [await contents(each, department) for each in both]
        assert memory == kept
        assert b"P" not in b"".join(kept)

    runner.run(compare())


CSV = FileRule.model_validate(
    {"name": "x", "csv": {"columns": ["a", "b"], "trailer": {"marker": "#", "count": "2"}}}
)
FIXED = FileRule.model_validate(
    {
        "name": "x",
        "fixed": {
            "line_bytes": 12,
            "header": {"marker": "H", "stamp": "2-9"},
            "trailer": {"marker": "T", "count": "2-4", "sum": "5-9", "sum_of": "b"},
            "fields": {"a": "1-6", "b": "7-12"},
        },
    }
)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_to_rows_and_problems(content: bytes) -> None:
    for read_lines, rule in ((read_csv, CSV), (read_fixed, FIXED)):
        read = read_lines(content, rule, ["a"])
        for row in read.rows:
            assert row.values.keys() == {"a", "b"}
            assert row.values["a"]
        lines = content.count(b"\n") + 2
        assert all(0 < problem.line <= lines for problem in read.problems)


@given(st.lists(st.text("अआकखa ", min_size=1, max_size=2), max_size=5), st.integers(0, 200))
def test_a_cut_off_file_yields_its_first_rows(names: list[str], cut: int) -> None:
    lines = [name.encode().ljust(6) + b"     1" for name in names if name.strip()]
    trailer = f"T{len(lines):03d}{len(lines):05d}".encode().ljust(12)
    content = b"".join(line + b"\n" for line in (b"H".ljust(12), *lines, trailer))
    whole = read_fixed(content, FIXED, ["a"])
    assert whole.problems == []
    part = read_fixed(content[:cut], FIXED, ["a"])
    assert part.rows == whole.rows[: len(part.rows)]
    assert part.complete is (cut >= len(content))
