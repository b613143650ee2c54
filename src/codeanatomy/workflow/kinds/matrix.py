"""A node that runs its body once for each combination of the values of a matrix."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.kinds._branches import (
    AT_ONCE,
    Branches,
    body_of,
    counts,
    positive,
    required_fan_in,
    trace,
)
from codeanatomy.workflow.parallel.declared import declared_config
from codeanatomy.workflow.parallel.setup import Parallel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.host import Host
    from codeanatomy.workflow.kinds._branches import Body

    State = dict[str, Any]

KIND: Final = "matrix"
MOST: Final = 100_000  # combinations


def make(node: Mapping[str, Any], host: Host, body: Body) -> Callable[[State], State]:
    """Return what a node with `strategy.matrix` runs; it gives `parallel_results`."""
    name = str(node["name"])
    where = f"matrix node '{name}'"
    strategy = node.get("strategy")
    values = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(strategy, dict) or not values or not isinstance(values, dict):
        raise SpecError(f"{where} requires 'strategy.matrix' with a list for each key", node=name)
    required_fan_in(node, KIND)
    for key, options in values.items():
        if not isinstance(options, list):
            kind = type(options).__name__
            raise SpecError(f"{where}: matrix.{key} must be a list, got {kind}", node=name)
        if not options:
            raise SpecError(f"{where}: matrix.{key} cannot be empty", node=name)
    count = prod(len(options) for options in values.values())
    if count > MOST:
        raise SpecError(f"{where} has {count} combinations; it can have {MOST}", node=name)
    limit = positive(strategy.get("max_parallel"), where, "strategy.max_parallel") or AT_ONCE
    run = body_of(node, KIND, body)
    config = declared_config(node.get("parallel_config") or {})
    config.fail_fast = bool(strategy.get("fail_fast", config.fail_fast))
    parallel = Parallel(config, name=host.name)

    def call(state: State) -> State:
        cells = _cells(host.render(values, state))

        def own(index: int) -> State:
            return {"matrix": dict(cells[index])}

        def shape(index: int, _branch: State, update: State) -> State:
            return {**own(index), "result": update}

        branches = Branches(name, parallel, config, run, own=own, shape=shape, lost=own)
        trace(host, "MatrixStart", node=name, combinations=len(cells))
        results = branches.results(len(cells), state, limit)
        trace(host, "MatrixEnd", node=name, combinations=len(cells), **counts(results))
        return {"parallel_results": results}

    return call


def _cells(values: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """List the combinations; the last key varies fastest."""
    return [dict(zip(values, cell, strict=True)) for cell in product(*values.values())]
