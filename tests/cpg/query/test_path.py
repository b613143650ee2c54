"""The question `path`: a shortest chain of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import codeanatomy as ca


def test_a_chain_with_its_sites(till: ca.Graph) -> None:
    """Step by step, each with the line that calls."""
    rows = till.path("main", "Cart.total").to_pylist()
    assert [(row["step"], row["caller"], row["callee"], row["line"]) for row in rows] == [
        (1, "till.app.main", "till.app.show", 6),
        (2, "till.app.show", "till.cart.Cart.report", 10),
        (3, "till.cart.Cart.report", "till.cart.Cart.total", 9),
    ]
    assert rows[1]["source"] == "    print(cart.report())"


def test_no_chain_is_a_no(till: ca.Graph) -> None:
    """With what could still be its last call."""
    answer = till.path("main", "ping")
    assert (answer.verdict, answer.standing.holds) == ("none", False)
    assert till.path("ping", "Cart.total").verdict == "none"


def test_an_unresolved_call_could_close_a_chain(till: ca.Graph) -> None:
    """If it is reached, and has the name of something that reaches the target."""
    answer = till.path("_helper", "builtins.sum")
    assert (answer.verdict, answer.possible, answer.standing.holds) == ("unresolved", 1, False)


def test_a_floor_of_confidence_may_break_it(till: ca.Graph) -> None:
    """Every call of a chain is as sure."""
    assert len(till.path("main", "Cart.total", confidence=0.8)) == 3
    assert len(till.path("main", "Cart.total", confidence=0.9)) == 0
