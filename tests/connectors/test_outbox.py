"""Files to a department: each row in exactly one file, and each file delivered exactly once."""

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.connectors.files.folders import FolderUnreachableError, LocalOutbox
from adapters.connectors.files.outbox import CLAIM, Outbox
from adapters.connectors.files.outgoing_layouts import UnfitRowError
from adapters.connectors.files.settings import OutboxRule
from adapters.connectors.kept_rows import RowStore, RowStoreError
from adapters.connectors.outgoing_rows import OutgoingStore
from hub.cli.main import cli
from hub.store import open_store
from hub.store.encryption import ContentCipher
from hub.store.kept_files import KeptFiles
from tests.connectors.deliveries import IST, NOON

RULE: dict[str, Any] = {
    "folder": "in",
    "name": "HUB_{now:yyyymmdd}_{sequence|zeros 4}.txt",
    "at": "20:00",
    "rows": 100,
    "fixed": {
        "line_bytes": 40,
        "header": {"marker": "H", "stamp": "2-15", "sequence": "16-19"},
        "detail": "D",
        "trailer": {"marker": "T", "count": "2-6", "sum": "7-15", "sum_of": "fees"},
        "fields": {"ref": "2-9", "name": "10-29", "fees": "30-38"},
        "zeros": ["fees"],
    },
}


class CrashError(BaseException):
    """The process ends here."""


class CrashingStore:
    """A store or folder that ends the process before or after its step with a number."""

    def __init__(self, inner: Any, steps: "Steps") -> None:
        self._inner = inner
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "open":
            return self._open

        async def step(*arguments: Any) -> Any:
            self._steps.pass_one()
            result = await found(*arguments)
            self._steps.pass_one()
            return result

        return step

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Any]:
        async with self._inner.open() as folder:
            yield CrashingStore(folder, self._steps)


class Steps:
    """Counts the steps, and crashes at one of them."""

    def __init__(self, crash_at: int) -> None:
        self.passed = 0
        self.crash_at = crash_at

    def pass_one(self) -> None:
        self.passed += 1
        if self.passed == self.crash_at:
            raise CrashError


