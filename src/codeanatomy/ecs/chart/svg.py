"""A chart as SVG, without any library: axes, round marks, lines that break where nothing is."""

from __future__ import annotations

import math
from html import escape
from itertools import chain
from typing import TYPE_CHECKING

from codeanatomy.ecs.chart.scale import Scale, scales, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.ecs.chart.figure import Figure, Line

COLOURS = ("#1f6fb4", "#d9731a", "#2c8a4b", "#b8322f", "#7a55a8", "#7d5a3c", "#c2609b", "#5f6b73")
"""For the first line, the second, and so on round; told apart by most colour-blind people."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 36, 48  # pixels around the plot
_FONT = "font-family='system-ui, sans-serif' font-size='12'"
_ROW = 18  # pixels a row of the legend takes


def svg(chart: Figure, width: int, height: int) -> str:
    """Draw a chart in so many pixels."""
    across, up = scales(chart, _LEFT, width - _RIGHT, height - _BOTTOM, _TOP)
    size = f"viewBox='0 0 {width} {height}' width='{width}' height='{height}'"
    told_as = f"role='img' aria-label='{escape(chart.title)}'"
    drawn = (_line(chart, at, line, across, up) for at, line in enumerate(chart.lines))
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} {told_as} {_FONT}>",
        f"<rect width='{width}' height='{height}' fill='white'/>",
        _text(width / 2, 20, chart.title, "middle", "font-weight='bold'"),
        *_axes(chart, across, up, width, height),
        *chain.from_iterable(drawn),
        *(_legend(chart, width) if len(chart.lines) > 1 else ()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes(chart: Figure, across: Scale, up: Scale, width: int, height: int) -> Iterator[str]:
    for mark in up.marks(6):
        y = up(mark)
        yield _stroke(_LEFT, y, width - _RIGHT, y, "#dddddd")
        yield _text(_LEFT - 6, y + 4, told(mark), "end")
    if chart.labels:
        marks = [(float(place), name) for place, name in enumerate(chart.labels)]
    else:
        marks = [(mark, told(mark)) for mark in across.marks(8)]
    for mark, name in marks:
        yield _text(across(mark), height - _BOTTOM + 16, name, "middle")
    yield _stroke(_LEFT, height - _BOTTOM, width - _RIGHT, height - _BOTTOM, "#444444")
    yield _text((_LEFT + width - _RIGHT) / 2, height - 10, chart.x_name, "middle")


def _line(chart: Figure, place: int, line: Line, across: Scale, up: Scale) -> Iterator[str]:
    colour = COLOURS[place % len(COLOURS)]
    if chart.kind == "bars":
        yield from _bars(chart, place, line, across, up)
        return
    for run in runs(line):
        if chart.kind == "points" or len(run) == 1:
            yield from (
                f"<circle cx='{across(x):.1f}' cy='{up(y):.1f}' r='2.5' fill='{colour}'/>"
                for x, y in run
            )
        else:
            points = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in run)
            yield (
                f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.8'/>"
            )


def runs(line: Line) -> list[list[tuple[float, float]]]:
    """Cut a line where it has no value."""
    found: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(line.x, line.y, strict=True):
        if y is None or not math.isfinite(y) or not math.isfinite(x):
            found.append([])
        else:
            found[-1].append((x, y))
    return [run for run in found if run]


def _bars(chart: Figure, place: int, line: Line, across: Scale, up: Scale) -> Iterator[str]:
    share = 0.8 / len(chart.lines)
    for x, y in (point for run in runs(line) for point in run):
        left = across(x - 0.4 + place * share)
        right = across(x - 0.4 + (place + 1) * share)
        top, bottom = sorted((up(y), up(0.0)))
        yield (
            f"<rect x='{left:.1f}' y='{top:.1f}' width='{right - left:.1f}' "
            f"height='{bottom - top:.1f}' fill='{COLOURS[place % len(COLOURS)]}'/>"
        )


def _legend(chart: Figure, width: int) -> Iterator[str]:
    for place, line in enumerate(chart.lines):
        y = _TOP + 10 + place * _ROW
        colour = COLOURS[place % len(COLOURS)]
        left = width - _RIGHT - 14
        yield f"<rect x='{left}' y='{y - 8}' width='10' height='10' fill='{colour}'/>"
        yield _text(width - _RIGHT - 20, y + 1, line.name, "end")


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {more}>{escape(text)}</text>"


def _stroke(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}'/>"
