"""What is inferred from declarations, and that the plan says the truth about what it reads."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pytest

from codeanatomy.cpg import entities, evidence, nodes
from codeanatomy.cpg.compile import compile_file_plan, compile_plan, compile_relation, relations
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.relations import ast as ast_relation
from codeanatomy.cpg.relations import imports as imports_relation
from codeanatomy.cpg.views import Derive, End, Program, Relation
from codeanatomy.engine.execute import run_step
from codeanatomy.engine.lineage import check_reads
from codeanatomy.engine.session import Session
from codeanatomy.kernel.errors import CompileError

if TYPE_CHECKING:
    from codeanatomy.kernel.plan import Step
    from codeanatomy.kernel.schema import Table

GIVEN = {
    "builtin_names": pa.schema({"name": pa.string(), "ordinal": pa.int64()}),
    "builtin_places": pa.schema({"space": pa.int64(), "key": pa.int64(), "nid": pa.int64()}),
}
"""Tables of a build that are no evidence."""
EITHER = "codeanatomy.cpg.normalize.enclosing.innermost"
"""The one kernel function of a plan that takes any two tables."""


def relation(left: str, right: str = "", where: str = "") -> Relation:
    """Declare edges of kind AST from what `left` and `right` have."""
    return Relation("AST", left, End("l.node"), End("r.scope", "scope"), right=right, where=where)


def test_the_right_tables_key_on_the_left_gives_an_equal_join() -> None:
    """Names and bindings have file, scope and name in common: no condition is written."""
    (step,) = compile_relation("x", relation("meanings", "bound"))
    on = "l.file_no = r.file_no AND l.scope = r.scope AND l.name = r.name"
    assert f"meanings l JOIN bound r ON {on}" in step.text
    assert (step.engine, step.kind, step.reads) == ("sql", "relate", ("meanings", "bound"))


def test_a_key_is_found_by_what_it_means_and_not_by_its_name() -> None:
    """A column of the key's own name comes first; else the one column with its semantic type."""
    (named,) = compile_relation("x", relation("meanings", "ast_scopes"))
    assert "l.scope = r.scope" in named.text
    (meant,) = compile_relation("x", relation("ast_exports", "files"))
    assert "ast_exports l JOIN files r ON l.file_no = r.file_no" in meant.text


def test_spans_without_a_key_give_the_innermost_enclosing_one() -> None:
    """Comments have no column that says which definition they are in, and both have spans."""
    left, enclosed, last = compile_relation("x", relation("tolerant", "ast_defs", where="alone"))
    assert left.text == "SELECT * FROM tolerant WHERE alone"
    assert (enclosed.engine, enclosed.text) == ("kernel", EITHER)
    assert enclosed.reads == (left.writes, "ast_defs")
    assert last.reads == (enclosed.writes,)
    assert "WHERE" not in last.text


def test_one_table_needs_no_join() -> None:
    """Both ends in one row: a projection."""
    (step,) = compile_relation("x", Relation("AST", "ast_nodes", End("parent"), End("node")))
    assert step.reads == ("ast_nodes",)
    assert "JOIN" not in step.text


def test_neither_key_nor_spans_is_an_error() -> None:
    """Nothing is joined by the file alone."""
    with pytest.raises(CompileError, match="share neither a key nor spans") as raised:
        compile_relation("lost", relation("tolerant", "captured"))
    assert raised.value.facts["relation"] == "lost"


def test_a_key_that_two_columns_could_be_is_no_key() -> None:
    """A parent and a node are both nodes, and neither is called as the key: not guessed."""
    steps = compile_relation("x", relation("ast_args", "ast_defs"))
    assert "l.node = r.node" in steps[-1].text
    twice = compile_relation("x", relation("ast_decorators", "ast_calls"))
    assert "l.node = r.node" in twice[-1].text
    with pytest.raises(CompileError):
        compile_relation("x", relation("code_units", "exception_table"))


def test_undeclared_tables_and_spaces_are_errors() -> None:
    """What has no declared columns cannot be inferred from; numbers count in declared spaces."""
    with pytest.raises(CompileError, match="no declared columns"):
        compile_relation("x", relation("nowhere", "bound"))
    with pytest.raises(CompileError, match="no space 'galaxy'"):
        compile_relation("x", Relation("AST", "ast_nodes", End("parent", "galaxy"), End("node")))


