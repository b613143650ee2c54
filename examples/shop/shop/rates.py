"""Rates of tax, in percent."""

__all__ = ["BOOKS", "STANDARD"]

BOOKS = 7
STANDARD = 19
_COUNTRY = "DE"
