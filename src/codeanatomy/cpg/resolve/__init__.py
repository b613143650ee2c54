"""Whole-program resolution: what every expression can be, and so what every call runs."""
