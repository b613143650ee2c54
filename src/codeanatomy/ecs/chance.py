"""Seeded random streams: the same key gives the same numbers, whatever ran before or beside."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Ids

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def stream(seed: int, tick: int, processor: str, archetype: Archetype) -> np.random.Generator:
    """Give the generator of one processor on one table at one tick."""
    return np.random.Generator(np.random.PCG64(_key(seed, tick, processor, *archetype)))


def entity_uniform(
    seed: int, tick: int, processor: str, ids: Ids, draws: int, drawn: int = 0
) -> npt.NDArray[np.float64]:
    """Give `draws` uniform numbers in [0, 1) per entity, keyed by its id alone: (n, draws).

    SplitMix64 (Steele, Lea, Flood 2014) as a counter-based generator: its output function over
    key + id and draw number, so neither the order nor the presence of others matters.
    """
    key = np.uint64(_key(seed, tick, processor, "entity") & 0xFFFFFFFFFFFFFFFF)
    with np.errstate(over="ignore"):
        of_entity = _mixed(key + ids.astype(np.uint64) * _GOLDEN)
        counter = np.arange(drawn + 1, drawn + draws + 1, dtype=np.uint64) * _GOLDEN
        bits = _mixed(of_entity[:, None] + counter[None, :])
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mixed(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
    bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
    return bits ^ (bits >> np.uint64(31))


def _key(seed: int, tick: int, *names: str) -> int:
    text = "\0".join((str(seed), str(tick), *names)).encode()
    return int.from_bytes(blake2b(text, digest_size=16).digest(), "little")
