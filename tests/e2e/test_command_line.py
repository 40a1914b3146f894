"""The `hub` command as a person types it."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.here import Here
from tests.running import Hub


def run(*arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub", *arguments], capture_output=True, text=True, timeout=seconds
    )


@pytest.mark.parametrize(
    "command",
    ["", "serve", "demo", "mocks", "query", "status", "schema", "check", "manifest schema"],
)
def test_help(command: str, run_here: Here) -> None:
    done = run_here(*command.split(), "--help")
    assert done.returncode == 0
    assert "Usage: hub" in done.stdout


def test_help_is_there_in_a_shell() -> None:
    done = run("--help")
    assert (done.returncode, "Usage:" in done.stdout) == (0, True)


def test_a_department_is_checked() -> None:
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
    done = run("query", "{ services { nodes { serviceCode serviceName } } }", "--url", hub.url)
    assert done.returncode == 0
    assert "serviceCode" in done.stdout
    assert "Old Age Samman Allowance" in done.stdout


def test_a_query_from_a_file_prints_json(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "q.graphql"
    file.write_text("query ($id: ID!) { citizen(id: $id) { name { fullName } } }")
    variables = '{"id": "7KNL042101"}'
    done = run("query", str(file), "--variables", variables, "--json", "--url", hub.url)
    assert done.returncode == 0
    assert json.loads(done.stdout)["data"]["citizen"]["name"]["fullName"] == "RAM DEVI"


def test_a_query_without_data_exits_1_and_says_why(hub: Hub) -> None:
    done = run("query", "{ nope }", "--url", hub.url)
    assert done.returncode == 1
    assert "GRAPHQL_VALIDATION_FAILED" in done.stderr


MISTAKES = [
    (["query", "no-such-file.graphql"], "there is no file 'no-such-file.graphql'"),
    (["query", "{ x }", "--variables", "{"], "--variables is not JSON"),
    (["query", "{ x }", "--url", "http://127.0.0.1:9"], "no hub answers on"),
    (["mocks", "forest"], "there is no mock 'forest'; there are"),
    (["mocks", "--port", "pensions"], "write it as pensions=9202"),
    (
        ["faults", "--control", "pensions=http://x/_mock", "show"],
        "behind the command: `hub faults sh",
    ),
    (["faults", "set", "pensions", "for=10s"], "name a mock and what to switch on"),
    (["department", "pause", "pensions", "--until", "99999999999999h"], "write it as 2h"),
]


@pytest.mark.parametrize(("arguments", "sentence"), MISTAKES)
def test_a_mistake_is_one_clear_sentence(
    arguments: list[str], sentence: str, run_here: Here
) -> None:
    done = run_here(*arguments)
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
def test_a_wrong_setting_is_named_and_not_shown(
    command: str,
    name: str,
    given: str,
    sentence: str,
    run_here: Here,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, given)
    done = run_here(command)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert given not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="children are found in /proc")
def test_a_mock_that_is_killed_leaves_the_others() -> None:
    ports = ["--port", "helpdesk=0", "--port", "water=0"]
    mocks = subprocess.Popen(
        [sys.executable, "-m", "hub", "mocks", "helpdesk", "water", *ports, "--citizens", "50"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert mocks.stderr is not None
        while "Stop them" not in mocks.stderr.readline():
            pass
        children = Path(f"/proc/{mocks.pid}/task/{mocks.pid}/children").read_text().split()
        assert len(children) == 2
        for child, said in zip(children, ("the others go on", "the last of them"), strict=True):
            os.kill(int(child), signal.SIGKILL)
            assert said in mocks.stderr.readline()
        assert mocks.wait(10) == 2
    finally:
        mocks.terminate()
        mocks.communicate(timeout=10)


@pytest.mark.parametrize("command", [["serve"], ["demo"]])
def test_a_busy_port_is_told(command: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(*command, "--port", str(port))
    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr


def test_a_folder_without_departments_stops_serve(tmp_path: Path) -> None:
    done = run("serve", "--departments", str(tmp_path))
    assert (done.returncode, "there is no department in it" in done.stderr) == (2, True)


def test_a_misspelt_manifest_stops_serve(tmp_path: Path) -> None:
    folder = tmp_path / "forest"
    folder.mkdir()
    (folder / "department.yaml").write_text("manifest: 1\ndepartmnt: forest\n")
    done = run("serve", "--departments", str(tmp_path))
    assert done.returncode == 2
    assert "department.yaml:2: departmnt: there is no key" in done.stderr
    assert "did you mean 'department'?" in done.stderr


def test_the_contract_is_checked() -> None:
    assert run("schema", "check").returncode == 0
    assert run("schema", "export").stdout == Path("schema/schema.graphql").read_text()


def test_the_demo_checks_itself_and_leaves_nothing() -> None:
    done = run("demo", "--check", "--citizens", "200")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every answer is what the population says." in done.stderr
    assert "SJE-OAS/2026/000123" in done.stdout
    left = subprocess.run(["pgrep", "-f", "mocks .*--citizens 200"], capture_output=True)
    assert left.stdout == b""
