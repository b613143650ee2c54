"""A chart as text: eight dots a character (Unicode braille), bars as blocks."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from codeanatomy.ecs.chart.scale import Scale, scales, spread, told
from codeanatomy.ecs.chart.svg import runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeanatomy.ecs.chart.figure import Figure

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # bits by row and column
_BLANK = 0x2800
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_STEPS = "▁▂▃▄▅▆▇█"


def text(chart: Figure, width: int, height: int) -> str:
    """Draw a chart in so many columns and lines."""
    lines = _bars(chart, width) if chart.kind == "bars" else _dots(chart, width, height)
    return "\n".join([_cut(chart.title, width), *lines]) + "\n"


def spark(values: Sequence[float | None], width: int) -> str:
    """Draw the last values as one line of steps; a blank where there is none."""
    last = values[-width:]
    low, high = spread(last)
    return "".join(
        " " if v is None else _STEPS[min(int((v - low) / (high - low) * 8), 7)] for v in last
    )


def _dots(chart: Figure, width: int, height: int) -> Iterator[str]:
    rows = max(height - 3 - (len(chart.lines) > 1), 2)
    probe = scales(chart, 0, 1, 0, 1)[1]
    marks = {round((1 - probe(mark)) * (rows - 1)): told(mark) for mark in probe.marks(5)}
    edge = max([len(mark) for mark in marks.values()] or [1])
    columns = max(width - edge - 2, 4)
    across, up = scales(chart, 0, columns * 2 - 1, rows * 4 - 1, 0)
    cells = [[_BLANK] * columns for _ in range(rows)]
    for line in chart.lines:
        for run in runs(line):
            _draw(cells, run, across, up, joined=chart.kind == "line")
    for row, cell in enumerate(cells):
        drawn = "".join(map(chr, cell)).rstrip(chr(_BLANK))
        yield f"{marks.get(row, ''):>{edge}} ┤{drawn}".rstrip()
    yield f"{'':>{edge}} └{'─' * columns}"
    low, high = told(across.low), told(across.high)
    middle = chart.x_name.center(columns - len(low) - len(high))
    yield f"{'':>{edge}}  {low}{middle}{high}"
    if len(chart.lines) > 1:
        yield _cut("  ".join(line.name for line in chart.lines), width)


def _draw(
    cells: list[list[int]],
    run: list[tuple[float, float]],
    across: Scale,
    up: Scale,
    *,
    joined: bool,
) -> None:
    points = [(round(across(x)), round(up(y))) for x, y in run]
    for x, y in points:
        _dot(cells, x, y)
    if joined:
        for (x1, y1), (x2, y2) in pairwise(points):
            steps = max(abs(x2 - x1), abs(y2 - y1))
            for step in range(1, steps):
                share = step / steps
                _dot(cells, round(x1 + (x2 - x1) * share), round(y1 + (y2 - y1) * share))


def _dot(cells: list[list[int]], x: int, y: int) -> None:
    cells[y // 4][x // 2] |= _DOTS[y % 4][x % 2]


def _bars(chart: Figure, width: int) -> Iterator[str]:
    edge = min(max([len(label) for label in chart.labels] or [1]), width // 3)
    high = max([abs(y) for line in chart.lines for y in line.y if y is not None] or [1.0]) or 1.0
    numbers = {y: told(y) for line in chart.lines for y in line.y if y is not None}
    room = max(width - edge - 2 - max([len(n) for n in numbers.values()] or [1]), 4)
    for place, label in enumerate(chart.labels):
        for line in chart.lines:
            y = line.y[place]
            name = _cut(label, edge)
            if y is None:
                yield f"{name:>{edge}} │"
                continue
            eighths = round(abs(y) / high * room * 8)
            bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
            yield f"{name:>{edge}} │{bar} {numbers[y]}"
    if len(chart.lines) > 1:
        yield _cut("  ".join(line.name for line in chart.lines), width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
