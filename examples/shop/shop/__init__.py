"""A tiny shop, to try questions on: it has some mistakes on purpose."""

from shop.cart import Cart
from shop.models import Book, Product

__all__ = ["Book", "Cart", "Product"]
