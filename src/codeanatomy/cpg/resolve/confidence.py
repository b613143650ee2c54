"""Measured confidence: how often a target of a kind was right, where programs were seen to run.

The table `calibration.csv` beside this file has a line for each key: the method, how many targets
the place has, whether a witness agrees, and whether the place is unresolved too. How a frequency is
made of counts: `codeanatomy.cpg.graph.frequencies`.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codeanatomy.cpg.resolve.rows import Rows

K = 8  # so many imagined observations stand for the prior
WITNESSES = frozenset({"scip", "pyrefly"})
BUCKETS = (
    (1, "1"), (2, "2"), (3, "3"), (4, "4"), (6, "5-6"), (9, "7-9"), (14, "10-14"), (24, "15-24"),
)  # fmt: skip
TABLE = "calibration.csv"


class Key(NamedTuple):
    """What is known of a target before it is judged; `targets` is 1, 2, 3, 4, 5-6 ... 25+."""

    method: str
    targets: str
    agreement: bool
    incomplete: bool


class Line(NamedTuple):
    """One line of the table."""

    key: Key
    hits: int
    total: int
    frequency: float


def bucket(count: int) -> str:
    """Name how many targets there are: 1, 2, 3, 4, 5-6, 7-9, 10-14, 15-24 or 25+."""
    return next((name for most, name in BUCKETS if count <= most), "25+")


def estimate(lines: Iterable[Line]) -> Estimate:
    """Make a table answer for every key, also for those it has no line of."""
    return Estimate(lines)


class Estimate:
    """The frequency of a key: of its line, else of lines with as many targets, else of all."""

    def __init__(self, lines: Iterable[Line]) -> None:
        lines = list(lines)
        self._lines = {line.key: line.frequency for line in lines}
        self._places = _means(lines, lambda key: (key.targets, key.incomplete))
        self._all = _means(lines, lambda _: None).get(None)

    def of(self, key: Key) -> float | None:
        """Return the frequency of a key; None if nothing was judged at all."""
        place = self._places.get((key.targets, key.incomplete), self._all)
        return self._lines.get(key, place)


def to_csv(lines: Iterable[Line]) -> str:
    """Write a table as CSV, with a header."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow([*Key._fields, "hits", "total", "frequency"])
    for key, hits, total, frequency in lines:
        flags = ("yes" if flag else "no" for flag in (key.agreement, key.incomplete))
        out.writerow([key.method, key.targets, *flags, hits, total, f"{frequency:.4f}"])
    return text.getvalue()


def from_csv(text: str) -> list[Line]:
    """Read what `to_csv` wrote."""
    found = []
    for row in csv.DictReader(io.StringIO(text)):
        agreement, incomplete = row["agreement"] == "yes", row["incomplete"] == "yes"
        key = Key(row["method"], row["targets"], agreement, incomplete)
        found.append(Line(key, int(row["hits"]), int(row["total"]), float(row["frequency"])))
    return found


def agrees(sources: str) -> bool:
    """Whether a witness supports what is said by other evidence too."""
    return "," in sources and bool(WITNESSES.intersection(sources.split(",")))


@cache
def measured() -> Estimate:
    """Read the table that this version of the package has."""
    return Estimate(from_csv(Path(__file__).with_name(TABLE).read_text(encoding="utf-8")))


def give_confidence(rows: Rows, callers: Mapping[object, int]) -> None:
    """Give every call target, and every call, its measured frequency of being right.

    `callers` maps what calls to the definition whose code it is; a call between two definitions
    has the confidence of its surest site.
    """
    known = measured()
    targets = rows.of("CALL_TARGET")
    count: dict[object, set[object]] = {}
    for edge in targets:
        count.setdefault(edge.src, set()).add(edge.dst)
    unresolved = {edge.src for edge in rows.of("UNRESOLVED")}
    best: dict[tuple[object, object], float] = {}
    for edge in targets:
        several = bucket(len(count[edge.src]))
        key = Key(edge.method, several, agrees(edge.sources), edge.src in unresolved)
        frequency = known.of(key)
        if frequency is None:
            continue
        rows.replace(edge, edge._replace(confidence=frequency))
        pair = (callers.get(edge.src), edge.dst)
        best[pair] = max(best.get(pair, 0.0), frequency)
    for edge in rows.of("CALLS"):
        if (edge.src, edge.dst) in best:
            rows.replace(edge, edge._replace(confidence=best[edge.src, edge.dst]))


def _means(lines: Iterable[Line], kind: Callable[[Key], object]) -> dict[object, float]:
    """Return the mean frequency of each kind of key."""
    sums: dict[object, tuple[float, int]] = {}
    for line in lines:
        said, total = sums.get(kind(line.key), (0.0, 0))
        sums[kind(line.key)] = (said + line.frequency * line.total, total + line.total)
    return {name: said / total for name, (said, total) in sums.items() if total}
