"""Texts found by the nearness of their vectors, in memory or in a database."""

from __future__ import annotations

import json
import threading
import uuid
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.workflow.memory.errors import VectorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from codeanatomy.workflow.memory.database import Database

_TABLE = """
create table if not exists memory_vectors (
  collection text not null, id text not null, body text not null, metadata text not null,
  vector {blob} not null, primary key (collection, id))
"""


class Item(NamedTuple):
    """One text with its vector."""

    id: str
    text: str
    vector: Sequence[float]
    metadata: dict[str, Any]


class Hit(NamedTuple):
    """An item that was found; `score` is the cosine of the angle to the query, 1 is nearest."""

    item: Item
    score: float


class VectorIndex(ABC):
    """Collections of items, searched exactly: every vector is compared."""

    @abstractmethod
    def add(self, items: Sequence[Item], collection: str = "default") -> None:
        """Put items in; one with an id that is there replaces it."""

    @abstractmethod
    def delete(self, ids: Sequence[str], collection: str = "default") -> int:
        """Take items out; return how many were there."""

    @abstractmethod
    def items(self, collection: str = "default") -> list[Item]:
        """List the items of a collection."""

    def get(self, ids: Sequence[str], collection: str = "default") -> list[Item]:
        """Return those of the items that are there."""
        wanted = set(ids)
        return [item for item in self.items(collection) if item.id in wanted]

    def query(
        self,
        vector: Sequence[float],
        k: int = 5,
        collection: str = "default",
        wanted: Mapping[str, Any] | None = None,
    ) -> list[Hit]:
        """Return the `k` nearest of the items whose metadata pass `wanted`, the nearest first."""
        passing = [item for item in self.items(collection) if passes(item.metadata, wanted)]
        if not passing or k < 1:
            return []
        scores = _cosines(vector, [item.vector for item in passing])
        best = sorted(range(len(passing)), key=lambda n: (-scores[n], passing[n].id))[:k]
        return [Hit(passing[n], float(scores[n])) for n in best]

    def close(self) -> None:  # noqa: B027 - an index in memory holds nothing open
        """Let go of what the index holds open."""


class MemoryVectorIndex(VectorIndex):
    """Vectors in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._collections: dict[str, dict[str, Item]] = {}

    def add(self, items: Sequence[Item], collection: str = "default") -> None:
        """Put items in; one with an id that is there replaces it."""
        with self._lock:
            there = self._collections.setdefault(collection, {})
            _same_length([*list(there.values())[:1], *items])
            there.update((item.id, item) for item in items)

    def delete(self, ids: Sequence[str], collection: str = "default") -> int:
        """Take items out; return how many were there."""
        with self._lock:
            there = self._collections.get(collection, {})
            return sum(there.pop(one, None) is not None for one in ids)

    def items(self, collection: str = "default") -> list[Item]:
        """List the items of a collection."""
        with self._lock:
            return list(self._collections.get(collection, {}).values())


class TableVectorIndex(VectorIndex):
    """Vectors as rows of a database, single precision."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.script(_TABLE.format(blob=database.blob))

    def add(self, items: Sequence[Item], collection: str = "default") -> None:
        """Put items in, all or none; one with an id that is there replaces it."""
        with self._database.transaction():
            _same_length([*self._some(collection), *items])
            for item in items:
                self._database.rows(
                    "insert into memory_vectors (collection, id, body, metadata, vector)"
                    " values (:collection, :id, :body, :metadata, :vector)"
                    " on conflict (collection, id) do update set body = excluded.body,"
                    " metadata = excluded.metadata, vector = excluded.vector",
                    {
                        "collection": collection,
                        "id": item.id,
                        "body": item.text,
                        "metadata": json.dumps(item.metadata, default=str),
                        "vector": packed(item.vector),
                    },
                )

    def delete(self, ids: Sequence[str], collection: str = "default") -> int:
        """Take items out; return how many were there."""
        with self._database.transaction():
            found = self.get(ids, collection)
            for item in found:
                self._database.rows(
                    "delete from memory_vectors where collection = :collection and id = :id",
                    {"collection": collection, "id": item.id},
                )
        return len(found)

    def items(self, collection: str = "default") -> list[Item]:
        """List the items of a collection."""
        return self._read("order by id", collection)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _some(self, collection: str) -> list[Item]:
        return self._read("limit 1", collection)

    def _read(self, tail: str, collection: str) -> list[Item]:
        rows = self._database.rows(
            "select id, body, metadata, vector from memory_vectors"  # noqa: S608 - the tail is ours
            f" where collection = :collection {tail}",
            {"collection": collection},
        )
        return [Item(one, body, unpacked(v), json.loads(facts)) for one, body, facts, v in rows]


