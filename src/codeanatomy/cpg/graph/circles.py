"""Circles in a directed graph: its strongly connected components with more than one way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def circles(successors: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """Return the nodes of each circle, sorted; the largest first, then by the least node.

    A node that leads to itself is a circle of one. Tarjan, "Depth-first search and linear graph
    algorithms" (1972), with a stack of our own, so that depth has no bound.
    """
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    open_nodes: list[int] = []
    is_open: set[int] = set()
    found: list[list[int]] = []
    for root in sorted(successors):
        if root in number:
            continue
        stack = [(root, iter(successors[root]))]
        _enter(root, number, low, open_nodes, is_open)
        while stack:
            node, ways = stack[-1]
            child = next(ways, None)
            if child is None:
                stack.pop()
                if stack:
                    low[stack[-1][0]] = min(low[stack[-1][0]], low[node])
                if low[node] == number[node]:
                    found.append(_closed(node, open_nodes, is_open))
            elif child not in number:
                _enter(child, number, low, open_nodes, is_open)
                stack.append((child, iter(successors.get(child, ()))))
            elif child in is_open:
                low[node] = min(low[node], number[child])
    real = [part for part in found if len(part) > 1 or part[0] in successors.get(part[0], ())]
    return sorted(real, key=lambda part: (-len(part), part[0]))


def _enter(
    node: int,
    number: dict[int, int],
    low: dict[int, int],
    open_nodes: list[int],
    is_open: set[int],
) -> None:
    number[node] = low[node] = len(number)
    open_nodes.append(node)
    is_open.add(node)


def _closed(root: int, open_nodes: list[int], is_open: set[int]) -> list[int]:
    """Take a whole component off the stack of open nodes."""
    part: list[int] = []
    while not part or part[-1] != root:
        part.append(open_nodes.pop())
    is_open.difference_update(part)
    return sorted(part)
