"""A graph as an oracle reads it: columns of `nodes` and `edges`, one file at a time."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import codeanatomy as ca

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from codeanatomy.cpg.api import Graph

Rows = list[tuple[Any, ...]]


@contextmanager
def built(root: Path, name: str) -> Iterator[Graph]:
    """Build a folder's graph, in a store that goes away again.

    With the argument `--stores=FOLDER` the store stays there, and the next benchmark opens it.
    """
    kept = next((a.partition("=")[2] for a in sys.argv if a.startswith("--stores=")), None)
    if kept and (Path(kept) / name).is_dir():
        yield ca.open(Path(kept) / name)
        return
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
        yield ca.build(root, store=Path(kept or folder) / name, name=name)


def rows(graph: Graph, text: str) -> Rows:
    """Return the rows of a query as tuples."""
    return _tuples(graph.sql(text).to_arrow())


class Sheet:
    """The rows of a query by their first column, a path; turned into tuples when asked for."""

    def __init__(self, graph: Graph, text: str) -> None:
        table = graph.sql(text).to_arrow().combine_chunks()
        paths = np.asarray(table.column(0).fill_null("").to_pylist(), dtype=object)
        order = np.argsort(paths, kind="stable")
        self._table = table.select(table.column_names[1:]).take(order)
        cuts = np.flatnonzero(paths[order][1:] != paths[order][:-1]) + 1
        begins = [0, *cuts.tolist()] if len(paths) else []
        ends = [*begins[1:], len(paths)]
        self._place = {paths[order[b]]: (b, e - b) for b, e in zip(begins, ends, strict=False)}

    def get(self, path: str) -> Rows:
        """Return the rows of one file; none where there are none."""
        return _tuples(self._table.slice(*self._place.get(path, (0, 0))))

    def paths(self) -> set[str]:
        """List the paths that have rows; empty for rows without one."""
        return set(self._place)


def _tuples(table: pa.Table) -> Rows:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
