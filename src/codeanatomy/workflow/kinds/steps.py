"""A node of steps: bodies that run one after the other, each on what the ones before left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.kinds._branches import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.host import Host
    from codeanatomy.workflow.kinds._branches import Body

    State = dict[str, Any]


def make(node: Mapping[str, Any], host: Host, body: Body) -> Callable[[State], State]:  # noqa: ARG001 - every kind takes these
    """Return what a node with `steps` runs; it gives the updates of all its steps."""
    steps = node.get("steps")
    name = node.get("name", "steps")
    if not isinstance(steps, list) or not steps:
        raise SpecError(f"node '{name}': 'steps' must be a list of steps that is not empty")
    runs: list[Callable[[State], Any]] = []
    for index, step in enumerate(steps):
        if not isinstance(step, dict):
            kind = type(step).__name__
            raise SpecError(f"node '{name}': step {index} must be a mapping, got {kind}")
        runs.append(body({"name": f"{name}.steps[{index}]", **step}))

    def run(state: State) -> State:
        seen = dict(state)
        changes: State = {}
        for step in runs:
            update = settled(step(seen))
            seen.update(update)
            changes.update(update)
        return changes

    return run
