"""Writes the manifests of the benchmark's departments."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.upstream.records import scheme_of

DEPARTMENTS = Path(__file__).with_name("departments")
OFFICE = Path(__file__).with_name("office")
MODEL = "bench-rest"


def write_departments(folder: Path, events: Sequence[int] = ()) -> Path:
    """Write the four departments, and a variant of `bench-rest` for each number of steps.

    Args:
        folder: folder to create.
        events: numbers of steps. The variant with 10 steps is named `bench-rest-10`.

    Returns: the folder.
    """
    shutil.copytree(DEPARTMENTS, folder)
    for count in events:
        name = f"{MODEL}-{count}"
        _write_like_model(folder / name, name, f"BENCH_REST_{count}_NO", f"/rest/{count}")
    return folder


def write_with_office(folder: Path) -> Path:
    """Write the four departments, and one that takes submissions; return the folder."""
    shutil.copytree(OFFICE, write_departments(folder) / "bench-office")
    return folder


def write_many_departments(folder: Path, count: int) -> Path:
    """Write the registry and `count` variants of `bench-rest`; return the folder."""
    shutil.copytree(DEPARTMENTS / "bench-registry", folder / "bench-registry")
    for index in range(count):
        name = f"bench-{index:03}"
        _write_like_model(folder / name, name, scheme_of(index), "/rest/0")
    return folder


def _write_like_model(folder: Path, name: str, scheme: str, path: str) -> None:
    """Write a variant of `bench-rest` without its catalogue: service codes must be unique."""
    folder.mkdir(parents=True)
    manifest = (DEPARTMENTS / MODEL / "department.yaml").read_text(encoding="utf-8")
    for old, new in (
        (f"department: {MODEL}\n", f"department: {name}\n"),
        ("scheme: BENCH_REST_NO", f"scheme: {scheme}"),
        ("/rest/0\n", f"{path}\n"),
    ):
        assert old in manifest, old
        manifest = manifest.replace(old, new)
    (folder / "department.yaml").write_text(manifest, encoding="utf-8")
    shutil.copy(DEPARTMENTS / MODEL / "codes.yaml", folder / "codes.yaml")
