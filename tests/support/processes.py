"""Processes that tests start and stop: mock departments, the hub, servers of the benchmark."""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

import httpx
from prometheus_client.parser import text_string_to_metric_families

from mocks.lab.hub_process import NO_BUDGETS, OPEN_POLICY
from tests.support.ids import ID_KEYS
from tests.support.personal_numbers import hidden_texts
from tests.support.sign_in import issuers_file, token

PROJECT = Path(__file__).parents[2]
DEPARTMENTS = ("registry", "pensions", "scholarships", "certificates", "helpdesk")
"""The departments of most tests."""
CITIZENS = 600
"""Size of the mocks' population in most tests."""
ADMIN_TOKEN = "made-up-token"
START_SECONDS = 30.0
STOP_SECONDS = 8.0


def module_command(*arguments: str) -> list[str]:
    """Return the command `python -m ARGUMENTS`."""
    return [sys.executable, "-m", *arguments]


class ProcessError(Exception):
    """A process did not start, or ended too early. The message contains its log."""


class Ended(NamedTuple):
    """How a process ended.

    Attributes:
        status: exit status; minus the signal's number if a signal ended it.
        output: standard output that nobody had read.
        errors: all of standard error.
    """

    status: int
    output: str
    errors: str


class ChildProcess:
    """A process `python -m ARGUMENTS`, stopped at the end of the `with` block.

    Its standard error goes to a file, so a process that logs much never blocks.

    Args:
        name: name for error messages.
        arguments: the module to run, and its arguments.
        environment: the process's environment variables; by default those of this process.
        folder: working directory.
        own_session: protect the process from the terminal's Ctrl+C.
    """

    def __init__(
        self,
        name: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        folder: Path = PROJECT,
        own_session: bool = False,
    ) -> None:
        self.name = name
        self._ended: Ended | None = None
        self._sent: int | None = None
        self._log = tempfile.NamedTemporaryFile("w+b", prefix=f"{name}-", suffix=".log")  # noqa: SIM115
        self.process = subprocess.Popen(
            module_command(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=folder,
            env=environment,
            start_new_session=own_session,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def input(self) -> IO[bytes]:
        """Standard input of the process."""
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def output(self) -> IO[bytes]:
        """Standard output of the process."""
        assert self.process.stdout is not None
        return self.process.stdout

    def first_line(self) -> str:
        """Wait for the first line on standard output and return it.

        Raises:
            ProcessError: if there is none within `START_SECONDS`.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            ready = selector.select(START_SECONDS)
        line = self.output.readline().decode().strip() if ready else ""
        if not line:
            raise self.failure("did not start")
        return line

    def log_line(self, text: str) -> str:
        """Wait for the first line on standard error that contains `text` and return it.

        Raises:
            ProcessError: if there is none within `START_SECONDS`.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            has_ended = self.process.poll() is not None
            for line in self.log().splitlines(keepends=True):
                if text in line and line.endswith("\n"):
                    return line.strip()
            if has_ended:
                break
            time.sleep(0.02)
        raise self.failure("did not start")

    def log(self) -> str:
        """Return standard error so far; after the end, all of it."""
        if self._ended is not None:
            return self._ended.errors
        return Path(self._log.name).read_text(errors="replace")

    def failure(self, what: str) -> ProcessError:
        """End the process and return the error to raise, with the end of the log."""
        log = self.stop(signal.SIGKILL).errors
        return ProcessError(f"{self.name} {what}: {log.strip()[-2000:] or 'its log is empty'}")

    def send(self, number: int) -> None:
        """Send a signal, unless it was the last one that was sent."""
        if number != self._sent:
            self._sent = number
            self.process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> Ended:
        """Send a signal and wait for the end; kill the process after `STOP_SECONDS`."""
        if self._ended is not None:
            return self._ended
        self.send(number)
        try:
            output, _ = self.process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, _ = self.process.communicate()
        self._ended = Ended(self.process.returncode, output.decode(errors="replace"), self.log())
        self._log.close()
        return self._ended


class Mock:
    """A mock department that can be killed and started again on the same port.

    Attributes:
        name: the department.
        ready: the JSON object that the mock prints when it is ready.
        url: the address that the hub calls; for example of a database or a folder.
        control: HTTP client of its fault switches and its record of calls.
        http: HTTP client of the department itself, if it has an HTTP interface.
    """

    def __init__(self, name: str, *arguments: str, citizens: int = CITIZENS) -> None:
        self.name = name
        self._arguments = ("--citizens", str(citizens), *arguments)
        self._start("--port", "0")

    def _start(self, *port: str) -> None:
        self._child = ChildProcess(
            f"mock-{self.name}",
            *("mocks", self.name, *port, "--control-port", "0", *self._arguments),
        )
        self.ready: dict[str, Any] = json.loads(self._child.first_line())
        self.url: str = self.ready["url"]
        self.control = httpx.Client(base_url=f"{self.ready['control']}/", trust_env=False)
        self.http = httpx.Client(
            base_url=self.url if self.url.startswith("http") else self.ready["control"],
            timeout=5,
            trust_env=False,
        )

    def kill(self) -> None:
        """End the process without letting it finish anything."""
        self.stop(signal.SIGKILL)

    def revive(self) -> None:
        """Start a killed mock again on the same port."""
        port = self.url.rpartition(":")[2].partition("/")[0]
        self._start("--port", port)

    def stop(self, number: int = signal.SIGTERM) -> Ended:
        self.control.close()
        self.http.close()
        return self._child.stop(number)

    def end_soon(self) -> None:
        """Ask the process to end, without waiting for it."""
        self._child.send(signal.SIGTERM)

    def set_faults(self, **faults: float) -> httpx.Response:
        """Switch these faults on and all others off."""
        return self.control.put("faults", json=faults).raise_for_status()

    def clear_faults(self) -> None:
        self.control.delete("faults").raise_for_status()

    def clear_calls(self) -> None:
        """Reset the record of calls."""
        self.control.delete("calls").raise_for_status()

    def clear(self) -> None:
        """Switch all faults off, and forget calls and submissions."""
        self.clear_faults()
        self.clear_calls()
        self.forget_submissions()

    def forget_submissions(self) -> None:
        """Forget what was submitted, if the department receives anything."""
        self.control.delete("submissions")

    def submissions(self) -> list[dict[str, Any]]:
        """Return what the department has received, one entry for each reference of the hub."""
        received: list[dict[str, Any]] = self.control.get("submissions").json()
        return received

    def advance(self, duration: str) -> None:
        """Advance the department's simulated clock, for example by `3d`."""
        self.control.post("clock", json={"advance": duration}).raise_for_status()

    def calls(self) -> dict[str, int]:
        """Return the number of calls by operation."""
        by_operation: dict[str, int] = self.control.get("calls").json()["by_operation"]
        return by_operation

    def most_calls_at_once(self) -> int:
        """Return how many calls ran at once, at most, since the record was reset."""
        record: dict[str, int] = self.control.get("calls").json()
        return record["most_in_flight"]


def stop_all(mocks: Iterable[Mock]) -> None:
    """Stop mocks together, so that the waits for their ends do not add up."""
    stopping = list(mocks)
    for mock in stopping:
        mock.end_soon()
    for mock in stopping:
        mock.stop()


def url_variable(department: str) -> str:
    """Return the environment variable that holds the department's address."""
    return f"HUB_{department.upper().replace('-', '_')}_URL"


def is_of_delivery(setting: str) -> bool:
    return setting.startswith("HUB_DELIVERY")


class Hub:
    """`hub serve` over the given mocks, with a database of its own.

    Everybody may read everything (`OPEN_POLICY`), except where a test says otherwise. Submissions
    are delivered only if the test sets how (`HUB_DELIVERY…`): queues cost an idle hub some time.

    Attributes:
        url: address of `/graphql`.
        client: HTTP client for requests that the other methods do not cover.
        departments: names of the departments.
        hidden: ids, cursors and errors in the answers, which must not contain personal numbers.
        left: after the end, the last metrics and the content of each file of its databases.
    """

    def __init__(self, mocks: Mapping[str, Mock], **environment: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hub-")
        self._child = ChildProcess(
            "hub",
            *("hub", "serve", "--port", "0"),
            environment={
                **os.environ,
                "HUB_ADMIN_TOKEN": ADMIN_TOKEN,
                "HUB_ID_KEYS": ID_KEYS,
                "HUB_DATABASE_URL": f"sqlite+aiosqlite:///{self._folder.name}/hub.db",
                "HUB_ISSUERS": str(issuers_file(Path(self._folder.name))),
                "HUB_POLICY": str(OPEN_POLICY),
                **NO_BUDGETS,
                "HUB_DELIVERY": "on" if any(map(is_of_delivery, environment)) else "off",
                "HUB_ONLY_DEPARTMENTS": ",".join(mocks),
                **{url_variable(name): mock.url for name, mock in mocks.items()},
                **environment,
            },
        )
        self.url = self._child.log_line("/graphql").rpartition(" ")[2]
        self.client = httpx.Client(timeout=START_SECONDS, trust_env=False)
        self.departments = list(mocks)
        self.hidden: set[str] = set()
        self.left: dict[str, bytes] = {}
        self._citizen = token()

    def query(
        self,
        document: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **variables: Any,
    ) -> dict[str, Any]:
        """Return the response to an operation.

        Args:
            document: the operation.
            token: token of `tests.support.sign_in`. If None, the citizen of that module is signed
                in; if empty, nobody.
            headers: further headers, for example `Hub-Purpose`.
            variables: its variables.
        """
        token = self._citizen if token is None else token
        signed_in = {"Authorization": f"Bearer {token}"} if token else {}
        reply = self.client.post(
            self.url,
            json={"query": document, "variables": variables},
            headers={**signed_in, **(headers or {})},
        )
        response: dict[str, Any] = reply.json()
        self.hidden.update(hidden_texts(response))
        return response

    def administrate(self, mutation: str, **variables: Any) -> dict[str, Any]:
        """Return the response to an operation of an administrator."""
        reply = self.client.post(
            self.url,
            json={"query": mutation, "variables": variables},
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}"},
        )
        response: dict[str, Any] = reply.json()
        return response

    def reopen(self) -> None:
        """Close every department's breaker, so that each is called again at once."""
        for name in self.departments:
            self.administrate(
                "mutation ($name: ID!) { resumeDepartment(department: $name) { __typename } }",
                name=name,
            )

    def data(self, document: str, **variables: Any) -> dict[str, Any]:
        """Return the data of a response that must have no errors."""
        response = self.query(document, **variables)
        assert "errors" not in response, response["errors"]
        data: dict[str, Any] = response["data"]
        return data

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of the samples with this name and at least these labels."""
        text = self.get("metrics").text
        samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
        return sum(
            s.value for s in samples if s.name == name and labels.items() <= s.labels.items()
        )

    def get(self, path: str) -> httpx.Response:
        """Get a path beside `/graphql`."""
        return self.client.get(self.url.replace("graphql", path))

    @property
    def process_id(self) -> int:
        return self._child.process.pid

    def signal(self, number: int) -> None:
        self._child.process.send_signal(number)

    def exit_code(self, seconds: float) -> int:
        """Wait for the end of the process, at most `seconds`, and return its exit status."""
        return self._child.process.wait(seconds)

    def stop(self) -> None:
        self.client.close()
        self._child.stop()
        self.left |= {
            str(file): file.read_bytes()
            for file in Path(self._folder.name).rglob("*")
            if file.is_file()
        }
        self._folder.cleanup()

    def log(self) -> str:
        """Return what the hub has logged so far; after its stop, all of it."""
        return self._child.log()


def wait_until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Return as soon as the condition is true; fail if it is not true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not true within {seconds} seconds"
        time.sleep(0.01)
