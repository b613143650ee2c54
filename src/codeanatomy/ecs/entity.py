"""An entity is an id: one counter hands each out once, and none is ever used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.errors import EntityIdError, TooManyError
from codeanatomy.ecs.table import NO_IDS, positions

if TYPE_CHECKING:
    from codeanatomy.ecs.arrays import Ids


class IdCounter:
    """The next id and the ids that were reserved and not spawned yet."""

    def __init__(self, next_id: int, reserved: Ids) -> None:
        self.next_id = next_id
        self.reserved = reserved
        self._spent: list[tuple[int, Ids]] = []  # reserved ids by the tick that used them

    def take(self, count: int) -> Ids:
        """Hand out so many new ids."""
        count = _counted(count)
        if self.next_id + count > np.iinfo(np.int64).max:
            raise TooManyError("no ids are left", next_id=self.next_id, asked=count)
        ids = np.arange(self.next_id, self.next_id + count, dtype=np.int64)
        self.next_id += count
        return ids

    def reserve(self, count: int) -> Ids:
        """Hand out ids whose entities will be spawned by the caller, by these ids."""
        ids = self.take(count)
        self.reserved = np.concatenate([self.reserved, ids])
        return ids

    def check_reserved(self, ids: Ids) -> None:
        """Refuse ids that were never reserved or are used already."""
        unknown = ids[positions(self.reserved, ids) < 0]
        if len(unknown):
            raise EntityIdError(
                f"entity {unknown[0]} cannot be spawned under this id: it is used or was never "
                "reserved; leave the id out, or take one from reserve_ids(n)",
                ids=unknown.tolist()[:10],
            )

    def use(self, ids: Ids, tick: int) -> None:
        """Take spawned ids off the reserved ones."""
        if len(self.reserved) and len(ids):
            spent = ids[positions(self.reserved, ids) >= 0]
            self.reserved = np.setdiff1d(self.reserved, spent, assume_unique=True)
            self._spent.append((tick, spent))

    def settle(self, tick: int) -> None:
        """Forget what was used up to a durable tick: it stays used."""
        self._spent = [spent for spent in self._spent if spent[0] > tick]

    def give_back(self, tick: int) -> None:
        """Reserve again what was used after a tick, because those ticks are lost."""
        lost = [ids for used, ids in self._spent if used > tick]
        self.reserved = np.unique(np.concatenate([self.reserved, *lost]))
        self._spent = [spent for spent in self._spent if spent[0] <= tick]


def as_ids(found: object, *, unique: bool = True) -> Ids:
    """Give one id, a sequence or an array of ids as int64; raises `EntityIdError`."""
    if isinstance(found, pa.Array | pa.ChunkedArray):
        found = found.to_numpy() if not found.null_count else found.to_pylist()
    array = np.atleast_1d(np.asarray(found))
    if array.size == 0:
        return NO_IDS
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise EntityIdError(
            f"entity ids are whole numbers, one after the other, not {array.dtype} {array.shape}",
            found=str(array.dtype),
        )
    ids = array.astype(np.int64)
    if int(ids.min()) < 0:
        raise EntityIdError(f"entity ids are not negative, and {ids.min()} is", id=int(ids.min()))
    if unique and len(ids) > 1 and not _ascending(ids):
        values, counts = np.unique(ids, return_counts=True)
        if len(values) != len(ids):
            twice = int(values[counts > 1][0])
            raise EntityIdError(f"entity {twice} is named twice in one call", id=twice)
    ids.flags.writeable = False
    return ids


def _ascending(ids: Ids) -> bool:
    return bool((ids[1:] > ids[:-1]).all())


def _counted(count: object) -> int:
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise EntityIdError(f"a number of ids is a whole number from 0, not {count!r}", count=count)
    return int(count)
