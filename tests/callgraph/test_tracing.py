"""What the tracer tells about a program's run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.builds import write
from tests.callgraph.tracing import Executed, trace

if TYPE_CHECKING:
    from pathlib import Path


def executed(folder: Path, text: str, **more: str) -> list[Executed]:
    """Run a program of one or more files."""
    files = {f"{name}.py": content for name, content in more.items()}
    return trace([write(folder, {"main.py": text, **files})])[folder]


def told(found: list[Executed], kind: str) -> set[tuple[str, str]]:
    """Return who called whom in one way."""
    return {(e.caller, e.callee) for e in found if e.kind == kind}


def test_a_call_has_the_span_of_its_expression(tmp_path: Path) -> None:
    """Lines from 1, columns in bytes, up to the last line and the column after the end."""
    found = executed(tmp_path, "def f(x):\n    return x\n\né = [f(1),\n     f(\n  2)]\n")
    spans = [e.span for e in found if e.kind == "call"]
    assert spans == [(4, 6, 4, 10), (5, 5, 6, 4)]


def test_an_operator_and_a_callback_are_calls_of_who_wrote_the_expression(tmp_path: Path) -> None:
    """Builtins leave no frame between."""
    text = (
        "class A:\n    def __add__(self, other):\n        return 1\n"
        "def key(x):\n    return x\n"
        "def go():\n    A() + A()\n    return sorted([2, 1], key=key)\ngo()\n"
    )
    found = executed(tmp_path, text)
    assert told(found, "call") == {
        ("main", "main.go"),
        ("main.go", "main.A.__add__"),
        ("main.go", "main.key"),
    }
    assert ("main.go", "builtins.sorted") in told(found, "external")


def test_making_a_generator_is_a_call_and_running_it_is_not(tmp_path: Path) -> None:
    """Who makes it calls it; who iterates resumes it; its own calls are its own."""
    text = (
        "def gen():\n    yield f()\ndef f():\n    return 1\n"
        "def make():\n    return gen()\ndef use(g):\n    return list(g)\nuse(make())\n"
    )
    found = executed(tmp_path, text)
    assert ("main.make", "main.gen") in told(found, "call")
    assert ("main.gen", "main.f") in told(found, "call")
    assert told(found, "resume") == {("main.use", "main.gen")}


def test_what_the_standard_library_calls_is_told_apart(tmp_path: Path) -> None:
    """The frame of `__init__` that `dataclass` wrote lies between."""
    text = (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n"
        "    def __post_init__(self):\n        pass\nA(1)\n"
    )
    found = executed(tmp_path, text)
    assert told(found, "through") == {("main", "main.A.__post_init__")}
    assert told(found, "call") == set()


def test_bodies_are_callers_and_no_callees(tmp_path: Path) -> None:
    """Importing a module and stating a class call nothing; what their bodies call is theirs."""
    found = executed(
        tmp_path, "import b\nclass K:\n    x = b.f()\n", b="def f():\n    return 1\nf()\n"
    )
    assert told(found, "call") == {("b", "b.f"), ("main.K", "b.f")}


def test_lambdas_are_numbered_and_comprehensions_belong_to_their_definition(tmp_path: Path) -> None:
    """In source order, within the definition around them, comprehensions not counting."""
    text = (
        "def f(x):\n    return x\n"
        "def g():\n    a = [lambda: f(1) for _ in '1']\n    b = lambda: 2\n"
        "    return [h() for h in (*a, b)], sum(f(i) for i in (1,))\ng()\n"
    )
    assert told(executed(tmp_path, text), "call") == {
        ("main", "main.g"),
        ("main.g", "main.g.<lambda>"),
        ("main.g", "main.g.<lambda2>"),
        ("main.g", "main.f"),
        ("main.g.<lambda>", "main.f"),
    }
