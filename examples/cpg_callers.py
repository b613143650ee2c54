"""Ask who calls a definition, and what would break if it changed.

python examples/cpg_callers.py [REPO] [NAME]    default: the small shop beside this file, `with_tax`
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import codeanatomy as ca

SHOP = Path(__file__).resolve().parent / "shop"


def main(repo: str = str(SHOP), name: str = "with_tax") -> None:
    """Print the callers, what may break, and how far both answers can be trusted."""
    with TemporaryDirectory() as store:
        graph = ca.build(repo, store=store)
        callers = graph.callers(name)
        print(f"calls {name}: {trusted(callers.verdict, callers.possible)}")
        for row in callers.to_pylist():
            print(f"  {row['path']}:{row['line']}  {row['caller']}, by {row['method']}")
        impact = graph.impact(name)
        print(f"may break: {trusted(impact.verdict, impact.possible)}")
        for row in impact.to_pylist():
            print("  " * row["depth"] + f"{row['affected']}, {row['via']} of {row['through']}")


def trusted(verdict: str, possible: int) -> str:
    """Say how far an answer can be trusted."""
    return f"{verdict}, {possible} unresolved sites could add to it"


if __name__ == "__main__":
    main(*sys.argv[1:])
