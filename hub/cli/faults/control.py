"""A mock's control API: its fault switches and its call counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from hub.cli.failures import CliError
from hub.cli.mock_processes import MOCK_PORTS, check_names

SECONDS = 5.0
DEPARTMENTS = tuple(name for name in MOCK_PORTS if name != "population")
# Databases and files speak no HTTP, so their mocks are controlled on ports of their own.
CONTROL_PORTS = {
    **MOCK_PORTS,
    "certificates": 9119,
    "civil-registration": 9120,
    "post-matric": 9121,
    "employment": 9122,
}


class MockAbsentError(CliError):
    """No mock answers where this one should be."""


@dataclass(frozen=True, slots=True)
class MockControl:
    """The switchboard of one mock.

    Attributes:
        name: which mock.
        url: its control API, as `http://127.0.0.1:9102/_mock`.
    """

    name: str
    url: str

    def faults(self) -> dict[str, Any]:
        """`{"active": {NAME: amount}, "seconds_left", "supported": {NAME: {"takes", "does"}}}`."""
        return self._call("GET", "faults")

    def set_faults(self, settings: Mapping[str, float]) -> dict[str, Any]:
        """Switches these on and all others off; raises `CliError` when the mock refuses."""
        return self._call("PUT", "faults", settings)

    def clear_faults(self) -> None:
        self._call("DELETE", "faults")

    def calls(self) -> dict[str, Any]:
        """`{"total", "by_operation", "in_flight", "most_in_flight"}`."""
        return self._call("GET", "calls")

    def forget_calls(self) -> None:
        self._call("DELETE", "calls")

    def _call(
        self, method: str, what: str, content: Mapping[str, float] | None = None
    ) -> dict[str, Any]:
        try:
            with httpx.Client(trust_env=False, timeout=SECONDS) as client:
                reply = client.request(method, f"{self.url}/{what}", json=content)
                told = reply.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise MockAbsentError(
                f"no mock {self.name!r} answers on {self.url}; start it with `hub mocks`, or say "
                f"where it is with --control {self.name}=URL."
            ) from None
        if reply.is_error:
            raise CliError(f"{self.name}: {told.get('message', 'the mock refused')}")
        return dict(told)


def find_controls(names: Sequence[str], given: Sequence[str]) -> list[MockControl]:
    """The mocks named (all departments when none is), at `given` addresses or default ports.

    Args:
        names: which mocks.
        given: addresses as `pensions=http://127.0.0.1:9202/_mock`.
    """
    check_names(names)
    urls: dict[str, str] = {}
    for each in given:
        name, _, url = each.partition("=")
        check_names([name])
        if not url.startswith(("http://", "https://")):
            raise CliError(f"--control {each}: write it as {name}=http://127.0.0.1:9202/_mock.")
        urls[name] = url.rstrip("/")
    return [
        MockControl(name, urls.get(name, f"http://127.0.0.1:{CONTROL_PORTS[name]}/_mock"))
        for name in dict.fromkeys(names or DEPARTMENTS)
    ]
