"""Long-term memory in a database server, through SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.workflow.memory.database import AlchemyDatabase
from codeanatomy.workflow.memory.tabular import TabularMemory

if TYPE_CHECKING:
    from codeanatomy.workflow.memory.database import Row

_INDEX = """
create index if not exists long_term_memory_words on long_term_memory
using gin (to_tsvector('simple', words))
"""


class SQLAlchemyBackend(TabularMemory):
    """Long-term memory at a URL such as `postgresql+psycopg://user@host/name`."""

    def __init__(self, url: str, **options: object) -> None:
        self.url = url
        super().__init__(AlchemyDatabase(url, **options))
        self._server_search = self._database.dialect == "postgresql"
        if self._server_search:
            self._database.script(_INDEX)

    def _phrase(self, phrase: str, limit: int) -> list[Row]:
        if not self._server_search or not phrase.strip():
            return super()._phrase(phrase, limit)
        return self._database.rows(
            "select key, value, metadata,"
            " ts_rank_cd(to_tsvector('simple', words), phraseto_tsquery('simple', :phrase), 1)"
            " as score from long_term_memory"
            " where to_tsvector('simple', words) @@ phraseto_tsquery('simple', :phrase)"
            " order by score desc, key limit :limit",
            {"phrase": phrase.strip(), "limit": max(0, limit)},
        )
