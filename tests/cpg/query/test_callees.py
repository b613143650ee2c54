"""The question `callees`: what a definition calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import codeanatomy as ca


def test_what_is_called_level_by_level(till: ca.Graph) -> None:
    """Builtins are nodes too."""
    found = [(row["depth"], row["callee"], row["line"]) for row in till.callees("main", depth=0)]
    assert found == [
        (1, "till.base.Priced.__init__", 5),
        (1, "till.app.show", 6),
        (2, "builtins.print", 10),
        (2, "till.cart.Cart.report", 10),
        (3, "till.cart.Cart.total", 9),
        (4, "builtins.sum", 6),
    ]


def test_unresolved_calls_are_those_of_the_code_that_was_followed(till: ca.Graph) -> None:
    """Not those of the same name elsewhere."""
    assert [till.callees(name).possible for name in ("_unused", "Cart.report")] == [1, 0]
    answer = till.callees("_unused")
    assert (answer.verdict, len(answer)) == ("unresolved", 0)
    assert till.callees("_helper", depth=0).possible == 1


def test_nothing_called_is_none(till: ca.Graph) -> None:
    """A body without calls."""
    assert till.callees("Priced.total").verdict == "none"
