"""Real mock departments and a real hub, each a process of its own, for tests to ask and to kill."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.mocks.running import RunningMock

DEPARTMENTS = ("registry", "pensions", "scholarships", "certificates", "helpdesk")
READY_SECONDS = 30
ADMIN_TOKEN = "made-up-token"


def variable_of(department: str) -> str:
    """The environment variable that has the department's address."""
    return f"HUB_{department.upper().replace('-', '_')}_URL"


class Mock:
    """A mock department that can be killed and brought back on the same port."""

    def __init__(self, name: str, citizens: int, *arguments: str) -> None:
        self.name = name
        self._arguments = ["--citizens", str(citizens), *arguments]
        self._running = RunningMock(name, *self._arguments)

    @property
    def url(self) -> str:
        return self._running.url

    @property
    def control(self) -> str:
        control: str = self._running.ready["control"]
        return control

    def kill(self) -> None:
        self._running.stop(signal.SIGKILL)

    def revive(self) -> None:
        port = self.url.rpartition(":")[2].partition("/")[0]
        self._running = RunningMock(self.name, *self._arguments, "--port", port)

    def stop(self) -> None:
        self._running.stop()

    def calls(self) -> dict[str, int]:
        return self._running.calls()

    def most_calls_at_once(self) -> int:
        """Since the calls were forgotten."""
        told: dict[str, int] = self._running.control.get("calls").json()
        return told["most_in_flight"]

    def forget_calls(self) -> None:
        self._running.control.delete("calls").raise_for_status()

    def misbehave(self, **faults: float) -> None:
        self._running.set_faults(**faults).raise_for_status()

    def behave(self) -> None:
        self._running.control.delete("faults").raise_for_status()


class Hub:
    """`hub serve` over the given departments; its database lasts as long as it does."""

    def __init__(self, mocks: Mapping[str, Mock], **environment: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hub-")
        database = f"sqlite+aiosqlite:///{self._folder.name}/hub.db"
        urls = {variable_of(name): mock.url for name, mock in mocks.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hub", "serve", "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "HUB_ADMIN_TOKEN": ADMIN_TOKEN,
                "HUB_DATABASE_URL": database,
                "HUB_ONLY_DEPARTMENTS": ",".join(mocks),
                **urls,
                **environment,
            },
        )
        assert self._process.stderr is not None
        self.url = self._process.stderr.readline().strip().rpartition(" ")[2]
        self.client = httpx.Client(timeout=READY_SECONDS, trust_env=False)
        self.departments = list(mocks)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        reply = self.client.post(self.url, json={"query": query, "variables": variables})
        response: dict[str, Any] = reply.json()
        return response

    def administrate(self, mutation: str, **variables: Any) -> dict[str, Any]:
        """The response to an administrator."""
        reply = self.client.post(
            self.url,
            json={"query": mutation, "variables": variables},
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}"},
        )
        response: dict[str, Any] = reply.json()
        return response

    def reopen(self) -> None:
        """Has every department asked again at once, however often it has failed."""
        for name in self.departments:
            self.administrate(
                "mutation ($name: ID!) { resumeDepartment(department: $name) { __typename } }",
                name=name,
            )

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that must be without errors."""
        response = self.ask(query, **variables)
        assert "errors" not in response, response["errors"]
        data: dict[str, Any] = response["data"]
        return data

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples of this name that have these labels."""
        text = self.get("metrics").text
        samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
        return sum(
            s.value for s in samples if s.name == name and labels.items() <= s.labels.items()
        )

    def get(self, path: str) -> httpx.Response:
        """What it answers beside `/graphql`."""
        return self.client.get(self.url.replace("graphql", path))

    @property
    def process_id(self) -> int:
        return self._process.pid

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def exit_code(self, seconds: float) -> int:
        """Waits for its end."""
        return self._process.wait(seconds)

    def stop(self) -> None:
        self.client.close()
        self._process.terminate()
        self._process.communicate(timeout=READY_SECONDS)
        self._folder.cleanup()


def wait_until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Looks again and again; fails when it does not come true in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "what is waited for did not happen"
        time.sleep(0.01)
