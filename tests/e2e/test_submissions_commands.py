"""`hub submissions` and `hub tasks`, as an operator runs them on the hub's database."""

import asyncio
import csv
import json
from pathlib import Path

import pytest

from tests.e2e.conftest import RunInProcess
from tests.support.submissions import delivery_bench, new_submission, refused, unreachable

MEMBER = "7KNL042101"


async def three_submissions(folder: Path) -> list[str]:
    """Store three submissions: one is delivered, one was refused, of one the reply was lost."""
    async with delivery_bench(folder) as bench:
        receipts = [
            (await bench.submissions.accept(new_submission(str(number)))).receipt
            for number in range(3)
        ]
        bench.department.has_finder = False
        bench.department.behave = [
            (True, None),
            (True, refused()),
            (True, unreachable(not_done=False)),
        ]
        await bench.settle()
    return receipts


@pytest.fixture
def receipts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("HUB_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    monkeypatch.setenv("COLUMNS", "200")
    return asyncio.run(three_submissions(tmp_path))


def test_submissions_are_listed_and_filtered(
    receipts: list[str], run_in_process: RunInProcess
) -> None:
    listed = json.loads(run_in_process("submissions", "list", "--json").stdout)
    assert [each["receipt"] for each in listed] == receipts
    assert [each["state"] for each in listed] == ["ACKNOWLEDGED", "FAILED", "MAYBE_SENT"]
    assert [each["has_task"] for each in listed] == [False, True, True]
    lost = json.loads(
        run_in_process("submissions", "list", "--state", "maybe-sent", "--json").stdout
    )
    assert [each["receipt"] for each in lost] == receipts[2:]
    stuck = run_in_process("submissions", "list", "--stuck").stdout
    assert [receipt in stuck for receipt in receipts] == [False, True, True]
    one = run_in_process("submissions", "list", "--limit", "1")
    assert receipts[2] in one.stdout
    assert "The newest 1 of 3" in one.stderr
    later = run_in_process("submissions", "list", "--since", "2030-01-01")
    assert "There are no such submissions." in later.stdout


def test_a_submission_is_found_by_its_number_as_people_write_it(
    receipts: list[str], run_in_process: RunInProcess
) -> None:
    written = receipts[0].lower().replace("ch", "ch-")
    shown = run_in_process("submissions", "show", written)
    assert receipts[0] in shown.stdout
    assert "ACKNOWLEDGED" in shown.stdout
    events = json.loads(run_in_process("submissions", "show", written, "--json").stdout)["events"]
    assert [each["event"] for each in events][:2] == ["ACCEPTED", "SENDING"]
    wrong = run_in_process("submissions", "show", "CH123")
    assert wrong.returncode == 2
    assert "is not a receipt number" in wrong.stderr


def test_an_export_has_no_personal_data(
    receipts: list[str], tmp_path: Path, run_in_process: RunInProcess
) -> None:
    to = tmp_path / "submissions.csv"
    assert run_in_process("submissions", "export", str(to)).returncode == 0
    text = to.read_text(encoding="utf-8")
    assert [row["receipt"] for row in csv.DictReader(text.splitlines())] == receipts
    assert MEMBER not in text
    again = run_in_process("submissions", "export", str(to))
    assert again.returncode == 2
    assert "can't be written" in again.stderr


def test_an_operator_decides_about_tasks(receipts: list[str], run_in_process: RunInProcess) -> None:
    tasks = {
        each["receipt"]: each
        for each in json.loads(run_in_process("tasks", "list", "--json").stdout)
    }
    assert {receipt: each["kind"] for receipt, each in tasks.items()} == {
        receipts[1]: "REFUSED",
        receipts[2]: "CANNOT_BE_ASKED",
    }
    shown = run_in_process("tasks", "show", tasks[receipts[2]]["task_id"]).stdout
    assert "does it have this receipt number" in " ".join(shown.split())
    unclear = run_in_process("tasks", "retry", "--reason", "x")
    assert unclear.returncode == 2
    assert "name tasks by their ids" in unclear.stderr
    assert run_in_process("tasks", "retry", "--all", "--reason", " ").returncode == 2
    resolve = ("tasks", "resolve", tasks[receipts[2]]["task_id"], "--outcome", "delivered")
    done = run_in_process(*resolve, "--reference", "REG-7", "--reason", "They have it.", "--json")
    assert json.loads(done.stdout) == [receipts[2]]
    retried = run_in_process(
        "tasks", "retry", "--all", "--kind", "refused", "--reason", "Manifest corrected.", "--json"
    )
    assert json.loads(retried.stdout) == [receipts[1]]
    assert json.loads(run_in_process("tasks", "list", "--json").stdout) == []
    closed = json.loads(run_in_process("tasks", "list", "--closed", "--json").stdout)
    assert {each["outcome"] for each in closed} == {"DELIVERED", "RETRIED"}
    assert all(each["closed_by"] and each["note"] for each in closed)
    events = json.loads(run_in_process("submissions", "show", receipts[2], "--json").stdout)
    assert events["state"] == "ACKNOWLEDGED"
    assert events["events"][-1]["note"] == "They have it."
