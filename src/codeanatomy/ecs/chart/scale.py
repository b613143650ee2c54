"""A scale: from values to places, with round numbers for its marks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.ecs.chart.figure import Figure

_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Scale:
    """From `low`..`high` in values to `start`..`end` in places."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Give the place of a value."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def marks(self, most: int) -> list[float]:
        """Give round numbers between low and high, about `most` of them (Heckbert 1990)."""
        span = self.high - self.low
        rough = span / max(most - 1, 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = power * next(s for s in _STEPS if s * power >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(number * step, 12) for number in range(first, last + 1)]


def spread(values: Iterable[float | None], *, zero: bool = False) -> tuple[float, float]:
    """Give the lowest and highest of some values, apart; with `zero` between them."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    if zero:
        known.append(0.0)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if low == high:
        room = abs(low) * 0.1 or 1.0
        return (low - room, high + room)
    return low, high


def scales(
    chart: Figure, left: float, right: float, bottom: float, top: float
) -> tuple[Scale, Scale]:
    """Give the scales of a chart drawn between these places."""
    bars = chart.kind == "bars"
    if bars:
        low, high = -0.5, max(len(chart.labels), 1) - 0.5
    else:
        low, high = spread(x for line in chart.lines for x in line.x)
    floor, ceiling = spread((y for line in chart.lines for y in line.y), zero=bars)
    return Scale(low, high, left, right), Scale(floor, ceiling, bottom, top)


def told(value: float) -> str:
    """Write a number for a mark: short, without needless digits."""
    if value == 0:
        return "0"
    if abs(value) >= 1e6 or abs(value) < 1e-4:  # noqa: PLR2004 - where digits stop being readable
        return f"{value:.3g}"
    return f"{value:.6g}"
