"""Every instruction that touches a name agrees with the graph on what sort of name it is.

    python -m benchmarks.bytecode_names [CORPUS ...]

Compiles every file and reads the positions of its instructions: the REF or UNRESOLVED edge at that
place must be of a class that the operation can serve. Prints JSON; ends with status 1 where
something disagrees.
"""

from __future__ import annotations

import ast
import dis
import sys
import warnings
from collections import defaultdict
from types import CodeType
from typing import TYPE_CHECKING

from benchmarks import corpora, scopes
from benchmarks.findings import Findings, report
from benchmarks.graph import Sheet, built
from benchmarks.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.scopes import Occurrence
    from codeanatomy.cpg.api import Graph

DEEP = 20_000
MADE = frozenset(
    """.0 .type_params .generic_base .defaults .kwdefaults .format __module__ __qualname__ __class__
    __classcell__ __classdict__ __classdictcell__ __annotations__ __type_params__ __doc__
    __static_attributes__ __firstlineno__ __conditional_annotations__ __build_class__""".split()
)
"""Names that the compiler makes; where the source has one of them too, it is compared.

The head of a class also reads `__name__`, at a place without length.
"""
OUTER = frozenset({"explicit_global", "implicit_global", "builtin", "star_import", "submodule"})
PLAIN = frozenset({"local", "implicit_global", "builtin", "star_import", "submodule"})
# Where comprehensions have no code of their own, what they share with the code around is no cell.
FAST = frozenset({"local", "cell", "free"} if scopes.INLINED else {"local"})
EDGES = """
SELECT r.path, r.bstart, r.bend, e.method
FROM (SELECT nid, path, bstart, bend FROM nodes WHERE kind = 'reference') r
JOIN (SELECT src, method FROM edges WHERE kind IN ('REF', 'UNRESOLVED')) e ON r.nid = e.src"""


