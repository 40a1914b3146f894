"""The crash plan: every accepted submission arrives exactly once, or is an operator's task."""

import json
from pathlib import Path

import pytest

from mocks.lab.chaos.crash.evaluation import DepartmentResult, evaluate
from mocks.lab.chaos.crash.load import Accepted
from tests.e2e.test_command_line import run


def result_of(
    copies: int, state: str = "ACKNOWLEDGED", *, is_task: bool = False, receipt: str = "CH1"
) -> DepartmentResult:
    """Return the result for one accepted submission, CH1."""
    rows = [{"kind": "APPLICATION", "hubReference": receipt, "copies": copies}] if copies else []
    (result,) = evaluate(
        [Accepted("labour", "7KNL042101", "CH1", 1, 0.1)],
        {"CH1": state},
        {"CH1"} if is_task else set(),
        {"labour": rows},
    )
    return result


def test_a_submission_that_arrived_once_is_good() -> None:
    result = result_of(1)
    assert result.is_good
    assert (result.accepted, result.once, result.tasks) == (1, 1, 0)


def test_a_submission_that_did_not_arrive_is_lost_unless_it_is_a_task() -> None:
    assert result_of(0).lost == ["CH1"]
    assert result_of(0, "FAILED", is_task=True).is_good


def test_two_copies_are_never_good() -> None:
    assert result_of(2).doubled == ["CH1"]
    assert not result_of(2, is_task=True).is_good


def test_a_submission_that_arrived_must_be_confirmed_or_a_task() -> None:
    assert result_of(1, "MAYBE_SENT").unfinished == ["CH1"]
    assert result_of(1, "MAYBE_SENT", is_task=True).is_good


def test_an_arrival_that_nobody_has_a_receipt_for_is_reported() -> None:
    assert result_of(1, receipt="CH2").unknown == ["CH2"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("hubs", "kills"), [(1, 20), (2, 8)])
def test_nothing_is_lost_or_doubled_when_hubs_are_killed(
    tmp_path: Path, hubs: int, kills: int
) -> None:
    options = ["--plan", "crash", "--kills", str(kills), "--hubs", str(hubs), "--json"]
    done = run("chaos", *options, "--to", str(tmp_path), seconds=580)
    figures = json.loads(done.stdout)
    assert done.returncode == 0, figures
    departments = figures["departments"]
    assert sum(each["accepted"] for each in departments) >= kills
    assert all(each["accepted"] <= each["once"] + each["tasks"] for each in departments)
