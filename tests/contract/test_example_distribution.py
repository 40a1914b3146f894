"""The example distribution in `docs/examples`, installed like an integrator's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "citizen-hub-fisheries"
METADATA = "Metadata-Version: 2.1\nName: citizen-hub-fisheries\nVersion: 0.1.0\n"
ENTRY_POINTS = "[citizen_hub.departments]\nfisheries = citizen_hub_fisheries\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return environment variables that install the distribution: its package and metadata."""
    site = tmp_path_factory.mktemp("site")
    (site / "citizen_hub_fisheries").symlink_to(EXAMPLE / "citizen_hub_fisheries")
    metadata = site / "citizen_hub_fisheries-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(METADATA)
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    return {**os.environ, "PYTHONPATH": str(site), "COLUMNS": "120"}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        timeout=110,
    )


def test_the_metadata_equals_that_of_its_pyproject() -> None:
    text = (EXAMPLE / "pyproject.toml").read_text()
    assert '[project.entry-points."citizen_hub.departments"]' in text
    assert 'fisheries = "citizen_hub_fisheries"' in text


def test_its_own_tests_pass(environment: dict[str, str]) -> None:
    """Our plugin runs the suite in `tests/` and the cases beside the manifest."""
    done = run(environment, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=.", ".")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert "failed" not in done.stdout


def test_hub_adapter_test_finds_it_by_name(environment: dict[str, str]) -> None:
    done = run(environment, "-m", "hub", "adapter", "test", "fisheries")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Reached: platinum" in done.stdout
    assert "exempt" not in done.stdout


def test_the_hub_knows_the_department(environment: dict[str, str]) -> None:
    program = (
        "from adapters.manifest import find_departments, load_departments\n"
        "names = [m.file.department for m in load_departments(find_departments())]\n"
        "print(names)"
    )
    done = run(environment, "-c", program)
    assert done.returncode == 0, done.stderr
    assert "fisheries" in done.stdout
