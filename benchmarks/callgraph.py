"""The call graphs of small programs, held against what their authors wrote and a tracer confirmed.

    python -m benchmarks.callgraph [FOLDER] [--wrong] [--jobs=N] [CATEGORY | CASE ...]

Builds every program as a repository of its own and compares the CALLS edges between its modules
and definitions with its `expected.json`. Prints one line a category: programs, those whose edges
are exactly the expected ones, precision and recall over edges; then, of the calls to builtins and
the standard library that `expected.json` lists, how many are there. `--wrong` shows differences.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.observe.workers import processors
from codeanatomy.store.open import open_store
from tests.builds import built

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from codeanatomy.store.manifest import Manifest

Edge = tuple[str, str]

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "callgraph" / "corpus"
OURS = {"module", "class", "function", "method", "lambda"}
CALLABLE = OURS - {"module", "class"}
OUTSIDE = {"builtin", "external symbol"}


class Program(NamedTuple):
    """A small program and its call graph as its author wrote it down.

    `optional` edges are calls that only a library makes, or only text that is run: a graph may
    have them. `external` lists some of the calls that leave the program.
    """

    folder: Path
    calls: frozenset[Edge]
    optional: frozenset[Edge]
    external: frozenset[Edge]

    @property
    def category(self) -> str:
        """The language feature it is about."""
        return self.folder.parent.name

    @property
    def name(self) -> str:
        """Its category and case."""
        return f"{self.category}/{self.folder.name}"


class Found(NamedTuple):
    """The CALLS edges of one built program: within it, and out of it."""

    calls: frozenset[Edge]
    external: frozenset[Edge]


class Score(NamedTuple):
    """How many programs and edges are right, in a category or altogether."""

    programs: int
    exact: int
    right: int
    extra: int
    missing: int
    external: int
    external_right: int

    @property
    def share_exact(self) -> float:
        """Programs without any difference."""
        return self.exact / max(1, self.programs)

    @property
    def precision(self) -> float:
        """Found edges that are expected."""
        return self.right / max(1, self.right + self.extra)

    @property
    def recall(self) -> float:
        """Expected edges that are found."""
        return self.right / max(1, self.right + self.missing)


def programs(root: Path = CORPUS) -> list[Program]:
    """Read every program below a folder, in order of category and case."""
    return [_program(path) for path in sorted(root.glob("*/*/expected.json"))]


def found(wanted: Sequence[Program], jobs: int = 0) -> list[Found]:
    """Build programs, each a repository in a store of its own; return their call graphs."""
    folders = [program.folder for program in wanted]
    jobs = min(jobs or processors(), len(folders))
    if jobs <= 1:
        return [_build(folder) for folder in folders]
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        return list(pool.map(_build, folders, chunksize=8))


def scores(wanted: Sequence[Program], graphs: Sequence[Found]) -> dict[str, Score]:
    """Count by category; `all` is everything."""
    counted: defaultdict[str, Score] = defaultdict(lambda: Score(*[0] * len(Score._fields)))
    for program, graph in zip(wanted, graphs, strict=True):
        one = _score(program, graph)
        for key in (program.category, "all"):
            counted[key] = Score(*map(sum, zip(counted[key], one, strict=True)))
    total = counted.pop("all")
    return {**counted, "all": total}


def differences(wanted: Sequence[Program], graphs: Sequence[Found]) -> Iterator[str]:
    """Tell each program that is not exact, with the edges that are missing and those too many."""
    for program, graph in zip(wanted, graphs, strict=True):
        sets = (
            ("missing", program.calls - graph.calls),
            ("extra", graph.calls - program.calls - program.optional),
        )
        for what, edges in sets:
            for caller, callee in sorted(edges):
                yield f"{program.name}: {what} {caller} > {callee}"
    for program, graph in zip(wanted, graphs, strict=True):
        for caller, callee in sorted(program.external - graph.external):
            yield f"{program.name}: missing outside {caller} > {callee}"


def table(counted: dict[str, Score]) -> str:
    """Write the scores as a table."""
    width = max(map(len, counted))
    lines = [f"{'category':{width}}  programs  exact  precision  recall  outside"]
    lines += [
        f"{name:{width}}  {s.programs:8}  {s.exact:5}  {s.precision:9.4f}  {s.recall:6.4f}"
        f"  {s.external_right}/{s.external}"
        for name, s in counted.items()
    ]
    return "\n".join(lines)


def _program(path: Path) -> Program:
    told = json.loads(path.read_text("utf-8"))
    edges = (
        frozenset((a, b) for a, callees in told.get(key, {}).items() for b in callees)
        for key in ("calls", "optional", "external")
    )
    return Program(path.parent, *edges)


def _build(folder: Path) -> Found:
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as place:
        store = f"parquet://{place}/graph"
        return _calls(store, built(folder, store, name=folder.name, engine_size="small"))


def _calls(store: str, manifest: Manifest) -> Found:
    opened = open_store(store)
    rows = {
        name: opened.scan(name, as_of=manifest.tables[name]).read_all().select(columns).to_pylist()
        for name, columns in (
            ("nodes", ["nid", "kind", "qualified_name"]),
            ("edges", ["src", "dst", "kind"]),
        )
    }
    nodes = {row["nid"]: row for row in rows["nodes"]}
    inside, outside = set(), set()
    for row in rows["edges"]:
        if row["kind"] == "CALLS":
            src, dst = nodes[row["src"]], nodes[row["dst"]]
            edge = (src["qualified_name"], dst["qualified_name"])
            if dst["kind"] in CALLABLE:
                inside.add(edge)
            elif dst["kind"] in OUTSIDE:
                outside.add(edge)
    return Found(frozenset(inside), frozenset(outside))


def _score(program: Program, graph: Found) -> Score:
    right = len(program.calls & graph.calls)
    extra = len(graph.calls - program.calls - program.optional)
    missing = len(program.calls) - right
    exact = int(not extra and not missing)
    outside = len(program.external)
    return Score(1, exact, right, extra, missing, outside, len(program.external & graph.external))


def _asked(words: Iterable[str]) -> tuple[list[Program], int]:
    jobs, root, parts = 0, CORPUS, []
    for word in words:
        if word.startswith("--jobs="):
            jobs = int(word.partition("=")[2])
        elif Path(word).is_dir():
            root = Path(word).resolve()
        elif not word.startswith("--"):
            parts.append(word)
    wanted = [p for p in programs(root) if not parts or p.category in parts or p.name in parts]
    return wanted, jobs


def main() -> None:
    """Measure, and print the table."""
    wanted, jobs = _asked(sys.argv[1:])
    graphs = found(wanted, jobs)
    if "--wrong" in sys.argv:
        print(*differences(wanted, graphs), sep="\n")
    print(table(scores(wanted, graphs)))


if __name__ == "__main__":
    main()
