"""Long-term memory in one DuckDB file."""

from __future__ import annotations

from codeanatomy.workflow.memory.database import DuckDatabase, checked
from codeanatomy.workflow.memory.tabular import TabularMemory


class DuckDBBackend(TabularMemory):
    """Long-term memory beside the data that DuckDB analyses."""

    def __init__(self, db_path: str = ":memory:") -> None:
        self.db_path = str(db_path)
        super().__init__(DuckDatabase(checked(self.db_path)))