class Department:
    """A department that takes each file from its folder as soon as it sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.taken: list[tuple[str, bytes]] = []

    def take(self) -> None:
        for path in sorted(self.folder.glob("*.txt")):
            self.taken.append((path.name, path.read_bytes()))
            path.unlink()

    def refs(self) -> list[str]:
        """Return the references of all rows that it has received."""
        return [
            line[1:9].decode().strip()
            for _, content in self.taken
            for line in content.splitlines()
            if line.startswith(b"D")
        ]


class Hub:
    """One process of the hub, with a clock set by the test."""

    def __init__(
        self, folder: Path, store: OutgoingStore, steps: Steps | None = None, **rule: Any
    ) -> None:
        self.now = NOON
        outbox: Any = LocalOutbox(folder)
        kept: Any = store
        if steps is not None:
            outbox, kept = CrashingStore(outbox, steps), CrashingStore(store, steps)
        self.outbox = Outbox(
            "tested",
            "applications",
            OutboxRule.model_validate(RULE | rule),
            outbox,
            kept,
            IST,
            lambda: self.now.astimezone(dt.UTC),
        )

    async def queue(self, ref: str, **values: str) -> bool:
        row = {"ref": ref, "name": "राम", "fees": "100"} | values
        return await self.outbox.queue(ref, row)


@pytest.fixture
def department(tmp_path: Path) -> Department:
    return Department(tmp_path / "in")


@pytest.fixture
def store(row_store: RowStore) -> OutgoingStore:
    return row_store.outgoing


@pytest.fixture
def hub(department: Department, store: OutgoingStore) -> Hub:
    return Hub(department.folder, store)


async def test_one_file_a_day_contains_the_rows_that_wait(hub: Hub, department: Department) -> None:
    assert await hub.queue("A1")
    assert await hub.queue("A2", name="A long\nname", fees="2500")
    await hub.outbox.deliver()
    department.take()
    assert department.taken == []
    hub.now += dt.timedelta(hours=8)
    for _ in range(3):
        await hub.outbox.deliver()
        department.take()
    ((name, content),) = department.taken
    assert name == "HUB_20261124_0001.txt"
    assert content.splitlines() == [
        b"H202611242000000001".ljust(40),
        b"DA1      " + "राम".encode().ljust(20) + b"000000100  ",
        b"DA2      " + b"A long name".ljust(20) + b"000002500  ",
        b"T00002000002600".ljust(40),
    ]
    assert not list(department.folder.iterdir())
    # Rows that come later are in the file of the next day.
    hub.now += dt.timedelta(minutes=1)
    await hub.queue("A3")
    await hub.outbox.deliver()
    department.take()
    assert len(department.taken) == 1
    hub.now += dt.timedelta(days=1)
    await hub.outbox.deliver()
    department.take()
    assert department.taken[1][0] == "HUB_20261125_0002.txt"
    assert department.refs() == ["A1", "A2", "A3"]


async def test_a_file_is_made_at_once_when_many_rows_wait(
    department: Department, store: OutgoingStore
) -> None:
    hub = Hub(department.folder, store, rows=2)
    for ref in ("A1", "A2", "A3", "A4", "A5"):
        await hub.queue(ref)
    await hub.outbox.deliver()
    department.take()
    assert [name for name, _ in department.taken] == [
        "HUB_20261124_0001.txt",
        "HUB_20261124_0002.txt",
    ]
    assert department.refs() == ["A1", "A2", "A3", "A4"]


async def test_the_same_receipt_number_is_one_row_for_ever(
    hub: Hub, department: Department
) -> None:
    assert await hub.queue("A1")
    assert not await hub.queue("A1", fees="999")
    hub.now += dt.timedelta(days=1)
    await hub.outbox.deliver()
    assert not await hub.queue("A1")
    hub.now += dt.timedelta(days=1)
    await hub.outbox.deliver()
    department.take()
    assert department.refs() == ["A1"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"name": "क" * 7}, "name has 21 bytes, but its field has 20"),
        ({"fees": "ten"}, "fees is not a number"),
        ({"fees": "-5"}, "fees is not a whole number"),
        ({"phone": "1"}, "no column phone"),
    ],
)
async def test_a_row_that_does_not_fit_is_refused_before_it_is_stored(
    hub: Hub, store: OutgoingStore, values: dict[str, str], reason: str
) -> None:
    with pytest.raises(UnfitRowError, match=reason):
        await hub.queue("A1", **values)
    assert (await store.waiting("tested", "applications")).rows == 0


async def test_a_csv_file_has_a_header_and_a_control_sum_in_its_code_page(
    department: Department, store: OutgoingStore
) -> None:
    layout = {
        "columns": ["ref", "name", "fees"],
        "trailer": {"marker": "#END", "count": "2", "sum": "4", "sum_of": "fees"},
    }
    hub = Hub(department.folder, store, fixed=None, csv=layout, encoding="cp1252", line_end="crlf")
    await hub.queue("A1", name='José, "J"', fees="10.50")
    with pytest.raises(UnfitRowError, match="cp1252"):
        await hub.queue("A2")
    with pytest.raises(UnfitRowError, match="marker of the trailer"):
        await hub.queue("#END", name="x")
    hub.now += dt.timedelta(days=1)
    await hub.outbox.deliver()
    department.take()
    ((_, content),) = department.taken
    assert content.decode("cp1252").split("\r\n") == [
        "ref,name,fees",
        'A1,"José, ""J""",10.50',
        "#END,1,,10.50",
        "",
    ]


def crashes() -> Iterator[int]:
    """Yield the numbers of all steps of two files' delivery, with some to spare."""
    return iter(range(1, 60))


