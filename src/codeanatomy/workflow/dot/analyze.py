"""Finds the phases of a drawing: which nodes can run at once, and what must come before."""

from __future__ import annotations

from codeanatomy.kernel.errors import CycleError
from codeanatomy.workflow.dot.model import AnalyzedGraph, ExecutionPhase, ParsedGraph

Edges = dict[str, list[str]]


def analyze_graph(parsed: ParsedGraph, allow_cycles: bool = False) -> AnalyzedGraph:  # noqa: FBT001, FBT002 - the promised signature
    """Order the nodes in phases; a circle is an error unless `allow_cycles`.

    With circles allowed, the edge that closes one is listed in `back_edges` and orders nothing.
    """
    after: Edges = {node: [] for node in parsed.nodes}
    for edge in parsed.edges:
        if edge.target not in after[edge.source]:
            after[edge.source].append(edge.target)
    order, back = _order(after)
    if back and not allow_cycles:
        msg = f"Circular dependency detected involving node: {back[0][1]}"
        raise CycleError(msg, path=_circle(after, back[0]))
    for source, target in back:
        after[source].remove(target)
    before = _task_dependencies(parsed, after, order)
    return AnalyzedGraph(
        parsed=parsed,
        phases=_phases(before, order),
        dependencies=before,
        start_nodes=[task for task in before if not before[task]],
        end_nodes=[task for task in before if not any(task in b for b in before.values())],
        back_edges=back,
    )


def _order(after: Edges) -> tuple[list[str], list[tuple[str, str]]]:
    """Walk depth first; return the nodes so that sources come first, and the edges that go back."""
    done: list[str] = []
    back: list[tuple[str, str]] = []
    state: dict[str, int] = {}  # 1: on the path, 2: finished
    for start in after:
        if start in state:
            continue
        state[start] = 1
        path = [(start, iter(after[start]))]
        while path:
            node, rest = path[-1]
            for target in rest:
                if state.get(target) == 1:
                    back.append((node, target))
                elif target not in state:
                    state[target] = 1
                    path.append((target, iter(after[target])))
                    break
            else:
                state[node] = 2
                done.append(node)
                path.pop()
    return done[::-1], back


def _circle(after: Edges, closing: tuple[str, str]) -> list[str]:
    source, first = closing
    reached: dict[str, str] = {}
    waiting = [first]
    while waiting and source not in reached and source != first:
        node = waiting.pop(0)
        for target in after[node]:
            if target not in reached and target != first:
                reached[target] = node
                waiting.append(target)
    path = [source]
    while path[-1] != first:
        path.append(reached[path[-1]])
    return [*path[::-1], first]


def _task_dependencies(parsed: ParsedGraph, after: Edges, order: list[str]) -> Edges:
    """Name the tasks right before each task, looking through markers."""
    passed: dict[str, dict[str, None]] = {node: {} for node in order}
    for node in order:
        marker = parsed.nodes[node].is_marker
        for target in after[node]:
            passed[target].update(passed[node] if marker else {node: None})
    return {node: list(passed[node]) for node in parsed.nodes if not parsed.nodes[node].is_marker}


def _phases(before: Edges, order: list[str]) -> list[ExecutionPhase]:
    level: dict[str, int] = {}
    for node in order:
        if node in before:
            level[node] = 1 + max((level[source] for source in before[node]), default=0)
    count = max(level.values(), default=0)
    rows: list[list[str]] = [[] for _ in range(count)]
    for node in before:
        rows[level[node] - 1].append(node)
    return [ExecutionPhase(number, row) for number, row in enumerate(rows, 1)]
