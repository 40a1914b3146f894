"""A demo with all mock departments, and Node with the packages of this folder."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.portal.portal_case import NAMES, load, start_departments
from tests.support.processes import PROJECT, Hub, Mock, stop_all
from tests.support.sign_in import bearer

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
SCHEMA = PROJECT / "schema/schema.graphql"
SECONDS = 300

Node = Callable[..., str]


@pytest.fixture(scope="package")
def demo_mocks() -> Iterator[dict[str, Mock]]:
    """All mock departments of the demo."""
    mocks = start_departments()
    yield mocks
    stop_all(mocks.values())


@pytest.fixture(scope="package")
def demo(demo_mocks: dict[str, Mock]) -> Iterator[Hub]:
    """A hub over all departments of the demo."""
    hub = Hub(demo_mocks)
    yield hub
    hub.stop()


@pytest.fixture
def new_hub(demo_mocks: dict[str, Mock]) -> Iterator[Hub]:
    """A hub over all departments that has made no call and has no copies."""
    hub = Hub(demo_mocks)
    yield hub
    hub.stop()
    for mock in demo_mocks.values():
        mock.clear()


def missing(reason: str) -> None:
    """Skip the test, unless `.ci/run` needs it."""
    if os.environ.get("HUB_TESTS_NEED_NODE"):
        pytest.fail(f"{reason}, although HUB_TESTS_NEED_NODE is set.")
    pytest.skip(reason)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Let one process at a time install the packages."""
    path = Path(tempfile.gettempdir(), f"citizen-hub-npm-{os.getuid()}.lock")
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def node() -> Node:
    """Runs a script of Node in this folder: `node("codegen.js", "argument")` returns its output."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        missing("needs Node 20 or later, and npm")
    assert program is not None and npm is not None
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".installed"
    with locked():
        if not stamp.exists() or stamp.read_text() != lock:
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
            if done.returncode:
                missing(f"npm ci failed: {done.stderr[-500:]}")
            stamp.write_text(lock)

    def run(script: str, *arguments: str | Path, stdin: object = None, folder: Path = HERE) -> str:
        done = subprocess.run(
            [program, "--conditions=development", HERE / script, *arguments],
            cwd=folder,
            input=None if stdin is None else json.dumps(stdin),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout

    return run


Client = Callable[..., dict[str, Any]]


@pytest.fixture
def client(node: Node, demo: Hub) -> Client:
    """Reads operations with a client: `client("apollo")` returns its results and warnings."""

    def read(name: str, *names: str, folder: Path | None = None, **variables: Any) -> Any:
        cases = [load(each) for each in names or NAMES]
        operations = [
            {
                "name": case.name,
                "artifact": case.operation,
                "document": case.document,
                "variables": {**case.variables, **variables},
            }
            for case in cases
        ]
        stdin = {
            "url": demo.url,
            "headers": bearer(),
            "schema": str(SCHEMA),
            "operations": operations,
            "folder": str(folder),
        }
        return json.loads(node(f"clients/{name}.js", stdin=stdin))

    return read
