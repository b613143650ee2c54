"""Long-term memory in one table of any SQL database."""

# ruff: noqa: ANN401 - a value is whatever a person remembers

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.memory.errors import DatabaseError
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

    from codeanatomy.workflow.memory.database import Database, Row

_TABLE = """
create table if not exists long_term_memory (
  key text primary key, value text not null, metadata text not null, words text not null,
  stored_at bigint not null)

create index if not exists long_term_memory_by_time on long_term_memory (stored_at)
"""
_INSERT = """
insert into long_term_memory (key, value, metadata, words, stored_at)
values (:key, :value, :metadata, :words, :at) on conflict (key) do nothing returning key
"""
_UPDATE = """
update long_term_memory set value = :value, metadata = :metadata, words = :words,
  stored_at = :at where key = :key
"""
_PAGE = 500


class TabularMemory(LongTermMemoryBackend):
    """The whole of long-term memory in plain SQL; a subclass may know a faster search."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.script(_TABLE)

    def store(self, key: str, value: Any, metadata: dict[str, Any] | None = None) -> Answer:
        """Keep a JSON value; answer `stored`, `key` and `created` (False when replaced)."""
        if wrong := checked_key(key):
            return wrong
        try:
            text, facts = encoded(value), encoded(metadata or {})
        except (TypeError, ValueError, RecursionError) as unfit:
            return failure(f"value of {key!r} cannot be stored: {unfit}", "serialization_error")
        try:
            created = self._put(str(key), text, facts)
        except DatabaseError as refused:
            return _failed(refused)
        return {"success": True, "stored": True, "key": key, "created": created}

    def retrieve(self, key: str, default: Any = None) -> Answer:
        """Answer `value`, `found` and `metadata`; a missing key is the default and not found."""
        if wrong := checked_key(key):
            return wrong
        try:
            found = self._database.rows(
                "select value, metadata from long_term_memory where key = :key", {"key": str(key)}
            )
        except DatabaseError as refused:
            return _failed(refused)
        if not found:
            return {"success": True, "value": default, "found": False, "metadata": None}
        value, metadata = map(json.loads, found[0])
        return {"success": True, "value": value, "found": True, "metadata": metadata}

    def delete(self, key: str) -> Answer:
        """Answer `deleted`, False when the key was not there."""
        if wrong := checked_key(key):
            return wrong
        try:
            with self._database.transaction():
                there = self._remove(str(key))
        except DatabaseError as refused:
            return _failed(refused)
        return {"success": True, "deleted": there, "key": key}

    def search(
        self,
        query: str | None = None,
        metadata_filter: dict[str, Any] | None = None,
        limit: int = 10,
    ) -> Answer:
        """Answer `results` and `count`: those with the phrase, best first; all, newest first."""
        phrase = words_of(query or "")
        try:
            rows = self._newest(limit) if not query else self._phrase(phrase, limit)
        except DatabaseError as refused:
            return _failed(refused)
        results = [_result(row) for row in rows]
        kept = [found for found in results if matches(found["metadata"], metadata_filter)]
        return {"success": True, "results": kept, "count": len(kept)}

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def iterate_all(self) -> Iterator[Entry]:
        """Yield every entry, ordered by key, a page in memory at a time."""
        last = ""
        while page := self._database.rows(
            "select key, value, metadata from long_term_memory where key > :last"
            " order by key limit :page",
            {"last": last, "page": _PAGE},
        ):
            for key, value, metadata in page:
                yield Entry(key, json.loads(value), json.loads(metadata))
            last = page[-1][0]

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make the writes inside one transaction."""
        with self._database.transaction():
            yield

    def _put(self, key: str, value: str, metadata: str) -> bool:
        entry = {"key": key, "value": value, "metadata": metadata, "at": time.time_ns()}
        entry["words"] = words_of(f"{key} {value} {metadata}")
        with self._database.transaction():
            created = bool(self._database.rows(_INSERT, entry))
            if not created:
                self._database.rows(_UPDATE, entry)
            self._written(entry, created=created)
        return created

    def _written(self, entry: dict[str, Any], *, created: bool) -> None:
        """Do what a subclass does in the transaction of a write."""

    def _remove(self, key: str) -> bool:
        sql = "delete from long_term_memory where key = :key returning key"
        return bool(self._database.rows(sql, {"key": key}))

    def _newest(self, limit: int) -> list[Row]:
        return self._database.rows(
            "select key, value, metadata, 1.0 from long_term_memory"
            " order by stored_at desc, key limit :limit",
            {"limit": max(0, limit)},
        )

    def _phrase(self, phrase: str, limit: int) -> list[Row]:
        """Return key, value, metadata and score of the entries with the phrase."""
        if not phrase.strip():
            return []
        found = self._database.rows(
            "select key, value, metadata, words from long_term_memory where words like :like",
            {"like": f"%{phrase}%"},
        )
        ((total, average),) = self._database.rows(
            "select count(*), avg(length(words) - length(replace(words, ' ', '')) - 1)"
            " from long_term_memory"
        )
        scores = bm25(phrase, [row[3] for row in found], total, float(average or 1))
        scored = [(*row[:3], score) for row, score in zip(found, scores, strict=True)]
        return sorted(scored, key=lambda row: (-row[3], row[0]))[: max(0, limit)]


def _result(row: Row) -> dict[str, Any]:
    key, value, metadata, score = row
    return {
        "key": key,
        "value": json.loads(value),
        "metadata": json.loads(metadata),
        "score": float(score),
    }


def _failed(refused: DatabaseError) -> Answer:
    return failure(str(refused), str(refused.facts["kind"]))
