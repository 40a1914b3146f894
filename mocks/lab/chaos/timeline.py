"""Draws the timeline of a run: latency of queries that need the faulty department, and others."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import log10

from mocks.lab.chaos.latency import latency_of
from mocks.lab.chaos.load import Observation
from mocks.lab.chaos.runner import ExperimentRun
from mocks.lab.svg import box, curve, document, line, text

WIDTH, LEFT, RIGHT = 1100.0, 60.0, 20.0
TOP, PANEL, LABELS, GAP = 70.0, 170.0, 36.0, 34.0
RUNS_PER_PANEL = 9
BUCKET_SECONDS = 0.5
"""Each point of a curve covers the queries of this period."""
LOW_MS, HIGH_MS = 1.0, 20_000.0
DEPENDENT, INDEPENDENT, SHADE, GRID = "#c0392b", "#1f6f8b", "#f6dcd7", "#e3e3e3"

Curves = dict[str, list[tuple[float, float]]]


def draw(observations: Sequence[Observation], runs: Sequence[ExperimentRun]) -> str:
    """Return an SVG with one panel for every nine runs."""
    panels = [runs[at : at + RUNS_PER_PANEL] for at in range(0, len(runs), RUNS_PER_PANEL)]
    curves = _curves(observations, runs)
    parts = [
        text(
            16, 26, "95th percentile of latency while one department after another fails", "title"
        ),
        text(16, 48, "shaded: fault switched on", "small"),
        *_key(200, 44, DEPENDENT, "queries that need the faulty department"),
        *_key(470, 44, INDEPENDENT, "all other queries"),
    ]
    begin = 0.0
    for index, panel in enumerate(panels):
        until = panel[-1].until
        parts += _panel(panel, curves, begin, until, TOP + index * (PANEL + LABELS + GAP))
        begin = until
    return document(parts, WIDTH, TOP + len(panels) * (PANEL + LABELS + GAP))


def _curves(observations: Sequence[Observation], runs: Sequence[ExperimentRun]) -> Curves:
    """Return the points (seconds, milliseconds) of both curves."""
    starts = [run.start for run in runs]
    buckets: dict[tuple[str, int], list[float]] = defaultdict(list)
    for each in observations:
        index = bisect_right(starts, each.started) - 1
        dependent = (
            index >= 0
            and each.started < runs[index].until
            and runs[index].experiment.department in each.query.departments
        )
        colour = DEPENDENT if dependent else INDEPENDENT
        buckets[colour, int(each.started / BUCKET_SECONDS)].append(each.seconds)
    curves: Curves = {DEPENDENT: [], INDEPENDENT: []}
    for (colour, bucket), seconds in sorted(buckets.items()):
        curves[colour].append(((bucket + 0.5) * BUCKET_SECONDS, latency_of(seconds).p95_ms))
    return curves


def _panel(
    runs: Sequence[ExperimentRun], curves: Curves, begin: float, until: float, top: float
) -> Iterable[str]:
    upper, lower = top + LABELS, top + LABELS + PANEL
    scale = (WIDTH - LEFT - RIGHT) / (until - begin)

    def x(seconds: float) -> float:
        return LEFT + (seconds - begin) * scale

    def y(ms: float) -> float:
        bounded = min(max(ms, LOW_MS), HIGH_MS)
        return lower - log10(bounded / LOW_MS) / log10(HIGH_MS / LOW_MS) * PANEL

    for run in runs:
        yield box(x(run.start), upper, x(run.end) - x(run.start), PANEL, SHADE)
        middle = x((run.start + run.end) / 2)
        yield text(middle, upper - 18, run.experiment.department, "small middle")
        yield text(middle, upper - 5, run.experiment.fault_name, "small middle")
    for ms in (1, 10, 100, 1_000, 10_000):
        yield line(LEFT, y(ms), WIDTH - RIGHT, y(ms), GRID)
        yield text(8, y(ms) + 4, f"{ms:,} ms", "small")
    for seconds in range(int(begin // 10 + 1) * 10, int(until) + 1, 10):
        yield text(x(seconds), lower + 15, f"{seconds} s", "small middle")
    for colour, points in curves.items():
        for stretch in _stretches(points, begin, until):
            yield curve([(x(at), y(ms)) for at, ms in stretch], colour, 1.8)


def _stretches(
    points: Sequence[tuple[float, float]], begin: float, until: float
) -> list[list[tuple[float, float]]]:
    """Split the points of a panel where there was no load."""
    stretches: list[list[tuple[float, float]]] = []
    for point in points:
        if not begin <= point[0] < until:
            continue
        if stretches and point[0] - stretches[-1][-1][0] <= 2 * BUCKET_SECONDS:
            stretches[-1].append(point)
        else:
            stretches.append([point])
    return stretches


def _key(x: float, y: float, colour: str, words: str) -> list[str]:
    return [line(x, y, x + 22, y, colour), text(x + 28, y + 4, words, "small")]
