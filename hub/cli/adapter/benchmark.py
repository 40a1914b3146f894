"""`hub adapter bench`: measures how fast samples are read, and writes `benchmark.json`."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from adapters.contract import DepartmentError
from adapters.manifest import ManifestError
from adapters.workbench.benchmark import (
    FILE,
    WARM_UP,
    Benchmark,
    measurable,
    measure,
    write_benchmark,
)
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.replay.samples import Sample
from adapters.workbench.replay.stages import CanNotReplayError
from hub.cli.console import CliError


def bench_adapters(
    folders: Sequence[Path], repeats: int, *, as_json: bool, out: Console, err: Console
) -> None:
    """Measure the departments and write their `benchmark.json`; print progress to `err`.

    Raises:
        CliError: a department can't be measured, or the file can't be written.
    """
    kept: list[Benchmark] = []
    for folder in folders:
        benchmark = _benchmark(folder, repeats, err)
        try:
            path = write_benchmark(folder, benchmark)
        except OSError as error:
            raise CliError(f"{folder / FILE} can't be written: {error.strerror}.") from None
        kept.append(benchmark)
        if not as_json:
            _print(benchmark, out)
            out.print(f"Wrote {path}.", soft_wrap=True)
    if as_json:
        figures = [each.model_dump(mode="json") for each in kept]
        print(json.dumps(figures, ensure_ascii=False, indent=2))


def _benchmark(folder: Path, repeats: int, err: Console) -> Benchmark:
    try:
        subject = Subject.load(folder)
        total = len(measurable(subject)) * (WARM_UP + repeats)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task(subject.name, total=total)

            def show_progress(sample: Sample, _: int) -> None:
                progress.update(task, advance=1, description=f"{subject.name} {sample.path.name}")

            return asyncio.run(measure(subject, repeats, show_progress))
    except ManifestError as error:
        raise CliError(f"{folder} can't be used:\n{error}") from None
    except CanNotReplayError as error:
        raise CliError(f"{error}.") from None
    except DepartmentError as error:
        raise CliError(
            f"{error.code}: {error.message} Correct it first: hub adapter test {folder}."
        ) from None


def _print(benchmark: Benchmark, out: Console) -> None:
    table = Table(
        box=SIMPLE_HEAD,
        title=f"{benchmark.department}, {benchmark.repeats} times each, on {benchmark.machine}",
        expand=False,
    )
    table.add_column("sample", overflow="fold")
    for column in ("records", "KiB", "ms", "ms (p90)", "records/s"):
        table.add_column(column, justify="right", no_wrap=True, min_width=len(column))
    for each in benchmark.samples:
        table.add_row(
            each.sample,
            f"{each.records:,}",
            f"{each.bytes / 1024:.1f}",
            f"{each.median_ms:.2f}",
            f"{each.p90_ms:.2f}",
            f"{each.records_per_second:,.0f}",
        )
    out.print(table)
