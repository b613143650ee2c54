"""Every question is declared, answered by its file, and told about in the reference."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg import query
from codeanatomy.cpg.edges import BY_NAME as EDGE_KINDS
from codeanatomy.cpg.nodes import BY_NAME as NODE_KINDS
from codeanatomy.kernel.catalog import files_in, load
from docs import generate

if TYPE_CHECKING:
    from codeanatomy.cpg.query._question import Question

EACH = pytest.mark.parametrize("question", query.QUESTIONS, ids=lambda row: row.name)


def test_every_file_that_answers_is_declared() -> None:
    """A question is its file and a row on the page of its room."""
    modules = {name: import_module(f"{query.__name__}.{name}") for name in files_in(query)}
    answering = {name for name, module in modules.items() if hasattr(module, "answer")}
    assert answering == set(query.BY_NAME)


@EACH
def test_its_file_takes_what_is_declared(question: Question) -> None:
    """By name, after the version that is asked."""
    answer = load(query, question.name, "answer")
    names = list(inspect.signature(answer).parameters)
    assert names == ["snapshot", *(one.name for one in question.given)]


@EACH
def test_it_names_what_there_is(question: Question) -> None:
    """Kinds of edges and nodes, and columns of its own."""
    columns = [column.name for column in question.columns]
    assert {*question.needs, *question.uses} <= set(EDGE_KINDS)
    assert set(question.about) <= set(NODE_KINDS)
    drawn = {*question.arrow, question.found, question.label} - {""}
    assert drawn <= set(columns)
    assert all(column.meaning for column in question.columns)
    assert not question.found or "depth" in columns


@EACH
def test_the_reference_tells_all_about_it(question: Question) -> None:
    """Its call in SQL, what it is given, and every column, each with its meaning."""
    page = generate.pages()["questions.md"]
    section = page.partition(f"\n## {question.name}\n")[2].partition("\n## ")[0]
    assert question.meaning in section
    assert question.sql() in section
    for one in question.given:
        assert any(
            line.startswith(f"| `{one.name}` | `{one.type}` |")
            and line.endswith(f"| {one.meaning} |")
            for line in section.splitlines()
        )
    for column in question.columns:
        assert any(
            line.startswith(f"| `{column.name}` | `{column.type}` |")
            and line.endswith(f"| {column.meaning} |")
            for line in section.splitlines()
        )
