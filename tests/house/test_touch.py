"""Adding an extension touches two source files: its own, and the page with its declaration row.

Extensions are the files of the folders in `ROOMS`, each with the page of its declarations. Names
are often plain words (`ast`, `imports`), so not every word counts. A file *names* one if it
- imports its module, or holds the module's dotted name as a string;
- decides by it: compares with the name, matches it, or has it as the key of a dictionary;
- lists it: a tuple, list or set of which two members or more are names in the same folder;
- declares it: on the page of its room, the name is an argument of a call (a row).
Files of another subsystem are not looked at: there the same word means something else.
A name that is also a declared table, column, layer or kind counts only where it is imported or
declared, since elsewhere it means that. An extension that imports another's module names it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.evidence import TABLES
from codeanatomy.cpg.nodes import LAYERS, NODES
from tests.house.source import SRC, modules, shown, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = {
    "cpg.extract": "codeanatomy.cpg.evidence",
    "cpg.relations": "codeanatomy.cpg.edges",
    "cpg.query": "",
    "engine.functions": "",
}
MOST = 2
# what has extensions of its own; every other room is shared
SUBSYSTEMS = {"cpg": ("cpg",), "ecs": ("ecs",), "workflow": ("workflow", "cli.tea")}
WORDS = {
    *(word for table in TABLES for word in (table.name, *(c.name for c in table.columns))),
    *LAYERS,
    *(kind.name for kind in NODES),
}


def siblings(room: str) -> set[str]:
    """Name the extensions in a room."""
    files = (SRC / room.replace(".", "/")).glob("*.py")
    return {f.stem for f in files if not f.stem.startswith("_")}


def is_elsewhere(module: str, room: str) -> bool:
    """Say whether a module belongs to another subsystem than a room does."""
    own = room.partition(".")[0]
    return any(
        f"{module}.".startswith(f"codeanatomy.{place}.")
        for subsystem, places in SUBSYSTEMS.items()
        for place in places
        if subsystem != own
    )


def named(source: ast.Module, room: str, names: set[str], *, page: bool) -> set[str]:
    """Return which of the extensions `names` of `room` a file names."""
    found: set[str] = set()
    for node in ast.walk(source):
        found |= {name for name in names for text in _modules(node) if text == f"{room}.{name}"}
        found |= set(_decided(node)) & names - WORDS
        listed = set(_listed(node)) & names
        found |= listed - WORDS if len(listed) > 1 else set()
        if page and isinstance(node, ast.Call):
            found |= set(_strings([*node.args, *(k.value for k in node.keywords)])) & names
    return found


def _modules(node: ast.AST) -> Iterator[str]:
    """Yield the modules of the package that a node may mean, without `codeanatomy.`."""
    if isinstance(node, ast.Import):
        yield from (alias.name.removeprefix("codeanatomy.") for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.module:
        module = node.module.removeprefix("codeanatomy.")
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.partition(":")[0].removeprefix("codeanatomy.")


def _decided(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Compare):
        yield from _strings([node.left, *node.comparators])
    if isinstance(node, ast.MatchValue):
        yield from _strings([node.value])
    if isinstance(node, ast.Dict):
        yield from _strings([key for key in node.keys if key])


def _listed(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        yield from _strings(node.elts)


def _strings(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("room", ROOMS)
def test_an_extension_touches_two_files(room: str) -> None:
    """Its own file and at most one more name an extension."""
    names = siblings(room)
    touched = {name: {shown(SRC / room.replace(".", "/") / f"{name}.py")} for name in names}
    for module, path in modules().items():
        if is_elsewhere(module, room):
            continue
        for name in named(tree(path), room, names, page=module == ROOMS[room]):
            touched[name].add(shown(path))
    assert names
    assert {name: sorted(paths) for name, paths in touched.items() if len(paths) > MOST} == {}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from codeanatomy.cpg.extract import ast", {"ast"}),
        ("from codeanatomy.cpg.extract.ast import extract", {"ast"}),
        ("import codeanatomy.cpg.extract.symtable", {"symtable"}),
        ("load('codeanatomy.cpg.extract.ast')", {"ast"}),
        ("if name == 'ast': pass", {"ast"}),
        ("match name:\n    case 'ast': pass", {"ast"}),
        ("x = {'ast': 1}", {"ast"}),
        ("x = ['ast', 'symtable']", {"ast", "symtable"}),
        ("import ast", set()),
        ("x = 'ast'", set()),
        ("x = ('ast', 'other')", set()),
        ("if table == 'imports': pass", set()),
        ("Row('ast', rank=1)", set()),
    ],
)
def test_what_counts_as_naming(code: str, names: set[str]) -> None:
    """Imports, decisions and lists count; a plain value, another module or a table does not."""
    known = {"ast", "symtable", "imports"}
    assert named(ast.parse(code), "cpg.extract", known, page=False) == names


@pytest.mark.parametrize(
    ("module", "room", "elsewhere"),
    [
        ("codeanatomy.workflow.show", "cpg.relations", True),
        ("codeanatomy.cli.tea.run", "cpg.query", True),
        ("codeanatomy.cli.build", "cpg.query", False),
        ("codeanatomy.cpg", "cpg.query", False),
        ("codeanatomy.cpg.edges", "workflow.kinds", True),
        ("codeanatomy.workflow.graph", "workflow.kinds", False),
    ],
)
def test_another_subsystem_is_not_looked_at(module: str, room: str, elsewhere: bool) -> None:  # noqa: FBT001 - a case
    """Words of workflows are no relations of the code graph; shared rooms are for all."""
    assert is_elsewhere(module, room) is elsewhere


def test_a_row_on_a_page_counts() -> None:
    """On a page the name in a row is the declaration."""
    known = {"ast", "imports"}
    page = ast.parse("Row('ast')\nRow(producer='imports')")
    assert named(page, "cpg.extract", known, page=True) == known
