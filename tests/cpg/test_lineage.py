"""Lineage of the plan: what the optimised plans read is what the views declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.compile import compile_file_plan
from codeanatomy.cpg.lineage import plan_lineage

if TYPE_CHECKING:
    from codeanatomy.engine.lineage import Lineage


@pytest.fixture(scope="module")
def lineage() -> dict[str, Lineage]:
    """Take the lineage of the whole plan once."""
    return plan_lineage()


def test_every_sql_step_has_a_lineage(lineage: dict[str, Lineage]) -> None:
    """Every SQL step reads exactly the tables it declares, or taking the lineage would raise."""
    steps = {step.name for step in compile_file_plan().steps if step.engine == "sql"}
    assert lineage.keys() == steps


def test_the_class_of_a_name_comes_from_the_symbol_table(lineage: dict[str, Lineage]) -> None:
    """`meanings.class` is made from the symbol table alone, its scope from there too."""
    assert lineage["meanings"].outputs["class"] == ("symbols.class",)
    assert lineage["meanings"].outputs["scope"] == ("symbols.owner",)


def test_an_edge_takes_its_ends_from_the_evidence(lineage: dict[str, Lineage]) -> None:
    """The ends of DECORATES are the two numbers of a decorator's row."""
    outputs = lineage["relation_decorates"].outputs
    assert outputs["src"] == ("ast_decorators.node",)
    assert outputs["dst"] == ("ast_decorators.owner",)
