"""A figure: what a chart shows, before anybody draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["line", "points", "bars"]


@dataclass(frozen=True)
class Line:
    """One named row of values; `y` is None where there is none, and the line breaks there.

    `x` are numbers, or places (0, 1, 2 ...) where the chart names them.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]


@dataclass(frozen=True)
class Figure:
    """Lines over one axis; `labels` name the places of bars."""

    title: str
    x_name: str
    kind: Kind
    lines: tuple[Line, ...]
    labels: tuple[str, ...] = ()
