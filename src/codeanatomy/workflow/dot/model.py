"""A drawing in DOT as values: its nodes, edges and clusters, and the order they can run in."""

from __future__ import annotations

from dataclasses import dataclass, field

MARKERS = frozenset({"ellipse", "circle", "point", "doublecircle"})  # shapes of starts and ends


@dataclass(frozen=True, slots=True)
class DotNode:
    """A node as it was drawn; `label` is its id when nothing else was written."""

    id: str
    label: str
    attributes: dict[str, str] = field(default_factory=dict)
    cluster: str | None = None

    @property
    def shape(self) -> str:
        """The shape that was written, empty when none was."""
        return self.attributes.get("shape", "").lower()

    @property
    def command(self) -> str | None:
        """The shell command of the node, None without one."""
        return self.attributes.get("command")

    @property
    def is_marker(self) -> bool:
        """Tell whether the node only marks a start, an end or a meeting: nothing runs there."""
        return self.shape in MARKERS and self.command is None


@dataclass(frozen=True, slots=True)
class DotEdge:
    """An edge as it was drawn."""

    source: str
    target: str
    label: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DotCluster:
    """A subgraph with a name, and the nodes first named inside it."""

    name: str
    label: str
    nodes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ParsedGraph:
    """A drawing; nodes in the order they are first named."""

    name: str
    nodes: dict[str, DotNode]
    edges: list[DotEdge]
    clusters: dict[str, DotCluster] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    directed: bool = True


@dataclass(frozen=True, slots=True)
class ExecutionPhase:
    """Nodes that need nothing of each other; `number` counts from 1."""

    number: int
    nodes: list[str]

    @property
    def is_parallel(self) -> bool:
        """Tell whether several nodes run at once."""
        return len(self.nodes) > 1


@dataclass(frozen=True, slots=True)
class AnalyzedGraph:
    """A drawing with its phases; markers are in none of them, what they order is kept."""

    parsed: ParsedGraph
    phases: list[ExecutionPhase]
    dependencies: dict[str, list[str]]  # task -> the tasks before it
    start_nodes: list[str]
    end_nodes: list[str]
    back_edges: list[tuple[str, str]] = field(default_factory=list)  # edges that close a circle

    @property
    def name(self) -> str:
        """The drawing's name."""
        return self.parsed.name

    @property
    def tasks(self) -> list[str]:
        """Every node that runs, phase by phase."""
        return [node for phase in self.phases for node in phase.nodes]

    def label(self, node: str) -> str:
        """Return the label of a node."""
        return self.parsed.nodes[node].label
