"""The processes of a run: upstream, load generator, database and the two servers under test."""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import httpx
import orjson

from mocks.lab.hub_process import NO_BUDGETS, OPEN_POLICY
from tests.benchmarks.load import LoadJob, LoadResult
from tests.benchmarks.machine import OTHER_PROCESSOR, SERVER_PROCESSOR
from tests.benchmarks.postgres import Postgres
from tests.benchmarks.processes import BenchmarkError, MeasuredProcess
from tests.support.ids import ID_KEYS
from tests.support.sign_in import bearer, issuers_file

QUERY_SECONDS = 60
TOKEN_SECONDS = 6 * 3600


class Server:
    """One server under test.

    Args:
        name: `hub` or `plain`.
        process: its process.
        port: where it listens on 127.0.0.1.
        headers: headers of all requests.
    """

    def __init__(
        self, name: str, process: MeasuredProcess, port: int, headers: Mapping[str, str]
    ) -> None:
        self.name = name
        self.process = process
        self.port = port
        self._headers = headers

    def query(self, document: str) -> Any:
        """Return the `data` of the response.

        Raises:
            BenchmarkError: the response has errors.
        """
        reply = httpx.post(
            f"http://127.0.0.1:{self.port}/graphql",
            json={"query": document},
            headers=self._headers,
            timeout=QUERY_SECONDS,
            trust_env=False,
        )
        body = reply.json()
        if reply.status_code != 200 or "errors" in body:
            raise BenchmarkError(f"{self.name} returned an error: {reply.text[:2000]}")
        return body["data"]


class LoadGenerator:
    """A process that sends requests."""

    def __init__(self, process: MeasuredProcess) -> None:
        self._process = process
        process.first_line()

    def begin(self, job: LoadJob) -> None:
        """Begin a measurement."""
        self._process.input.write(orjson.dumps(asdict(job)) + b"\n")
        self._process.input.flush()

    def end(self) -> LoadResult:
        """Wait for the end of the measurement and return its result.

        Raises:
            BenchmarkError: a response was wrong.
            ProcessError: the load generator ended.
        """
        line = self._process.output.readline()
        if not line:
            raise self._process.failure("ended")
        result = LoadResult(**orjson.loads(line))
        if result.failure is not None:
            raise BenchmarkError(f"the measurement is void: {result.failure}")
        return result


class Testbed:
    """Starts what every measurement needs; stops it at the end of the `with` block."""

    def __init__(self) -> None:
        self._exits = ExitStack()
        # The plain server ignores the token.
        self._headers = bearer(exp=int(time.time()) + TOKEN_SECONDS)
        self._environment = {"BENCH_AUTHORIZATION": self._headers["Authorization"]}
        self._started = 0

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            self.folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            self._environment["HUB_ID_KEYS"] = ID_KEYS
            self._environment.update(NO_BUDGETS)
            self._environment["HUB_ISSUERS"] = str(issuers_file(self.folder))
            self._environment["HUB_POLICY"] = str(OPEN_POLICY)
            self._environment["HUB_DATABASE_URL"] = f"sqlite+aiosqlite:///{self.folder}/hub.db"
            upstream = exits.enter_context(self._start("upstream", "tests.benchmarks.upstream"))
            self._load = exits.enter_context(self._load_generator())
            self._upstream_url = self._environment["BENCH_UPSTREAM_URL"] = upstream.first_line()
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def _start(
        self,
        name: str,
        *arguments: str,
        processor: int | None = OTHER_PROCESSOR,
        settings: Mapping[str, str] | None = None,
    ) -> MeasuredProcess:
        self._started += 1
        return MeasuredProcess(
            f"{name}-{self._started}",
            *arguments,
            processor=processor,
            folder=self.folder,
            environment={**self._environment, **(settings or {})},
        )

    def start_database(self) -> None:
        """Start PostgreSQL if it is not running, for the servers that are started afterwards."""
        if "BENCH_DATABASE_URL" not in self._environment:
            postgres = self._exits.enter_context(Postgres())
            self._environment["BENCH_DATABASE_URL"] = postgres.url

    def new_folder(self, name: str) -> Path:
        """Create a folder that is removed at the end of the run."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    @contextlib.contextmanager
    def hub(self, departments: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
        """Run `hub serve` with these departments: one worker, all features on.

        Args:
            settings: further variables of its environment.
        """
        with self._hub_process(departments, settings) as process:
            yield self._server("hub", process, _hub_port(process))

    @contextlib.contextmanager
    def with_and_without_access(self, departments: Path) -> Iterator[tuple[Server, Server]]:
        """Run two hubs with these departments: all features on, and HUB_ACCESS=off."""
        database = f"sqlite+aiosqlite:///{self.folder}/without-access.db"
        settings = {"HUB_ACCESS": "off", "HUB_DATABASE_URL": database}
        with (
            self._hub_process(departments) as on,
            self._hub_process(departments, settings) as off,
        ):
            yield (
                self._server("access on", on, _hub_port(on)),
                self._server("access off", off, _hub_port(off)),
            )

    def _server(self, name: str, process: MeasuredProcess, port: int) -> Server:
        return Server(name, process, port, self._headers)

    @contextlib.contextmanager
    def both(self, departments: Path) -> Iterator[tuple[Server, Server]]:
        """Run the hub with these departments and the plain server, one worker each."""
        with (
            self._hub_process(departments) as hub,
            self._start("plain", "tests.benchmarks.plain", processor=SERVER_PROCESSOR) as plain,
        ):
            yield (
                self._server("hub", hub, _hub_port(hub)),
                self._server("plain", plain, int(plain.first_line())),
            )

    def _hub_process(
        self, departments: Path, settings: Mapping[str, str] | None = None
    ) -> MeasuredProcess:
        arguments = ("hub", "serve", "--port", "0", "--departments", str(departments))
        return self._start("hub", *arguments, processor=SERVER_PROCESSOR, settings=settings)

    def upstream_calls(self) -> int:
        """Return how many calls the upstream has answered."""
        return self._upstream_number("calls")

    def arrived(self) -> int:
        """Return how many submissions have arrived at the department, each copy counted."""
        return self._upstream_number("arrived")

    def _upstream_number(self, name: str) -> int:
        return int(httpx.get(f"{self._upstream_url}/{name}", trust_env=False).text)

    @contextlib.contextmanager
    def second_load(self) -> Iterator[LoadGenerator]:
        """Run a second load generator, which sends at the same time as the first."""
        with self._load_generator() as generator:
            yield generator

    @contextlib.contextmanager
    def _load_generator(self) -> Iterator[LoadGenerator]:
        with self._start("load", "tests.benchmarks.load") as process:
            yield LoadGenerator(process)

    def load(self, job: LoadJob) -> LoadResult:
        """Let the load generator do one measurement.

        Raises:
            BenchmarkError: a response was wrong.
            ProcessError: the load generator ended.
        """
        self._load.begin(job)
        return self._load.end()


def _hub_port(hub: MeasuredProcess) -> int:
    port = httpx.URL(hub.log_line("/graphql").rpartition(" ")[2]).port
    assert port is not None
    return port
