"""Mixing 64-bit numbers: vectorised, the same on every machine, not for secrets.

`finish` is the finaliser of SplitMix64 (Steele, Lea, Flood 2014; Stafford's variant 13), a
bijection on 64 bits: different inputs give different outputs. Every sum and product is modulo
2**64, which numpy's uint64 arrays are by definition.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Lane = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: SplitMix64's step
LOW = np.uint64(0x243F6A8885A308D3)  # the first digits of pi: the seed of the low lane
HIGH = np.uint64(0x13198A2E03707344)  # the next digits: the seed of the high lane

_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def finish(lane: Lane) -> Lane:
    """Spread every bit of each number over all its bits, one to one."""
    mixed = lane ^ (lane >> np.uint64(30))
    mixed *= _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


def absorb(lane: Lane, words: Lane) -> Lane:
    """Take one more word into each lane; for a given lane, different words stay different."""
    return finish((lane ^ finish(words)) + GOLDEN)


def seeded(seed: np.uint64, length: int) -> Lane:
    """Return `length` equal lanes to absorb words into."""
    return np.full(length, seed, dtype=np.uint64)


def pair(columns: Sequence[Lane], length: int) -> tuple[Lane, Lane]:
    """Hash rows of words to two lanes of 64 bits that share no seed: (high, low)."""
    high, low = seeded(HIGH, length), seeded(LOW, length)
    for words in columns:
        high, low = absorb(high, words), absorb(low, words + GOLDEN)
    return high, low


def text_word(text: str) -> int:
    """Return 64 bits of the text's BLAKE2b, for columns whose few values are hashed once each."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def packed(high: Lane, low: Lane) -> NDArray[np.uint8]:
    """Lay both lanes out as rows of 16 bytes, most significant first."""
    both = np.stack([high, low], axis=1).astype(">u8", copy=False)
    return np.ascontiguousarray(both).view(np.uint8).reshape(len(high), 16)


def hex_digits(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Write each row of bytes as lower-case hex digits, two ASCII codes a byte."""
    return np.ascontiguousarray(_DIGITS[rows]).view(np.uint8).reshape(len(rows), 2 * rows.shape[1])


_DIGITS = np.frombuffer(bytes(range(256)).hex().encode(), dtype=np.uint16)
