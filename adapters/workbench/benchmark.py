"""How fast a department's recorded replies are read, kept as `benchmark.json` beside its manifest.

What is measured is the adapter and its connector over a stage on this machine: the wire to the
department, and the time that it thinks, are not in it.
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
from adapters.workbench.contract_tests.checks.calls import ask
from adapters.workbench.contract_tests.subjects import Subject, keys_of, opened
from adapters.workbench.replay.samples import Sample
from adapters.workbench.replay.stages import CanNotReplayError

FILE = "benchmark.json"
WARM_UP = 3
BESIDES = frozenset({FILE, "quality.yaml", "services.yaml", "service_centres.yaml"})
"""Files beside a manifest that are not looked at when a reply is read."""
SOURCES = frozenset({".yaml", ".yml", ".wsdl", ".xsd", ".graphql", ".py"})


class BrokenBenchmarkError(Exception):
    """The kept figures can't be read."""


class MeasuredSample(StrictModel):
    """What one sample took.

    Attributes:
        capability: what it answers.
        sample: its file.
        records: records in it.
        bytes: its size.
        median_ms, p90_ms: milliseconds from the question until its records are there.
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
    """What was measured.

    Attributes:
        department: its identifier.
        manifest: digest of the files that say how replies are read.
        measured: the day (UTC).
        machine: processors and Python.
        repeats: how often each sample was read, after three times that do not count.
        samples: the figures.
    """

    department: str
    manifest: str
    measured: dt.date
    machine: str
    repeats: int
    samples: list[MeasuredSample]


def digest_of(folder: Path) -> str:
    """Of the files in the folder that say how replies are read, tables it includes among them."""
    digest = hashlib.blake2b(digest_size=16)
    for path in _sources(folder):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts[0]
        is_read = path.suffix in SOURCES and path.name not in BESIDES
        if is_read and inner not in ("samples", "cases", "tests") and path.is_file():
            yield path


def read_benchmark(folder: Path) -> Benchmark | None:
    """None where nothing is kept; raises `BrokenBenchmarkError`."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Benchmark.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise BrokenBenchmarkError(f"{FILE} can't be read") from None


def figures_of(folder: Path) -> Mapping[str, MeasuredSample]:
    """By capability, its largest sample; none where they are not of the manifest as it is."""
    try:
        kept = read_benchmark(folder)
    except BrokenBenchmarkError:
        return {}
    if kept is None or kept.manifest != digest_of(folder):
        return {}
    return {each.capability: each for each in sorted(kept.samples, key=lambda s: s.records)}


def write_benchmark(folder: Path, benchmark: Benchmark) -> Path:
    path = folder / FILE
    path.write_text(benchmark.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def measurable(subject: Subject) -> list[Sample]:
    """The samples with records: those of errors and of nothing are no measure of reading."""
    return [each for each in subject.samples if not each.is_error and each.entry.records != 0]


async def measure(
    subject: Subject, repeats: int, tell: Callable[[Sample, int], None] = lambda *_: None
) -> Benchmark:
    """Reads every sample so many times through the real connector.

    `tell` is told of each time. Raises `CanNotReplayError` where no sample has records, and
    `DepartmentError` where one can't be read.
    """
    read = [await _measured(subject, each, repeats, tell) for each in measurable(subject)]
    measured = [each for each in read if each.records]
    if not measured:
        raise CanNotReplayError(f"{subject.name} has no recorded reply with records")
    return Benchmark(
        department=subject.name,
        manifest=digest_of(subject.manifest.folder),
        measured=dt.datetime.now(dt.UTC).date(),
        machine=f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}",
        repeats=repeats,
        samples=measured,
    )


async def _measured(
    subject: Subject, sample: Sample, repeats: int, tell: Callable[[Sample, int], None]
) -> MeasuredSample:
    seconds: list[float] = []
    records = 0
    with subject.stage(sample) as stage:
        async with opened(stage.manifest) as adapter:
            asked = await _with_its_keys(adapter, sample)
            if not stage.is_read_once:
                for number in range(WARM_UP + repeats):
                    took, records = await _timed(adapter, asked)
                    seconds += [took] if number >= WARM_UP else []
                    tell(sample, number)
        if stage.is_read_once:
            # Once read a drop is only looked up in: what is measured is reading it.
            for number in range(WARM_UP + repeats):
                async with opened(stage.manifest) as adapter:
                    took, records = await _timed(adapter, asked)
                seconds += [took] if number >= WARM_UP else []
                tell(sample, number)
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
    """The sample with its keys, so that they need not be looked for each time."""
    keys = await keys_of(adapter, sample)
    told = sample.entry.model_copy(update={"keys": keys})
    return Sample(sample.path, sample.capability, told, sample.listed)


async def _timed(adapter: ManifestAdapter, sample: Sample) -> tuple[float, int]:
    begun = time.perf_counter()
    records, _ = await ask(adapter, sample)
    return time.perf_counter() - begun, len(records)


def _percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 3)
