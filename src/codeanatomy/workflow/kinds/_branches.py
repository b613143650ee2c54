"""What the kinds of nodes with branches share: running them, their results, the trace of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.journal.effects import current_step
from codeanatomy.workflow.parallel.copying import copy_state
from codeanatomy.workflow.parallel.each import run_each
from codeanatomy.workflow.parallel.watch import FAIL_FAST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.host import Host
    from codeanatomy.workflow.parallel.branch import Branch
    from codeanatomy.workflow.parallel.config import ParallelConfig
    from codeanatomy.workflow.parallel.result import ParallelFlowResult
    from codeanatomy.workflow.parallel.setup import Parallel

    State = dict[str, Any]
    Body = Callable[[Mapping[str, Any]], Callable[[State], Any]]

AT_ONCE: Final = 32  # branches of a node that does not say how many
BODIES: Final = ("run", "uses", "steps")


class Branches:
    """The branches of one node: branch `name[i]` is `run` on a copy of the state and `own(i)`.

    `shape(i, outcome)` is the state of its result; that of a failed one is `lost(i)`.
    """

    def __init__(
        self,
        name: str,
        parallel: Parallel,
        config: ParallelConfig,
        run: Callable[[State], State],
        *,
        own: Callable[[int], State],
        shape: Callable[[int, State, State], State],
        lost: Callable[[int], State],
    ) -> None:
        self._name = name
        self._parallel = parallel
        self._config = config
        self._run = run
        self._own = own
        self._shape = shape
        self._lost = lost

    def results(self, count: int, state: State, limit: int) -> list[ParallelFlowResult]:
        """Run the branches; their results in order, with times in whole milliseconds."""
        names = [f"{self._name}[{index}]" for index in range(count)]

        def go(branch: Branch, _attempt: int) -> State:
            scope = current_step.get()
            if scope is None:
                return self._one(branch.index, state)
            with scope.child(f"[{branch.index}]").here():
                return self._one(branch.index, state)

        found = run_each(self._parallel, self._config, names, go, limit)
        for index, result in enumerate(found):
            result.timing_ms = round(result.timing_ms)
            if not result.success and result.error != FAIL_FAST:
                result.state = self._lost(index)
        return found

    def _one(self, index: int, state: State) -> State:
        branch = copy_state(state)
        branch.update(self._own(index))
        return self._shape(index, branch, self._run(branch))


def settled(found: Any) -> State:  # noqa: ANN401 - what the body of a node returned
    """Wait for what can be awaited, and make an update of it."""
    if hasattr(found, "__await__"):
        from codeanatomy.workflow.run.awaiting import wait  # noqa: PLC0415 - brings asyncio

        found = wait(found)
    return found if isinstance(found, dict) else {"result": found}


def body_of(node: Mapping[str, Any], kind: str, body: Body) -> Callable[[State], State]:
    """Return what a branch of a node runs: its code, its action or its steps."""
    if not any(node.get(key) is not None for key in BODIES):
        raise SpecError(
            f"{kind} node '{node['name']}' requires one of: {', '.join(BODIES)}", node=node["name"]
        )
    kept = {k: v for k, v in node.items() if k not in _OF_THE_NODE}
    run = body(kept)
    return lambda state: settled(run(state))


_OF_THE_NODE: Final = frozenset(
    {"type", "strategy", "parallel_each", "fan_in", "on_error", "goto", "interrupt", "timeout"}
)


def items_of(host: Host, text: Any, state: State, where: str, what: str) -> list[Any]:  # noqa: ANN401 - what a file says
    """Evaluate what gives the items of a node; nothing is no items."""
    source = text
    if isinstance(text, str) and not any(mark in text for mark in ("{{", "{%", "${")):
        source = f"{{{{ {text} }}}}"
    try:
        found = host.render(source, state)
    except Exception as error:
        raise SpecError(
            f"{where}: failed to evaluate {what} {text!r}: {error}", expression=str(text)
        ) from error
    if found is None:
        return []
    if isinstance(found, str | bytes) or not hasattr(found, "__iter__"):
        kind = type(found).__name__
        raise SpecError(f"{where}: {what} must return an iterable, got {kind}", kind=kind)
    return list(found)


def required_fan_in(node: Mapping[str, Any], kind: str) -> None:
    """Refuse a node that does not say where its branches meet."""
    if not node.get("fan_in"):
        name = node["name"]
        raise SpecError(f"{kind} node '{name}' requires 'fan_in' target node", node=name)


def positive(value: Any, where: str, what: str) -> int | None:  # noqa: ANN401 - what a file says
    """Read how many branches run at once; None where nothing is said."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SpecError(f"{where}: {what} must be positive integer, got {value}")
    return value


def trace(host: Host, event_type: str, **facts: Any) -> None:  # noqa: ANN401 - plain values
    """Add an event to the span that is open."""
    spans = host.trace_context
    if spans is not None:
        spans.log_event(event={"event_type": event_type, **facts})


def counts(results: list[ParallelFlowResult]) -> dict[str, int]:
    """Count how branches ended."""
    fine = sum(result.success for result in results)
    return {"completed": fine, "failed": len(results) - fine}
