"""The timeline of a run: latency of those who need the faulty department, and of the others."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import log10

from hub.cli.chaos.conducting import Span
from hub.cli.chaos.load import Observation
from hub.cli.chaos.pace import latency_of
from hub.cli.svg import box, curve, document, line, text

WIDTH, LEFT, RIGHT = 1100.0, 60.0, 20.0
TOP, PANEL, LABELS, GAP = 70.0, 170.0, 36.0, 34.0
SPANS_A_PANEL = 9
BUCKET = 0.5
"""Seconds whose answers make one point of a curve."""
LOW_MS, HIGH_MS = 1.0, 20_000.0
NEEDING, OTHERS, SHADE, GRID = "#c0392b", "#1f6f8b", "#f6dcd7", "#e3e3e3"

Curves = dict[str, list[tuple[float, float]]]


def draw(observations: Sequence[Observation], spans: Sequence[Span]) -> str:
    """The whole picture as SVG: a panel for every few cases."""
    panels = [spans[at : at + SPANS_A_PANEL] for at in range(0, len(spans), SPANS_A_PANEL)]
    curves = _curves(observations, spans)
    parts = [
        text(
            16, 26, "95th percentile of latency while one department after another fails", "title"
        ),
        text(16, 48, "shaded: the fault is on", "small"),
        *_key(200, 44, NEEDING, "answers that need the faulty department"),
        *_key(470, 44, OTHERS, "all other answers"),
    ]
    begin = 0.0
    for place, panel in enumerate(panels):
        until = panel[-1].until
        parts += _panel(panel, curves, begin, until, TOP + place * (PANEL + LABELS + GAP))
        begin = until
    return document(parts, WIDTH, TOP + len(panels) * (PANEL + LABELS + GAP))


def _curves(observations: Sequence[Observation], spans: Sequence[Span]) -> Curves:
    """Points (seconds, milliseconds) of both curves."""
    starts = [span.start for span in spans]
    buckets: dict[tuple[str, int], list[float]] = defaultdict(list)
    for each in observations:
        place = bisect_right(starts, each.started) - 1
        needing = (
            place >= 0
            and each.started < spans[place].until
            and spans[place].case.department in each.question.departments
        )
        colour = NEEDING if needing else OTHERS
        buckets[colour, int(each.started / BUCKET)].append(each.seconds)
    curves: Curves = {NEEDING: [], OTHERS: []}
    for (colour, bucket), seconds in sorted(buckets.items()):
        curves[colour].append(((bucket + 0.5) * BUCKET, latency_of(seconds).p95_ms))
    return curves


def _panel(
    spans: Sequence[Span], curves: Curves, begin: float, until: float, top: float
) -> Iterable[str]:
    upper, lower = top + LABELS, top + LABELS + PANEL
    scale = (WIDTH - LEFT - RIGHT) / (until - begin)

    def x(seconds: float) -> float:
        return LEFT + (seconds - begin) * scale

    def y(ms: float) -> float:
        bounded = min(max(ms, LOW_MS), HIGH_MS)
        return lower - log10(bounded / LOW_MS) / log10(HIGH_MS / LOW_MS) * PANEL

    for span in spans:
        yield box(x(span.start), upper, x(span.end) - x(span.start), PANEL, SHADE)
        middle = x((span.start + span.end) / 2)
        yield text(middle, upper - 18, span.case.department, "small middle")
        yield text(middle, upper - 5, span.case.name, "small middle")
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
    """The points of a panel, apart where nothing was asked for a while."""
    stretches: list[list[tuple[float, float]]] = []
    for point in points:
        if not begin <= point[0] < until:
            continue
        if stretches and point[0] - stretches[-1][-1][0] <= 2 * BUCKET:
            stretches[-1].append(point)
        else:
            stretches.append([point])
    return stretches


def _key(x: float, y: float, colour: str, words: str) -> list[str]:
    return [line(x, y, x + 22, y, colour), text(x + 28, y + 4, words, "small")]
