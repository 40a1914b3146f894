"""The stage of a run: upstream, load generator and database; and the two servers under test."""

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import httpx
import orjson

from tests.benchmarks.load import LoadJob, LoadResult
from tests.benchmarks.machine import OTHER_PROCESSOR, SERVER_PROCESSOR
from tests.benchmarks.postgres import Postgres
from tests.benchmarks.processes import BenchmarkError, MeasuredProcess

ASK_SECONDS = 60


class Server:
    """One server under test."""

    def __init__(self, name: str, child: MeasuredProcess, port: int) -> None:
        self.name = name
        self.child = child
        self.port = port

    def ask(self, document: str) -> Any:
        """The `data` of the answer; an answer with errors ends the run."""
        reply = httpx.post(
            f"http://127.0.0.1:{self.port}/graphql",
            json={"query": document},
            timeout=ASK_SECONDS,
            trust_env=False,
        )
        body = reply.json()
        if reply.status_code != 200 or "errors" in body:
            raise BenchmarkError(f"{self.name} answers: {reply.text[:2000]}")
        return body["data"]


class Stage:
    """Starts what every measurement needs, and ends it with the `with` block."""

    def __init__(self) -> None:
        self._exits = ExitStack()
        self._environment: dict[str, str] = {}
        self._started = 0

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            self.folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            self._environment["HUB_DATABASE_URL"] = f"sqlite+aiosqlite:///{self.folder}/hub.db"
            upstream = exits.enter_context(self._child("upstream", "tests.benchmarks.upstream"))
            self._load = exits.enter_context(self._child("load", "tests.benchmarks.load"))
            self._load.first_line()
            self._upstream_url = self._environment["BENCH_UPSTREAM_URL"] = upstream.first_line()
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def _child(
        self, name: str, *arguments: str, processor: int | None = OTHER_PROCESSOR
    ) -> MeasuredProcess:
        self._started += 1
        return MeasuredProcess(
            f"{name}-{self._started}",
            *arguments,
            processor=processor,
            folder=self.folder,
            environment=self._environment,
        )

    def start_database(self) -> None:
        """Starts PostgreSQL if it is not running; servers started after this can ask it."""
        if "BENCH_DATABASE_URL" not in self._environment:
            postgres = self._exits.enter_context(Postgres())
            self._environment["BENCH_DATABASE_URL"] = postgres.url

    def new_folder(self, name: str) -> Path:
        """A path for a new folder that is removed in the end."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    @contextlib.contextmanager
    def hub(self, departments: Path) -> Iterator[Server]:
        """`hub serve` over these departments: one worker, everything on."""
        with self._hub_process(departments) as child:
            yield Server("hub", child, _hub_port(child))

    @contextlib.contextmanager
    def both(self, departments: Path) -> Iterator[tuple[Server, Server]]:
        """The hub over these departments, and the plain strawberry server; one worker each."""
        with (
            self._hub_process(departments) as hub,
            self._child("plain", "tests.benchmarks.plain", processor=SERVER_PROCESSOR) as plain,
        ):
            yield (
                Server("hub", hub, _hub_port(hub)),
                Server("plain", plain, int(plain.first_line())),
            )

    def _hub_process(self, departments: Path) -> MeasuredProcess:
        arguments = ("hub", "serve", "--port", "0", "--departments", str(departments))
        return self._child("hub", *arguments, processor=SERVER_PROCESSOR)

    def upstream_calls(self) -> int:
        """Calls that the upstream has answered so far."""
        return int(httpx.get(f"{self._upstream_url}/calls", trust_env=False).text)

    def load(self, job: LoadJob) -> LoadResult:
        """Has the load generator do one measurement."""
        self._load.input.write(orjson.dumps(asdict(job)) + b"\n")
        self._load.input.flush()
        line = self._load.output.readline()
        if not line:
            raise self._load.failure("ended")
        result = LoadResult(**orjson.loads(line))
        if result.failure is not None:
            raise BenchmarkError(f"the measurement is void: {result.failure}")
        return result


def _hub_port(hub: MeasuredProcess) -> int:
    port = httpx.URL(hub.log_line("/graphql").rpartition(" ")[2]).port
    assert port is not None
    return port
