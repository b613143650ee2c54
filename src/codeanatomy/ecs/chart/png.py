"""A chart as PNG, drawn by matplotlib where it is installed."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING

from codeanatomy.ecs.chart.svg import COLOURS
from codeanatomy.kernel.errors import MissingPartError

if TYPE_CHECKING:
    from codeanatomy.ecs.chart.figure import Figure

_DOTS_PER_INCH = 100


def png(chart: Figure, width: int, height: int) -> bytes:
    """Draw a chart in so many pixels."""
    try:
        backend = import_module("matplotlib.backends.backend_agg")
        figures = import_module("matplotlib.figure")
    except ImportError:
        raise MissingPartError(
            "a PNG needs matplotlib: pip install 'codeanatomy[plot]'; SVG and text need nothing",
            part="matplotlib",
        ) from None
    size = (width / _DOTS_PER_INCH, height / _DOTS_PER_INCH)
    figure = figures.Figure(figsize=size, dpi=_DOTS_PER_INCH)
    backend.FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    share = 0.8 / max(len(chart.lines), 1)
    for place, line in enumerate(chart.lines):
        colour = COLOURS[place % len(COLOURS)]
        y = [float("nan") if value is None else value for value in line.y]
        if chart.kind == "bars":
            left = [x - 0.4 + (place + 0.5) * share for x in line.x]
            axes.bar(left, y, share, label=line.name, color=colour)
        elif chart.kind == "points":
            axes.plot(line.x, y, "o", markersize=3, label=line.name, color=colour)
        else:
            axes.plot(line.x, y, label=line.name, color=colour)
    if chart.labels:
        axes.set_xticks(range(len(chart.labels)), chart.labels)
    axes.set_title(chart.title)
    axes.set_xlabel(chart.x_name)
    if len(chart.lines) > 1:
        axes.legend()
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    return drawn.getvalue()
