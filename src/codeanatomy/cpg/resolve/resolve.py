"""The stage as a whole: how values move through every file becomes calls, types and overrides."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.cpg.resolve.agreement import Agreement
from codeanatomy.cpg.resolve.answers import answers, exceptions, overrides
from codeanatomy.cpg.resolve.confidence import give_confidence
from codeanatomy.cpg.resolve.holdings import holdings, made
from codeanatomy.cpg.resolve.implements import implements
from codeanatomy.cpg.resolve.loading import load_units
from codeanatomy.cpg.resolve.rows import Rows
from codeanatomy.cpg.resolve.told import (
    Told,
    attributes_of,
    callers,
    definitions_of,
    names_of,
    set_on_self,
    spots_of,
    written_calls,
)  # fmt: skip
from codeanatomy.cpg.resolve.waves import solve

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from codeanatomy.cpg.link.rows import HandOut
    from codeanatomy.cpg.resolve.modules import Finder
    from codeanatomy.cpg.resolve.resolver import Resolver

DEEP = 100_000  # Python frames that a run may take; they live on the heap


class Program(NamedTuple):
    """What every file of a store gives the resolver, one table a kind of fact."""

    modules: pa.Table
    files: Mapping[int, tuple[str, str]]  # a file's repository and path
    bodies: pa.Table
    steps: pa.Table
    arguments: pa.Table  # `ast_args`
    step_nodes: pa.Table
    bindings: pa.Table
    attributes: pa.Table  # `class_attributes`
    testimony: pa.Table | None  # what witnesses say that calls run: `link.testimony.TARGETS`
    definitions: pa.Table | None  # `ast_defs`, where there are witnesses
    tolerant_calls: pa.Table  # call sites of files that Python cannot parse: nid, bstart, bend
    builtins: Mapping[str, int]
    file_lines: pa.Table


class Resolved(NamedTuple):
    """Nodes and edges of calls and types, and what the run says of itself."""

    nodes: pa.Table
    edges: pa.Table
    tolerant: np.ndarray  # nodes of call sites in files that Python cannot parse
    facts: dict[str, int]
    agreement: dict[str, dict[str, int]]  # a witness: how many calls it says the same of


def resolve(program: Program, finder: Finder, numbers: HandOut) -> Resolved:
    """Resolve every call of a store.

    Files are taken in order of repository and path, so that the same sources give the same rows.
    `numbers` hands out those of nodes without a file.
    """
    resting, deep = gc.isenabled(), sys.getrecursionlimit()
    gc.disable()  # objects are many, and live as long as the run
    sys.setrecursionlimit(max(deep, DEEP))
    try:
        return _resolve(program, finder, numbers)
    finally:
        sys.setrecursionlimit(deep)
        if resting:
            gc.enable()


def _resolve(program: Program, finder: Finder, numbers: HandOut) -> Resolved:
    units = load_units(_modules(program), program.bodies, program.steps)
    r = solve(units, finder)
    found = answers(r)
    rows = Rows(program.files, program.builtins)
    told = Told(rows, *spots_of(program.step_nodes))
    told.calls(found)
    unsaid = "limit" if r.solver.exhausted else "unreached"
    told.silent(program.step_nodes, program.tolerant_calls, unsaid)
    told.arguments(r, program.arguments)
    for method, above in overrides(r):
        told.relate("OVERRIDES", method, above, "override")
    for kind, caller, at, cls in exceptions(r):
        told.relate(kind, caller, cls, "type flow", at)
    for below, base, how in implements(r, set_on_self(program.attributes)):
        told.relate("IMPLEMENTS", below, base, how)
    for site, what in made(r):
        told.relate("INSTANCE_OF", site, what, "constructor")
    told.holdings(holdings(r), names_of(program.bindings), attributes_of(program.attributes))
    agreement = _agreement(program, r, rows)
    give_confidence(rows, told.callers)
    facts = _facts(r)
    r.solver.forget()
    nodes, edges = rows.tables(numbers, program.file_lines)
    tolerant = program.tolerant_calls["nid"].to_numpy().astype(np.int64)
    return Resolved(nodes, edges, tolerant, facts, agreement)


def _agreement(program: Program, r: Resolver, rows: Rows) -> dict[str, dict[str, int]]:
    """Let witnesses be heard, if there are any."""
    if program.testimony is None or program.definitions is None:
        return {}
    spots, _ = spots_of(program.step_nodes)
    compared = Agreement(
        rows,
        definitions_of(program.definitions, spots),
        written_calls(program.step_nodes),
        callers(r, spots),
        program.modules["module"].to_pylist(),
    )
    return compared.hear(program.testimony.to_pylist())


def _modules(program: Program) -> list[dict[str, object]]:
    """Return the modules in order of repository and path: numbers depend on a store's past."""
    found = program.modules.to_pylist()
    for module in found:
        module["path"] = program.files[module["file_no"]][1]
    return sorted(found, key=lambda m: (m["repo"], m["path"]))


def _facts(r: Resolver) -> dict[str, int]:
    return {
        "frames": len(r.frames), "nodes": len(r.solver.values), "objects": len(r.info),
        "work": r.solver.work, "cut": r.solver.cut, "exhausted": int(r.solver.exhausted),
        "outside": sum(unit.outside for unit in r.units),
    }  # fmt: skip
