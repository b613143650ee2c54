"""Finds the `{{ expr }}` of a Python text: as a value, or inside an f-string.

Comments and plain strings are passed over: what stands in a plain string is found in its value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    IsExpression = Callable[[str], bool]

# the names under which a template inside an f-string is told from an escaped brace
SCOPE_NAMES: Final = frozenset(
    "state variables secrets settings data env checkpoint result item index item_index matrix"
    " config node graph parallel_results".split()
)

_STRING = re.compile(r"(?P<prefix>[rbuf]{0,2})(?P<quote>\"\"\"|'''|\"|')", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_ROOT = re.compile(r"\s*[\[(]*\s*([A-Za-z_]\w*)")
_TRIES = 6  # closing braces that are looked at for one opening pair


class Slot(NamedTuple):
    """A template between `start` and `end`; `inner` is its expression."""

    start: int
    end: int
    inner: str
    in_text: bool


class BlockTagFound(Exception):  # noqa: N818 - not an error by itself: the caller says what it means
    """`{% ... %}` stands where code does; `args[0]` is the offset."""


def find_slots(source: str, is_expression: IsExpression) -> list[Slot]:
    """Return the templates of a Python text in order."""
    found: list[Slot] = []
    _Scan(source, is_expression, found).code(0, closing=False)
    return found


def expression_at(source: str, start: int, is_expression: IsExpression) -> tuple[int, str] | None:
    """Return the end and the expression of the `{{` at `start`; None if it opens no template."""
    end = start + 2
    for _ in range(_TRIES):
        end = source.find("}}", end)
        if end < 0:
            return None
        inner = source[start + 2 : end]
        if inner.strip() and is_expression(inner):
            return end + 2, inner
        end += 1
    return None


class _Scan:
    """One walk over a text; every method takes an offset and returns the one it came to."""

    def __init__(self, source: str, is_expression: IsExpression, found: list[Slot]) -> None:
        self._source, self._is_expression, self._found = source, is_expression, found

    def code(self, at: int, *, closing: bool) -> int:
        """Walk over code; with `closing`, up to the brace that ends a field of an f-string."""
        source, depth = self._source, 0
        while at < len(source):
            char = source[at]
            if char == "#":
                at = self._line_end(at)
            elif char in "\"'" or char.isalnum() or char == "_":
                at = self._word_or_string(at)
            elif source.startswith("{%", at):
                raise BlockTagFound(at)
            elif source.startswith("{{", at):
                at = self._slot(at, in_text=False) or at + 2
                depth += 2 if source[at - 2 : at] == "{{" else 0
            else:
                depth += (char in "([{") - (char in ")]}")
                if closing and depth < 0:
                    return at + 1
                at += 1
        return at

    def _line_end(self, at: int) -> int:
        end = self._source.find("\n", at)
        return len(self._source) if end < 0 else end

    def _word_or_string(self, at: int) -> int:
        opening = _STRING.match(self._source, at)
        if not opening:
            word = _WORD.match(self._source, at)
            return word.end() if word else at + 1
        if "f" in opening["prefix"].lower():
            return self._f_string(opening.end(), opening["quote"])
        return self._plain_string(opening.end(), opening["quote"])

    def _plain_string(self, at: int, quote: str) -> int:
        source = self._source
        while at < len(source):
            if source[at] == "\\":
                at += 2
            elif source.startswith(quote, at):
                return at + len(quote)
            else:
                at += 1
        return at

    def _f_string(self, at: int, quote: str) -> int:
        source = self._source
        while at < len(source):
            if source[at] == "\\":
                at += 2
            elif source.startswith(quote, at):
                return at + len(quote)
            elif source.startswith("{{", at):
                at = self._slot(at, in_text=True) or at + 2
            elif source.startswith("}}", at):
                at += 2
            elif source[at] == "{":
                at = self.code(at + 1, closing=True)
            else:
                at += 1
        return at

    def _slot(self, at: int, *, in_text: bool) -> int | None:
        expression = expression_at(self._source, at, self._is_expression)
        if expression is None:
            return None
        end, inner = expression
        if in_text:
            root = _ROOT.match(inner)
            if not root or root[1] not in SCOPE_NAMES:
                return None
        self._found.append(Slot(at, end, inner, in_text))
        return end
