"""The question `impact`: what may break if a definition changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import codeanatomy as ca


def steps(answer: ca.Result) -> list[tuple[int, str, str, str]]:
    """Return what is affected, and why."""
    rows = answer.to_pylist()
    return [(row["depth"], row["affected"], row["via"], row["through"]) for row in rows]


def test_overrides_and_calls_are_followed(till: ca.Graph) -> None:
    """Backwards, each thing once."""
    assert steps(till.impact("Priced.total")) == [
        (1, "till.cart.Cart.total", "override", "till.base.Priced.total"),
        (2, "till.cart.Cart.report", "call", "till.cart.Cart.total"),
        (3, "till.app.show", "call", "till.cart.Cart.report"),
        (4, "till.app.main", "call", "till.app.show"),
    ]


def test_a_class_changes_with_what_is_in_it(till: ca.Graph) -> None:
    """Its subclasses, its importers and who reads those imports may break."""
    found = {(name, via) for _, name, via, _ in steps(till.impact("till.base.Priced"))}
    assert {
        ("till.cart.Cart", "inheritance"),
        ("till.cart.Cart.total", "override"),
        ("till.cart.Priced", "import"),
        ("till.app.main", "call"),
        ("till.app.Cart", "import"),
    } <= found
    assert not any(name.startswith("till.base.") for name, _ in found)


def test_a_module_that_uses_a_changed_thing_breaks_no_importer(till: ca.Graph) -> None:
    """Only importers of modules that change are followed."""
    modules = {"till", "till.app", "till.cart", "till.base"}
    by_class = {name for _, name, via, _ in steps(till.impact("till.cart.Cart")) if via == "import"}
    assert by_class & modules == set()
    by_module = {name: depth for depth, name, _, _ in steps(till.impact("till/base.py"))}
    assert {name: by_module[name] for name in ("till.cart", "till", "till.app")} == {
        "till.cart": 1,
        "till": 2,
        "till.app": 2,
    }


def test_a_floor_of_confidence_is_for_calls(till: ca.Graph) -> None:
    """Other edges are decided from the text alone."""
    found = [name for _, name, _, _ in steps(till.impact("Priced.total", confidence=0.9))]
    assert found == ["till.cart.Cart.total", "till.cart.Cart.report"]
