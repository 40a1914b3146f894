"""Measures how fast a department's samples are read; keeps the result in `benchmark.json`.

The adapter and its connector call a replay server on this machine. The network to the department
and the department's own time are not included.
"""

import datetime as dt
import hashlib
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from adapters.adapter import ManifestAdapter
from adapters.mapping.rules import StrictModel
from adapters.workbench.contract_tests.checks.calls import read_sample
from adapters.workbench.contract_tests.subjects import Subject, keys_of, opened
from adapters.workbench.replay.samples import Sample
from adapters.workbench.replay.stages import CanNotReplayError

FILE = "benchmark.json"
WARM_UP = 3
NOT_READ = frozenset({FILE, "quality.yaml", "services.yaml", "service_centres.yaml"})
"""Files beside a manifest that do not affect how a reply is read."""
SOURCES = frozenset({".yaml", ".yml", ".wsdl", ".xsd", ".graphql", ".py"})


class BrokenBenchmarkError(Exception):
    """`benchmark.json` can't be read."""


class MeasuredSample(StrictModel):
    """The result for one sample.

    Attributes:
        capability: the capability that the sample answers.
        sample: name of its file.
        records: number of records in it.
        bytes: size of the file.
        median_ms, p90_ms: milliseconds from the call until its records are read.
        records_per_second: records divided by the median.
    """

    capability: str
    sample: str
    records: int
    bytes: int
    median_ms: float
    p90_ms: float
    records_per_second: float


class Benchmark(StrictModel):
    """The content of `benchmark.json`.

    Attributes:
        department: its identifier.
        manifest: digest of the files that describe how replies are read.
        measured: day of the measurement (UTC).
        machine: processors and Python version.
        repeats: number of times that each sample was read, after `WARM_UP` more.
        samples: the results.
    """

    department: str
    manifest: str
    measured: dt.date
    machine: str
    repeats: int
    samples: list[MeasuredSample]


def digest_of(folder: Path) -> str:
    """Return a digest of the files in the folder that describe how replies are read."""
    digest = hashlib.blake2b(digest_size=16)
    for path in _sources(folder):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts[0]
        is_read = path.suffix in SOURCES and path.name not in NOT_READ
        if is_read and inner not in ("samples", "cases", "tests") and path.is_file():
            yield path


def read_benchmark(folder: Path) -> Benchmark | None:
    """Return the content of `benchmark.json`; None if there is no such file.

    Raises:
        BrokenBenchmarkError: the file can't be read.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Benchmark.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise BrokenBenchmarkError(f"{FILE} can't be read") from None


def figures_of(folder: Path) -> Mapping[str, MeasuredSample]:
    """Return the result of each capability's largest sample; empty if the manifest has changed."""
    try:
        kept = read_benchmark(folder)
    except BrokenBenchmarkError:
        return {}
    if kept is None or kept.manifest != digest_of(folder):
        return {}
    return {each.capability: each for each in sorted(kept.samples, key=lambda s: s.records)}


def write_benchmark(folder: Path, benchmark: Benchmark) -> Path:
    """Write `benchmark.json` beside the manifest and return its path."""
    path = folder / FILE
    path.write_text(benchmark.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def measurable(subject: Subject) -> list[Sample]:
    """Return the samples that may have records; error replies and empty ones are not measured."""
    return [each for each in subject.samples if not each.is_error and each.entry.records != 0]


async def measure(
    subject: Subject, repeats: int, on_read: Callable[[Sample, int], None] = lambda *_: None
) -> Benchmark:
    """Read every sample `repeats` times through the real connector.

    Args:
        subject: the department.
        repeats: number of measured reads of each sample.
        on_read: called after each read with the sample and the number of the read.

    Raises:
        CanNotReplayError: no sample has records.
        DepartmentError: a sample can't be read.
    """
    read = [await _measured(subject, each, repeats, on_read) for each in measurable(subject)]
    measured = [each for each in read if each.records]
    if not measured:
        raise CanNotReplayError(f"{subject.name} has no sample with records")
    return Benchmark(
        department=subject.name,
        manifest=digest_of(subject.manifest.folder),
        measured=dt.datetime.now(dt.UTC).date(),
        machine=f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}",
        repeats=repeats,
        samples=measured,
    )


async def _measured(
    subject: Subject, sample: Sample, repeats: int, on_read: Callable[[Sample, int], None]
) -> MeasuredSample:
    seconds: list[float] = []
    records = 0
    with subject.stage(sample) as stage:
        async with opened(stage.manifest) as adapter:
            sample = await _with_its_keys(adapter, sample)
            if not stage.is_read_once:
                for number in range(WARM_UP + repeats):
                    took, records = await _timed(adapter, sample)
                    seconds += [took] if number >= WARM_UP else []
                    on_read(sample, number)
        if stage.is_read_once:
            # An adapter reads a delivery once, so open a new adapter for each measurement.
            for number in range(WARM_UP + repeats):
                async with opened(stage.manifest) as adapter:
                    took, records = await _timed(adapter, sample)
                seconds += [took] if number >= WARM_UP else []
                on_read(sample, number)
    median = statistics.median(seconds)
    return MeasuredSample(
        capability=sample.capability.value,
        sample=sample.path.name,
        records=records,
        bytes=sample.path.stat().st_size,
        median_ms=_rounded(median * 1000),
        p90_ms=_rounded(_percentile(seconds, 0.9) * 1000),
        records_per_second=round(records / median),
    )


async def _with_its_keys(adapter: ManifestAdapter, sample: Sample) -> Sample:
    """Return the sample with its keys, so that finding them is not measured."""
    keys = await keys_of(adapter, sample)
    entry = sample.entry.model_copy(update={"keys": keys})
    return Sample(sample.path, sample.capability, entry, sample.listed)


async def _timed(adapter: ManifestAdapter, sample: Sample) -> tuple[float, int]:
    begun = time.perf_counter()
    records, _ = await read_sample(adapter, sample)
    return time.perf_counter() - begun, len(records)


def _percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 3)
