"""What a question gives: rows, as Python, pandas or polars has them, or as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.graph import formats
from codeanatomy.kernel.errors import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from rich.table import Table as RichTable

SHOWN = 20  # rows of a result that its text shows


class Result:
    """The rows of one answer; it can be counted, iterated (dictionaries) and shown."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._table.column_names)

    def to_arrow(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        return self._table

    def to_pylist(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries."""
        rows: list[dict[str, Any]] = self._table.to_pylist()
        return rows

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas frame; raises `MissingPartError` without pandas."""
        try:
            import pandas as pd  # noqa: F401, PLC0415 - an extra, needed only here
        except ImportError as error:
            raise _missing("pandas") from error
        return self._table.to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """Return the rows as a polars frame; raises `MissingPartError` without polars."""
        try:
            import polars as pl  # noqa: PLC0415 - an extra, needed only here
        except ImportError as error:
            raise _missing("polars") from error
        return pl.DataFrame(self._table)

    def write(self, path: str | Path, format: str | None = None) -> Path:  # noqa: A002 - the word everyone uses
        """Write a file as table, csv, json, jsonl, parquet or arrow; by default as `path` ends.

        Raises `UnknownNameError` for another format, `SpecError` for an ending that stands for
        none, `OutputError` if it cannot be written.
        """
        target = Path(path)
        formats.write_file(self._table, target, format or formats.of_path(target))
        return target

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self._table.to_batches():
            yield from batch.to_pylist()

    def __repr__(self) -> str:
        return formats.grid(self._table, SHOWN)

    def _repr_html_(self) -> str:
        return formats.html(self._table, SHOWN)

    def __rich__(self) -> RichTable:
        return formats.rich_table(self._table, SHOWN)


def _missing(name: str) -> MissingPartError:
    return MissingPartError(f"{name} is not installed; pip install {name}", part=name)
