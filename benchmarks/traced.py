"""What real programs call, beside what the graph says they call.

    python -m benchmarks.traced trace [PACKAGE ...]       run suites that have no trace yet
    python -m benchmarks.traced compare [PACKAGE ...]     the figures, by package, as JSON
    python -m benchmarks.traced compare --missing PACKAGE -n 40    pairs that are not in the graph
    python -m benchmarks.traced compare --wrong PACKAGE            targets that did not run
    python -m benchmarks.traced compare --unresolved PACKAGE       unresolved places that ran
    python -m benchmarks.traced calibrate [--write]       confidence: table, reliability, plot

`--kept` opens graphs that are there; else each is built anew. `--write` puts the calibration table
and the plot where they are committed. Traces lie in `benchmarks/.corpora/traces`; each is made
once: in an environment of its own, from its source distribution, under `sys.setprofile`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.tracing import reliability, suites, worklist
from benchmarks.tracing.compare import compare, figures
from benchmarks.tracing.packages import BY_NAME, PACKAGES
from codeanatomy.cpg.graph.calibrate import table_of
from codeanatomy.cpg.resolve.confidence import to_csv

if TYPE_CHECKING:
    from benchmarks.tracing.compare import Compared
    from benchmarks.tracing.packages import Package

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "src" / "codeanatomy" / "cpg" / "resolve" / "calibration.csv"
PLOT = ROOT / "docs" / "explanation" / "reliability.svg"
LISTS = {
    "missing": worklist.missing,
    "wrong": worklist.wrong,
    "unresolved": worklist.unresolved,
}


def main() -> None:
    """Do what the arguments say."""
    given = _arguments()
    chosen = [BY_NAME[name] for name in given.packages] if given.packages else list(PACKAGES)
    if given.verb == "trace":
        for package in chosen:
            print(suites.rows_of(package).name)
    elif any(vars(given)[name] for name in LISTS):
        _lists(given)
    elif given.verb == "compare":
        _figures(chosen, kept=given.kept)
    else:
        _calibrate(chosen, kept=given.kept, write=given.write)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.traced")
    parser.add_argument("verb", choices=["trace", "compare", "calibrate"])
    parser.add_argument("packages", nargs="*")
    for name in LISTS:
        parser.add_argument(f"--{name}", metavar="PACKAGE")
    parser.add_argument("-n", type=int, default=8, help="lines of each group")
    parser.add_argument("--kept", action="store_true")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def _lists(given: argparse.Namespace) -> None:
    for name, listed in LISTS.items():
        if wanted := vars(given)[name]:
            found = compare(BY_NAME[wanted], kept=given.kept)
            print("\n".join(worklist.show(listed(found), given.n)))


def _figures(chosen: list[Package], *, kept: bool) -> None:
    shown: dict[str, Any] = {}
    reasons: dict[str, int] = {}
    for package in chosen:
        found = _compared(package, kept=kept)
        if found is None:
            continue
        shown[package.name] = figures(found)
        print(json.dumps({package.name: shown[package.name]}), file=sys.stderr, flush=True)
        for reason, count in worklist.summary(worklist.missing(found)).items():
            reasons[reason] = reasons.get(reason, 0) + count
    ordered = sorted(reasons.items(), key=lambda item: -item[1])[:30]
    whole = {"packages": shown, "means": _means(shown), "missing by reason": dict(ordered)}
    print(json.dumps(whole, indent=2))


def _calibrate(chosen: list[Package], *, kept: bool, write: bool) -> None:
    judged = {}
    for package in chosen:
        if found := _compared(package, kept=kept):
            judged[package.name] = found.judged()
    answers = reliability.held_out(judged)
    text = to_csv(table_of(judged.values()))
    if write:
        TABLE.write_text(text, "utf-8")
        PLOT.write_text(reliability.plot(answers, len(judged)), "utf-8")
    print(text)
    print(json.dumps(reliability.figures(answers), indent=2))


def _compared(package: Package, *, kept: bool) -> Compared | None:
    """Compare one package; one that cannot be built is told and left out."""
    try:
        return compare(package, kept=kept)
    except Exception as error:  # noqa: BLE001 - told, and the other packages are still measured
        print(f"{package.name}: {error!r}", file=sys.stderr)
        return None


def _means(shown: dict[str, Any]) -> dict[str, float]:
    names = {name for figures in shown.values() for name in figures}
    means = {}
    for name in sorted(names):
        values = [f[name] for f in shown.values() if isinstance(f[name], int | float)]
        if values:
            means[name] = round(sum(values) / len(values), 4)
    return means


if __name__ == "__main__":
    main()
