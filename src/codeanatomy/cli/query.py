"""The command `query`: one SELECT, its rows in any format."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from codeanatomy.cli.options import Output, RowFormat, StorePlace, Version, opened
from codeanatomy.kernel.errors import SpecError


def query(
    sql: Annotated[str, Parameter(allow_leading_hyphen=True, help="The SELECT; `-` reads it.")],
    /,
    *,
    store: StorePlace = None,
    rows: RowFormat = None,
    version: Version = None,
    output: Output = None,
) -> int:
    """Ask a question in SQL.

    A question is one SELECT over the tables and views that `codeanatomy tables` lists; it only
    reads. `-` in its place reads the SELECT from standard input. JSON is a list of objects, jsonl
    an object a line; null is null there and nothing in CSV. Only ORDER BY promises an order.
    """
    text = sys.stdin.read() if sql == "-" else sql
    _refuse_terminal(rows, output)
    result = opened(store, version).sql(text)
    if output is not None:
        result.write(output, rows)
        return 0
    from codeanatomy.cpg.graph import formats  # noqa: PLC0415 - heavy: only once there are rows

    sys.stdout.flush()
    formats.named(rows or "table").write(result.to_arrow(), sys.stdout.buffer)
    return 0


def _refuse_terminal(name: str | None, output: str | None) -> None:
    if output is None and name in ("parquet", "arrow") and sys.stdout.isatty():
        raise SpecError(
            f"{name} is not for a terminal; write it to a file with `-o rows.{name}`, or pipe it",
            format=name,
        )
