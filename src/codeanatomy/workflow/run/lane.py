"""Where a run is: what its lines share, and each line (the main one, a branch, a nested graph)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.reducers import updater

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from codeanatomy.workflow.compile import Step
    from codeanatomy.workflow.runnable import Runnable

    State = dict[str, Any]
    Split = Callable[["Lane", Step], Generator[Any, Any, Any]]
    Descend = Callable[["Lane", str, Any], Generator[Any, Any, Any]]

LOGGER: Final = logging.getLogger("the_edge_agent.stategraph")


class Pause:
    """A line waits for a person at a node; `place` is what brings the line back there.

    `node`, `when` and `state` are those of the innermost line that waits. A place is data:
    `{node, left, taken, state, within}`, with the places of the lines inside in `within`.
    """

    __slots__ = ("node", "place", "state", "when")

    def __init__(self, node: str, when: str, state: State, place: dict[str, Any]) -> None:
        self.node = node
        self.when = when
        self.state = state
        self.place = place


JOINS: Final = "__joins__"


class Inner(dict[str, Any]):
    """The keys that an inner graph changed, with their whole values."""


class Run:
    """One walk through a compiled graph, and what all of its lines share.

    `plain`: single steps are neither logged nor recorded, so the loop is short. `breathing`:
    whoever drives the run wants to be let in between steps. `unattended`: interrupts are passed
    over, since nobody could be asked. `split` runs a fan-out, `descend` a graph inside a node.
    """

    __slots__ = (
        "breath",
        "breathing",
        "config",
        "debug",
        "descend",
        "flow",
        "graph",
        "info",
        "journal",
        "observer",
        "plain",
        "raising",
        "split",
        "streaming",
        "unattended",
    )

    def __init__(
        self,
        graph: Runnable,
        config: dict[str, Any],
        *,
        split: Split,
        descend: Descend,
        streaming: bool = False,
    ) -> None:
        self.graph = graph
        self.flow = graph.flow
        self.split = split
        self.descend = descend
        self.config = config
        self.streaming = streaming
        self.breathing = False
        self.breath = 0.0  # when somebody was let in last
        self.unattended = False
        self.raising = graph.raise_exceptions
        self.info = LOGGER.isEnabledFor(logging.INFO)
        self.debug = self.info and LOGGER.isEnabledFor(logging.DEBUG)
        self.journal: Any = None
        self.observer = graph.observer
        self.plain = not (self.info or self.observer)

    def at(self, moment: str) -> None:
        """Let the observer hear of a moment, where there is one."""
        if self.observer is not None:
            self.observer(moment)

    def inside(self, graph: Runnable) -> Run:
        """Make the run of a graph that is a node of this one's."""
        inner = Run(graph, self.config, split=self.split, descend=self.descend)
        inner.journal = self.journal
        inner.unattended = self.unattended
        inner.breathing = self.breathing
        inner.plain = inner.plain and not self.breathing
        return inner


class Lane:
    """One line of a run: its state, the step it stands at, how many steps it has taken.

    `left`: the step has run and only the way on is to be chosen. `skip`: the line may pass an
    interrupt before its step once. `attempt` counts attempts at the step, `retry` those of the
    whole line before this one. `within`: the places of lines inside, from an interrupt.
    `joins`: results of fan-outs that wait for their fan-in node. `ran`: a step not yet recorded.
    """

    __slots__ = (
        "attempt",
        "branch",
        "call",
        "cancel",
        "joins",
        "left",
        "log",
        "path",
        "ran",
        "retry",
        "run",
        "skip",
        "state",
        "step",
        "stop",
        "taken",
        "update",
        "within",
    )

    def __init__(
        self,
        run: Run,
        state: State,
        step: Step,
        *,
        path: str = "",
        stop: Step | None = None,
        branch: str | None = None,
    ) -> None:
        self.run = run
        self.path = path
        self.branch = branch
        self.step = step
        self.stop = stop
        self.taken = 0
        self.attempt = 1
        self.retry = 0
        self.left = False
        self.skip = False
        self.log: Any = None
        self.ran: tuple[State, float, float] | None = None
        self.cancel: Any = None
        self.call: Callable[..., Any] | None = None
        self.within: dict[str, Any] | None = None
        self.joins: dict[str, list[Any]] | None = None
        self.state = state
        self.update = updater(state, run.flow.reducers, run.flow.schema)

    @property
    def plain(self) -> bool:
        """Say whether single steps of this line need not be logged, recorded or sent elsewhere."""
        return self.run.plain and self.log is None and self.call is None

    def below(self, name: str) -> str:
        """Give the path of a line inside the step where this one stands."""
        inner = f"{self.taken}.{name}"
        return f"{self.path}/{inner}" if self.path else inner

    def pause(self, when: str) -> Pause:
        """Stop here for a person."""
        return Pause(self.step.name, when, self.state.copy(), self.place())

    def pause_within(self, inner: Pause, within: dict[str, Any]) -> Pause:
        """Stop here since a line inside stopped."""
        return Pause(inner.node, inner.when, inner.state, {**self.place(), "within": within})

    def deliver(self, node: str) -> None:
        """Put the results that wait for a fan-in node into the state.

        What waits on in a recorded line is kept in its state, since only that is written.
        """
        joins = self.joins or {}
        if node in joins:
            self.state["parallel_results"] = joins.pop(node)
        if self.log is not None and joins:
            self.state[JOINS] = joins
        else:
            self.state.pop(JOINS, None)

    def place(self) -> dict[str, Any]:
        """Say where this line stands, as data."""
        place = {
            "node": self.step.name,
            "left": self.left,
            "taken": self.taken,
            "state": self.state,
        }
        return {**place, "joins": self.joins} if self.joins else place

    def go_to(self, place: dict[str, Any]) -> None:
        """Stand where a place says, past the interrupt that made it; its state is taken too."""
        self.state.clear()
        self.state.update(place["state"])
        self.step = self.run.flow.step(place["node"])
        self.left = place["left"]
        self.taken = place["taken"]
        self.within = place.get("within")
        self.joins = place.get("joins")
        self.skip = not self.left


def first_lane(run: Run, state: State) -> Lane:
    """Stand at the first step; from a start that offers a choice, the loop goes on itself."""
    start = run.flow.start
    if start.next is not None and start.ordinary:
        return Lane(run, state, start.next)
    lane = Lane(run, state, start)
    lane.left = not (start.before or start.after)
    return lane
