"""What is sold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from shop import pricing


@dataclass
class Product:
    """One thing that can be bought."""

    name: str
    cents: int

    def price(self) -> int:
        """Return what a customer pays, in cents."""
        return pricing.with_tax(self)


class Book(Product):
    """A product that is taxed less."""

    isbn: str = ""

    @cached_property
    def label(self) -> str:
        """Return title and number."""
        return f"{self.name} ({self.isbn})"


class Comic(Book):
    """A book with pictures."""
