"""The call graphs of small programs, held against what their authors wrote and a tracer confirmed.

    python -m benchmarks.callgraph [FOLDER] [--wrong] [--apart] [--jobs=N] [CATEGORY | CASE ...]

Builds the programs and compares the CALLS edges between the modules and definitions of each with
its `expected.json`. Programs whose modules have different names share a repository, each `main.py`
under a name of its own, since most of a small build is not the program's; `--apart` gives every
program a repository and store of its own. Prints one line a category: programs, those whose edges
are exactly the expected ones, precision and recall over edges; then, of the calls to builtins and
the standard library that `expected.json` lists, how many are there. `--wrong` shows differences.
"""

from __future__ import annotations

import json
import shutil
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
SHARING = 40  # most programs in one repository


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


def found(wanted: Sequence[Program], jobs: int = 0, *, apart: bool = False) -> list[Found]:
    """Build programs, together or each in a store of its own; return their call graphs."""
    groups = [[program] for program in wanted] if apart else _groups(wanted)
    jobs = min(jobs or processors(), len(groups))
    if jobs <= 1:
        built_groups = [_build(group) for group in groups]
    else:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            built_groups = list(pool.map(_build, groups))
    graphs = {name: graph for group in built_groups for name, graph in group.items()}
    return [graphs[program.name] for program in wanted]


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


def _groups(wanted: Sequence[Program]) -> list[list[Program]]:
    groups: list[tuple[set[str], list[Program]]] = []
    for program in wanted:
        names = {path.stem for path in program.folder.iterdir()} - {"main", "expected"}
        for taken, group in groups:
            if len(group) < SHARING and not taken & names:
                taken.update(names)
                group.append(program)
                break
        else:
            groups.append((names, [program]))
    return [group for _, group in groups]


def _build(group: Sequence[Program]) -> dict[str, Found]:
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as place:
        root, store = Path(place) / "programs", f"parquet://{place}/graph"
        whose = {top: program for program in group for top in _copied(program, root)}
        manifest = built(root, store, name="programs", engine_size="small")
        return _calls(store, manifest, group, whose)


def _copied(program: Program, root: Path) -> list[str]:
    """Copy a program's files; return the names of its modules and packages there."""
    names = []
    for path in program.folder.iterdir():
        name = path.stem if path.stem != "main" else f"{program.category}__{program.folder.name}"
        if path.is_dir():
            shutil.copytree(path, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.suffix == ".py":
            root.mkdir(exist_ok=True)
            shutil.copy(path, root / f"{name}.py")
        names.append(name)
    return names


def _calls(
    store: str, manifest: Manifest, group: Sequence[Program], whose: dict[str, Program]
) -> dict[str, Found]:
    opened = open_store(store)
    rows = {
        name: opened.scan(name, as_of=manifest.tables[name]).read_all().select(columns).to_pylist()
        for name, columns in (
            ("nodes", ["nid", "kind", "qualified_name"]),
            ("edges", ["src", "dst", "kind"]),
        )
    }
    nodes = {row["nid"]: row for row in rows["nodes"]}
    inside: dict[str, set[Edge]] = {program.name: set() for program in group}
    outside: dict[str, set[Edge]] = {program.name: set() for program in group}
    for row in rows["edges"]:
        if row["kind"] == "CALLS":
            src, dst = nodes[row["src"]], nodes[row["dst"]]
            program = whose[src["qualified_name"].partition(".")[0]]
            caller = _name(src["qualified_name"], program)
            if dst["kind"] in CALLABLE:
                inside[program.name].add((caller, _name(dst["qualified_name"], program)))
            elif dst["kind"] in OUTSIDE:
                outside[program.name].add((caller, dst["qualified_name"]))
    return {
        name: Found(frozenset(edges), frozenset(outside[name])) for name, edges in inside.items()
    }


def _name(qualified: str, program: Program) -> str:
    """Return the name a definition has where the program stands alone."""
    top, dot, rest = qualified.partition(".")
    alone = "main" if top == f"{program.category}__{program.folder.name}" else top
    return f"{alone}{dot}{rest}"


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
    graphs = found(wanted, jobs, apart="--apart" in sys.argv)
    if "--wrong" in sys.argv:
        print(*differences(wanted, graphs), sep="\n")
    print(table(scores(wanted, graphs)))


if __name__ == "__main__":
    main()
