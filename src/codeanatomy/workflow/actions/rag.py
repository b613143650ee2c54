"""Actions that find texts by meaning: vectors made, kept and compared."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _chunks
from codeanatomy.workflow.actions._embedding import embed_texts, rag_settings
from codeanatomy.workflow.actions._paths import check_root
from codeanatomy.workflow.actions._results import err, ok
from codeanatomy.workflow.memory.database import open_database
from codeanatomy.workflow.memory.vectors import (
    Item,
    MemoryVectorIndex,
    TableVectorIndex,
    VectorIndex,
    paired,
)

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_INDEXES = "vector_indexes"


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "embedding.create": partial(create, host),
        "vector.store": partial(store, host),
        "vector.query": partial(query_, host),
        "vector.index_files": partial(index_files, host),
    }


def create(
    host: Host,
    /,
    state: State,
    text: Any,
    model: str | None = None,
    batch: bool = False,
    **_: object,
) -> State:
    """Make the vector of a text, or with `batch` those of several."""
    texts = list(text) if isinstance(text, list | tuple) else [text]
    try:
        vectors, name = embed_texts(host, [str(one) for one in texts], model)
    except Exception as error:
        return err(f"Embedding creation failed: {error}")
    size = len(vectors[0]) if vectors else 0
    if batch or isinstance(text, list | tuple):
        facts = {"count": len(vectors), "dimensions": size}
        return {"embeddings": vectors, "model": name, **facts}
    return {"embedding": vectors[0], "model": name, "dimensions": size}


def store(
    host: Host,
    /,
    state: State,
    texts: Any,
    embeddings: list[list[float]] | None = None,
    ids: list[str] | None = None,
    metadata: Any = None,
    collection: str = "default",
    **_: object,
) -> State:
    """Keep texts with their vectors; without vectors they are made."""
    try:
        listed = [texts] if isinstance(texts, str) else list(texts)
        facts = [metadata] * len(listed) if isinstance(metadata, dict) else metadata
        vectors = embeddings if embeddings is not None else _embedded(host, listed)
        items = list(paired(listed, vectors, ids, facts))
        index_of(host).add(items, collection)
    except Exception as error:
        return err(f"Vector store failed: {error}")
    return {"stored": len(items), "collection": collection, "ids": [one.id for one in items]}


def query_(
    host: Host,
    /,
    state: State,
    query: Any,
    k: int = 5,
    collection: str = "default",
    filter: State | None = None,
    include_embeddings: bool = False,
    **_: object,
) -> State:
    """Find the texts nearest to a text, or to a vector."""
    try:
        vector = query if isinstance(query, list) else _embedded(host, [str(query)])[0]
        hits = index_of(host).query(vector, k, collection, filter)
    except Exception as error:
        return err(f"Vector query failed: {error}")
    results = [
        {
            "id": hit.item.id,
            "text": hit.item.text,
            "score": hit.score,
            "metadata": hit.item.metadata,
            **({"embedding": list(hit.item.vector)} if include_embeddings else {}),
        }
        for hit in hits
    ]
    return {"results": results, "query": query, "collection": collection, "k": k}


def index_files(
    host: Host,
    /,
    state: State,
    paths: Any,
    pattern: str = "**/*",
    chunk_by: str = "line",
    collection: str = "default",
    recursive: bool = True,
    extensions: list[str] | None = None,
    incremental: bool = True,
    **_: object,
) -> State:
    """Cut files into pieces and keep their vectors; an unchanged file is skipped."""
    if chunk_by not in _chunks.WAYS:
        text = f"unknown chunk_by '{chunk_by}', one of {list(_chunks.WAYS)}"
        return err(f"File indexing failed: {text}")
    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    try:
        files = _chunks.files_below(listed, pattern, extensions, recursive=recursive)
        for path in (*listed, *files):
            check_root(host, path)
        index = index_of(host)
        known = _known(index, collection)
    except Exception as error:
        return err(f"File indexing failed: {error}")
    indexed, skipped, errors, done = 0, 0, [], []
    for file in files:
        try:
            count = _indexed(host, index, file, chunk_by, collection, known, again=not incremental)
        except Exception as error:
            errors.append({"file": str(file), "error": str(error)})
            continue
        if count is None:
            skipped += 1
        else:
            indexed += count
            done.append(str(file))
    facts = {"indexed": indexed, "skipped": skipped, "errors": errors}
    return ok(**facts, collection=collection, files=done)


def index_of(host: Host) -> VectorIndex:
    """Return the index of this engine: the one it was given, or one that its settings name."""
    if isinstance(host.vector_index, VectorIndex):
        return host.vector_index
    indexes: _Indexes = host.parts.setdefault(_INDEXES, _Indexes())
    settings = rag_settings(host)
    where = settings.get("vector_path") or settings.get("path")
    return indexes.get(str(where) if where else None)


class _Indexes:
    """The indexes that the actions opened; closed with the engine."""

    def __init__(self) -> None:
        self._open: dict[str | None, VectorIndex] = {}

    def get(self, where: str | None) -> VectorIndex:
        """Open an index once."""
        if where not in self._open:
            new = MemoryVectorIndex() if where is None else TableVectorIndex(open_database(where))
            self._open[where] = new
        return self._open[where]

    def close(self) -> None:
        """Close them all."""
        for index in self._open.values():
            index.close()
        self._open.clear()


def _embedded(host: Host, texts: list[str]) -> list[list[float]]:
    return embed_texts(host, texts, None)[0] if texts else []


def _known(index: VectorIndex, collection: str) -> dict[str, dict[str, str]]:
    """Return, for each file that was indexed, its ids with the digest of its bytes then."""
    known: dict[str, dict[str, str]] = {}
    for item in index.items(collection):
        if "file" in item.metadata:
            ids = known.setdefault(str(item.metadata["file"]), {})
            ids[item.id] = str(item.metadata.get("digest"))
    return known


def _indexed(
    host: Host,
    index: VectorIndex,
    file: Path,
    way: str,
    collection: str,
    known: dict[str, dict[str, str]],
    *,
    again: bool,
) -> int | None:
    """Index one file and return its number of pieces; None when it has not changed."""
    data = file.read_bytes()
    stamp = f"{way}:{_chunks.digest(data)}"
    before = known.get(str(file), {})
    if before and not again and set(before.values()) == {stamp}:
        return None
    chunks = list(_chunks.chunks_of(data.decode("utf-8"), way))
    vectors = _embedded(host, [chunk.text for chunk in chunks])
    facts = {"file": str(file), "digest": stamp}
    items = [
        Item(
            f"{file}:{chunk.start}",
            chunk.text,
            vector,
            {**facts, "start_line": chunk.start, "end_line": chunk.end},
        )
        for chunk, vector in zip(chunks, vectors, strict=True)
    ]
    index.delete(list(before), collection)
    index.add(items, collection)
    return len(items)
