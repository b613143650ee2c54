"""Whether confidence means what it says: each package judged by a table of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.cpg.graph.calibrate import table_of
from codeanatomy.cpg.resolve.confidence import estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.cpg.graph.calibrate import Judged

SVG = "http://www.w3.org/2000/svg"
FRAME = (((0, 0), (1, 1)), ((0, 0), (0, 1)), ((0, 1), (1, 1)), ((1, 1), (1, 0)), ((1, 0), (0, 0)))
FEWEST = 300  # judged targets in one bin; fewer are merged with the next lower one


class Bin(NamedTuple):
    """Targets of like confidence: how many, the mean of what was said, and how many hit."""

    low: float
    high: float
    total: int
    said: float
    hits: float


def held_out(found: Mapping[str, list[Judged]]) -> list[tuple[float, bool]]:
    """Give every judged target the confidence of a table made without its package."""
    answers = []
    for name, own in found.items():
        known = estimate(table_of(rows for other, rows in found.items() if other != name))
        answers += [(known.of(one.key) or 0.0, one.hit) for one in own]
    return answers


def bins(answers: list[tuple[float, bool]]) -> list[Bin]:
    """Divide by tenths of confidence; one with fewer than `FEWEST` joins the next lower one."""
    tenths: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for said, hit in answers:
        tenths[min(int(said * 10), 9)].append((said, hit))
    found: list[tuple[int, int, list[tuple[float, bool]]]] = []
    for place, rows in enumerate(tenths):
        if found and len(found[-1][2]) < FEWEST:
            low, _, before = found.pop()
            found.append((low, place + 1, before + rows))
        elif rows:
            found.append((place, place + 1, rows))
    if len(found) > 1 and len(found[-1][2]) < FEWEST:
        low, _, before = found[-2]
        found[-2:] = [(low, found[-1][1], before + found[-1][2])]
    return [_bin(*part) for part in found]


def figures(answers: list[tuple[float, bool]]) -> dict[str, Any]:
    """Return the bins, the Brier score and that of the base rate."""
    total = max(len(answers), 1)
    base = sum(hit for _, hit in answers) / total
    return {
        "judged": len(answers),
        "base rate": round(base, 4),
        "brier": round(sum((said - hit) ** 2 for said, hit in answers) / total, 4),
        "brier of the base rate": round(base * (1 - base), 4),
        "bins": [
            {
                "confidence": f"{one.low:.1f}-{one.high:.1f}",
                "sites": one.total,
                "said": round(one.said, 4),
                "hit": round(one.hits, 4),
                "off": round(abs(one.said - one.hits), 4),
            }
            for one in bins(answers)
        ],
    }


def plot(answers: list[tuple[float, bool]], packages: int, width: int = 480) -> str:
    """Draw what was said against what hit, as SVG: a dot a bin, its area the number of targets."""
    margin, most = 48, max((one.total for one in bins(answers)), default=1)
    side = width - 2 * margin

    def at(said: float, hit: float) -> tuple[float, float]:
        return margin + said * side, margin + (1 - hit) * side

    parts = [
        f'<svg xmlns="{SVG}" viewBox="0 0 {width} {width}" font-family="sans-serif">',
        f'<rect width="{width}" height="{width}" fill="white"/>',
        *(_line(at(*begin), at(*end), "#888") for begin, end in FRAME),
        _line(at(0, 0.05), at(0.95, 1), "#ccc"),
        _line(at(0.05, 0), at(1, 0.95), "#ccc"),
    ]
    for tenth in range(0, 11, 2):
        x, y = at(tenth / 10, 0)[0], at(0, tenth / 10)[1]
        parts.append(_text(x, width - margin + 16, f"{tenth / 10:.1f}", "middle"))
        parts.append(_text(margin - 6, y + 4, f"{tenth / 10:.1f}", "end"))
    for one in bins(answers):
        x, y = at(one.said, one.hits)
        radius = 4 + 10 * (one.total / most) ** 0.5
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#3366aa" '
            f'fill-opacity="0.6"><title>{one.total} targets: said {one.said:.3f}, '
            f"hit {one.hits:.3f}</title></circle>"
        )
    parts.append(_text(width / 2, width - 10, "confidence", "middle"))
    parts.append(_text(margin, margin - 12, "share that ran", "start"))
    said = f"{len(answers):,} targets, {packages} packages"
    parts.append(_text(width - margin, margin - 12, said, "end"))
    return "\n".join([*parts, "</svg>", ""])


def _bin(low: int, high: int, rows: list[tuple[float, bool]]) -> Bin:
    total = len(rows)
    said, hits = sum(said for said, _ in rows), sum(hit for _, hit in rows)
    return Bin(low / 10, high / 10, total, said / total, hits / total)


def _line(begin: tuple[float, float], end: tuple[float, float], colour: str) -> str:
    return (
        f'<line x1="{begin[0]:.1f}" y1="{begin[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
        f'stroke="{colour}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="{anchor}"'
    return f"<text {place}>{text}</text>"
