"""What things cost with tax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shop.rates import *  # noqa: F403 - the example shows what a star import means

if TYPE_CHECKING:
    from shop.models import Product

DISCOUNT = 0


def with_tax(product: Product) -> int:
    """Add the tax of its kind."""
    rate = BOOKS if hasattr(product, "isbn") else STANDARD  # noqa: F405 - by the star import
    return round(product.cents * (100 + rate - DISCOUNT) / 100)


def start_sale(percent: int) -> None:
    """Let every price go down."""
    global DISCOUNT  # noqa: PLW0603 - the example shows who writes a global
    DISCOUNT = percent
