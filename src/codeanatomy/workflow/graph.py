"""StateGraph: a graph of functions over one state, declared node by node and edge by edge."""

from __future__ import annotations

import logging
import weakref
from threading import Lock
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.compile import MAX_STEPS, compile_flow, edge_specs, node_spec
from codeanatomy.workflow.digraph import Digraph, always
from codeanatomy.workflow.errors import GraphError, UnknownNodeError
from codeanatomy.workflow.names import END, START
from codeanatomy.workflow.run import views
from codeanatomy.workflow.run.lane import LOGGER
from codeanatomy.workflow.spec import Nestable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence

    from codeanatomy.workflow.compile import Flow
    from codeanatomy.workflow.hooks import Hooks
    from codeanatomy.workflow.parallel.config import ParallelConfig
    from codeanatomy.workflow.parallel.setup import Parallel
    from codeanatomy.workflow.reducers import Reducer
    from codeanatomy.workflow.spec import EdgeSpec, NodeSpec

    State = dict[str, Any]
    Told = dict[str, Any]

_LOCK = Lock()
_NO_STORAGE = (
    "A checkpointer is required when using interrupt_before or interrupt_after. Give compile() a "
    "checkpoint_dir, a checkpointer (MemoryCheckpointer keeps checkpoints in memory) or a journal."
)


