"""`hub chaos` as a user runs it."""

import json
from pathlib import Path

import pytest

from mocks.lab.chaos.experiments import FAULTS
from tests.e2e.test_command_line import run


def test_one_experiment_is_run_and_reported(tmp_path: Path) -> None:
    options = ["--quick", "--department", "helpdesk", "--fault", "maintenance", "--json"]
    done = run("chaos", *options, "--to", str(tmp_path), seconds=110)
    figures = json.loads(done.stdout)
    assert done.returncode == (0 if figures["good"] else 1), done.stderr
    (experiment,) = figures["experiments"]
    assert (experiment["department"], experiment["fault"]) == ("helpdesk", "maintenance")
    assert experiment["rows_wrong"] == experiment["other_parts_lost"] == 0
    dependent, independent = experiment["dependent"], experiment["independent"]
    assert set(dependent["reported"]) <= FAULTS["maintenance"].states
    assert dependent["misreported"] == {}
    assert dependent["fault"]["count"] > 0
    assert independent["complete"] == independent["fault"]["count"] > 0
    assert json.loads((tmp_path / "chaos.json").read_text()) == figures
    assert (tmp_path / "chaos.svg").read_text().startswith("<svg")


def test_an_unknown_name_is_reported_before_anything_starts() -> None:
    for option, name, sentence in (
        ("--fault", "fire", "unknown fault 'fire'. Faults: kill"),
        ("--department", "forest", "unknown department 'forest'. Departments: registry"),
    ):
        done = run("chaos", option, name, seconds=20)
        assert done.returncode == 2
        assert sentence in done.stderr


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_documented(name: str) -> None:
    assert f"| `{name}` |" in Path("docs/chaos.md").read_text(encoding="utf-8")
