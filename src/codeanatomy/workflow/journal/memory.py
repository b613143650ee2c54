"""A journal that lives as long as the process, for tests and for runs that only need a record."""

from __future__ import annotations

from codeanatomy.workflow.journal.sqlite import SqliteDatabase


class MemoryDatabase(SqliteDatabase):
    """SQLite without a file."""

    def __init__(self) -> None:
        super().__init__(None, "off")
