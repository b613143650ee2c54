"""Draws a graph as SVG that stands inside a page; its colours come from the page's style."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from codeanatomy.workflow.show.layout import place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.show.layout import Point
    from codeanatomy.workflow.show.picture import Link, Picture, Shape

LETTER, HEIGHT, PAD, LONGEST = 7.4, 34.0, 17.0, 34
MARGIN = 14.0


@dataclass(frozen=True, slots=True)
class Path:
    """What a run did in a graph: how often each node ran and each arrow was followed."""

    visits: Mapping[str, int] = field(default_factory=dict)
    taken: Mapping[tuple[str, str], int] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)  # node -> failed, waiting


def to_svg(picture: Picture, path: Path | None = None) -> str:
    """Return the picture as one `svg` element."""
    walked = path or Path()
    kinds = {shape.name: shape for shape in picture.shapes}
    placed = place(picture, lambda name: _size(kinds[name]), _room)
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    arrows = [_arrow(link, points, walked) for link, points in placed.routes]
    arrows.sort(key=lambda drawn: 'class="taken' in drawn)  # the path lies on top
    labels = [_arrow_label(link, points, walked) for link, points in placed.routes if _says(link)]
    nodes = [_node(shape, placed.centers[shape.name], walked) for shape in picture.shapes]
    box = f"{-MARGIN:g} {-MARGIN:g} {width:.0f} {height:.0f}"
    head = (
        f'<svg class="graph" viewBox="{box}" width="{width:.0f}" height="{height:.0f}" '
        'role="img" aria-label="The graph and the path the run took">'
    )
    return "\n".join(
        [
            head,
            _HEADS,
            *arrows,
            *labels,
            *nodes,
            "</svg>",
        ]
    )


def shown_name(shape: Shape) -> str:
    """Return the name in a box: the middle of a long one is left out."""
    name = {"start": "start", "end": "end"}.get(shape.kind, shape.name)
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[: half - 1]}…{name[-half:]}"


_HEADS = "".join(
    f'<defs><marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" '
    f'markerHeight="5" orient="auto"><path class="{name}" d="M0 0.6 7.4 4 0 7.4z"/></marker></defs>'
    for name in ("head", "head-taken")
)


def _size(shape: Shape) -> Point:
    if shape.kind in ("start", "end"):
        return 62.0, HEIGHT - 6
    return max(64.0, len(shown_name(shape)) * LETTER + 2 * PAD), HEIGHT


def _node(shape: Shape, center: Point, path: Path) -> str:
    (x, y), (width, height) = center, _size(shape)
    count = path.visits.get(shape.name, 0)
    ran = count or (shape.kind == "start" and path.taken) or _ended(shape, path)
    classes = ["node", shape.kind, "ran" if ran else "idle", path.marks.get(shape.name, "")]
    radius = height / 2 if shape.kind in ("start", "end") else 9
    badge = _badge(x + width / 2, y - height / 2, count) if count > 1 else ""
    return (
        f'<g class="{" ".join(filter(None, classes))}"><title>{escape(shape.name)}</title>'
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="{radius:g}"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}">{escape(shown_name(shape))}</text>{badge}</g>'
    )


def _ended(shape: Shape, path: Path) -> bool:
    return shape.kind == "end" and any(target == shape.name for _, target in path.taken)


def _badge(x: float, y: float, count: int) -> str:
    text = f"\N{MULTIPLICATION SIGN}{count}"
    wide = 9 + 7 * len(text)
    return (
        f'<rect class="badge" x="{x - wide / 2:.1f}" y="{y - 9:.1f}" width="{wide}" height="18" '
        f'rx="9"/><text class="badge" x="{x:.1f}" y="{y + 4:.1f}">{text}</text>'
    )


def _arrow(link: Link, points: list[Point], path: Path) -> str:
    taken = path.taken.get((link.source, link.target), 0)
    state, head = ("taken", "head-taken") if taken else ("arrow", "head")
    curve = _corners(points) if _goes_back(points) else _curve(points)
    return f'<path class="{state} {link.kind}" d="{curve}" marker-end="url(#{head})"/>'


def _goes_back(points: list[Point]) -> bool:
    return len(points) == 4 and points[0][1] == points[1][1]  # noqa: PLR2004 - as the layout bends it


def _curve(points: list[Point]) -> str:
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (y0 + y1) / 2
        parts.append(f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}")
    return "".join(parts)


def _corners(points: list[Point], radius: float = 10) -> str:
    (x0, y0), (far, _), (_, y3), (x1, _) = points
    bend = min(radius, abs(y3 - y0) / 2)
    turn = bend if y3 > y0 else -bend
    return (
        f"M{x0:.1f} {y0:.1f}H{far - bend:.1f}Q{far:.1f} {y0:.1f} {far:.1f} {y0 + turn:.1f}"
        f"V{y3 - turn:.1f}Q{far:.1f} {y3:.1f} {far - bend:.1f} {y3:.1f}H{x1:.1f}"
    )


def _said(link: Link) -> str:
    return link.says if len(link.says) <= LONGEST else f"{link.says[: LONGEST - 1]}…"


def _room(link: Link) -> float:
    return 7 * len(_said(link)) + 28 if _says(link) else 0.0


def _says(link: Link) -> bool:
    """Tell whether an arrow needs its label: branches of a fan-out look like what they are."""
    return bool(link.says) and link.kind != "parallel"


def _arrow_label(link: Link, points: list[Point], path: Path) -> str:
    if _goes_back(points):
        x, y, anchor = points[1][0] - 10, points[0][1] - 9, "end"
    else:
        (x0, y0), (x1, y1) = points[0], points[1]
        x, y, anchor = x0 + (x1 - x0) * 0.62, y0 + (y1 - y0) * 0.58, "middle"
    text = _said(link)
    taken = " taken" if path.taken.get((link.source, link.target)) else ""
    return (
        f'<text class="label{taken}" x="{x:.1f}" y="{y + 3.5:.1f}" style="text-anchor:{anchor}">'
        f"<title>{escape(link.says)}</title>{escape(text)}</text>"
    )
