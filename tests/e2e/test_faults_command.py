"""`hub faults` as a user runs it, with real mocks."""

import json

import pytest

from tests.e2e.conftest import RunInProcess
from tests.e2e.test_command_line import run
from tests.support.processes import Mock


@pytest.fixture
def controls(calm: dict[str, Mock]) -> list[str]:
    given = [f"{name}={mock.ready['control']}" for name, mock in calm.items()]
    return [word for each in given for word in ("--control", each)]


def active(controls: list[str]) -> dict[str, dict[str, float]]:
    shown = json.loads(run("faults", "show", "--json", *controls).stdout)
    # The mocks of the other departments do not run in this test.
    return {each["mock"]: each["faults"]["active"] for each in shown if "faults" in each}


def test_faults_are_set_shown_and_cleared(controls: list[str]) -> None:
    words = ["pensions", "helpdesk", "latency=1ms", "error=30%", "for=1h"]
    done = run("faults", "set", *words, *controls)
    assert done.returncode == 0, done.stderr
    assert "error=0.3" in done.stdout
    now = active(controls)
    assert now["pensions"] == now["helpdesk"] == {"latency": 0.001, "error": 0.3}
    assert now["registry"] == {}
    assert run("faults", "clear", "pensions", *controls).returncode == 0
    assert active(controls)["pensions"] == {}
    assert active(controls)["helpdesk"]
    assert run("faults", "clear", *controls).returncode == 0
    assert not any(active(controls).values())


@pytest.mark.parametrize("words", [["plan", "monsoon"], ["--plan", "monsoon"]])
def test_a_plan_is_set_at_all_departments(words: list[str], controls: list[str]) -> None:
    done = run("faults", *words, *controls)
    assert done.returncode == 0, done.stderr
    now = active(controls)
    assert {name: faults["latency_p95"] for name, faults in now.items()} == dict.fromkeys(now, 6.0)
    assert "fault200" in now["pensions"]
    assert "fault200" not in now["certificates"]


def test_a_plan_ignores_mocks_that_do_not_run(controls: list[str]) -> None:
    absent = "helpdesk=http://127.0.0.1:9/_mock"
    done = run("faults", "plan", "outage", *controls, "--control", absent)
    assert done.returncode == 0, done.stderr
    assert active(controls)["pensions"] == {"refuse": 1.0}


def test_a_mistake_changes_nothing(controls: list[str]) -> None:
    done = run("faults", "set", "pensions", "certificates", "redirect-loop=1", *controls)
    assert done.returncode == 2
    assert "certificates has no fault 'redirect-loop'" in done.stderr
    assert not any(active(controls).values())


MISTAKES = [
    (["set", "pension", "hang=1"], "unknown mock 'pension'"),
    (["set", "pensions"], "give a mock and a fault"),
    (["plan", "summer"], "unknown plan 'summer'. Plans: monsoon"),
    (["clear", "pensions", "--control", "pensions=http://127.0.0.1:9/_mock"], "Start it with"),
    (["show", "--control", "pensions"], "write it as pensions=http"),
]


@pytest.mark.parametrize(("words", "sentence"), MISTAKES)
def test_a_mistake_is_reported_in_one_sentence(
    words: list[str], sentence: str, run_in_process: RunInProcess
) -> None:
    done = run_in_process("faults", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_plans_switches_and_absent_mocks_are_shown(controls: list[str]) -> None:
    assert "monsoon" in run("faults", "plans").stdout
    assert "drip" in run("faults", "switches", "pensions", *controls).stdout
    absent = run("faults", "show", "pensions", "--control", "pensions=http://127.0.0.1:9/_mock")
    assert "not running" in absent.stdout
