"""The `hub` command as a user runs it."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import RunInProcess
from tests.support.processes import ChildProcess, Hub


def run(*arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub", *arguments], capture_output=True, text=True, timeout=seconds
    )


@pytest.mark.parametrize(
    "command", ["", "serve", "query", "status", "schema", "check", "manifest schema"]
)
def test_help(command: str, run_in_process: RunInProcess) -> None:
    done = run_in_process(*command.split(), "--help")
    assert done.returncode == 0
    assert "Usage: hub" in done.stdout


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("mocks", "python -m mocks start"),
        ("demo", "--check"),
        ("faults", "switches"),
        ("faults set", "NAME… FAULT=AMOUNT…"),
        ("chaos", "--soak"),
    ],
)
def test_help_of_the_labs_commands(command: str, text: str, run_in_process: RunInProcess) -> None:
    done = run_in_process(*command.split(), "--help")
    assert done.returncode == 0
    assert text in done.stdout


def test_help_works_in_a_shell() -> None:
    done = run("--help")
    assert (done.returncode, "Usage:" in done.stdout) == (0, True)


def test_check_reports_a_department_without_errors() -> None:
    done = run("check", "pensions", "--strict")
    assert done.returncode == 0, done.stderr
    assert "benefits_by_citizen" in done.stdout
    assert "1 department checked: 0 errors, 0 warnings" in done.stdout


def test_a_mistake_in_a_manifest_fails_the_check(tmp_path: Path) -> None:
    folder = tmp_path / "forests"
    folder.mkdir()
    (folder / "department.yaml").write_text("manifest: 1\ndepartment: Forests\n")
    done = run("check", str(folder), "--json")
    assert done.returncode == 1
    findings = json.loads(done.stdout)["findings"]
    assert {finding["severity"] for finding in findings} == {"error"}
    assert ("department", 2) in {(finding["key"], finding["line"]) for finding in findings}


def test_the_schema_of_manifests_is_printed() -> None:
    done = run("manifest", "schema")
    assert done.returncode == 0
    assert "capabilities" in json.loads(done.stdout)["properties"]


def test_a_query_prints_a_table(hub: Hub) -> None:
    done = run("query", "{ services { nodes { code name } } }", "--url", hub.url)
    assert done.returncode == 0
    assert "code" in done.stdout
    assert "Old Age Samman Allowance" in done.stdout


def test_a_query_from_a_file_prints_json(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "q.graphql"
    file.write_text(
        "query ($id: String!) { citizen(by: {memberIdentifier: $id}) { personName { fullName } } }"
    )
    variables = '{"id": "7KNL042101"}'
    done = run("query", str(file), "--variables", variables, "--json", "--url", hub.url)
    assert done.returncode == 0
    assert json.loads(done.stdout)["data"]["citizen"]["personName"]["fullName"] == "RAM DEVI"


def test_a_strict_query_exits_1_on_any_error(hub: Hub) -> None:
    complete = run("query", "{ departments { identifier } }", "--strict", "--url", hub.url)
    assert complete.returncode == 0
    query = """{
      departments { identifier }
      trackApplication(reference: "SJE-OAS/2026/999999", phoneLast4: "0000") { applicantName }
    }"""
    assert run("query", query, "--url", hub.url).returncode == 0
    partial = run("query", query, "--strict", "--time", "--url", hub.url)
    assert partial.returncode == 1
    assert "The hub took" in partial.stderr


def test_a_query_without_data_exits_1_and_reports_the_error(hub: Hub) -> None:
    done = run("query", "{ nope }", "--url", hub.url)
    assert done.returncode == 1
    assert "GRAPHQL_VALIDATION_FAILED" in done.stderr


MISTAKES = [
    (["query", "no-such-file.graphql"], "there is no file 'no-such-file.graphql'"),
    (["query", "{ x }", "--variables", "{"], "--variables is not JSON"),
    (["query", "{ x }", "--url", "http://127.0.0.1:9"], "no hub answers on"),
    (["mocks", "forest"], "unknown mock 'forest'. Mocks: population"),
    (["mocks", "--port", "pensions"], "write it as pensions=9202"),
    (
        ["faults", "--control", "pensions=http://x/_mock", "show"],
        "write options after the command: `faults show",
    ),
    (["faults", "set", "pensions", "for=10s"], "give a mock and a fault"),
    (["department", "pause", "pensions", "--until", "99999999999999h"], "write it as 2h"),
]


@pytest.mark.parametrize(("arguments", "sentence"), MISTAKES)
def test_a_mistake_is_reported_in_one_sentence(
    arguments: list[str], sentence: str, run_in_process: RunInProcess
) -> None:
    done = run_in_process(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("HUB_ADMIN_TOKEN", "hush", "HUB_ADMIN_TOKEN: value should have at least 8"),
        ("HUB_CACHE_KEY", "hush", "HUB_CACHE_KEY: value should have at least 16"),
        ("HUB_PORT", "99999", "HUB_PORT: input should be less than or equal to 65535"),
        ("HUB_LOG_LEVEL", "hush", "HUB_LOG_LEVEL: input should be 'critical', "),
    ],
)
@pytest.mark.parametrize("command", ["serve", "status"])
def test_a_wrong_setting_is_named_without_its_value(
    command: str,
    name: str,
    given: str,
    sentence: str,
    run_in_process: RunInProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, given)
    done = run_in_process(command)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert given not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to find the children")
def test_the_other_mocks_continue_when_one_is_killed() -> None:
    ports = ["--port", "helpdesk=0", "--port", "water=0"]
    names = ("helpdesk", "water")
    with ChildProcess("mocks", "hub", "mocks", *names, *ports, "--citizens", "50") as mocks:
        mocks.log_line("Press Ctrl+C")
        number = mocks.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        assert len(children) == 2
        for child, said in zip(children, ("still running", "no mock is left"), strict=True):
            os.kill(int(child), signal.SIGKILL)
            mocks.log_line(said)
        assert mocks.process.wait(10) == 2


@pytest.mark.parametrize("command", [["serve"], ["demo"]])
def test_a_taken_port_is_reported(command: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(*command, "--port", str(port))
    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr


def test_a_folder_without_departments_stops_serve(tmp_path: Path) -> None:
    done = run("serve", "--departments", str(tmp_path))
    assert (done.returncode, "contains no department" in done.stderr) == (2, True)


def test_a_folder_without_examples_for_graphiql_stops_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_GRAPHIQL_EXAMPLES", str(tmp_path))
    done = run("serve", "--port", "0")
    assert (done.returncode, f"HUB_GRAPHIQL_EXAMPLES={tmp_path}" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


def test_a_misspelt_manifest_stops_serve(tmp_path: Path) -> None:
    folder = tmp_path / "forest"
    folder.mkdir()
    (folder / "department.yaml").write_text("manifest: 1\ndepartmnt: forest\n")
    done = run("serve", "--departments", str(tmp_path))
    assert done.returncode == 2
    assert "department.yaml:2: departmnt: there is no key" in done.stderr
    assert "did you mean 'department'?" in done.stderr


def test_the_schema_matches_its_contract() -> None:
    assert run("schema", "check").returncode == 0
    assert run("schema", "export").stdout == Path("schema/schema.graphql").read_text()


@pytest.mark.timeout(240)
def test_the_demo_check_succeeds_and_leaves_no_process() -> None:
    done = run("demo", "--check", "--citizens", "207", seconds=200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every response matches the population and the policy." in done.stderr
    assert "SJE-OAS/2026/000123" in done.stdout
    assert "CONSENT_REQUIRED" in done.stdout
    # The number of the application that waited for its department.
    assert "LAB-BOC/2026/500001" in done.stdout
    left = subprocess.run(["pgrep", "-f", "mocks .*--citizens 207"], capture_output=True)
    assert left.stdout == b""
