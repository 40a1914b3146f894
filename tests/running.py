"""Real mock departments and a real hub, each a process of its own, for tests to ask and to kill."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import httpx

DEPARTMENTS = ("registry", "pensions", "scholarships", "certificates", "helpdesk")
READY_SECONDS = 30


class Mock:
    """A mock department that can be killed and brought back on the same port."""

    def __init__(self, name: str, citizens: int) -> None:
        self.name = name
        self._arguments = [name, "--citizens", str(citizens)]
        self.url = self.control = ""
        self._start([*self._arguments, "--port", "0"])

    def _start(self, arguments: list[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mocks", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._end()
            raise RuntimeError(f"the mock {self.name} did not start; see stderr")
        told = json.loads(line)
        self.url, self.control = told["url"], told["control"]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2].partition("/")[0])

    def kill(self) -> None:
        self._process.kill()
        self._end()

    def revive(self) -> None:
        self._start([*self._arguments, "--port", str(self.port)])

    def stop(self) -> None:
        self._process.terminate()
        self._end()

    def _end(self) -> None:
        self._process.wait(READY_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def calls(self) -> dict[str, int]:
        reply = httpx.get(f"{self.control}/calls", trust_env=False)
        by_operation: dict[str, int] = reply.json()["by_operation"]
        return by_operation

    def forget_calls(self) -> None:
        httpx.delete(f"{self.control}/calls", trust_env=False)

    def misbehave(self, **faults: float) -> None:
        httpx.put(f"{self.control}/faults", json=faults, trust_env=False).raise_for_status()

    def behave(self) -> None:
        httpx.delete(f"{self.control}/faults", trust_env=False).raise_for_status()


class Hub:
    """`hub serve` over the given departments."""

    def __init__(self, mocks: Mapping[str, Mock], **environment: str) -> None:
        urls = {f"HUB_{name.upper()}_URL": mock.url for name, mock in mocks.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hub", "serve", "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **urls, **environment},
        )
        assert self._process.stderr is not None
        self.url = self._process.stderr.readline().strip().rpartition(" ")[2]
        self.client = httpx.Client(timeout=READY_SECONDS, trust_env=False)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        reply = self.client.post(self.url, json={"query": query, "variables": variables})
        response: dict[str, Any] = reply.json()
        return response

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that must be without errors."""
        response = self.ask(query, **variables)
        assert "errors" not in response, response["errors"]
        data: dict[str, Any] = response["data"]
        return data

    def stop(self) -> None:
        self.client.close()
        self._process.terminate()
        self._process.communicate(timeout=READY_SECONDS)
