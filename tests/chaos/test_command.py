"""`hub chaos` as a person types it."""

import json
from pathlib import Path

import pytest

from hub.cli.chaos.cases import FAULTS
from tests.e2e.test_command_line import run


def test_one_fault_is_played_and_reported(tmp_path: Path) -> None:
    words = ["--quick", "--department", "helpdesk", "--fault", "maintenance", "--json"]
    done = run("chaos", *words, "--to", str(tmp_path), seconds=110)
    figures = json.loads(done.stdout)
    assert done.returncode == (0 if figures["good"] else 1), done.stderr
    (case,) = figures["cases"]
    assert (case["department"], case["fault"]) == ("helpdesk", "maintenance")
    assert case["rows_wrong"] == case["other_parts_lost"] == 0
    assert set(case["department_answers"]["told"]) <= FAULTS["maintenance"].states
    assert case["department_answers"]["mistold"] == {}
    assert case["department_answers"]["fault"]["count"] > 0
    # Latency is of one play; a case is played again where the others seemed slow.
    whole, counted = case["other_answers"]["whole"], case["other_answers"]["fault"]["count"]
    assert whole == counted > 0 if len(case["plays"]) == 1 else whole > counted > 0
    assert json.loads((tmp_path / "chaos.json").read_text()) == figures
    assert (tmp_path / "chaos.svg").read_text().startswith("<svg")


def test_a_wrong_name_is_told_before_anything_is_started() -> None:
    for word, name, sentence in (
        ("--fault", "fire", "there is no fault 'fire'; there are kill"),
        ("--department", "forest", "there is no department 'forest'; there are registry"),
    ):
        done = run("chaos", word, name, seconds=20)
        assert done.returncode == 2
        assert sentence in done.stderr


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_documented(name: str) -> None:
    assert f"| `{name}` |" in Path("docs/chaos.md").read_text(encoding="utf-8")
