"""Resolving: the stage that says what every call of the store can run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import entities, evidence
from codeanatomy.cpg.observe.workers import on_a_deep_stack
from codeanatomy.cpg.progress import Progress
from codeanatomy.cpg.resolve.finder import StoreFinder
from codeanatomy.cpg.resolve.resolve import Program, Resolved, resolve
from codeanatomy.cpg.stages.witnesses import stored, testified_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.link.facts import Facts
    from codeanatomy.cpg.link.link import Linked
    from codeanatomy.cpg.stages.stage import Stage
    from codeanatomy.kernel.schema import Table

    Gather = Callable[[Table, str], pa.Table]

LAYERS = ("types", "calls")
WARNINGS = {
    "values-bound": "places hold more different values than are followed; the values beyond the "
    "bound are not known, and calls of what such a place holds have an `UNRESOLVED` edge of reason "
    "`limit` beside the targets that are known",
    "resolution-bound": "the work that a resolution may take ended before everything was followed: "
    "calls without a target have an `UNRESOLVED` edge of reason `limit`, others may lack targets",
}
"""What a build says of bounds that the resolution of calls hit, by code."""


def resolve_calls(stage: Stage, facts: Facts, linked: Linked, gather: Gather) -> Resolved | None:
    """Resolve the calls of all repositories; None where no repository was asked for them."""
    asked = [set(about["layers"]) for about in stage.place.repos.values()]
    if not any(set(LAYERS) & layers for layers in (set(stage.spec.layers), *asked)):
        return None
    stage.say(Progress("resolve", 0, len(stage.files)))
    began = time.process_time()
    read = pc.is_null(facts.files["skipped"])
    rows = facts.files.filter(read)
    testimony = testified_targets(stage)
    files = {
        number: (repo, path)
        for number, repo, path in zip(
            *(rows[c].to_pylist() for c in ("file_no", "repo", "path")), strict=True
        )
    }
    program = Program(
        modules=facts.modules,
        files=files,
        bodies=gather(evidence.VALUE_BODIES, "value_bodies"),
        steps=gather(evidence.VALUE_STEPS, "value_steps"),
        arguments=gather(evidence.AST_ARGS, "ast_args"),
        step_nodes=gather(entities.STEP_NODES, "step_nodes"),
        bindings=facts.bindings,
        attributes=gather(entities.CLASS_ATTRIBUTES, "class_attributes"),
        testimony=testimony,
        definitions=None if testimony is None else _definitions(stage),
        tolerant_calls=_tolerant_calls(stage),
        builtins=facts.builtins,
        file_lines=facts.file_lines,
    )
    finder = StoreFinder(linked.statements, stage.outside)
    found = on_a_deep_stack(
        lambda numbers: resolve(program, finder, numbers),
        lambda keys: stage.hand_out("global", keys),
    )
    stage.agreement = found.agreement
    _warn(stage, found)
    stage.timed("resolve", began)
    return found


def _definitions(stage: Stage) -> pa.Table:
    """Return where the names of definitions of every repository stand."""
    columns = ("file_no", "node", "name_bstart", "name_bend")
    repos = sorted({*stage.place.repos, stage.spec.name})
    return stored(stage, evidence.AST_DEFS, repos, columns)


def _tolerant_calls(stage: Stage) -> pa.Table:
    """Return the call sites of files that Python cannot parse, of every repository."""
    schema = pa.schema([("nid", pa.int64()), ("bstart", pa.int32()), ("bend", pa.int32())])
    parts = [rows.select(schema.names).cast(schema) for rows in stage.own.get("tolerant_calls", ())]
    for name, about in stage.place.repos.items():
        if name == stage.spec.name or not about["unparsed"]:
            continue
        rows = stage.place.rows("nodes", name, ["nid", "kind", "syntax", "bstart", "bend", "reach"])
        if rows is not None:
            wanted = pc.and_(pc.equal(rows["kind"], "call site"), pc.is_null(rows["syntax"]))
            wanted = pc.and_(wanted, pc.equal(rows["reach"], "file"))
            parts.append(rows.filter(wanted).select(schema.names).cast(schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _warn(stage: Stage, found: Resolved) -> None:
    if found.facts["exhausted"]:
        stage.warnings.append(
            {"code": "resolution-bound", "stage": "resolution", "message": "the bound of the whole "
             "run was hit: what a call can run may be missing without a reason",
             "facts": found.facts}
        )  # fmt: skip
    elif found.facts["cut"]:
        stage.warnings.append(
            {"code": "values-bound", "stage": "resolution", "message": f"{found.facts['cut']} "
             "places hold more values than are followed; calls there say `limit`",
             "facts": {"places": found.facts["cut"]}}
        )  # fmt: skip
