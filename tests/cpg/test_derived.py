"""Derived views: what each computes from the rows of a small graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from codeanatomy.cpg.graph.derived import VIEWS
from codeanatomy.engine.execute import run_sql
from codeanatomy.engine.session import Session, size_named
from tests.graphs import FILE

if TYPE_CHECKING:
    import codeanatomy as ca


def test_adjacency_lists_edges_of_a_node(zoo: ca.Graph) -> None:
    """By kind, then by the other end; one list for each direction."""
    query = f"select edges from adjacency_{{}} where nid = {FILE + 3}"
    out = zoo.sql(query.format("out")).to_pylist()[0]["edges"]
    into = zoo.sql(query.format("in")).to_pylist()[0]["edges"]
    assert out == [
        {"kind": "CONTAINS", "nid": FILE + 4},
        {"kind": "INHERITS_FROM", "nid": FILE + 2},
    ]
    assert into == [
        {"kind": "CONTAINS", "nid": FILE + 1},
        {"kind": "EXPORTS", "nid": FILE + 1},
        {"kind": "MEMBER_OF", "nid": FILE + 4},
    ]


@pytest.mark.parametrize("name", ["adjacency_out", "adjacency_in"])
def test_adjacency_of_a_whole_graph_fits_in_memory(name: str) -> None:
    """Memory grows with the edges, not with edges times nodes."""
    count = 30_000
    ends = pa.array(range(count), pa.int64())
    edges = pa.table({"src": ends, "dst": ends, "kind": pa.array(["AST"] * count)})
    session = Session(size_named("medium"))
    session.register("_edges", edges)
    view = next(view for view in VIEWS if view.table.name == name)
    assert run_sql(session, view.sql(frozenset({"_edges"}))).num_rows == count


def test_exports_say_what_dunder_all_lists(zoo: ca.Graph) -> None:
    """A public name outside `__all__` is there, and told apart."""
    query = "select module, qualified_name, kind, line, in_all from exports order by line"
    assert [tuple(row.values()) for row in zoo.sql(query)] == [
        ("zoo", "zoo.Animal", "class", 3, False),
        ("zoo", "zoo.Cat", "class", 6, True),
    ]


def test_coverage_has_every_file_and_extractor(zoo: ca.Graph) -> None:
    """An extractor that failed says so, one that saw nothing too."""
    query = 'select path, extractor, "rows", status, error from coverage order by 1, 2'
    assert [tuple(row.values()) for row in zoo.sql(query)] == [
        ("bad.py", "ast", 0, "error", "SyntaxError: invalid syntax"),
        ("bad.py", "repo", 2, "seen", None),
        ("bad.py", "symtable", 0, "error", "SyntaxError: invalid syntax"),
        ("bad.py", "tree_sitter", 1, "seen", None),
        ("zoo.py", "ast", 0, "nothing", None),
        ("zoo.py", "repo", 9, "seen", None),
        ("zoo.py", "symtable", 0, "nothing", None),
        ("zoo.py", "tree_sitter", 1, "seen", None),
    ]


def test_file_quality_scores_of_a_thousand(zoo: ca.Graph) -> None:
    """400 for not parsing, 100 for each of two extractors, 300 for half its bytes in errors."""
    query = "select path, parses, tolerant_errors, failed, score from file_quality order by path"
    assert [tuple(row.values()) for row in zoo.sql(query)] == [
        ("bad.py", False, 2, 2, 100),
        ("zoo.py", True, 0, 0, 1000),
    ]


def test_relation_quality_counts_what_is_measured(zoo: ca.Graph) -> None:
    """An edge without a confidence is counted and not averaged."""
    query = """select kind, method, edges, measured, mean_confidence from relation_quality
        where kind in ('INHERITS_FROM', 'REF') order by kind, method"""
    assert [tuple(row.values()) for row in zoo.sql(query)] == [
        ("INHERITS_FROM", "structure", 1, 0, None),
        ("REF", "explicit_global", 1, 1, 1.0),
        ("REF", "local", 1, 1, 1.0),
    ]


def test_kinds_are_tables(zoo: ca.Graph) -> None:
    """Every declared kind is a row: how many there are, or why there is none."""
    query = "select nodes, absent from node_kinds where name in ('block', 'class') order by name"
    rows = [tuple(row.values()) for row in zoo.sql(query)]
    assert rows == [(0, "control flow is not analysed by this version"), (2, None)]
    flow = zoo.sql("select edges, absent from edge_kinds where name = 'CFG'").to_pylist()[0]
    assert flow["edges"] == 0
    assert "data flow" in flow["absent"]


def test_a_graph_as_declared_has_no_anomalies(zoo: ca.Graph) -> None:
    """Every kind is either there or absent with a reason, and what needs a name has one."""
    assert zoo.sql("select * from schema_anomalies").to_pylist() == []
