"""What is declared of a graph: its nodes and its edges, frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["plain", "conditional", "parallel"]


class Nestable:
    """What may stand as a node although it is no function: a graph."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Nested(Nestable):
    """A graph that a node returns to have it run: on which state, and what comes of its last one.

    `shape` makes the node's result of the inner graph's final state.
    """

    graph: Any
    state: Mapping[str, Any]
    shape: Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A node: what it runs (nothing, a function, a compiled graph) and what its loader remembers.

    `meta["router"]`, where there is one, is asked before the edges: it names the next node or
    returns nothing; `meta["targets"]` lists what it may name, for drawings.
    """

    name: str
    run: Any = None
    fan_in: bool = False
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EdgeSpec:
    """A way out of a node; a conditional one has as many targets as its map has values."""

    source: str
    target: str
    kind: Kind = "plain"
    condition: Callable[..., Any] | None = None
    cond_map: Mapping[Any, str] | None = None
    fan_in_node: str | None = None
    config: Any = None
