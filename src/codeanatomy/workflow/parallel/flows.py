"""Flows of a process executor: functions of a state, each in a process, with pipes in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.parallel.copying import copy_state
from codeanatomy.workflow.parallel.each import run_each
from codeanatomy.workflow.parallel.elsewhere import Elsewhere
from codeanatomy.workflow.parallel.setup import AT_ONCE, Parallel
from codeanatomy.workflow.parallel.streams import Begun

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
    users = {str(index): flow.get("streams") or {} for index, flow in enumerate(flows)}
    note = None if streams is None else Begun(streams, users)

    def go(branch: Branch, _attempt: int) -> State:
        flow = flows[branch.index]
        state = copy_state(flow.get("state") or {})

        def call(state: State, _config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of the flow
            if streams is not None:
                streams.take(users[str(branch.index)])
            return flow["flow_func"](state)

        begun = note and (lambda _node: note(str(branch.index)))
        found = Elsewhere(branch.index, branch.cancel, begun).call(branch.name, call, state, {})
        return found if isinstance(found, dict) else {**state, "result": found}

    names = [str(flow.get("branch", index)) for index, flow in enumerate(flows)]
    # flows that are connected by pipes wait for each other, so they all run at once
    limit = len(flows) if streams is not None else max_workers or config.max_workers or AT_ONCE
    return run_each(Parallel(config), config, names, go, max(1, limit))
