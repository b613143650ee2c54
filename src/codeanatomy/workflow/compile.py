"""From a declared graph to a flow: every name resolved, every call planned, ready to be run."""

from __future__ import annotations

from functools import cached_property
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.calls import call_plan, takes_state_alone
from codeanatomy.workflow.digraph import always
from codeanatomy.workflow.errors import CheckpointNodeError
from codeanatomy.workflow.names import END, START
from codeanatomy.workflow.reducers import reducers_of
from codeanatomy.workflow.spec import EdgeSpec, Nestable, NodeSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from codeanatomy.workflow.calls import Call
    from codeanatomy.workflow.digraph import Digraph, Drawn
    from codeanatomy.workflow.reducers import Reducer

MAX_STEPS: Final = 10_000


class Route:
    """A way on: a condition and the step for each of its values; without one, a single step."""

    __slots__ = ("asynchronous", "condition", "step", "steps")

    def __init__(
        self,
        condition: Call | None,
        step: Step | None,
        steps: dict[Any, Step | None],
        *,
        asynchronous: bool = False,
    ) -> None:
        self.asynchronous = asynchronous
        self.condition = condition
        self.step = step
        self.steps = steps


class Step:
    """A node made ready: what to call and what comes next.

    `ordinary` says that nothing but a call and a choice of the next step happens here; everything
    else (fan-out, coroutine, nested graph, interrupt, end) needs the full loop.
    """

    __slots__ = (
        "after",
        "asynchronous",
        "before",
        "call",
        "direct",
        "fan_in",
        "fans",
        "name",
        "nested",
        "next",
        "ordinary",
        "reachable",
        "router",
        "routes",
        "runs",
        "spec",
    )

    def __init__(self, spec: NodeSpec) -> None:
        self.spec = spec
        self.name = spec.name
        self.fan_in = spec.fan_in
        self.direct: Callable[[dict[str, Any]], Any] | None = None
        self.call: Call | None = None
        self.router: Call | None = None
        self.reachable: Mapping[str, Step] = {}  # what a router may name
        self.routes: tuple[Route, ...] = ()
        self.fans: tuple[EdgeSpec, ...] = ()
        self.next: Step | None = None  # the only step that can follow, where there is no choice
        self.nested: Any = None
        self.runs = spec.run is not None
        self.asynchronous = False
        self.before = False
        self.after = False
        self.ordinary = False

    def __repr__(self) -> str:
        return f"Step({self.name!r})"


class Flow:
    """A compiled graph: its steps by name, and what holds for all of them."""

    def __init__(
        self,
        graph: Any,  # noqa: ANN401 - the graph as its own functions see it
        steps: dict[str, Step],
        edges: tuple[EdgeSpec, ...],
        *,
        limit: int,
        reducers: dict[str, Reducer],
        schema: Callable[[Mapping[str, Any]], None] | None,
    ) -> None:
        self.graph = graph
        self.steps = steps
        self.edges = edges
        self.start = steps[START]
        self.end = steps[END]
        self.limit = limit
        self.reducers = reducers
        self.schema = schema

    @cached_property
    def fingerprint(self) -> str:
        """Name what the graph is made of: the same for the same nodes and edges."""
        from hashlib import blake2b  # noqa: PLC0415 - only recorded runs ask

        edges = sorted(
            (e.source, e.target, e.kind, e.fan_in_node or "", str(e.cond_map or ""))
            for e in self.edges
        )
        return blake2b(repr((sorted(self.steps), edges)).encode(), digest_size=16).hexdigest()

    def step(self, name: str) -> Step:
        """Return the step that a checkpoint names; ValueError where the graph has it no more."""
        found = self.steps.get(name)
        if found is None:
            message = f"Checkpoint node '{name}' does not exist in the graph."
            raise CheckpointNodeError(message, node=name)
        return found