@pytest.mark.parametrize("takes", [True, False], ids=["taken", "left"])
async def test_a_process_that_ends_in_any_step_neither_loses_nor_doubles_a_row(
    tmp_path: Path, store: OutgoingStore, *, takes: bool
) -> None:
    """The department takes each file before the next process starts, or leaves it there."""
    completed = 0
    for crash_at in crashes():
        department = Department(tmp_path / f"in-{crash_at}")
        refs = [f"{crash_at}-{n}" for n in range(3)]
        steps = Steps(crash_at)
        first = Hub(department.folder, store, steps, rows=2)
        try:
            for ref in refs:
                await first.queue(ref)
            first.now += dt.timedelta(days=1)
            await first.outbox.deliver()
            completed += 1
        except CrashError:
            pass
        if takes:
            department.take()
        second = Hub(department.folder, store, rows=2)
        second.now = first.now
        # The durable core repeats what it has no answer to.
        for ref in refs:
            await second.queue(ref)
        second.now += dt.timedelta(days=1) + CLAIM
        await second.outbox.deliver()
        department.take()
        assert sorted(department.refs()) == refs, crash_at
        assert not list(department.folder.iterdir())
        assert len({name for name, _ in department.taken}) == len(department.taken) <= 3
    assert completed, "no run passed all steps: raise the number of steps"


async def test_two_processes_deliver_a_file_once(
    department: Department, store: OutgoingStore
) -> None:
    one, other = Hub(department.folder, store), Hub(department.folder, store)
    await one.queue("A1")
    one.now = other.now = NOON + dt.timedelta(days=1)

    class Stalled(LocalOutbox):
        async def write(self, name: str, content: bytes) -> None:
            await super().write(name, content)
            # Meanwhile another process takes the file over.
            other.now += CLAIM
            await other.outbox.deliver()
            department.take()

    one.outbox._folder = Stalled(department.folder)
    await one.outbox.deliver()
    department.take()
    assert department.refs() == ["A1"]
    assert not list(department.folder.iterdir())


async def test_a_name_that_is_taken_is_never_overwritten(hub: Hub, department: Department) -> None:
    """For example after the hub's database was restored from an old copy."""
    (department.folder / "HUB_20261125_0001.txt").write_bytes(b"not ours")
    await hub.queue("A1")
    hub.now += dt.timedelta(hours=9)
    hub.now = hub.now.replace(day=25)
    for _ in range(2):
        with pytest.raises(FolderUnreachableError, match="is there already"):
            await hub.outbox.deliver()
    (department.folder / "HUB_20261125_0001.txt").unlink()
    await hub.outbox.deliver()
    department.take()
    assert department.refs() == ["A1"]


async def test_a_folder_that_fails_delays_the_file(hub: Hub, department: Department) -> None:
    await hub.queue("A1")
    hub.now += dt.timedelta(days=1)
    department.folder.rmdir()
    with pytest.raises(FolderUnreachableError, match="can't be written"):
        await hub.outbox.deliver()
    department.folder.mkdir()
    hub.now += CLAIM
    await hub.outbox.deliver()
    department.take()
    assert department.refs() == ["A1"]


async def test_contents_are_deleted_when_the_department_has_them(
    hub: Hub, store: OutgoingStore
) -> None:
    await hub.queue("A1")
    hub.now += dt.timedelta(days=1)
    await store.seal("tested", "applications", 10, hub.now, str)
    assert b"A1" in (await store.rows("tested", "applications", 1))[0]
    await hub.outbox.deliver()
    contents: Sequence[bytes] = []
    with contextlib.suppress(RowStoreError):
        # The database has no content that it could decrypt.
        contents = await store.rows("tested", "applications", 1)
    assert b"".join(contents) == b""


def test_the_command_lists_files_to_departments_and_rows_that_wait(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    department = Department(tmp_path / "in")

    async def prepare() -> None:
        store = await open_store(url)
        hub = Hub(department.folder, KeptFiles(store, ContentCipher(bytes(32))).outgoing)
        for ref in ("A1", "A2"):
            await hub.queue(ref)
        hub.now += dt.timedelta(days=1)
        await hub.outbox.deliver()
        await hub.queue("A3")
        await store.close()

    asyncio.run(prepare())
    arguments = ["files", "--outgoing", "--database", url]
    listed = json.loads(CliRunner().invoke(cli, [*arguments, "tested", "--json"]).stdout)
    assert [(each["name"], each["state"], each["rows"]) for each in listed] == [
        ("", "waiting", 1),
        ("HUB_20261125_0001.txt", "delivered", 2),
    ]
    shown = CliRunner().invoke(cli, arguments).stdout
    assert "waiting" in shown
    assert "A3" not in shown
    assert CliRunner().invoke(cli, [*arguments, "other"]).exit_code == 0
