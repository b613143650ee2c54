"""The function `edge_id`: a stable id for an edge, from its kind, both ends and its anchor.

Two lanes of 64 bits absorb the five facts one after the other. With strong mixing, n different
edges collide with a chance of about n**2 / 2**129: below 1e-20 for a thousand million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.engine.functions._function import Function
from codeanatomy.engine.functions._texts import texts
from codeanatomy.engine.mix import hex_digits, packed, pair, text_word

if TYPE_CHECKING:
    import pyarrow as pa

    from codeanatomy.engine.mix import Lane

FUNCTION = Function(
    "edge_id",
    arguments=(
        ("kind", "string"),
        ("src", "int64"),
        ("dst", "int64"),
        ("bstart", "int64"),
        ("bend", "int64"),
    ),
    returns="string",
    meaning="32 hex digits that name an edge by kind, ends and anchor; null without kind or end.",
)

NO_ANCHOR = -1  # no byte offset is negative


def call(
    kind: pa.Array, src: pa.Array, dst: pa.Array, bstart: pa.Array, bend: pa.Array
) -> pa.Array:
    """Hash the five facts of every edge to 128 bits, written as hex digits."""
    words = [_kinds(kind), *map(_words, (src, dst, bstart, bend))]
    missing = np.zeros(len(kind), dtype=np.bool_)
    for column in (kind, src, dst):
        missing |= column.is_null().to_numpy(zero_copy_only=False)
    codes = hex_digits(packed(*pair(words, len(kind))))
    return texts(codes, missing if missing.any() else None)


def _kinds(kind: pa.Array) -> Lane:
    """Hash each distinct kind once."""
    coded = kind.dictionary_encode()
    table = [text_word(name or "") for name in coded.dictionary.to_pylist()] or [0]
    words: Lane = np.array(table, dtype=np.uint64)[coded.indices.fill_null(0).to_numpy()]
    return words


def _words(column: pa.Array) -> Lane:
    numbers: Lane = column.fill_null(NO_ANCHOR).to_numpy().view(np.uint64)
    return numbers
