"""Mock departments with their adapters, and citizens of the population."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import LookUpReply, Rows
from adapters.manifest import find_departments, load_departments
from tests.support.processes import CITIZENS, Mock, stop_all, url_variable

Citizens = list[dict[str, Any]]


@contextmanager
def running(names: Sequence[str]) -> Iterator[dict[str, Mock]]:
    """Start mock departments with one population; yield them by name."""
    started: dict[str, Mock] = {}
    try:
        for name in names:
            started[name] = Mock(name)
        yield started
    finally:
        stop_all(started.values())


@asynccontextmanager
async def connected(mocks: Mapping[str, Mock]) -> AsyncIterator[dict[str, ManifestAdapter]]:
    """Build an adapter for each mock; yield them by name."""
    with pytest.MonkeyPatch.context() as patch:
        for name, mock in mocks.items():
            patch.setenv(url_variable(name), mock.url)
        manifests = load_departments(find_departments(None, tuple(mocks)))
    built = {m.file.department: build_adapter(m) for m in manifests}
    try:
        yield built
    finally:
        for adapter in built.values():
            await adapter.close()


def sampled(population: Mock, citizens: int = CITIZENS) -> Citizens:
    """Return the true data of this many citizens."""
    with httpx.Client(base_url=population.url, trust_env=False) as oracle:
        members = oracle.get("/population/sample", params={"n": citizens}).json()["memberIds"]
        return [oracle.get(f"/population/citizens/{member}").json() for member in members]


def true_applications(
    name: str, scheme: str, citizens: Citizens
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the true applications of a department.

    People with two numbers are left out: the true data do not show which number applied.

    Returns:
        By the person's number in the department, the applications by reference number.
    """
    return {
        citizen["links"][scheme][0]: {
            row["applicationReferenceNumber"]: row
            for row in citizen["applications"]
            if row["department"] == name
        }
        for citizen in citizens
        if len(citizen["links"].get(scheme, ())) == 1
    }


def rows_of(reply: LookUpReply, key: str) -> Rows:
    rows = reply.results[key]
    assert isinstance(rows, Rows)
    return rows
