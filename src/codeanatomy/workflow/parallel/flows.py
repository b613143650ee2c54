"""Flows of a process executor: functions of a state, each in a process, with pipes in between."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.parallel.copying import copy_state
from codeanatomy.workflow.parallel.each import run_each
from codeanatomy.workflow.parallel.elsewhere import Elsewhere
from codeanatomy.workflow.parallel.setup import AT_ONCE, Parallel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.parallel.branch import Branch
    from codeanatomy.workflow.parallel.config import ParallelConfig
    from codeanatomy.workflow.parallel.result import ParallelFlowResult
    from codeanatomy.workflow.parallel.streams import Streams

    State = dict[str, Any]


def run_flows(
    flows: list[dict[str, Any]],
    config: ParallelConfig,
    max_workers: int | None,
    streams: Streams | None,
) -> list[ParallelFlowResult]:
    """Run flows, each `{branch, flow_func, state, streams}`; results in their order."""
    absent = set(range(len(flows)))

    def begun(index: int) -> None:
        absent.discard(index)
        if streams is not None and not absent:
            streams.close()  # the last process is there: a pipe ends when its writers do

    def go(branch: Branch, _attempt: int) -> State:
        flow = flows[branch.index]
        state = copy_state(flow.get("state") or {})

        def call(state: State, _config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of the flow
            if streams is not None:
                streams.take(flow.get("streams") or {})
            return flow["flow_func"](state)

        there = Elsewhere(branch.index, branch.cancel, partial(begun, branch.index))
        found = there.call(branch.name, call, state, {})
        return found if isinstance(found, dict) else {**state, "result": found}

    names = [str(flow.get("branch", index)) for index, flow in enumerate(flows)]
    # flows that are connected by pipes wait for each other, so they all run at once
    limit = len(flows) if streams is not None else max_workers or config.max_workers or AT_ONCE
    return run_each(Parallel(config), config, names, go, max(1, limit))
