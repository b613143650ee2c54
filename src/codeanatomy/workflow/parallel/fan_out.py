"""A fan-out: its branches run at once, each on a copy of the state, until they are done."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.parallel.branch import Branch
from codeanatomy.workflow.parallel.crew import Crew
from codeanatomy.workflow.parallel.places import Places
from codeanatomy.workflow.parallel.result import BranchState, ParallelFlowResult
from codeanatomy.workflow.parallel.walk import BranchPaused
from codeanatomy.workflow.parallel.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from codeanatomy.workflow.parallel.setup import Parallel
    from codeanatomy.workflow.parallel.walk import Walk

    State = dict[str, Any]

BREATH: Final = 0.05
LOGGER: Final = logging.getLogger("the_edge_agent.stategraph")


class Edge(Protocol):
    """What a fan-out reads of an edge: the first node of the branch, its end, how it runs."""

    @property
    def target(self) -> str:
        """The first node of the branch; it names the branch."""
        ...

    @property
    def fan_in_node(self) -> str | None:
        """Where the branch ends."""
        ...

    @property
    def config(self) -> Any:  # noqa: ANN401 - a ParallelConfig or nothing
        """How the branch runs, where its edge says so."""
        ...


@dataclass(slots=True)
class Lost:
    """A branch failed; the run goes on to the fan-in node."""

    branch: str
    error: str
    state: State | None
    circuit_state: str | None


@dataclass(slots=True)
class Paused:
    """A branch waits; `branches` is what the fan-out needs to go on later, as data."""

    branch: str
    node: str
    when: str
    state: State
    branches: dict[str, Any]


@dataclass(slots=True)
class Joined:
    """How a fan-out ended; with an `error` the run ends too, because of the first of `failed`."""

    fan_in_node: str
    results: list[Any]
    failed: list[ParallelFlowResult] = field(default_factory=list)
    error: str | None = None
    cause: BaseException | None = None
    paused: Paused | None = None


def fan_out(  # noqa: PLR0913 - a fan-out has that many sides
    parallel: Parallel,
    source: str,
    edges: Sequence[Edge],
    state: State,
    walk: Walk,
    *,
    config: Mapping[str, Any],
    streaming: bool,
    breathe: bool = False,
    paused: Mapping[str, Any] | None = None,
) -> Generator[Any, None, Joined]:
    """Run the branches of one fan-in node; yields what they emit, `Lost`, and None to breathe.

    With `breathe`, whoever asks for more has an answer within `BREATH` seconds.
    When it is closed before its end, its branches are given up. `paused` holds the `branch` and
    `branches` of an earlier `Paused`: that branch goes on, and those that are done stay done.
    """
    branches = _branches(parallel, edges)
    running = branches if paused is None else _recalled(branches, paused)
    told: deque[Any] = deque()
    limit = parallel.limit([b.config for b in branches], config)
    loud = streaming or any(b.config.fail_fast for b in running)
    emit: Callable[[Any], None] | None = None
    if streaming:

        def emit(event: Any) -> None:  # noqa: ANN401 - an event of the loop
            told.append(event)
            crew.ring()

    with Places(parallel, walk, state, config, emit) as places:
        places.prepare(running, limit)
        crew = Crew(running, places.work, limit, loud=loud)
        watch = Watch(crew, parallel, running)
        LOGGER.info("Starting %d parallel flow(s) from node '%s'", len(branches), source)
        try:
            crew.start()
            while crew.left and watch.failed_fast is None:
                rest = watch.rest()
                crew.wait(min(BREATH, BREATH if rest is None else rest) if breathe else rest)
                if breathe:
                    yield None
                settled = watch.settle()
                yield from _flushed(told)
                yield from _lost(settled, parallel, watch, streaming=streaming)
            settled = watch.settle()
            yield from _flushed(told)
            yield from _lost(settled, parallel, watch, streaming=streaming)
        finally:
            watch.leave()
    meeting = branches[0].fan_in
    LOGGER.info("Joining %d parallel flow(s) at fan-in node '%s'", len(branches), meeting)
    return _joined(parallel, branches, watch, streaming=streaming)


def _branches(parallel: Parallel, edges: Iterable[Edge]) -> list[Branch]:
    made: list[Branch] = []
    for edge in edges:
        stop = edge.fan_in_node
        if stop is None:
            raise SpecError(f"Parallel edge to '{edge.target}' must have 'fan_in_node' specified")
        made.append(Branch(len(made), edge.target, stop, edge.config or parallel.config))
    return made


def _recalled(branches: list[Branch], paused: Mapping[str, Any]) -> list[Branch]:
    """Put branches back to where they stood; return those that run now."""
    running: list[Branch] = []
    kept: Mapping[str, Any] = paused["branches"]
    for branch in branches:
        entry = kept.get(branch.name)
        if entry is None:
            running.append(branch)
        elif "result" in entry:
            branch.result = ParallelFlowResult(**entry["result"])
        elif branch.name == paused["branch"]:
            branch.kept = entry["pause"]
            running.append(branch)
        else:
            branch.paused = BranchPaused(
                entry["node"], entry["when"], entry["state"], entry["pause"]
            )
    return running


def _flushed(told: deque[Any]) -> Generator[Any, None, None]:
    while told:
        yield told.popleft()


def _lost(
    settled: list[Branch], parallel: Parallel, watch: Watch, *, streaming: bool
) -> Generator[Lost, None, None]:
    """Tell of branches that failed, unless that is to be raised.

    A stream hears of every branch; otherwise the one that ends the run is told with its end.
    """
    for branch in settled:
        result = branch.result
        if result is None or result.success or parallel.raise_exceptions:
            continue
        if streaming or branch is not watch.failed_fast:
            yield Lost(branch.name, result.error or "", result.state, result.circuit_state)


def _joined(parallel: Parallel, branches: list[Branch], watch: Watch, *, streaming: bool) -> Joined:
    """Put together what became of the branches; those that others made end early do not count."""
    ran = {id(b) for b in watch.order}
    before = [b for b in branches if id(b) not in ran and b.result is not None and not b.abandoned]
    settled = [*before, *watch.order]
    failed = [b for b in settled if b.result is not None and not b.result.success]
    failed.sort(key=lambda b: b.index)
    results = [b.result for b in branches if b.result is not None]
    joined = Joined(branches[0].fan_in, results, [b.result for b in failed if b.result is not None])
    if failed:
        _blame(joined, failed, parallel, watch)
    waiting = [(b, b.paused) for b in branches if b.paused is not None]
    if waiting and joined.error is None:
        joined.paused = _paused(*waiting[0], branches)
    if streaming:
        ended = [b.result for b in settled if b.result is not None]
        joined.results = [BranchState(r) for r in ended if r.success]
    return joined


def _blame(joined: Joined, failed: list[Branch], parallel: Parallel, watch: Watch) -> None:
    """Say why the run ends: a failure is raised, or one gave up the other branches."""
    first = watch.failed_fast or failed[0]
    if first.result is None or not (parallel.raise_exceptions or watch.failed_fast):
        return
    joined.cause = first.cause
    if not parallel.raise_exceptions:
        joined.error = first.result.error
    elif watch.failed_fast is None:
        joined.error = f"Error in node '{first.name}': {first.result.error}"
    else:
        names = [b.name for b in failed]
        joined.error = f"Parallel execution aborted due to failures in: {names}"


def _paused(first: Branch, told: BranchPaused, branches: list[Branch]) -> Paused:
    kept: dict[str, Any] = {}
    for branch in branches:
        waits = branch.paused
        if waits is not None:
            kept[branch.name] = {
                "pause": waits.pause,
                "node": waits.node,
                "when": waits.when,
                "state": waits.state,
            }
        elif branch.result is not None:
            kept[branch.name] = {"result": branch.result.to_dict()}
    return Paused(first.name, told.node, told.when, told.state, kept)
