"""One package's graph beside its trace: the pairs, places and figures that are promised."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import codeanatomy as ca
from benchmarks.tracing import suites
from codeanatomy.cpg.graph.calibrate import Judged, judged
from codeanatomy.cpg.graph.traces import CODE, Executed, Sites, executed

if TYPE_CHECKING:
    from benchmarks.tracing.packages import Package
    from codeanatomy.cpg.api import Graph

SECONDS = 150  # for one build
MANY = 20  # targets of one place
Pair = tuple[int, int]


class NotBuiltError(Exception):
    """The build of a package ended with another status than 0."""


class Compared(NamedTuple):
    """What comparing one package found: its places, its pairs and its judged targets."""

    package: Package
    graph: Graph
    sites: Sites
    places: list[Executed]
    kinds: dict[int, str]
    paths: dict[int, str]
    called: set[Pair]

    def own(self, nid: int | None) -> bool:
        """Whether a node is code of the package itself, and not of its tests."""
        return nid is not None and is_own(self.package, self.paths.get(nid, ""))

    def judged(self) -> list[Judged]:
        """Judge the targets at executed places of the package itself."""
        return list(judged(p for p in self.places if is_own(self.package, p.path)))


def is_own(package: Package, path: str) -> bool:
    """Whether a path is code of the package, and not of its tests."""
    inside = path.startswith(f"{package.code}/")
    return inside and not any(path.startswith(f"{tests}/") for tests in package.tests)


def compare(package: Package, *, kept: bool = False) -> Compared:
    """Build a package's graph, or open the one that was built, and read its trace."""
    graph = graph_of(package, kept=kept)
    sites = Sites(graph._snapshot)  # noqa: SLF001 - a benchmark looks inside
    names = graph.sql(
        "SELECT nid, kind, path FROM nodes WHERE path IS NOT NULL AND "
        "kind IN ('module', 'class', 'function', 'method', 'lambda')"
    ).to_arrow().to_pylist()  # fmt: skip
    calls = graph.sql("SELECT src, dst FROM edges WHERE kind = 'CALLS'").to_arrow()
    return Compared(
        package, graph, sites, executed(sites, suites.rows_of(package)),
        {row["nid"]: row["kind"] for row in names}, {row["nid"]: row["path"] for row in names},
        set(zip(calls["src"].to_pylist(), calls["dst"].to_pylist(), strict=True)),
    )  # fmt: skip


def graph_of(package: Package, *, kept: bool = False) -> Graph:
    """Build the graph of a whole source distribution, tests and all, with default settings.

    Raises `NotBuiltError`. `kept` opens the one that was built last, if there is one.
    """
    place = suites.STORES / package.folder
    if kept and place.is_dir():
        return ca.open(place)
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    command = ["build", str(suites.sources(package)), "--store", str(place), "--name", package.name]
    done = subprocess.run(
        [sys.executable, "-m", "codeanatomy", *command], capture_output=True, text=True,
        check=False, timeout=SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise NotBuiltError(f"status {done.returncode}: {done.stderr.strip()[-400:]}")
    return ca.open(place)


def pairs(found: Compared, *, tests: bool = False) -> dict[Pair, list[Executed]]:
    """List the executed pairs of functions, with the places where each was seen."""
    seen: dict[Pair, list[Executed]] = defaultdict(list)
    for place in found.places:
        if place.caller is None or found.kinds.get(place.caller) not in CODE:
            continue
        for callee in place.inside:
            if tests or (found.own(place.caller) and found.own(callee)):
                seen[place.caller, callee].append(place)
    return seen


def figures(found: Compared) -> dict[str, Any]:
    """Return the figures of one package."""
    seen, every = pairs(found), pairs(found, tests=True)
    missing = [pair for pair in seen if pair not in found.called]
    calls = own_calls(found)
    unresolved = [place for place in calls if place.reasons]
    return {
        "style": found.package.style,
        "pairs": len(seen),
        "recall": _share(len(seen) - len(missing), len(seen)),
        "recall with tests": _share(len(every.keys() & found.called), len(every)),
        "missing pairs": len(missing),
        "missing, silent": sum(any(not p.reasons for p in seen[pair]) for pair in missing),
        "missing, silent, explicit": sum(
            any(p.site == "call" and not p.reasons for p in seen[pair]) for pair in missing
        ),
        "executed sites": len(calls),
        "unresolved": _share(len(unresolved), len(calls)),
        "unresolved, without a target": _share(
            sum(not place.targets for place in unresolved), len(calls)
        ),
        "unresolved, rightly": _share(sum(map(outside_set, unresolved), 0), len(unresolved)),
        **explosion(found),
        "not in the graph": sum(place.strange for place in found.places),
    }


def own_calls(found: Compared) -> list[Executed]:
    """List the executed call expressions of the package itself."""
    return [p for p in found.places if p.site == "call" and is_own(found.package, p.path)]


def outside_set(place: Executed) -> bool:
    """Whether something ran at a place that is not among its targets."""
    if place.strange or place.inside - {target.nid for target in place.targets}:
        return True
    from codeanatomy.cpg.graph.calibrate import _named

    names = [t.name for t in place.targets]
    return any(not any(_named(name, frozenset({ran})) for name in names) for ran in place.outside)


def explosion(found: Compared) -> dict[str, Any]:
    """Count targets in the package by resolved call site, executed or not."""
    counts = []
    large = 0
    for nid, targets in found.sites.targets.items():
        if not is_own(found.package, found.sites.places[nid][0]):
            continue
        own = {target.nid for target in targets if target.kind in (*CODE, "class")}
        if own:
            counts.append(len(own))
        if len({target.nid for target in targets}) > MANY:
            large += any(target.group is None for target in targets)
    return {
        "targets per resolved site": round(sum(counts) / max(len(counts), 1), 3),
        "most targets": max(counts, default=0),
        f"sites with more than {MANY} targets": sum(count > MANY for count in counts),
        "of these without a group": large,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
