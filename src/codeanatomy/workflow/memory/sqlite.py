"""Long-term memory in one SQLite file, searched with FTS5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.memory.database import SqliteDatabase, checked
from codeanatomy.workflow.memory.tabular import TabularMemory

if TYPE_CHECKING:
    from codeanatomy.workflow.memory.database import Row

_INDEX = """
create virtual table if not exists long_term_words using fts5 (key unindexed, words)
"""


class SQLiteBackend(TabularMemory):
    """The default long-term memory: a file, or `:memory:`."""

    def __init__(self, db_path: str = ":memory:") -> None:
        self.db_path = str(db_path)
        super().__init__(SqliteDatabase(checked(self.db_path)))
        self._database.script(_INDEX)

    def _written(self, entry: dict[str, Any], *, created: bool) -> None:
        if not created:
            self._forget(entry["key"])
        self._database.rows(
            "insert into long_term_words (rowid, key, words) select rowid, key, words"
            " from long_term_memory where key = :key",
            {"key": entry["key"]},
        )

    def _remove(self, key: str) -> bool:
        self._forget(key)
        return super()._remove(key)

    def _forget(self, key: str) -> None:
        self._database.rows(
            "delete from long_term_words where rowid ="
            " (select rowid from long_term_memory where key = :key)",
            {"key": key},
        )

    def _phrase(self, phrase: str, limit: int) -> list[Row]:
        if not phrase.strip():
            return []
        return self._database.rows(
            "select m.key, m.value, m.metadata, -bm25(long_term_words)"
            " from long_term_words join long_term_memory m on m.rowid = long_term_words.rowid"
            " where long_term_words match :match order by bm25(long_term_words), m.key"
            " limit :limit",
            {"match": f'words : "{phrase.strip()}"', "limit": max(0, limit)},
        )
