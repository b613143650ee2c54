"""Every declaration has its file, and every file its declaration."""

from __future__ import annotations

from codeanatomy.cpg import extract, relations
from codeanatomy.cpg.edges import EDGES
from codeanatomy.cpg.evidence import TABLES
from codeanatomy.kernel.catalog import files_in


def test_each_evidence_table_has_a_producer_and_each_extractor_a_table() -> None:
    """An extractor is a file in `extract` and rows on the evidence page."""
    assert files_in(extract) == {table.producer for table in TABLES}


def test_each_edge_kind_has_a_relation_and_each_relation_an_edge_kind() -> None:
    """A relation is a file in `relations` and its name in a row of the edge page."""
    assert files_in(relations) == {edge.relation for edge in EDGES if edge.relation}


def test_no_two_tables_share_a_name() -> None:
    """A table is declared once."""
    names = [table.name for table in TABLES]
    assert sorted(names) == sorted(set(names))
