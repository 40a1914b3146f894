"""Draws the chart: requests per second compared, and time by records."""

from collections.abc import Iterable, Mapping, Sequence
from math import log10
from typing import Any

from mocks.lab.svg import box, curve, document, line, text
from tests.benchmarks.measurement import Comparison
from tests.benchmarks.workloads import WORKLOADS

WIDTH = 760
LEFT, RIGHT = 110, 190
ROW = 34
TOP = 64
CURVES = 260
HUB, PLAIN, TARGET = "#1f6f8b", "#b0b7bd", "#c0392b"


def draw(comparisons: Mapping[str, Comparison], records: Sequence[Mapping[str, Any]]) -> str:
    """Return the chart as SVG."""
    bars = list(_bars(comparisons))
    start = TOP + ROW * len(comparisons) + 70
    height = start + CURVES + 60
    return document([*bars, *_curves(records, start)], WIDTH, height)


def _bars(comparisons: Mapping[str, Comparison]) -> Iterable[str]:
    """Draw a bar for each workload, with a line at its target."""
    yield text(16, 28, "Requests per second, compared with a plain strawberry server", "title")
    yield text(
        16,
        48,
        "In brackets: hub / plain server. The red line is the target.",
        "small",
    )
    targets = {name: WORKLOADS[name].target for name in comparisons}
    longest = max(max(c.ratio, targets[name]) for name, c in comparisons.items())
    scale = (WIDTH - LEFT - RIGHT) / longest
    for row, (name, comparison) in enumerate(comparisons.items()):
        y = TOP + ROW * row
        length, mark = comparison.ratio * scale, LEFT + targets[name] * scale
        figures = f"{comparison.hub.rps:,.0f} / {comparison.plain.rps:,.0f} per s"
        yield text(16, y + 16, name)
        yield box(LEFT, y, length, 22, HUB)
        yield line(mark, y - 4, mark, y + 26, TARGET)
        label = max(LEFT + length, mark) + 8
        yield text(label, y + 16, f"{comparison.ratio:.1f}× ({figures})", "small")


def _curves(records: Sequence[Mapping[str, Any]], top: float) -> Iterable[str]:
    """Draw milliseconds by records; both axes are logarithmic."""
    yield text(16, top, "Milliseconds of one request, by records in its response", "title")
    times = [point[name]["ms"] for point in records for name in ("hub", "plain")]
    low, high = log10(min(times) / 1.5), log10(max(times) * 1.5)
    first, last = log10(records[0]["records"]), log10(records[-1]["records"])
    upper, lower = top + 24, top + CURVES

    def x(count: float) -> float:
        return LEFT + (log10(count) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(ms: float) -> float:
        return lower - (log10(ms) - low) / (high - low) * (lower - upper)

    yield line(LEFT, lower, WIDTH - RIGHT, lower, "#888")
    yield line(LEFT, upper, LEFT, lower, "#888")
    for point in records:
        yield text(x(point["records"]) - 10, lower + 18, f"{point['records']:,}", "small")
    for exponent in range(-2, 6):
        if low <= exponent <= high:
            yield line(LEFT, y(10**exponent), WIDTH - RIGHT, y(10**exponent), "#e3e3e3")
            yield text(LEFT - 52, y(10**exponent) + 4, f"{10**exponent:g} ms", "small")
    for name, colour in (("plain", PLAIN), ("hub", HUB)):
        points = [(x(point["records"]), y(point[name]["ms"])) for point in records]
        yield curve(points, colour)
        for across, down in points:
            yield f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3.5" fill="{colour}"/>'
        across, down = points[-1]
        yield text(across + 10, down + 4, f"{name} {records[-1][name]['ms']:,.1f} ms", "small")
