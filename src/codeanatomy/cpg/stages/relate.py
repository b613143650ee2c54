"""Runs the plan of one file's reach over a bucket of files: evidence in, graph rows out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from codeanatomy.cpg import evidence
from codeanatomy.cpg.compile import compile_file_plan
from codeanatomy.engine.execute import run_step
from codeanatomy.engine.session import Session, size_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.kernel.plan import Step

KEPT = (
    "nodes",
    "edges",
    "props",
    "bindings",
    "declared",
    "bases",
    "open_names",
    "import_nodes",
    "step_nodes",
    "class_attributes",
)
"""What a bucket leaves behind."""


class Related(NamedTuple):
    """The tables of one bucket, and the CPU seconds of each step."""

    tables: dict[str, pa.Table]
    seconds: dict[str, float]


def relate(observed: Mapping[str, pa.Table], given: Mapping[str, pa.Table]) -> Related:
    """Run every step whose reach is a file; `given` are tables that no extractor makes.

    Memory grows with the bucket: each table is dropped after the last step that reads it.
    """
    plan = compile_file_plan()
    with_files = given["files"].num_rows
    session = Session(size_for(with_files), partitions=1, memory_bytes=2 << 30)
    sources = {**_empty(plan.sources()), **observed, **given}
    for name in plan.sources():
        session.register(name, sources[name].combine_chunks())
    last = _last_reads(plan.steps)
    tables: dict[str, pa.Table] = {}
    seconds: dict[str, float] = {}
    for place, step in enumerate(plan.steps):
        began = time.process_time()
        table = run_step(session, step)
        if step.writes in KEPT:
            tables[step.writes] = table
        for name in last.get(place, ()):
            session.drop(name)
        seconds[step.name] = time.process_time() - began
    return Related(tables, seconds)


def _empty(names: tuple[str, ...]) -> dict[str, pa.Table]:
    """Stand in for evidence that no file gave a row of."""
    declared = {table.name: table for table in evidence.TABLES}
    found = {}
    for name in names:
        if name in declared:
            schema = declared[name].arrow()
            fields = [field for field in schema if field.name != "repo"]
            found[name] = pa.schema(fields).empty_table()
    return found


def _last_reads(steps: tuple[Step, ...]) -> dict[int, list[str]]:
    """Map each step's place to the tables that no later step reads."""
    last: dict[str, int] = {}
    for place, step in enumerate(steps):
        for name in (*step.reads, step.writes):
            last[name] = place
    found: dict[int, list[str]] = {}
    for name, place in last.items():
        found.setdefault(place, []).append(name)
    return found
