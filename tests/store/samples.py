"""Tables and rows that store tests share."""

from __future__ import annotations

import pyarrow as pa

from codeanatomy.kernel.schema import Column, Table

EDGES = Table(
    name="edges",
    meaning="Edges of a small graph.",
    producer="samples",
    key=("src",),
    columns=(
        Column("src", "int64", "Where the edge starts."),
        Column("kind", "string", "What it means."),
        Column("line", "int32", "Where it was seen.", nullable=True),
        Column("props", "struct<k:string,v:int64>", "One more fact.", nullable=True),
        Column("names", "list<string>", "Several names.", nullable=True),
        Column("seen", "timestamp", "When.", nullable=True),
        Column("raw", "binary", "Bytes.", nullable=True),
        Column("repo", "string", "Whose."),
    ),
    partition=("repo",),
)

FLAT = Table(
    name="flat",
    meaning="One number a row.",
    producer="samples",
    key=("n",),
    columns=(Column("n", "int64", "A number."),),
)


def edges(*numbers: int, repo: str = "a") -> pa.Table:
    """Make one row of `EDGES` for each number."""
    rows = [
        {
            "src": n,
            "kind": f"K{n % 3}",
            "line": None if n % 2 else n,
            "props": {"k": "x", "v": n},
            "names": ["p", "q"],
            "seen": n,
            "raw": b"\x00\xff",
            "repo": repo,
        }
        for n in numbers
    ]
    return pa.Table.from_pylist(rows, schema=EDGES.arrow())


def flat(*numbers: int) -> pa.Table:
    """Make one row of `FLAT` for each number."""
    return pa.table({"n": numbers}, schema=FLAT.arrow())


def by_key(found: pa.Table) -> pa.Table:
    """Sort rows by their key, so that two tables can be compared."""
    return found.sort_by(found.column_names[0]).combine_chunks()
