"""The question `hierarchy`: classes above and below, their order, and what methods override."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import codeanatomy as ca
from codeanatomy.cpg.query.hierarchy import resolution
from tests.builds import built, write
from tests.calls import LAYERS

if TYPE_CHECKING:
    from pathlib import Path

ZOO = """\
class Meta(type): ...
class Top: ...
class Left(Top): ...
class Right(Top): ...
class Bottom(Left, Right, metaclass=Meta): ...
class Odd(Left, unknown()): ...
class Twisted(Top, Left): ...
"""


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> ca.Graph:
    """Build classes that inherit in every way."""
    folder: Path = tmp_path_factory.mktemp("classes")
    built(write(folder / "repo", {"zoo.py": ZOO}), folder / "store", layers=LAYERS)
    return ca.open(folder / "store")


def found(answer: ca.Result, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of an answer."""
    return [tuple(row[name] for name in columns) for row in answer.to_pylist()]


def test_bases_come_with_their_place_in_the_resolution_order(zoo: ca.Graph) -> None:
    """As Python has it, and the metaclass, which is no base."""
    assert found(zoo.hierarchy("Bottom"), "relation", "depth", "name", "mro") == [
        ("base", 1, "zoo.Left", 1),
        ("base", 1, "zoo.Right", 2),
        ("base", 2, "zoo.Top", 3),
        ("base", 2, "zoo.Top", 3),
        ("metaclass", 1, "zoo.Meta", None),
    ]


def test_subclasses_are_followed_down(zoo: ca.Graph) -> None:
    """As deep as asked for."""
    below = {name for _, name in found(zoo.hierarchy("Left"), "relation", "name")}
    assert below == {"zoo.Top", "zoo.Bottom", "zoo.Odd", "zoo.Twisted"}
    answer = zoo.hierarchy("Top", depth=1)
    assert {name for (name,) in found(answer, "name")} == {"zoo.Left", "zoo.Right", "zoo.Twisted"}
    assert any(note.startswith("stopped at depth 1: 2 things") for note in answer.notes())


@pytest.mark.parametrize(
    ("name", "why"),
    [("Odd", "zoo.Odd has a base that is not known"), ("Twisted", "that no order fits")],
)
def test_where_there_is_no_order_it_says_why(zoo: ca.Graph, name: str, why: str) -> None:
    """Places are null then."""
    answer = zoo.hierarchy(name)
    assert {mro for (mro,) in found(answer, "mro")} == {None}
    assert any(why in note for note in answer.notes())


def test_overrides_of_a_class_and_of_a_method(till: ca.Graph) -> None:
    """Up and down."""
    columns = ("relation", "derived", "base")
    edge = ("till.cart.Cart.total", "till.base.Priced.total")
    assert found(till.hierarchy("Cart.total"), *columns) == [("overrides", *edge)]
    assert ("overridden by", *edge) in found(till.hierarchy("Priced"), *columns)


@pytest.mark.parametrize(
    ("bases", "order"),
    [
        ({1: [2, 3], 2: [4], 3: [4]}, [1, 2, 3, 4]),
        ({1: [2, 3], 3: [2]}, None),
        ({1: [2], 2: [3], 3: [1]}, None),
        ({1: [1]}, None),
        ({}, [1]),
    ],
    ids=["diamond", "contradiction", "circle", "own base", "no base"],
)
def test_the_order_is_c3(bases: dict[int, list[int]], order: list[int] | None) -> None:
    """Or there is none."""
    assert resolution(bases, 1) == order