def check(graph: Graph, root: Path, corpus: str) -> Findings:
    """Compare every file of a graph with its bytecode."""
    sys.setrecursionlimit(DEEP)
    found, edges = Findings("bytecode_names", corpus), Sheet(graph, EDGES)
    for path in corpora.python_files(root):
        try:
            source = Source((root / path).read_bytes())
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                code = compile(source.tree, path, "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, UnicodeDecodeError, ValueError):
            found.count("files that Python cannot compile")
            continue
        found.count("files")
        methods: dict[tuple[int, int], str] = {}
        for begin, end, method in edges.get(path):
            methods[begin, end] = method
        _check_code(found, path, source, code, methods)
    return found


def _check_code(
    found: Findings,
    path: str,
    source: Source,
    code: CodeType,
    methods: dict[tuple[int, int], str],
) -> None:
    reading = scopes.read(source)
    named: dict[str, list[Occurrence]] = defaultdict(list)
    for occurrence in (*reading.plain, *reading.annotations):
        named[occurrence.name].append(occurrence)
    heads = _heads(source)
    for unit in _units(code):
        for operation, name, span in _names(unit, source):
            allowed = _allowed(operation, name, unit)
            there = _places([one for one in named[name] if _stands_in(one, unit)], span)
            if not there and scopes.INLINED:  # a type parameter's default has a unit of its own
                there = _places(named[name], span)
            found.count(f"instructions {'with' if there else 'without'} an identifier")
            if not there and name not in MADE and span[0] < span[1] and span not in heads:
                line = source.raw.count(b"\n", 0, span[0]) + 1
                found.add("no place", path, line, f"{operation} {name} at {span}")
            for occurrence in there:
                if name in MADE and (occurrence.begin, occurrence.end) != span:
                    continue
                method = methods.get((occurrence.begin, occurrence.end), "nothing")
                if method not in allowed:
                    line = source.raw.count(b"\n", 0, span[0]) + 1
                    what = f"{operation} {name} in {unit.co_qualname} is {method} in the graph"
                    found.add("class", path, line, what)


def _heads(source: Source) -> set[tuple[int, int]]:
    """List the places at which newer compilers read and write names of their own accord.

    Comprehensions without code of their own save what they shadow; a function's closure is read
    where it is made; `super()` reads the first parameter. Before that, none.
    """
    if not scopes.INLINED:
        return set()
    opening = (*scopes.COMPREHENSIONS, *scopes.FUNCTIONS, ast.Lambda, ast.ClassDef)
    found = set()
    for node in ast.walk(source.tree):
        made = isinstance(node, ast.Call) and ast.unparse(node.func) == "super"
        if made or isinstance(node, opening) or type(node).__name__ == "TypeAlias":
            found.add(source.span(node))
        parts = [getattr(node, part, None) for part in ("bound", "default_value")]
        parts += getattr(node, "decorator_list", ())
        found |= {source.span(part) for part in parts if part is not None}
    return found


def _stands_in(occurrence: Occurrence, unit: CodeType) -> bool:
    """Say whether an identifier may stand in the code of a unit, by the name of its scope.

    Where comprehensions have no unit of their own, theirs stand in the one around.
    """
    scope, name = occurrence.scope, unit.co_name
    while scopes.INLINED and scope.kind == "comprehension" and scope.name != "genexpr":
        if scope.parent is None:
            break
        scope = scope.parent
    if scope.kind == "type_parameters":
        return name == f"<generic parameters of {scope.name}>"
    return scope.name == ("top" if name == "<module>" else name.strip("<>"))


def _units(code: CodeType) -> Iterator[CodeType]:
    left = [code]
    while left:
        unit = left.pop()
        yield unit
        left.extend(constant for constant in unit.co_consts if isinstance(constant, CodeType))


def _names(code: CodeType, source: Source) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """List the operations on names: operation, name, and the bytes of its place."""
    for one in dis.get_instructions(code):
        verb, _, kind = one.opname.partition("_")
        place = one.positions
        if verb not in ("LOAD", "STORE", "DELETE") or not isinstance(one.argval, str):
            continue
        if kind not in KINDS or place is None or place.col_offset is None or not place.lineno:
            continue
        begin = source.offset(place.lineno, place.col_offset)
        yield (
            one.opname,
            one.argval,
            (
                begin,
                source.offset(place.end_lineno or 0, place.end_col_offset or 0),
            ),
        )


KINDS = {
    "NAME": PLAIN,
    "GLOBAL": OUTER,
    "FAST": FAST,
    "FAST_CHECK": FAST,
    "FAST_AND_CLEAR": FAST,
    "DEREF": frozenset({"cell", "free"}),
    "CLASSDEREF": frozenset({"free"}),
    "FROM_DICT_OR_DEREF": frozenset({"cell", "free"}),
    "FROM_DICT_OR_GLOBALS": OUTER,
}


def _allowed(operation: str, name: str, code: CodeType) -> frozenset[str]:
    kind = operation.partition("_")[2]
    if kind == "DEREF" and not scopes.INLINED:
        return frozenset({"free"} if name in code.co_freevars else {"cell"})
    return KINDS[kind]


def _places(named: list[Occurrence], span: tuple[int, int]) -> list[Occurrence]:
    """Choose the identifiers that an operation at a place can be about.

    Those that are there; else those that a node which is there carries; else the implicit ones in
    or around the place: a statement's instructions have the place of the statement or its head.
    """
    exact = [one for one in named if (one.begin, one.end) == span]
    if exact:
        return exact
    implicit = [one for one in named if one.implicit]
    carried = [one for one in implicit if one.carrier == span]
    if carried:
        return carried
    inside = [one for one in implicit if span[0] <= one.begin and one.end <= span[1]]
    around = [one for one in implicit if one.carrier[0] <= span[0] and span[1] <= one.carrier[1]]
    if inside or around:
        return inside or [min(around, key=lambda one: one.carrier[1] - one.carrier[0])]
    after = [one for one in implicit if one.role in ("function", "class") and one.begin > span[1]]
    captured = [one for one in implicit if one.role == "pattern"]  # stored when the case is over
    near = sorted(captured, key=lambda one: abs(one.begin - span[0]))
    return after[:1] or near[:1]  # a decorated definition is stored at its decorator


def main() -> None:
    """Check the corpora that the arguments name."""
    found = []
    names = [a for a in sys.argv[1:] if not a.startswith("--")]
    for corpus, root in corpora.chosen(names).items():
        with built(root, corpus) as graph:
            found.append(check(graph, root, corpus))
    report(found)


if __name__ == "__main__":
    main()
