"""The operations of a portal in `tests/cases/portal`, each with its answer and its calls.

Beside `NAME.graphql` is `NAME.json` with the keys `variables`, `calls` (operations of the
departments' interfaces, counted by the mocks), `after` (cases that run before it) and `data`.
"""

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mocks.options import DEFAULT_PORTS, NOT_DEPARTMENTS
from tests.support.processes import PROJECT, Hub, Mock

FOLDER = PROJECT / "tests/cases/portal"
NAMES = sorted(path.stem for path in FOLDER.glob("*.graphql"))
CHANGING = {
    *("id", "cursor", "startCursor", "endCursor", "correlationId", "asOf", "expiresDatetime"),
    *("url", "verificationUrl", "isOverdue", "daysLeft"),
}
"""Fields whose values depend on the day, the time, the hub's address or its keys."""
UNCOUNTED = {"doLogin", "POST /oauth/token", "read"}
"""Logins, which serve many operations, and the files that the hub reads in the background."""
CHANGING_IN_RECORDS = {"calledDatetime", "respondedDatetime"}
"""The same, of access records only."""


@dataclass(frozen=True)
class PortalCase:
    """One operation of a portal.

    Attributes:
        name: name of the case, for example `home`.
        document: the operation, with its fragments.
        expected: the file beside it.
    """

    name: str
    document: str
    expected: Mapping[str, Any]

    @property
    def variables(self) -> dict[str, Any]:
        found: dict[str, Any] = self.expected["variables"]
        return found

    @property
    def after(self) -> list[str]:
        """Names of the cases that must run before this one."""
        found: list[str] = self.expected.get("after", [])
        return found

    @property
    def operation(self) -> str:
        """Name of the operation, for example `HomeQuery`."""
        found = re.search(r"query (\w+)", self.document)
        assert found is not None
        return found[1]


def start_departments() -> dict[str, Mock]:
    """Start all mock departments of the demo, several at a time."""
    names = [name for name in DEFAULT_PORTS if name not in NOT_DEPARTMENTS]
    with ThreadPoolExecutor(4) as threads:
        return dict(zip(names, threads.map(Mock, names), strict=True))


def load(name: str) -> PortalCase:
    document = (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")
    return PortalCase(name, document, json.loads(file_of(name).read_text(encoding="utf-8")))


def file_of(name: str) -> Path:
    """Return the file with the answer of a case."""
    return FOLDER / f"{name}.json"


def run(case: PortalCase, hub: Hub, mocks: Mapping[str, Mock]) -> dict[str, Any]:
    """Run the operation. Return the calls and the answer, as in the file of the case."""
    for earlier in map(load, case.after):
        hub.data(earlier.document, **earlier.variables)
    # A department that allows one session per user makes the hub log in and call again, once.
    hub.data(case.document, **case.variables)
    for mock in mocks.values():
        mock.clear_calls()
    data = hub.data(case.document, **case.variables)
    calls = {
        name: {call: count for call, count in mock.calls().items() if call not in UNCOUNTED}
        for name, mock in sorted(mocks.items())
    }
    return {
        "calls": {name: counts for name, counts in calls.items() if counts},
        "data": stable(data),
    }


def stable(value: Any) -> Any:
    """Return an answer with the names of fields instead of values that change."""
    if isinstance(value, list):
        return [stable(each) for each in value]
    if not isinstance(value, dict):
        return value
    changing = CHANGING | CHANGING_IN_RECORDS if "capabilityLabel" in value else CHANGING
    return {
        key: f"<{key}>" if key in changing and each is not None else stable(each)
        for key, each in value.items()
    }


def write(case: PortalCase, found: Mapping[str, Any]) -> None:
    """Write the calls and the answer into the file of the case."""
    text = json.dumps({**case.expected, **found}, ensure_ascii=False, indent=2)
    file_of(case.name).write_text(text + "\n", encoding="utf-8")
