"""Edges out of what relations say: ends looked up, in order, with their facts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.normalize.ends import edges
from codeanatomy.cpg.views import SPACES
from codeanatomy.kernel.errors import CompileError

ROWS = pa.schema(
    {
        "kind": pa.string(), "file_no": pa.int32(), "src": pa.int32(), "src_space": pa.string(),
        "dst": pa.int32(), "dst_space": pa.string(), "bstart": pa.int32(), "bend": pa.int32(),
        "method": pa.string(), "sources": pa.string(), "role": pa.string(), "field": pa.string(),
        "index": pa.int32(), "keyword": pa.string(), "reason": pa.string(), "count": pa.int32(),
    }
)  # fmt: skip
FILES = pa.table(
    {"file_no": pa.array([1, 2], pa.int32()), "path": ["a.py", "b.py"], "repo": ["r", "r"]}
)
LINES = pa.table(
    {"file_no": pa.array([1, 1, 2], pa.int32()), "line": pa.array([1, 2, 1], pa.int32()),
     "bstart": pa.array([0, 10, 0], pa.int32())}
)  # fmt: skip


def nid(file_no: int, number: int) -> int:
    """Give node `number` of a file: here they count alike."""
    return (file_no << 32) | number


NUMBERS = [nid(file_no, number) for file_no in (1, 2) for number in range(4)]
PLACES = pa.table(
    {
        "space": pa.array([SPACES.index("node")] * 8 + [SPACES.index("global")], pa.int64()),
        "key": pa.array([*NUMBERS, 5], pa.int64()), "nid": pa.array([*NUMBERS, 5], pa.int64()),
    }
)  # fmt: skip


def row(kind: str, src: int, dst: int, **more: str | int) -> dict[str, Any]:
    """Give one row of a relation; in file 1 if not said."""
    return {
        "kind": kind, "file_no": 1, "src": src, "src_space": "node", "dst": dst,
        "dst_space": "node", "bstart": 0, "bend": 1, "method": "syntax", "sources": "ast", **more,
    }  # fmt: skip


def relation(*rows: dict[str, Any]) -> pa.Table:
    """Put rows of one relation in a table."""
    return pa.Table.from_pylist(list(rows), ROWS)


def made(*relations: pa.Table) -> list[dict[str, Any]]:
    """Make the edges of relations."""
    found: list[dict[str, Any]] = edges(PLACES, FILES, LINES, *relations).to_pylist()
    return found


def test_kinds_follow_the_page_and_edges_their_ends() -> None:
    """Kind by kind, then src, dst and place, whatever order the relations are in."""
    calls = relation(row("ARGUMENT", 2, 3), row("ARGUMENT", 0, 3, bstart=7), row("ARGUMENT", 0, 3))
    tree = relation(row("AST", 1, 2), row("AST", 0, 1))
    found = [(e["kind"], e["src"] & 15, e["dst"] & 15, e["bstart"]) for e in made(calls, tree)]
    assert found == [
        ("AST", 0, 1, 0), ("AST", 1, 2, 0),
        ("ARGUMENT", 0, 3, 0), ("ARGUMENT", 0, 3, 7), ("ARGUMENT", 2, 3, 0),
    ]  # fmt: skip


def test_facts_move_with_their_edge() -> None:
    """Sorting edges by their ends takes place, method and props along."""
    rows = [
        row("ARGUMENT", 2, 3, index=4, keyword="k", bstart=12, bend=14, method="late", file_no=1),
        row("ARGUMENT", 1, 3, role="*", bstart=3, bend=4),
    ]
    first, second = made(relation(*rows))
    assert (first["props"]["role"], first["props"]["index"]) == ("*", None)
    assert (first["method"], first["line"], first["bend"]) == ("syntax", 1, 4)
    assert (second["props"]["index"], second["props"]["keyword"]) == (4, "k")
    assert (second["method"], second["line"], second["bend"]) == ("late", 2, 14)


def test_ends_are_of_the_file_that_shows_the_edge() -> None:
    """Equal numbers of two files are two nodes; the path is that file's."""
    found = made(relation(row("AST", 0, 1, file_no=2), row("AST", 0, 1)))
    assert [(e["src"], e["dst"], e["path"]) for e in found] == [
        (nid(1, 0), nid(1, 1), "a.py"),
        (nid(2, 0), nid(2, 1), "b.py"),
    ]


def test_what_the_whole_store_shares_is_looked_up_without_a_file() -> None:
    """A builtin is one node for every file."""
    rows = [row("REF", 1, 5, dst_space="global", file_no=n) for n in (1, 2)]
    assert [e["dst"] for e in made(relation(*rows))] == [5, 5]


def test_confidence_is_one_only_where_an_oracle_checks() -> None:
    """Kinds that are not certain have none."""
    found = made(relation(row("AST", 0, 1)), relation(row("HAS_DIAGNOSTIC", 0, 1)))
    assert [(e["kind"], e["confidence"]) for e in found] == [("AST", 1.0), ("HAS_DIAGNOSTIC", None)]


def test_an_end_without_a_node_is_an_error() -> None:
    """No edge is dropped and none dangles."""
    with pytest.raises(CompileError, match="number 9"):
        made(relation(row("AST", 0, 9)))


def test_no_rows_are_no_edges_of_the_declared_columns() -> None:
    """Relations without a row give the page's table."""
    found = edges(PLACES, FILES, LINES, relation(), relation())
    assert found.schema == EDGES_TABLE.arrow()
    assert found.num_rows == 0


def test_columns_are_those_of_the_page() -> None:
    """With rows, the names are the declared ones, in order."""
    found = edges(PLACES, FILES, LINES, relation(row("AST", 0, 1)))
    assert found.column_names == [c.name for c in EDGES_TABLE.columns]
