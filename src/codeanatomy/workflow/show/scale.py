"""Moments on a line of 0 to 100 on which long times without any work are cut short."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHARE = 0.04  # of the time with work: what is left of a longer time without
ALL = 0.4  # of the time with work: what is left of all times without
WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Knots of a line that never falls: moments, and where each is; `cuts` are what was cut."""

    moments: list[float]
    places: list[float]
    cuts: list[tuple[float, float]]
    idle: float  # seconds

    @classmethod
    def of(cls, spans: Iterable[tuple[float, float]]) -> Scale:
        """Make the scale of spans of work, (begin, end) in seconds."""
        busy = _joined(sorted(spans))
        work = sum(end - begin for begin, end in busy) or 1e-9
        longest = work * min(SHARE, ALL / max(1, len(busy) - 1))
        moments, places, cut, at, idle = [busy[0][0]], [0.0], [], 0.0, 0.0
        for number, (begin, end) in enumerate(busy):
            gap = begin - moments[-1]
            kept = min(gap, longest)
            if number and kept < gap:
                cut.append((at, at + kept))
                idle += gap
            at += kept
            moments.append(begin)
            places.append(at)
            at += end - begin
            moments.append(end)
            places.append(at)
        factor = WHOLE / (at or 1e-9)
        cuts = [(a * factor, b * factor) for a, b in cut]
        return cls(moments, [place * factor for place in places], cuts, idle)

    def place(self, moment: float) -> float:
        """Say where a moment is, 0 to 100."""
        after = bisect_right(self.moments, moment)
        if after == 0:
            return 0.0
        if after == len(self.moments):
            return WHOLE
        x0, x1 = self.moments[after - 1], self.moments[after]
        y0, y1 = self.places[after - 1], self.places[after]
        return y0 if x1 == x0 else y0 + (y1 - y0) * (moment - x0) / (x1 - x0)


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Put spans that touch or overlap together."""
    found: list[tuple[float, float]] = []
    for begin, end in spans:
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
