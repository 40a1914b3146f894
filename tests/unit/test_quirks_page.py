"""docs/quirks.md names existing tests, and mocks with their actual fault switches."""

import ast
import importlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from mocks.civil_registration.session import MARIADB_FAULTS
from mocks.databases.proxy import WRITE_FAULTS as DATABASE_WRITE_FAULTS
from mocks.deliveries import DELIVERY_FAULTS
from mocks.department import MockDepartment
from mocks.faults import DATABASE_FAULTS, WRITE_FAULTS
from mocks.faults.catalogue import QUIRKS
from mocks.faults.pages import PAGE_FAULTS
from mocks.options import CONTROL_PORTS, DEFAULT_PORTS, NOT_DEPARTMENTS
from mocks.population import Population
from mocks.security_profiles import profiles_of
from mocks.security_profiles import switches_of as switches_of_profiles

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "quirks.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if re.match(r"\| (\d+|[a-i]|X-Road) \|", line)
]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", PAGE)))
HTTP_MOCKS = sorted(DEFAULT_PORTS.keys() - CONTROL_PORTS.keys() - NOT_DEPARTMENTS)


@cache
def switches_of(name: str) -> frozenset[str]:
    if name in ("post-matric", "employment"):
        return frozenset(DELIVERY_FAULTS)
    if name in CONTROL_PORTS:
        reads = MARIADB_FAULTS if name == "civil-registration" else DATABASE_FAULTS
        return frozenset({*reads, *DATABASE_WRITE_FAULTS})
    build = importlib.import_module(f"mocks.{name.replace('-', '_')}.department").build
    department: MockDepartment = build(Population(10, 1))
    return frozenset(department.faults)


@dataclass(frozen=True, slots=True)
class QuirkyMock:
    """A mock in a row of the page, with its security profiles and fault switches."""

    mock: str
    profiles: list[str]
    switches: list[str]


def mocks_in(cell: str) -> list[QuirkyMock]:
    found = []
    for entry in cell.split("; "):
        names, _, listed = entry.partition(": ")
        switches = re.findall(r"`(\w+)`", listed)
        for name in names.split(", "):
            mock, _, options = name.partition(" with ")
            profiles = re.findall(r"--security-profile ([\w-]+)", options)
            found += [
                QuirkyMock(each, profiles, switches)
                for each in (HTTP_MOCKS if mock == "all" else [mock])
            ]
    return found


def test_each_row_occurs_once() -> None:
    assert [row[0] for row in ROWS] == [*map(str, range(1, 50)), "X-Road", *"abcdefghi"]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_the_mock_of_a_row_has_its_switches(row: list[str]) -> None:
    _, _, mocks, tests = row
    if mocks == "–":
        assert len(tests) > 20, "the row must give a reason"
        return
    assert "::test_" in tests
    for shown in mocks_in(mocks):
        assert shown.mock in DEFAULT_PORTS
        assert set(shown.profiles) <= set(profiles_of(shown.mock))
        assert set(shown.switches) <= switches_of(shown.mock) | set(
            switches_of_profiles(shown.profiles)
        )


def test_each_quirk_switch_is_in_a_row() -> None:
    named = {
        s for row in ROWS if row[2] != "–" for shown in mocks_in(row[2]) for s in shown.switches
    }
    assert named >= {*QUIRKS, *WRITE_FAULTS, *DELIVERY_FAULTS, *PAGE_FAULTS}


@pytest.mark.parametrize("named", TESTS)
def test_the_test_exists(named: str) -> None:
    path, _, name = named.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name in functions
