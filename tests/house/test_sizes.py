"""Nothing outgrows a reader: files, functions, and the kernel that everything stands on."""

from __future__ import annotations

import ast

from tests.house.source import SRC, modules, shown, tree

FILE, FUNCTION, KERNEL = 600, 60, 1500


def test_no_file_passes_the_wall() -> None:
    """600 lines are a wall; a good file has 50 to 200."""
    lines = {shown(p): len(p.read_bytes().splitlines()) for p in modules().values()}
    assert {name: n for name, n in lines.items() if n > FILE} == {}


def test_no_function_passes_the_wall() -> None:
    """60 lines are a wall, the docstring and decorators counted; a good function has 3 to 12."""
    long = {
        f"{shown(path)}:{node.lineno} {node.name}": size
        for path in modules().values()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION
    }
    assert long == {}


def test_the_kernel_stays_small() -> None:
    """What two subsystems share is at most 1,500 lines."""
    files = (SRC / "kernel").rglob("*.py")
    assert 0 < sum(len(path.read_bytes().splitlines()) for path in files) <= KERNEL
