"""Writes the folder of departments that a hub serves."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.upstream.records import scheme_of

DEPARTMENTS = Path(__file__).with_name("departments")
MODEL = "bench-rest"


def write_departments(folder: Path, events: Sequence[int] = ()) -> Path:
    """The four departments, and one like `bench-rest` for each number of steps: `bench-rest-10`."""
    shutil.copytree(DEPARTMENTS, folder)
    for count in events:
        name = f"{MODEL}-{count}"
        _write_like_model(folder / name, name, f"BENCH_REST_{count}_NO", f"/rest/{count}")
    return folder


def write_many_departments(folder: Path, count: int) -> Path:
    """The registry, and so many departments like `bench-rest`."""
    shutil.copytree(DEPARTMENTS / "bench-registry", folder / "bench-registry")
    for place in range(count):
        name = f"bench-{place:03}"
        _write_like_model(folder / name, name, scheme_of(place), "/rest/0")
    return folder


def _write_like_model(folder: Path, name: str, scheme: str, path: str) -> None:
    """`bench-rest` under another name; without its catalogue, whose codes are its own."""
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
