"""Several processes on one database: identical requests, and the work of a killed process."""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from sqlalchemy import select

from hub.store import open_store
from hub.store.submission_tables import hub_process, submission, submission_task
from mocks.certificates.postgresql import SUPERUSER, start_postgresql
from mocks.databases.server import DatabaseServer
from tests.support.submissions import delivery_bench, new_submission

TAKE_OVER_SECONDS = 10.0
PATIENCE = 120.0

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[DatabaseServer]:
    started = start_postgresql(None)
    await started.wait_until_ready()
    yield started
    started.stop()


@dataclass
class Workers:
    """Hub processes on one database.

    Attributes:
        url: the database.
        file: what has arrived at the department.
    """

    url: str
    file: Path

    def start(self, *arguments: str) -> "Popen[str]":
        command = [sys.executable, "-m", "tests.durable.worker", self.url, str(self.file)]
        return Popen([*command, *arguments], stdout=PIPE, text=True)

    @contextmanager
    def delivering(self) -> Iterator["Popen[str]"]:
        process = self.start("deliver")
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()
            process.communicate()

    def arrived(self) -> Counter[str]:
        return Counter(self.file.read_text().split() if self.file.exists() else [])

    async def until_arrived(self, count: int) -> None:
        end = time.monotonic() + PATIENCE
        while len(self.arrived()) < count:
            assert time.monotonic() < end, f"{len(self.arrived())} of {count} arrived"
            await asyncio.sleep(0.05)


@pytest.fixture(params=["sqlite", "postgresql"])
async def workers(
    request: pytest.FixtureRequest, server: DatabaseServer, tmp_path: Path
) -> Workers:
    if request.param == "sqlite":
        return Workers(f"sqlite+aiosqlite:///{tmp_path}/hub.db", tmp_path / "arrived")
    name = f"hub{time.monotonic_ns()}"
    connection = await server.connect("postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    account = f"{SUPERUSER}:{server.password}"
    url = f"postgresql+asyncpg://{account}@/{name}?host={server.workspace}"
    return Workers(url, tmp_path / "arrived")


async def accept(workers: Workers, count: int, tmp_path: Path) -> list[str]:
    async with delivery_bench(tmp_path, url=workers.url) as bench:
        requests = [new_submission(str(number)) for number in range(count)]
        accepted = await asyncio.gather(*map(bench.submissions.accept, requests))
    return [each.receipt for each in accepted]


async def unfinished(workers: Workers) -> list[str]:
    store = await open_store(workers.url)
    try:
        async with store.engine.connect() as connection:
            tasks = (await connection.execute(select(submission_task.c.kind))).all()
            assert tasks == []
            open_ones = select(submission.c.receipt).where(submission.c.state != "ACKNOWLEDGED")
            return list((await connection.execute(open_ones)).scalars())
    finally:
        await store.close()


async def until_finished(workers: Workers) -> None:
    end = time.monotonic() + PATIENCE
    while waiting := await unfinished(workers):
        assert time.monotonic() < end, waiting
        await asyncio.sleep(0.3)


async def until_alone(workers: Workers) -> None:
    """Wait until nothing of the dead processes is left to take over."""
    store = await open_store(workers.url)
    end = time.monotonic() + PATIENCE
    count = 0
    while count != 1:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
        async with store.engine.connect() as connection:
            count = len((await connection.execute(select(hub_process.c.process_id))).all())
    await store.close()


async def test_identical_requests_at_two_processes_make_one_submission(workers: Workers) -> None:
    processes = [workers.start("accept", "5") for _ in range(2)]
    outputs = [process.communicate(timeout=PATIENCE)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    one, other = (set(output) - {"ready"} for output in outputs)
    assert one == other
    assert len(one) == 5


async def test_a_peer_takes_over_the_work_of_a_killed_process(
    workers: Workers, tmp_path: Path
) -> None:
    receipts = await accept(workers, 60, tmp_path)
    with workers.delivering() as first:
        await workers.until_arrived(5)
        with workers.delivering():
            await workers.until_arrived(15)
            os.kill(first.pid, signal.SIGKILL)
            killed = time.monotonic()
            await until_alone(workers)
            took = time.monotonic() - killed
            await until_finished(workers)
    assert workers.arrived() == Counter(receipts)
    assert took < TAKE_OVER_SECONDS


async def test_nothing_is_lost_or_doubled_when_processes_are_killed_again_and_again(
    workers: Workers, tmp_path: Path
) -> None:
    receipts = await accept(workers, 40, tmp_path)
    for kill in range(4):
        with workers.delivering() as process:
            await workers.until_arrived(min(len(workers.arrived()) + 1 + 3 * kill, len(receipts)))
            os.kill(process.pid, signal.SIGKILL)
    with workers.delivering():
        await until_finished(workers)
    assert workers.arrived() == Counter(receipts)


async def test_a_process_that_ends_orderly_leaves_nothing_behind(
    workers: Workers, tmp_path: Path
) -> None:
    (receipt,) = await accept(workers, 1, tmp_path)
    process = workers.start("accept", "1")
    output = process.communicate(timeout=PATIENCE)[0].split()
    assert output == ["ready", receipt]
    with workers.delivering():
        await until_finished(workers)
        await asyncio.sleep(2.5)
        store = await open_store(workers.url)
        async with store.engine.connect() as connection:
            rows = (await connection.execute(select(hub_process.c.renewed_us))).all()
        await store.close()
    assert len(rows) == 1
