"""What a customer is about to buy."""

from __future__ import annotations

import json
import re  # noqa: F401 - a mistake, on purpose: never used
from typing import TYPE_CHECKING

from shop.pricing import DISCOUNT

if TYPE_CHECKING:
    from shop.models import Product


class Cart:
    """Products, and how many of each."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.items: dict[str, tuple[Product, int]] = {}

    def add(self, product: Product, count: int = 1) -> None:
        """Put products in."""
        self.items[product.name] = (product, count)

    def total(self) -> int:
        """Return the price of everything, in cents."""
        all = self.items.values()  # noqa: A001 - a mistake, on purpose: hides a builtin
        return sum(count * product.price() for product, count in all)

    def to_json(self) -> str:
        """Write names and counts."""
        counts = {name: count for name, (_, count) in self.items.items()}
        return json.dumps({"counts": counts, "discount": DISCOUNT})
