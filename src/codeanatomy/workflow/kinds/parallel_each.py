"""A node that runs its body once for each item of a list, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.kinds._branches import (
    AT_ONCE,
    Branches,
    body_of,
    counts,
    items_of,
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

KIND: Final = "parallel_each"


def make(node: Mapping[str, Any], host: Host, body: Body) -> Callable[[State], State]:
    """Return what a node with `parallel_each` runs; it gives `parallel_results`."""
    name = str(node["name"])
    where = f"parallel_each node '{name}'"
    expression = node.get("parallel_each")
    if expression in (None, ""):
        raise SpecError(f"{where} requires 'parallel_each' expression", node=name)
    required_fan_in(node, KIND)
    limit = positive(node.get("max_workers"), where, "max_workers") or AT_ONCE
    run = body_of(node, KIND, body)
    config = declared_config(node.get("parallel_config") or {})
    config.fail_fast = bool(node.get("fail_fast", config.fail_fast))
    parallel = Parallel(config, name=host.name)

    def call(state: State) -> State:
        items = items_of(host, expression, state, where, "parallel_each expression")

        def own(index: int) -> State:
            return {"item": items[index], "item_index": index}

        def shape(index: int, _branch: State, update: State) -> State:
            return {**lost(index), "result": update}

        def lost(index: int) -> State:
            return {"item": items[index], "index": index}

        branches = Branches(name, parallel, config, run, own=own, shape=shape, lost=lost)
        trace(host, "ParallelEachStart", node=name, item_count=len(items))
        results = branches.results(len(items), state, limit)
        trace(host, "ParallelEachEnd", node=name, item_count=len(items), **counts(results))
        return {"parallel_results": results}

    return call
