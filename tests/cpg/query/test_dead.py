"""The question `dead`: what nothing reaches from the entry points, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.kernel.errors import UnknownNameError
from tests.builds import write
from tests.calls import Call, with_calls

if TYPE_CHECKING:
    from pathlib import Path

    import codeanatomy as ca

PROGRAM = {
    "main.py": """\
import collections
import registry
from shapes import Shape

if __name__ == "__main__":
    Shape().draw()


class Kept(collections.UserDict):
    def method(self): ...
    def __len__(self): ...


@registry.register
def hook(): ...


def by_text(): ...


TABLE = ["by_text"]


def dropped():
    return inner()


def inner(): ...


def recursive():
    recursive()


def test_it(): ...


def __getattr__(name): ...


class Remote:
    def call(self, name):
        return getattr(self, name)()


class Printer(Remote):
    def paint(self): ...


Printer().call(input())
""",
    "shapes.py": """\
class Shape:
    def draw(self):
        return self.name

    @property
    def name(self): ...

    def erase(self): ...

    def handler(self): ...


class Square(Shape):
    def draw(self):
        return helper()


def helper(): ...


def bind(shape):
    return shape.handler
""",
    "registry.py": "def register(f):\n    return f\n",
    "test_main.py": "from main import inner\n\n\ndef test_inner():\n    inner()\n",
}
CALLS = (
    Call("main", 6, "Shape", "shapes.Shape"),
    Call("main", 6, "draw", "shapes.Shape.draw"),
    Call("main.dropped", 25, "inner", "main.inner"),
    Call("main.recursive", 32, "recursive", "main.recursive"),
    Call("main", 50, "Printer", "main.Printer"),
    Call("main", 50, "call", "main.Remote.call"),
    Call("shapes.Square.draw", 15, "helper", "shapes.helper"),
    Call("test_main.test_inner", 5, "inner", "main.inner"),
)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> ca.Graph:
    """Write a program with every kind of thing that nothing calls."""
    folder: Path = tmp_path_factory.mktemp("dead")
    root = write(folder / "repo", PROGRAM)
    overrides = [("shapes.Square.draw", "shapes.Shape.draw")]
    unknown = [("main.py", 43, None, "dynamic_call")]
    return with_calls(root, folder / "store", CALLS, unknown, overrides)


def test_what_is_dead_and_what_makes_it_uncertain(graph: ca.Graph) -> None:
    """The sure ones first; an override of a reached method is reached, and what it calls."""
    answer = graph.dead()
    assert {row["definition"]: row["doubt"] for row in answer} == {
        "main.dropped": "",
        "main.recursive": "",
        "main.test_it": "",
        "shapes.Shape.erase": "",
        "shapes.bind": "",
        "shapes.Shape.name": "an attribute of its name is read",
        "shapes.Shape.handler": "an attribute of its name is read",
        "main.by_text": "its name is written as a text",
        "main.hook": "decorated by registry.register",
        "main.__getattr__": "special name: the interpreter or a notebook runs it",
        "main.Printer.paint": "its class calls what it looks up while it runs",
        "registry.register": "an attribute of its name is read",
        "main.Kept": "reached only from what is uncertain itself",
    }
    assert not answer.standing.holds
    doubts = [row["doubt"] for row in answer]
    assert doubts == sorted(doubts, key=bool)


def test_entries_can_be_named(graph: ca.Graph) -> None:
    """Kinds of entries, or definitions; a module stands for all that is in it."""
    tests = {"main.inner", "test_main.test_inner"}
    assert tests & {row["definition"] for row in graph.dead()} == set()
    assert tests <= {row["definition"] for row in graph.dead(entry=["scripts"])}
    everything = {row["definition"] for row in graph.dead("main,shapes,test_main,registry")}
    assert everything == set()
    with pytest.raises(UnknownNameError, match="no entry 'nothing'"):
        graph.dead("nothing")


def test_entry_points_of_a_distribution(till: ca.Graph) -> None:
    """Its scripts and what it offers to others; what is private and unused is dead."""
    answer = till.dead()
    assert [row["definition"] for row in answer] == ["till.app._unused", "till.app._helper"]
    only = {row["definition"]: row["doubt"] for row in till.dead("scripts")}
    assert only["till.app.ping"] == "public name of a distribution"
    assert "1 unresolved call of its name" in only["till.base.Priced.total"]
    assert "its file does not parse" in only["f"]


def test_size_and_unresolved_calls_of_the_name(till: ca.Graph) -> None:
    """What it would save, and how many calls could keep it."""
    rows = {row["definition"]: (row["lines"], row["unresolved"]) for row in till.dead("scripts")}
    assert rows["till.base.Priced.total"] == (2, 1)
