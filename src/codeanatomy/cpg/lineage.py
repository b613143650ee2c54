"""Lineage of the plan: which columns each view is really made from, by its optimised plan."""

from __future__ import annotations

import pyarrow as pa

from codeanatomy.cpg import entities, evidence
from codeanatomy.cpg.compile import compile_file_plan
from codeanatomy.engine.execute import run_step
from codeanatomy.engine.lineage import Lineage, check_reads
from codeanatomy.engine.session import Session

_GIVEN = {
    "builtin_names": pa.schema([("name", pa.string()), ("ordinal", pa.int64())]),
    "builtin_places": pa.schema([(name, pa.int64()) for name in ("space", "key", "nid")]),
}


def plan_lineage() -> dict[str, Lineage]:
    """Return the lineage of every SQL step of the plan, by name, taken over tables without rows.

    Raises `CompileError` for a step that reads what it does not declare, or declares what it does
    not read.
    """
    plan = compile_file_plan()
    session = Session(partitions=1)
    for name in plan.sources():
        session.register(name, empty_table(name))
    found: dict[str, Lineage] = {}
    for step in plan.steps:
        if step.engine == "sql":
            found[step.name] = check_reads(session, step)
        run_step(session, step)
    return found


def empty_table(name: str) -> pa.Table:
    """Return a source of the plan without rows, as extractors or the build would give it."""
    if name in _GIVEN:
        return _GIVEN[name].empty_table()
    declared = {t.name: t for t in (*evidence.TABLES, *entities.STORED)}
    keeps_repo = name == "files"
    fields = [f for f in declared[name].arrow() if keeps_repo or f.name != "repo"]
    return pa.schema(fields).empty_table()
