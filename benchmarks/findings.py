"""What an oracle found: how much it checked, and each disagreement by sort.

`exceptions.csv` lists those that remain, with their count and the reason.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

EXCEPTIONS = Path(__file__).resolve().parent / "exceptions.csv"
SHOWN = 5


class Findings:
    """Counts of what was checked, and what was wrong."""

    def __init__(self, oracle: str, corpus: str) -> None:
        self.oracle, self.corpus = oracle, corpus
        self.checked: Counter[str] = Counter()
        self.wrong: list[tuple[str, str, int, str]] = []

    def count(self, what: str, number: int = 1) -> None:
        """Count something that was looked at."""
        self.checked[what] += number

    def add(self, sort: str, path: str, line: int, what: str) -> None:
        """Note a disagreement."""
        self.wrong.append((sort, path, line, what))

    def merge(self, other: Findings) -> None:
        """Take over what another found in other files."""
        self.checked.update(other.checked)
        self.wrong += other.wrong

    def unexplained(self) -> list[tuple[str, str, int, str]]:
        """List the disagreements that no row of `exceptions.csv` accounts for, count and all."""
        met = Counter((sort, path) for sort, path, _, _ in self.wrong)
        allowed = {
            (row["sort"], row["file"])
            for row in exceptions()
            if row["oracle"] == self.oracle
            and row["corpus"] == self.corpus
            and met[row["sort"], row["file"]] == int(row["count"])
        }
        return [found for found in self.wrong if found[:2] not in allowed]

    def shown(self, limit: int = SHOWN) -> dict[str, object]:
        """Say what was found, as JSON can hold it."""
        left = self.unexplained()
        sorts = Counter(sort for sort, *_ in left)
        return {
            "checked": dict(sorted(self.checked.items())),
            "explained": len(self.wrong) - len(left),
            "wrong": dict(sorted(sorts.items())),
            "examples": {
                sort: [f"{path}:{line}: {what}" for s, path, line, what in left if s == sort][
                    :limit
                ]
                for sort in sorted(sorts)
            },
        }


def exceptions() -> list[dict[str, str]]:
    """Return the rows of `exceptions.csv`."""
    with EXCEPTIONS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report(found: Iterable[Findings], **figures: object) -> None:
    """Print what each corpus showed as JSON; end with status 1 where something is unexplained."""
    listed = list(found)
    limit = int(next((a.split("=")[1] for a in sys.argv if a.startswith("--shown=")), SHOWN))
    shown = {one.corpus: one.shown(limit) for one in listed}
    print(json.dumps({"oracle": listed[0].oracle, **figures, "corpora": shown}, indent=2))
    sys.exit(1 if any(one.unexplained() for one in listed) else 0)