class StateGraph(Nestable):
    """Nodes that run functions, edges that say what comes next, and ways to run the whole.

    `state_schema` is kept, and checked only when `compile(check_schema=True)` asks for it.
    `hooks` are called around a run. `observer`, where one is set, hears of every moment at which
    the end of the process would matter: `before:call:NODE`, `after:record:NODE` and so on.
    """

    def __init__(
        self,
        state_schema: Any,  # noqa: ANN401 - a dict of types, a TypedDict, a dataclass, a Struct
        raise_exceptions: bool = False,  # noqa: FBT001, FBT002 - as above
        max_workers: int | None = None,
        log_level: int = logging.WARNING,
        log_state_values: bool = False,  # noqa: FBT001, FBT002 - as above
        parallel_config: ParallelConfig | None = None,
    ) -> None:
        self.state_schema = state_schema
        self.raise_exceptions = raise_exceptions
        self.max_workers = max_workers
        self.log_level = log_level
        self.log_state_values = log_state_values
        self.parallel_config = parallel_config
        self.logger = LOGGER
        LOGGER.setLevel(log_level)
        self.hooks: Hooks | None = None
        self.observer: Callable[[str], None] | None = None
        self.journal: Any = None
        self.checkpointer: Any = None
        self.checkpoint_dir: str | None = None
        self.start_checkpoint: str | None = None  # where a run without input goes on
        self.interrupt_before: list[str] = []
        self.interrupt_after: list[str] = []
        self.name: str | None = None
        self._settings: dict[str, Any] = {}
        self._parallel_settings: dict[str, Any] = {}
        self._parallel: Parallel | None = None
        self._flow: Flow | None = None
        self._drawing = Digraph()
        for name in (START, END):
            self._drawing.add_node(name, run=None, fan_in=False)

    # ------------------------------------------------------------------ declaration
    def add_node(
        self,
        node: str,
        run: Any = None,  # noqa: ANN401 - a function, a compiled graph, or nothing
        *,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare a node; without `run` it passes the state on, and a graph runs as one node.

        A function may also return a graph, which is then run in its place.

        ValueError if the name is taken. For `meta` see `NodeSpec`.
        """
        self._declare(node, run, meta, fan_in=False)

    def add_fanin_node(
        self,
        node: str,
        run: Any = None,  # noqa: ANN401 - as above
        *,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare a node where branches meet: its `run` may ask for `parallel_results`."""
        self._declare(node, run, meta, fan_in=True)

    def add_edge(self, in_node: str, out_node: str) -> None:
        """Let one node follow another; ValueError unless both exist."""
        self._require("Both nodes must exist in the graph.", in_node, out_node)
        self._draw(in_node, out_node, cond=always, cond_map={True: out_node})

    def add_conditional_edges(
        self,
        in_node: str,
        func: Callable[..., Any],
        cond: dict[Any, str],
    ) -> None:
        """Let the result of `func` choose the next node from `cond`.

        ValueError unless all of them exist. Several calls for one node are tried in their order.
        """
        self._require(f"Node '{in_node}' does not exist in the graph.", in_node)
        for target in cond.values():
            if target:
                self._require(f"Target node '{target}' does not exist in the graph.", target)
        for target in dict.fromkeys(cond.values()):
            if target:
                self._draw(in_node, target, cond=func, cond_map=cond)

    def add_parallel_edge(
        self,
        in_node: str,
        out_node: str,
        fan_in_node: str,
        config: ParallelConfig | None = None,
    ) -> None:
        """Begin a branch at `out_node` that ends at `fan_in_node`; ValueError unless all exist."""
        self._require("All nodes must exist in the graph.", in_node, out_node, fan_in_node)
        self._draw(
            in_node,
            out_node,
            cond=always,
            cond_map={True: out_node},
            parallel=True,
            fan_in_node=fan_in_node,
            parallel_config=config,
        )

    def set_entry_point(self, init_state: str) -> None:
        """Begin every run at this node; ValueError unless it exists."""
        self._require(f"Node '{init_state}' does not exist in the graph.", init_state)
        self._draw(START, init_state, cond=always, cond_map={True: init_state})

    def set_finish_point(self, final_state: str) -> None:
        """End the run after this node; ValueError unless it exists."""
        self._require(f"Node '{final_state}' does not exist in the graph.", final_state)
        self._draw(final_state, END, cond=always, cond_map={True: END})

    def compile(  # noqa: PLR0913 - the signature is an interface
        self,
        interrupt_before: Sequence[str] | None = (),
        interrupt_after: Sequence[str] | None = (),
        checkpoint_dir: str | None = None,
        checkpointer: Any = None,  # noqa: ANN401 - anything with save and load
        parallel_config: ParallelConfig | None = None,
        parallel_callbacks: Sequence[Any] | None = None,
        max_active_threads: int | None = None,
        circuit_breaker_scope: str = "graph",
        *,
        journal: Any = None,  # noqa: ANN401 - a Journal, or the URI of one
        reducers: Mapping[str, Reducer | str] | None = None,
        max_steps: int = MAX_STEPS,
        check_schema: bool = False,
    ) -> StateGraph:
        """Make the graph ready to run, and return it.

        `journal` records every step; `reducers` say how updates of a key meet its value;
        `max_steps` ends a cycle that does not end itself. ValueError for an interrupt at a node
        that is not there, or with nowhere to keep its checkpoint.
        """
        before, after = list(interrupt_before or ()), list(interrupt_after or ())
        for name in (*before, *after):
            self._require(f"Interrupt node '{name}' does not exist in the graph.", name)
        if (before or after) and checkpoint_dir is None and checkpointer is None and not journal:
            raise GraphError(_NO_STORAGE)
        self.interrupt_before, self.interrupt_after = before, after
        self.checkpoint_dir = str(checkpoint_dir) if checkpoint_dir is not None else None
        self.checkpointer = checkpointer
        self.journal = _opened(journal)
        if self.journal is not journal:  # opened here, so closed with the graph
            weakref.finalize(self, self.journal.close)
        self._parallel_settings = {
            "config": parallel_config or self.parallel_config,
            "callbacks": parallel_callbacks,
            "max_active_threads": max_active_threads,
            "circuit_breaker_scope": circuit_breaker_scope,
        }
        self._parallel = None
        self._settings = {
            "interrupt_before": before,
            "interrupt_after": after,
            "max_steps": max_steps,
            "reducers": reducers,
            "schema": _checker(self.state_schema) if check_schema else None,
        }
        self._flow = compile_flow(self._drawing, self, **self._settings)
        return self

    @property
    def flow(self) -> Flow:
        """The compiled graph; compiled once more if the declaration was touched since."""
        if self._flow is None:
            self._flow = compile_flow(self._drawing, self, **self._settings)
        return self._flow

    @property
    def parallel(self) -> Parallel:
        """What the fan-outs of this graph share: limits, listeners, circuit breakers."""
        if self._parallel is None:
            with _LOCK:  # runs in several threads share its circuits
                self._parallel = self._parallel or _parallel(self, **self._parallel_settings)
        return self._parallel

    # ------------------------------------------------------------------ running
    def invoke(
        self,
        input_state: State | None = None,
        config: Mapping[str, Any] | None = None,
        checkpoint: str | None = None,
    ) -> Generator[Told, None, None]:
        """Run; yield how it ends, or where it waits for a person."""
        return views.invoke(self, input_state, config, checkpoint)

    def stream(
        self,
        input_state: State | None = None,
        config: Mapping[str, Any] | None = None,
        checkpoint: str | None = None,
    ) -> Generator[Told, None, None]:
        """Run; yield an event for every node, and how it ends."""
        return views.stream(self, input_state, config, checkpoint)

    def ainvoke(
        self,
        input_state: State | None = None,
        config: Mapping[str, Any] | None = None,
        checkpoint: str | None = None,
    ) -> AsyncIterator[Told]:
        """Do as `invoke` does; coroutines are awaited here, other nodes run in a thread."""
        from codeanatomy.workflow.run import asynchronous  # noqa: PLC0415 - brings asyncio

        return asynchronous.ainvoke(self, input_state, config, checkpoint)

    def astream(
        self,
        input_state: State | None = None,
        config: Mapping[str, Any] | None = None,
        checkpoint: str | None = None,
    ) -> AsyncIterator[Told]:
        """Do as `stream` does; coroutines are awaited here, other nodes run in a thread."""
        from codeanatomy.workflow.run import asynchronous  # noqa: PLC0415 - as above

        return asynchronous.astream(self, input_state, config, checkpoint)

    def replay(self, run_id: str) -> Generator[Told, None, None]:
        """Walk a run of the journal again along its record; nothing is written or called twice.

        ReplayDepartedError where the graph no longer does what was recorded.
        """
        return views.replay(self, run_id)

    def execute_scoped(
        self,
        initial_state: State,
        entry_point: str,
        exit_point: str,
        config: Mapping[str, Any] | None = None,
    ) -> State:
        """Run from one node up to, not including, another; return the state."""
        from codeanatomy.workflow.run import scoped  # noqa: PLC0415 - rarely needed

        return scoped.execute_scoped(self, initial_state, entry_point, exit_point, config)

    def validate_remote_scope(self, entry_point: str, exit_point: str) -> list[str]:
        """Say what keeps a part of the graph from being run elsewhere; empty when nothing does."""
        from codeanatomy.workflow.run import scoped  # noqa: PLC0415 - as above

        return scoped.validate_remote_scope(self, entry_point, exit_point)

    # ------------------------------------------------------------------ checkpoints
    def save_checkpoint(
        self,
        file_path: str,
        state: State,
        node: str,
        config: Mapping[str, Any] | None = None,
    ) -> str:
        """Write where a run stands to a file, and return its path; ValueError for no such node."""
        from codeanatomy.workflow.run import resume  # noqa: PLC0415 - brings the format

        self._require(f"Node '{node}' does not exist in the graph.", node)
        return resume.save_file(str(file_path), state, node, config)

    @staticmethod
    def load_checkpoint(file_path: str, *, allow_pickle: bool = False) -> Told:
        """Read a checkpoint file; FileNotFoundError, or ValueError for one that is corrupt.

        A file of an older version is a pickle: it is loaded only where `allow_pickle` trusts it.
        """
        from codeanatomy.workflow.checkpoint import read_checkpoint  # noqa: PLC0415 - as above

        return read_checkpoint(file_path, allow_pickle=allow_pickle)

    def resume_from_checkpoint(
        self,
        checkpoint_path: str,
        config: Mapping[str, Any] | None = None,
        state_update: State | None = None,
    ) -> Generator[Told, None, None]:
        """Go on from a checkpoint, with changes to its state if there are any."""
        return views.invoke(self, state_update, config, checkpoint_path)

    # ------------------------------------------------------------------ looking at it
    @property
    def graph(self) -> Digraph:
        """The drawing: `.nodes`, `.edges`, `in` and more, as a directed graph of networkx."""
        self._flow = None  # what is handed out may be changed
        return self._drawing

    def node(self, node_name: str) -> dict[str, Any]:
        """Return what a node holds; KeyError where there is none."""
        if node_name not in self._drawing:
            raise UnknownNodeError(f"Node '{node_name}' not found in the graph", node=node_name)
        return self.graph.nodes[node_name]

    def edge(self, in_node: str, out_node: str) -> dict[str, Any]:
        """Return what an edge holds; KeyError where there is none."""
        if not self._drawing.has_edge(in_node, out_node):
            raise UnknownNodeError(
                f"Edge from '{in_node}' to '{out_node}' not found in the graph",
                source=in_node,
                target=out_node,
            )
        return self.graph.edges[in_node, out_node]

    def successors(self, node: str) -> list[str]:
        """Name the nodes that edges lead to; KeyError where there is no such node."""
        if node not in self._drawing:
            raise UnknownNodeError(f"Node '{node}' not found in the graph", node=node)
        return list(self._drawing.successors(node))

    def declared_nodes(self) -> list[NodeSpec]:
        """List the nodes as they are declared."""
        return [node_spec(name, data) for name, data in self._drawing.nodes.items()]

    def declared_edges(self) -> list[EdgeSpec]:
        """List the edges as they are declared; one call of add_conditional_edges is one edge."""
        return [e for name in self._drawing for e in edge_specs(self._drawing.drawn(name))]

    def to_mermaid(self) -> str:
        """Draw the graph as Mermaid text."""
        from codeanatomy.workflow.show.mermaid import to_mermaid  # noqa: PLC0415 - only for drawings

        return to_mermaid(self)

    def render_graphviz(self) -> Any:  # noqa: ANN401 - a drawing of pygraphviz
        """Draw the graph with pygraphviz; ImportError without it."""
        from codeanatomy.workflow.show.graphviz import render_graphviz  # noqa: PLC0415 - as above

        return render_graphviz(self)

    def save_graph_image(self, filename: str = "state_graph.png") -> None:
        """Write a drawing of the graph to a file; ImportError without pygraphviz."""
        from codeanatomy.workflow.show.graphviz import save_graph_image  # noqa: PLC0415 - as above

        save_graph_image(self, filename)

    # ------------------------------------------------------------------ circuit breakers
    def reset_circuit(self, branch: str | None = None) -> None:
        """Close the circuit of a branch, or of all."""
        self.parallel.circuits.reset_circuit(branch)

    def reset_all_circuits(self) -> None:
        """Close every circuit."""
        self.parallel.circuits.reset_all_circuits()

    def get_circuit_states(self) -> dict[str, dict[str, Any]]:
        """Say of every circuit how it stands."""
        return self.parallel.circuits.get_circuit_states()

    # ------------------------------------------------------------------ inside
    def _declare(
        self,
        name: str,
        run: Any,  # noqa: ANN401 - as above
        meta: Mapping[str, Any] | None,
        *,
        fan_in: bool,
    ) -> None:
        if name in self._drawing:
            raise GraphError(f"Node '{name}' already exists in the graph.", node=name)
        if run is not None and not callable(run) and not isinstance(run, Nestable):
            raise GraphError(
                f"Node '{name}' cannot run {run!r}: give a function, a graph or nothing", node=name
            )
        self._flow = None
        self._drawing.add_node(name, run=run, fan_in=fan_in)
        if meta:
            self._drawing.add_node(name, meta=meta)

    def _draw(self, source: str, target: str, **data: Any) -> None:  # noqa: ANN401 - what an edge holds
        self._flow = None
        self._drawing.add_edge(source, target, **data)

    def _require(self, message: str, *names: str) -> None:
        for name in names:
            if name not in self._drawing:
                raise GraphError(message, node=name)


def _opened(journal: Any) -> Any:  # noqa: ANN401 - a Journal, or the URI of one
    if not isinstance(journal, str):
        return journal
    from codeanatomy.workflow.journal.open import open_journal  # noqa: PLC0415 - brings sqlite

    return open_journal(journal)


def _checker(schema: Any) -> Callable[[Mapping[str, Any]], None]:  # noqa: ANN401 - any kind of schema
    from codeanatomy.workflow.schema import checker  # noqa: PLC0415 - brings msgspec

    return checker(schema)


def _parallel(
    graph: StateGraph,
    *,
    config: ParallelConfig | None = None,
    callbacks: Sequence[Any] | None = None,
    max_active_threads: int | None = None,
    circuit_breaker_scope: str = "graph",
) -> Parallel:
    from codeanatomy.workflow.compat.callbacks import listener  # noqa: PLC0415 - only for fan-outs
    from codeanatomy.workflow.parallel.setup import Parallel  # noqa: PLC0415 - as above

    return Parallel(
        config or graph.parallel_config,
        max_workers=graph.max_workers,
        max_active_threads=max_active_threads,
        circuit_breaker_scope=circuit_breaker_scope,
        listener=listener(callbacks) if callbacks else None,
        raise_exceptions=graph.raise_exceptions,
        name=graph.name,
    )
