"""The question `callers`: who calls a definition, how far, how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    import codeanatomy as ca


def test_a_caller_comes_with_its_first_site_and_their_number(till: ca.Graph) -> None:
    """Place, line of source, method and confidence are those of the graph."""
    assert till.callers("Cart.total").to_pylist() == [
        {
            "depth": 1,
            "caller": "till.cart.Cart.report",
            "kind": "method",
            "callee": "till.cart.Cart.total",
            "path": "till/cart.py",
            "line": 9,
            "sites": 2,
            "site_lines": [9],
            "method": "self",
            "confidence": 0.95,
            "source": "        return self.total() + self.total()",
        }
    ]


def test_depth_follows_callers_of_callers(till: ca.Graph) -> None:
    """Level by level; 0 has no bound."""
    found = [(row["depth"], row["caller"]) for row in till.callers("Cart.total", depth=0)]
    assert found == [(1, "till.cart.Cart.report"), (2, "till.app.show"), (3, "till.app.main")]
    assert [row["depth"] for row in till.callers("Cart.total", 2)] == [1, 2]


def test_a_bound_that_is_met_is_told(till: ca.Graph) -> None:
    """With what lies beyond it; without anything beyond nothing is said."""
    told = "stopped at depth 1: 1 thing found there leads on; depth 0 has no bound"
    assert told in till.callers("Cart.total").notes()
    assert not any("stopped" in note for note in till.callers("Cart.total", depth=3).notes())


def test_a_circle_of_calls_ends(till: ca.Graph) -> None:
    """Each call is a row once."""
    found = [(row["caller"], row["callee"]) for row in till.callers("ping", depth=0)]
    assert found == [("till.app.pong", "till.app.ping"), ("till.app.ping", "till.app.pong")]


def test_a_floor_of_confidence_leaves_out_and_says_so(till: ca.Graph) -> None:
    """What is not measured is left out by any floor above 0."""
    answer = till.callers("Cart.total", depth=0, confidence=0.9)
    assert [row["caller"] for row in answer] == ["till.cart.Cart.report"]
    assert "5 calls of unmeasured confidence are left out" in answer.notes()


def test_a_class_stands_for_its_constructors(till: ca.Graph) -> None:
    """Also one that it inherits: then the class it makes one of is called."""
    found = [
        (row["caller"], row["callee"], row["method"]) for row in till.callers("till.cart.Cart")
    ]
    assert found == [("till.app.main", "till.cart.Cart", "constructor")]


def test_a_limit_keeps_the_count(till: ca.Graph) -> None:
    """The answer says that there are more."""
    answer = till.callers("Cart.total", depth=0, limit=2)
    assert (len(answer), answer.standing.total) == (2, 3)
    assert "the first 2 of 3 rows; `limit` 0 is all" in answer.notes()


def test_unresolved_sites_of_the_name_are_counted(till: ca.Graph) -> None:
    """`x.total()` of an unknown `x` could mean it."""
    assert (till.callers("Cart.total").verdict, till.callers("Cart.total").possible) == ("found", 1)
    answer = till.callers("Priced.total")
    assert (answer.verdict, answer.possible, len(answer)) == ("unresolved", 1, 0)
    assert answer.notes()[:2] == ["none that is known", "unresolved sites that could match: 1"]


def test_none_is_none(till: ca.Graph) -> None:
    """No call, and no unresolved site of the name."""
    answer = till.callers("_helper")
    assert (answer.verdict, answer.possible, answer.notes()[0]) == ("none", 0, "none")


def test_a_definition_in_a_file_that_does_not_parse(till: ca.Graph) -> None:
    """Was not analysed, which is another answer than none."""
    answer = till.callers("f")
    assert (answer.verdict, answer.standing.why) == (
        "not analysed",
        "till/broken.py does not parse",
    )


def test_what_is_no_definition_with_code_is_refused(till: ca.Graph) -> None:
    """The message says what can be asked about."""
    with pytest.raises(SpecError, match="is a parameter; this question is about"):
        till.callers("till.app.ping.n")