def paired(
    texts: Sequence[str],
    vectors: Sequence[Sequence[float]],
    ids: Sequence[str] | None,
    metadata: Sequence[Mapping[str, Any]] | None,
) -> Iterator[Item]:
    """Yield items from parallel lists; a missing id is a new UUID."""
    names = list(ids) if ids else [str(uuid.uuid4()) for _ in texts]
    facts = list(metadata) if metadata else [{} for _ in texts]
    sizes = {"texts": len(texts), "embeddings": len(vectors), "ids": len(names)}
    if len({*sizes.values(), len(facts)}) > 1:
        sizes["metadata"] = len(facts)
        raise VectorError(f"lists of unequal length: {sizes}", **sizes)
    for text, vector, name, fact in zip(texts, vectors, names, facts, strict=True):
        yield Item(str(name), text, list(vector), dict(fact))


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of the angle between two vectors; 0 when one has no length."""
    return float(_cosines(one, [other])[0])


def passes(metadata: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> bool:
    """Say whether metadata hold each wanted pair; `_gte _lte _gt _lt _ne _in` end a key."""
    return all(_passes(metadata, key, value) for key, value in (wanted or {}).items())


def packed(vector: Sequence[float]) -> bytes:
    """Return a vector as little-endian single floats."""
    import numpy as np  # noqa: PLC0415 - heavy, loads where used

    return np.asarray(vector, "<f4").tobytes()


def unpacked(body: bytes) -> list[float]:
    """Return the vector that `packed` wrote."""
    import numpy as np  # noqa: PLC0415 - heavy, loads where used

    values: list[float] = np.frombuffer(body, "<f4").tolist()
    return values


_SUFFIXES: dict[str, Callable[[Any, Any], bool]] = {
    "_gte": lambda value, bound: value >= bound,
    "_lte": lambda value, bound: value <= bound,
    "_gt": lambda value, bound: value > bound,
    "_lt": lambda value, bound: value < bound,
    "_ne": lambda value, other: value != other,
    "_in": lambda value, several: value in several,
}


def _passes(metadata: Mapping[str, Any], key: str, wanted: object) -> bool:
    if key in metadata:
        return bool(metadata[key] == wanted)
    for suffix, holds in _SUFFIXES.items():
        if key.endswith(suffix):
            return _holds(metadata, key.removesuffix(suffix), holds, wanted)
    return False


def _holds(
    metadata: Mapping[str, Any], name: str, holds: Callable[[Any, Any], bool], wanted: object
) -> bool:
    if name not in metadata:
        return holds is _SUFFIXES["_ne"]
    try:
        return bool(holds(metadata[name], wanted))
    except TypeError:
        return False  # values that have no order are not in it


def _cosines(vector: Sequence[float], others: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415 - heavy, loads where used

    query = np.asarray(vector, dtype=np.float64)
    matrix = np.asarray(others, dtype=np.float64)
    if matrix.shape[1:] != query.shape:
        raise VectorError(
            f"the query has {query.size} dimensions, the vectors have {matrix.shape[-1]}",
            query=int(query.size),
        )
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(query)
    scores: NDArray[np.float64] = (matrix @ query) / np.where(lengths == 0, 1.0, lengths)
    return scores


def _same_length(items: Sequence[Item]) -> None:
    lengths = {len(item.vector) for item in items}
    if len(lengths) > 1 or 0 in lengths:
        raise VectorError(
            f"vectors of one collection have one length, above 0; got {sorted(lengths)}",
            lengths=sorted(lengths),
        )
