"""How a text becomes the words that a search compares, alike in every backend."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
_K1, _B, _LEAST = 1.2, 0.75, 1e-6  # as SQLite's FTS5 has them


def words_of(text: str) -> str:
    """Return the words without case and accents, one space around each."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    found = _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))
    return f" {' '.join(found)} " if found else " "


def bm25(phrase: str, matched: Sequence[str], total: int, average: float) -> list[float]:
    """Score the texts that hold `phrase`, more is better (Robertson and Zaragoza 2009, 3.4).

    `matched` and `phrase` come from `words_of`; `average` is the mean count of words in all
    `total` texts.
    """
    rarity = max(_LEAST, math.log((total - len(matched) + 0.5) / (len(matched) + 0.5)))
    return [rarity * _weight(phrase, text, average) for text in matched]


def _weight(phrase: str, text: str, average: float) -> float:
    hits = len(re.findall(f"(?={re.escape(phrase)})", text))
    length = text.count(" ") - 1
    return hits * (_K1 + 1) / (hits + _K1 * (1 - _B + _B * length / (average or 1.0)))
