"""Every long-term memory there is, for tests that hold for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.memory.blob import BlobBackend
from codeanatomy.workflow.memory.duckdb import DuckDBBackend
from codeanatomy.workflow.memory.hierarchy import HierarchicalBackend
from codeanatomy.workflow.memory.sql import SQLAlchemyBackend
from codeanatomy.workflow.memory.sqlite import SQLiteBackend

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codeanatomy.workflow.memory.long import LongTermMemoryBackend

BACKENDS: dict[str, Callable[[Path], LongTermMemoryBackend]] = {
    "sqlite": lambda folder: SQLiteBackend(str(folder / "ltm.db")),
    "sqlite in memory": lambda _: SQLiteBackend(),
    "duckdb": lambda folder: DuckDBBackend(str(folder / "ltm.duckdb")),
    "sqlalchemy": lambda folder: SQLAlchemyBackend(f"sqlite+pysqlite:///{folder}/alchemy.db"),
    "blob": lambda folder: BlobBackend(str(folder / "blobs")),
    "hierarchical": lambda folder: HierarchicalBackend(str(folder / "tree.db")),
}


def keys(answer: dict[str, Any]) -> list[str]:
    """Return the keys that a search found, in order."""
    return [found["key"] for found in answer["results"]]
