"""The question `references`: every place that means a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import codeanatomy as ca


def test_names_imports_and_exports(till: ca.Graph) -> None:
    """Each place once, with the definition around it and what it means at first."""
    rows = till.references("till.cart.Cart").to_pylist()
    found = [(r["path"], r["line"], r["role"], r["within"], r["through"]) for r in rows]
    assert found == [
        ("till/__init__.py", 1, "import", "till", "till.Cart"),
        ("till/__init__.py", 3, "export", "till", "till.Cart"),
        ("till/app.py", 1, "import", "till.app", "till.app.Cart"),
        ("till/app.py", 5, "load", "till.app.main", "till.app.Cart"),
        ("till/cart.py", 4, "class", "till.cart.Cart", "till.cart.Cart"),
    ]


def test_a_call_through_an_attribute_is_a_reference(till: ca.Graph) -> None:
    """No name means the method there; unresolved ones of the name are counted."""
    answer = till.references("Cart.total")
    calls = [(row["line"], row["role"], row["method"]) for row in answer if row["role"] == "call"]
    assert calls == [(9, "call", "self"), (9, "call", "self")]
    assert answer.possible == 1
