"""Documents in named collections, in one SQLite file: small dicts found by key or by value."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    collection TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (collection, key)
) WITHOUT ROWID
"""


class MetadataStore:
    """Collections of JSON documents; safe to share between threads and processes."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(
            str(path), timeout=30, isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(_SCHEMA)

    def get(self, collection: str, key: str) -> Document | None:
        """Return a document, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM documents WHERE collection=? AND key=?", (collection, key)
            ).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, collection: str, key: str, document: Mapping[str, Any]) -> None:
        """Store a document; one of the same key is replaced."""
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO documents VALUES (?,?,?)",
                (collection, key, _text(document)),
            )

    def add(self, collection: str, key: str, document: Mapping[str, Any]) -> bool:
        """Store a document unless the key is taken; tell whether it was stored."""
        with self._lock:
            done = self._db.execute(
                "INSERT OR IGNORE INTO documents VALUES (?,?,?)", (collection, key, _text(document))
            )
        return done.rowcount == 1

    def delete(self, collection: str, keys: Iterable[str]) -> int:
        """Delete documents; return how many there were."""
        with self.transaction():
            return sum(
                self._db.execute(
                    "DELETE FROM documents WHERE collection=? AND key=?", (collection, key)
                ).rowcount
                for key in keys
            )

    def find(self, collection: str, **equals: object) -> list[tuple[str, Document]]:
        """Return keys and documents whose top values equal the given ones, by key."""
        with self._lock:
            rows = self._db.execute(
                "SELECT key, body FROM documents WHERE collection=? ORDER BY key", (collection,)
            ).fetchall()
        found = ((key, json.loads(body)) for key, body in rows)
        return [
            (key, document)
            for key, document in found
            if all(document.get(name) == value for name, value in equals.items())
        ]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that is done inside, or nothing; inside another one it is part of that."""
        with self._lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, default=str)
