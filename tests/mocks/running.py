"""A mock as a real process, as an operator would start it."""

import json
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

PROJECT = Path(__file__).parents[2]
CITIZENS = 600
START_SECONDS = 20.0


def mock_command(name: str, *arguments: str) -> list[str]:
    """`python -m mocks NAME` with these arguments."""
    return [sys.executable, "-m", "mocks", name, *arguments]


class RunningMock:
    """Starts on a free port and waits for the line that says ready."""

    def __init__(self, name: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            mock_command(
                name, "--port", "0", "--control-port", "0", "--citizens", str(CITIZENS), *arguments
            ),
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.process.kill()
            _, errors = self.process.communicate()
            raise AssertionError(f"mock {name} did not start: {errors}")
        self.ready: dict[str, Any] = json.loads(line)
        self.url: str = self.ready["url"]
        self.control = httpx.Client(base_url=f"{self.ready['control']}/", trust_env=False)
        self.http = httpx.Client(
            base_url=self.url if self.url.startswith("http") else self.ready["control"],
            timeout=5,
            trust_env=False,
        )

    def set_faults(self, **faults: float) -> httpx.Response:
        """Switches these faults on and all others off."""
        return self.control.put("faults", json=faults)

    def clear(self) -> None:
        """No faults, no calls."""
        self.control.delete("faults")
        self.control.delete("calls")

    def calls(self) -> dict[str, int]:
        """Calls by operation."""
        by_operation: dict[str, int] = self.control.get("calls").json()["by_operation"]
        return by_operation

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit status, the rest of standard output, standard error."""
        self.control.close()
        self.http.close()
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=8)
        return self.process.returncode, output, errors
