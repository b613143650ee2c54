"""Prolog in a node: understood, and said to be missing by name."""

from __future__ import annotations

from typing import Any, NoReturn

from codeanatomy.kernel.errors import MissingPartError


def compile_prolog(text: str, name: str = "<run>", line: int = 1) -> NoReturn:
    """Raise: no Prolog can be installed without a system package."""
    del text
    message = (
        f"{name}:{line}: 'language: prolog' needs SWI-Prolog and the package janus-swi, which are"
        " not a part of this engine; write the node in Python or Lua"
    )
    raise MissingPartError(message, part="prolog", **_place(name, line))


def _place(name: str, line: int) -> dict[str, Any]:
    return {"file": name, "line": line}
