"""Long-term memory as one JSON object per key, on any file system that fsspec knows."""

# ruff: noqa: ANN401 - a value is whatever a person remembers

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.workflow.memory.errors import PathOutsideError
from codeanatomy.workflow.memory.long import (
    Answer,
    Entry,
    LongTermMemoryBackend,
    checked_key,
    encoded,
    failure,
    matches,
)
from codeanatomy.workflow.memory.words import bm25, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsspec import AbstractFileSystem

_LONGEST = 150  # characters of a key that a file may be named by


class BlobBackend(LongTermMemoryBackend):
    """Long-term memory under a folder or URL; a search reads all of it."""

    def __init__(self, path: str, **options: Any) -> None:
        if ".." in path.replace("\\", "/").split("/"):
            raise PathOutsideError(f"path traversal: {path!r} contains '..'", path=path)
        try:
            from fsspec.core import url_to_fs  # noqa: PLC0415 - loads where blobs are used
        except ImportError as wrong:
            msg = "fsspec is not installed; pip install 'codeanatomy[workflow]'"
            raise MissingPartError(msg, part="fsspec") from wrong
        self._lock = threading.Lock()  # between threads; between processes the last one wins
        self._fs: AbstractFileSystem
        self._fs, self._base = url_to_fs(path, **options)
        self._fs.makedirs(self._base, exist_ok=True)

    def store(self, key: str, value: Any, metadata: dict[str, Any] | None = None) -> Answer:
        """Write the object of the key; a reader sees the old one or the new one."""
        if wrong := checked_key(key):
            return wrong
        facts = {"key": str(key), "value": value, "metadata": metadata or {}}
        try:
            body = encoded({**facts, "stored_at": time.time_ns()}).encode()
        except (TypeError, ValueError, RecursionError) as unfit:
            return failure(f"value of {key!r} cannot be stored: {unfit}", "serialization_error")
        path = self._path(str(key))
        try:
            with self._lock:
                created = not self._fs.exists(path)
                self._replace(path, body)
        except OSError as wrong_io:
            return failure(str(wrong_io), "connection_error")
        return {"success": True, "stored": True, "key": key, "created": created}

    def retrieve(self, key: str, default: Any = None) -> Answer:
        """Answer `value`, `found` and `metadata`; a missing key is the default and not found."""
        if wrong := checked_key(key):
            return wrong
        try:
            found = self._read(self._path(str(key)))
        except FileNotFoundError:
            return {"success": True, "value": default, "found": False, "metadata": None}
        except OSError as wrong_io:
            return failure(str(wrong_io), "connection_error")
        return {
            "success": True,
            "value": found["value"],
            "found": True,
            "metadata": found["metadata"],
        }

    def delete(self, key: str) -> Answer:
        """Answer `deleted`, False when the key was not there."""
        if wrong := checked_key(key):
            return wrong
        try:
            self._fs.rm_file(self._path(str(key)))
        except FileNotFoundError:
            return {"success": True, "deleted": False, "key": key}
        except OSError as wrong_io:
            return failure(str(wrong_io), "connection_error")
        return {"success": True, "deleted": True, "key": key}

    def search(
        self,
        query: str | None = None,
        metadata_filter: dict[str, Any] | None = None,
        limit: int = 10,
    ) -> Answer:
        """Answer `results` and `count`, ranked as the databases rank them."""
        try:
            everything = list(self._all())
        except OSError as wrong_io:
            return failure(str(wrong_io), "connection_error")
        ranked = _ranked(everything, words_of(query)) if query else _newest(everything)
        results = [
            {"key": e["key"], "value": e["value"], "metadata": e["metadata"], "score": score}
            for e, score in ranked[: max(0, limit)]
        ]
        kept = [found for found in results if matches(found["metadata"], metadata_filter)]
        return {"success": True, "results": kept, "count": len(kept)}

    def close(self) -> None:
        """Nothing is held open."""

    def iterate_all(self) -> Iterator[Entry]:
        """Yield every entry, ordered by key."""
        for found in sorted(self._all(), key=lambda entry: str(entry["key"])):
            yield Entry(found["key"], found["value"], found["metadata"])

    def _path(self, key: str) -> str:
        name = quote(key, safe="").replace(".", "%2E").replace("~", "%7E")
        if len(name) > _LONGEST:
            name = f"{name[:_LONGEST]}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        return f"{self._base}/{name}.json"

    def _replace(self, path: str, body: bytes) -> None:
        beside = f"{self._base}/.{uuid.uuid4().hex}"
        self._fs.pipe_file(beside, body)
        self._fs.mv(beside, path)

    def _read(self, path: str) -> dict[str, Any]:
        return dict(json.loads(self._fs.cat_file(path)))

    def _all(self) -> Iterator[dict[str, Any]]:
        for path in self._fs.ls(self._base, detail=False):
            if str(path).endswith(".json"):
                yield self._read(path)


def _newest(entries: list[dict[str, Any]]) -> list[tuple[dict[str, Any], float]]:
    return [(e, 1.0) for e in sorted(entries, key=lambda e: (-e["stored_at"], e["key"]))]


def _ranked(entries: list[dict[str, Any]], phrase: str) -> list[tuple[dict[str, Any], float]]:
    if not phrase.strip():
        return []
    texts = [
        words_of(f"{e['key']} {encoded(e['value'])} {encoded(e['metadata'])}") for e in entries
    ]
    found = [(e, text) for e, text in zip(entries, texts, strict=True) if phrase in text]
    average = sum(text.count(" ") - 1 for text in texts) / max(1, len(texts))
    scores = bm25(phrase, [text for _, text in found], len(texts), average)
    scored = [(e, score) for (e, _), score in zip(found, scores, strict=True)]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]["key"]))