def compile_flow(
    drawing: Digraph,
    graph: Any,  # noqa: ANN401 - as above
    *,
    interrupt_before: Iterable[str] = (),
    interrupt_after: Iterable[str] = (),
    max_steps: int = MAX_STEPS,
    reducers: Mapping[str, Reducer | str] | None = None,
    schema: Callable[[Mapping[str, Any]], None] | None = None,
) -> Flow:
    """Plan every call and resolve every name of a drawing."""
    before, after = frozenset(interrupt_before), frozenset(interrupt_after)
    steps = {name: _step(node_spec(name, data), graph) for name, data in drawing.nodes.items()}
    edges: list[EdgeSpec] = []
    for name, step in steps.items():
        declared = tuple(edge_specs(drawing.drawn(name)))
        edges.extend(declared)
        step.fans = tuple(e for e in declared if e.kind == "parallel")
        step.routes = tuple(_route(e, steps, graph) for e in declared if e.kind != "parallel")
        step.before, step.after = name in before, name in after
        step.reachable = steps if step.router is not None else {}
        _settle(step)
    return Flow(
        graph,
        steps,
        tuple(edges),
        limit=_limit(max_steps, steps),
        reducers=reducers_of(reducers),
        schema=schema,
    )


def node_spec(name: str, data: Mapping[str, Any]) -> NodeSpec:
    """Freeze a node of a drawing."""
    return NodeSpec(name, data.get("run"), bool(data.get("fan_in")), data.get("meta") or {})


def edge_specs(drawn: Iterable[Drawn]) -> Iterator[EdgeSpec]:
    """Freeze the edges out of a node; the edges of one call to add_conditional_edges are one."""
    last: EdgeSpec | None = None
    for source, target, data in drawn:
        if data.get("parallel"):
            fan_in, config = data.get("fan_in_node"), data.get("parallel_config")
            yield EdgeSpec(source, target, "parallel", fan_in_node=fan_in, config=config)
        elif data.get("cond", always) is not always and data.get("cond_map") is not None:
            same = last is not None and last.condition is data["cond"]
            if not (same and last is not None and last.cond_map is data["cond_map"]):
                last = EdgeSpec(source, target, "conditional", data["cond"], data["cond_map"])
                yield last
        else:
            yield EdgeSpec(source, target)


def _limit(max_steps: int, steps: Mapping[str, Step]) -> int:
    """Let a flow with more nodes than the default limit visit each of them once."""
    return max(max_steps, len(steps)) if max_steps == MAX_STEPS else max_steps


def _step(spec: NodeSpec, graph: Any) -> Step:  # noqa: ANN401 - as above
    step = Step(spec)
    router = spec.meta.get("router")
    if router is not None:
        step.router = call_plan(router, spec.name, graph)
    run = spec.run
    if run is None:
        return step
    if takes_state_alone(run):
        step.direct = run
        step.call = lambda state, _config: run(state)
    elif isinstance(run, Nestable):
        step.nested = run
    else:
        step.call = call_plan(run, spec.name, graph, fan_in=spec.fan_in)
    step.asynchronous = iscoroutinefunction(run)
    return step


def _route(edge: EdgeSpec, steps: Mapping[str, Step], graph: Any) -> Route:  # noqa: ANN401 - as above
    if edge.condition is None or edge.cond_map is None:
        return Route(None, steps[edge.target], {})
    chosen = {value: steps[target] if target else None for value, target in edge.cond_map.items()}
    called = call_plan(edge.condition, edge.source, graph)
    return Route(called, None, chosen, asynchronous=iscoroutinefunction(edge.condition))


def _settle(step: Step) -> None:
    """Say what can be said before any run: the only next step, and whether the step is ordinary."""
    if step.routes and step.routes[0].condition is None and step.router is None:
        step.next = step.routes[0].step
    special = step.fans or step.nested is not None or step.asynchronous or step.before or step.after
    chosen_later = any(r.asynchronous for r in step.routes) or iscoroutinefunction(
        step.spec.meta.get("router")
    )
    step.ordinary = not special and not chosen_later and step.name != END
