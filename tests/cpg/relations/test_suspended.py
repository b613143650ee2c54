"""YIELDS and AWAITS of a whole package are those of the tree, and of what the compiler made."""

from __future__ import annotations

import ast
import dis
import shutil
import sysconfig
from collections import Counter
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, NamedTuple

import pytest

import codeanatomy as ca

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = Path(sysconfig.get_path("stdlib"))
EDGES = """
SELECT e.path, e.kind, s.qualified_name AS owner, e.props['role'] AS role, e.bstart, e.bend,
       d.bstart AS value_start, d.bend AS value_end
FROM edges e JOIN nodes s ON s.nid = e.src JOIN nodes d ON d.nid = e.dst
WHERE e.kind IN ('YIELDS', 'AWAITS')"""
Span = tuple[int, int]


class Suspended(NamedTuple):
    """One edge, or what it should be: the owner by its names, both spans in bytes."""

    path: str
    kind: str
    owner: str
    role: str | None
    place: Span
    value: Span


class Checked(NamedTuple):
    """A package, and what the graph says of it."""

    root: Path
    said: list[Suspended]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Build `asyncio`."""
    root = tmp_path_factory.mktemp("asyncio") / "asyncio"
    shutil.copytree(LIBRARY / "asyncio", root, ignore=shutil.ignore_patterns("__pycache__"))
    rows = ca.build(root, root.parent / "store", name="asyncio", jobs=1).sql(EDGES).to_pylist()
    said = [
        Suspended(
            r["path"], r["kind"], r["owner"], r["role"], (r["bstart"], r["bend"]),
            (r["value_start"], r["value_end"]),
        )
        for r in rows
    ]  # fmt: skip
    return Checked(root, said)


class Lines:
    """The bytes of a file, by line and column."""

    def __init__(self, path: Path) -> None:
        self.starts = [0]
        for line in path.read_bytes().splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """Return what stands between two places."""
        return self.starts[line - 1] + column, self.starts[end_line - 1] + end_column

    def of(self, node: ast.expr) -> Span:
        """Return the place of an expression."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.span(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def in_tree(
    path: str, lines: Lines, node: ast.AST, owner: tuple[str, ...], lambdas: Counter[str]
) -> Iterator[Suspended]:
    """Yield every expression of a tree that is yielded or awaited."""
    name = ".".join(owner)
    for kind, role, value in suspending(node):
        expression = node if value is None else value
        assert isinstance(expression, ast.expr)
        place = node if isinstance(node, ast.expr) else expression
        yield Suspended(path, kind, name, role, lines.of(place), lines.of(expression))
    inner = owner
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        inner = (*owner, node.name)
    if isinstance(node, ast.Lambda):
        lambdas[name] += 1
        nth = lambdas[name]
        inner = (*owner, f"<lambda{nth if nth > 1 else ''}>")
    for field, values in ast.iter_fields(node):
        around = inner if field == "body" else owner
        for child in values if isinstance(values, list) else [values]:
            if isinstance(child, ast.AST):
                yield from in_tree(path, lines, child, around, lambdas)


def suspending(node: ast.AST) -> Iterator[tuple[str, str | None, ast.expr | None]]:
    """Say what a node yields or awaits: kind, role and expression."""
    match node:
        case ast.Yield(value=value):
            yield "YIELDS", None if value else "bare", value
        case ast.YieldFrom(value=value):
            yield "YIELDS", "from", value
        case ast.Await(value=value):
            yield "AWAITS", None, value
        case ast.AsyncFor(iter=value):
            yield "AWAITS", "for", value
        case ast.AsyncWith(items=items):
            yield from (("AWAITS", "with", item.context_expr) for item in items)
        case _:
            pass


def test_every_yield_and_await_of_a_package_is_an_edge(checked: Checked) -> None:
    """None is missing, none is invented, and each has its owner, its place and its value."""
    wanted: list[Suspended] = []
    for file in sorted(checked.root.glob("*.py")):
        module = "asyncio" if file.stem == "__init__" else f"asyncio.{file.stem}"
        tree = ast.parse(file.read_bytes())
        wanted += in_tree(file.name, Lines(file), tree, (module,), Counter())
    assert Counter(row.kind for row in wanted).keys() == {"YIELDS", "AWAITS"}
    assert {"bare", "from", "for", "with", None} >= {row.role for row in wanted}
    assert sorted(checked.said, key=repr) == sorted(wanted, key=repr)


def instructions(code: CodeType) -> Iterator[dis.Instruction]:
    """Yield the instructions of a code object and of all inside it."""
    yield from dis.get_instructions(code)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from instructions(inner)


def test_the_compiler_agrees(checked: Checked) -> None:
    """`await` is where it gets an awaitable, and every `yield` is where it yields."""
    for file in sorted(checked.root.glob("*.py")):
        lines = Lines(file)
        awaited, yielded = set[Span](), set[Span]()
        for one in instructions(compile(file.read_bytes(), file.name, "exec")):
            at = one.positions
            if at is None or None in at:
                continue
            span = lines.span(at.lineno or 0, at.col_offset or 0, at.end_lineno or 0,
                              at.end_col_offset or 0)  # fmt: skip
            if one.opname == "GET_AWAITABLE" and one.arg == 0:
                awaited.add(span)
            if one.opname == "YIELD_VALUE":
                yielded.add(span)
        own = [row for row in checked.said if row.path == file.name]
        assert {r.place for r in own if r.kind == "AWAITS" and r.role is None} == awaited
        plain = {r.place for r in own if r.kind == "YIELDS" and r.role != "from"}
        assert plain <= yielded
