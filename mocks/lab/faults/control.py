"""Client of a mock's control API: its faults and its call counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from mocks.lab.console import LabError
from mocks.lab.mock_processes import check_names
from mocks.options import CONTROL_PORTS, DEFAULT_PORTS, NOT_DEPARTMENTS

SECONDS = 5.0
DEPARTMENTS = tuple(name for name in DEFAULT_PORTS if name not in NOT_DEPARTMENTS)


class MockAbsentError(LabError):
    """No mock answers at its control URL."""


@dataclass(frozen=True, slots=True)
class MockControl:
    """The control API of one mock.

    Every method raises `MockAbsentError` if the mock does not answer.

    Attributes:
        name: name of the mock.
        url: URL of the control API, such as `http://127.0.0.1:9102/_mock`.
    """

    name: str
    url: str

    def faults(self) -> dict[str, Any]:
        """Return `{"active": {NAME: amount}, "seconds_left", "supported"}`.

        `supported` is `{NAME: {"takes": type of the amount, "does": description}}`.
        """
        return self._request("GET", "faults")

    def set_faults(self, settings: Mapping[str, float]) -> dict[str, Any]:
        """Switch these faults on and all others off.

        Raises:
            LabError: if the mock refuses.
        """
        return self._request("PUT", "faults", settings)

    def clear_faults(self) -> None:
        self._request("DELETE", "faults")

    def calls(self) -> dict[str, Any]:
        """Return `{"total", "by_operation", "in_flight", "most_in_flight"}`."""
        return self._request("GET", "calls")

    def reset_calls(self) -> None:
        self._request("DELETE", "calls")

    def _request(
        self, method: str, resource: str, content: Mapping[str, float] | None = None
    ) -> dict[str, Any]:
        try:
            with httpx.Client(trust_env=False, timeout=SECONDS) as client:
                reply = client.request(method, f"{self.url}/{resource}", json=content)
                body = reply.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise MockAbsentError(
                f"no mock {self.name!r} answers on {self.url}. Start it with `hub mocks`, or give "
                f"its address with --control {self.name}=URL."
            ) from None
        if reply.is_error:
            raise LabError(f"{self.name}: {body.get('message', 'the mock refused the request')}")
        return dict(body)


def find_controls(names: Sequence[str], options: Sequence[str]) -> list[MockControl]:
    """Return the control APIs of mocks, on their default ports or as the options say.

    Args:
        names: mocks; all departments if empty.
        options: control URLs, such as `pensions=http://127.0.0.1:9202/_mock`.

    Raises:
        LabError: if a name is unknown or an option has another form.
    """
    check_names(names)
    urls: dict[str, str] = {}
    for option in options:
        name, _, url = option.partition("=")
        check_names([name])
        if not url.startswith(("http://", "https://")):
            raise LabError(f"--control {option}: write it as {name}=http://127.0.0.1:9202/_mock.")
        urls[name] = url.rstrip("/")
    ports = {**DEFAULT_PORTS, **CONTROL_PORTS}
    return [
        MockControl(name, urls.get(name, f"http://127.0.0.1:{ports[name]}/_mock"))
        for name in dict.fromkeys(names or DEPARTMENTS)
    ]