def test_a_grouped_relation_counts_and_shows_its_first_place() -> None:
    """One row for each pair of ends; the span is that of the first in the file."""
    grouped = Relation("READS", "read", End("owner"), End("binding", "binding"), grouped=True)
    (step,) = compile_relation("x", grouped)
    session = Session()
    columns = ("file_no", "owner", "binding", "bstart", "bend")
    rows = [(1, 0, 0, 9, 12), (1, 0, 0, 5, 20), (1, 0, 1, 7, 8), (2, 0, 0, 1, 2)]
    table = {c: pa.array([r[i] for r in rows], pa.int32()) for i, c in enumerate(columns)}
    session.register("read", pa.table(table))
    found = run_step(session, step).select(["file_no", "src", "dst", "bstart", "bend", "count"])
    assert sorted(map(tuple, (row.values() for row in found.to_pylist()))) == [
        (1, 0, 0, 5, 20, 2), (1, 0, 1, 7, 8, 1), (2, 0, 0, 1, 2, 1),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def empty() -> Session:
    """Open a session with every table that the plan of one file reads, without rows."""
    session = Session()
    declared = {table.name: table for table in (*evidence.TABLES, *entities.STORED)}
    for name in compile_file_plan().sources():
        schema = GIVEN[name] if name in GIVEN else _unplaced(declared[name])
        session.register(name, schema.empty_table())
    return session


def _unplaced(table: Table) -> pa.Schema:
    """Return a table's schema as an extractor's rows have it: the repository comes later."""
    kept = () if table.name == "files" else ("repo",)
    return pa.schema([field for field in table.arrow() if field.name not in kept])


def test_every_step_reads_what_it_declares(empty: Session) -> None:
    """The tables of each SQL step are those its optimised plan scans; each step runs on no rows."""
    checked = 0
    for step in compile_file_plan().steps:
        if step.engine == "sql":
            check_reads(empty, step)
            checked += 1
        _agrees(step, run_step(empty, step))
    assert checked > len(relations())


def _agrees(step: Step, rows: pa.Table) -> None:
    """Hold a step to the columns its table declares, where a page declares it."""
    pages = (*entities.JOINED, *entities.STORED, nodes.PROPS_TABLE, EDGES_TABLE)
    for table in (t for t in pages if t.name == step.writes):
        for wanted in _unplaced(table):
            assert wanted.name in rows.column_names, step.name
            assert rows.schema.field(wanted.name).type == wanted.type, (step.name, wanted.name)


def test_a_kernel_step_is_given_what_it_declares() -> None:
    """A kernel function's parameters are called as the tables the step reads, in that order."""
    for step in compile_file_plan().steps:
        if step.engine != "kernel" or step.text == EITHER:
            continue
        module, _, name = step.text.rpartition(".")
        parameters = inspect.signature(getattr(import_module(module), name)).parameters.values()
        fixed = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        rest = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        assert tuple(fixed) == step.reads[: len(fixed)], step.name
        assert rest or len(fixed) == len(step.reads), step.name


def test_every_source_is_declared_evidence_or_given() -> None:
    """Nothing is read that no page describes."""
    known = {table.name for table in (*evidence.TABLES, entities.MODULES)} | GIVEN.keys()
    assert set(compile_file_plan().sources()) <= known
    assert set(compile_plan().sources()) <= known


def test_one_plan_holds_the_other() -> None:
    """What needs other files comes after what a file decides alone."""
    inner, whole = compile_file_plan().steps, compile_plan().steps
    assert {step.name for step in inner} < {step.name for step in whole}
    assert {step.reach for step in inner} == {"file"}
    program = [step.name for step in whole if step.reach == "program"]
    assert program == ["indexed", "linked", "called"]


def _plan_fingerprint() -> str:
    return compile_file_plan.__wrapped__().fingerprint()


def test_a_plan_is_the_same_every_time() -> None:
    """Compiling again gives the same fingerprint."""
    assert _plan_fingerprint() == compile_file_plan().fingerprint()


def test_a_changed_relation_changes_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A condition more is another plan."""
    before = _plan_fingerprint()
    changed = msgspec.structs.replace(ast_relation.RELATION, where="parent IS NOT NULL AND TRUE")
    monkeypatch.setattr(ast_relation, "RELATION", changed)
    assert _plan_fingerprint() != before


def test_a_changed_entity_derivation_or_fact_changes_the_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each page that views are taken from is part of the plan."""
    seen = {_plan_fingerprint()}
    more = Derive("more", ("ast_nodes",), "SELECT file_no FROM ast_nodes")
    monkeypatch.setattr(entities, "DERIVED", (*entities.DERIVED, more))
    seen.add(_plan_fingerprint())
    first = msgspec.structs.replace(entities.ENTITIES[0], sources="scip")
    monkeypatch.setattr(entities, "ENTITIES", (first, *entities.ENTITIES[1:]))
    seen.add(_plan_fingerprint())
    monkeypatch.setattr(nodes, "PROPS", nodes.PROPS[1:])
    seen.add(_plan_fingerprint())
    assert len(seen) == 4


def test_only_a_stage_finds_edges_between_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are found together; a relation that names a function that no stage runs is refused."""
    other = Program("IMPORTS", "codeanatomy.cpg.link.other.other")
    monkeypatch.setattr(imports_relation, "RELATION", other)
    with pytest.raises(CompileError, match=r"no stage runs codeanatomy\.cpg\.link\.other\.other; "):
        compile_plan()


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_fingerprint_is_the_same_in_another_process(seed: str) -> None:
    """It depends on no order of a set and no address."""
    code = "from codeanatomy.cpg.compile import compile_plan; print(compile_plan().fingerprint())"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert found.stdout.strip() == compile_plan().fingerprint()
