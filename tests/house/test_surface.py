"""The public surface: small, sorted, documented, and cheap to import."""

from __future__ import annotations

import inspect
import subprocess
import sys

import codeanatomy

HEAVY = ("pyarrow", "datafusion", "deltalake", "numpy", "rich", "cyclopts", "pandas", "polars")


def test_the_public_names_are_sorted() -> None:
    """`__all__` is a list to read, each name once."""
    assert list(codeanatomy.__all__) == sorted(set(codeanatomy.__all__))


def test_every_public_name_is_there() -> None:
    """What is promised can be got, and `dir` shows it."""
    assert [name for name in codeanatomy.__all__ if not hasattr(codeanatomy, name)] == []
    assert set(codeanatomy.__all__) <= set(dir(codeanatomy))


def test_every_public_name_has_a_docstring() -> None:
    """Its own, with a first sentence; `__version__` and other plain values need none."""
    things = {name: getattr(codeanatomy, name) for name in codeanatomy.__all__}
    bare = [
        name
        for name, thing in things.items()
        if (inspect.isclass(thing) or callable(thing)) and not (thing.__doc__ or "").strip()
    ]
    assert bare == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    """A heavy library is imported by the function that needs it."""
    code = f"import sys, codeanatomy; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_name_that_is_not_public_is_refused() -> None:
    """A wrong name is an `AttributeError`, as of any module."""
    assert not hasattr(codeanatomy, "no_such_name")
