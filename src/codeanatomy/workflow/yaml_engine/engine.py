"""YAMLEngine: reads agent files and makes graphs of them."""

# ruff: noqa: ANN401 - stores, exporters and checkpointers are of any type that does their work

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from codeanatomy.kernel.errors import AnatomyError, SpecError
from codeanatomy.workflow.compat.engine_names import EngineNames
from codeanatomy.workflow.template.environment import Templates
from codeanatomy.workflow.yaml_engine.agent import Agent, here
from codeanatomy.workflow.yaml_engine.imports import Imports
from codeanatomy.workflow.yaml_engine.loading import load_graph
from codeanatomy.workflow.yaml_engine.opening import open_agent, open_graph
from codeanatomy.workflow.yaml_engine.settings import listed, mapping_of
from codeanatomy.workflow.yaml_engine.shared import Shared
from codeanatomy.workflow.yaml_engine.stores import Stores
from codeanatomy.workflow.yaml_engine.tracing import open_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from codeanatomy.workflow.graph import StateGraph
    from codeanatomy.workflow.load.document import Document

    State = dict[str, Any]

_LOG = logging.getLogger("the_edge_agent.yaml_engine")


class _OfAgent:
    """An attribute that is the one of the file whose node runs here, or was loaded last."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = self._name or name

    def __get__(self, engine: YAMLEngine | None, owner: type) -> Any:
        return self if engine is None else getattr(engine.agent, self._name)

    def __set__(self, engine: YAMLEngine, value: Any) -> None:
        setattr(engine.agent, self._name, value)


class YAMLEngine(EngineNames):
    """Reads agent files. Every graph keeps the file it came from; a later load changes no other.

    What belongs to a file (variables, settings, stores ...) is, on the engine, that of the file
    whose node is running, and outside of runs that of the file loaded last.
    """

    memory_backend = _OfAgent()
    ltm_backend = _OfAgent()
    graph_backend = _OfAgent()
    metadata_store = _OfAgent()
    blob_storage = _OfAgent()
    query_engine = _OfAgent()
    vector_index = _OfAgent()
    embedding_fn = _OfAgent()
    secrets_backend = _OfAgent()
    session_backend = _OfAgent()
    trace_context = _OfAgent()
    observability_context = _OfAgent()
    endpoint_config = _OfAgent()
    definition = _OfAgent()
    name = _OfAgent()
    base_dir = _OfAgent()
    variables = _OfAgent()
    secrets = _OfAgent()
    settings = _OfAgent()
    data = _OfAgent()
    env = _OfAgent()
    shell_providers = _OfAgent()
    current_graph = _OfAgent()
    _current_graph = _OfAgent("current_graph")  # what older programs call it
    checkpoint_dir = _OfAgent()
    checkpoint_last = _OfAgent()

    def __init__(  # noqa: PLR0913, PLR0917 - the signature is an interface
        self,
        actions_registry: dict[str, Callable[..., Any]] | None = None,
        enable_tracing: bool = True,  # noqa: FBT001, FBT002 - as above
        trace_exporter: str | list[Any] | None = None,
        trace_file: str | None = None,
        trace_callback: Callable[[dict[str, Any]], None] | None = None,
        trace_verbose: bool = False,  # noqa: FBT001, FBT002 - as above
        memory_backend: Any | None = None,
        enable_code_execution: bool = False,  # noqa: FBT001, FBT002 - as above
        ltm_backend: Any | None = None,
        enable_ltm: bool = True,  # noqa: FBT001, FBT002 - as above
        ltm_path: str | None = None,
        ltm_backend_type: str = "sqlite",
        ltm_config: dict[str, Any] | None = None,
        graph_backend: Any | None = None,
        enable_graph: bool = True,  # noqa: FBT001, FBT002 - as above
        graph_path: str | None = None,
        graph_backend_type: str | None = None,
        metadata_store: Any | None = None,
        enable_metadata_store: bool = True,  # noqa: FBT001, FBT002 - as above
        blob_storage: Any | None = None,
        enable_blob_storage: bool = True,  # noqa: FBT001, FBT002 - as above
        query_engine: Any | None = None,
        enable_query_engine: bool = True,  # noqa: FBT001, FBT002 - as above
        vector_index: Any | None = None,
        enable_vector_index: bool = True,  # noqa: FBT001, FBT002 - as above
        embedding_fn: Callable[[str], list[float]] | None = None,
        lua_enabled: bool = False,  # noqa: FBT001, FBT002 - as above
        lua_timeout: float = 30.0,
        prolog_enabled: bool = False,  # noqa: FBT001, FBT002 - as above
        prolog_timeout: float = 30.0,
        prolog_sandbox: bool = True,  # noqa: FBT001, FBT002 - as above
    ) -> None:
        self.given_secrets: dict[str, Any] = {}  # come before those of a file that is loaded
        self._imports = Imports(self)
        self._shared = Shared({}, self._imports, enable_code_execution)
        self._shared.allow("lua", enabled=lua_enabled, timeout=lua_timeout)
        self._shared.allow("prolog", enabled=prolog_enabled, timeout=prolog_timeout)
        self._shared.languages["prolog"]["sandbox"] = prolog_sandbox
        ltm_options = {**({"path": ltm_path} if ltm_path else {}), **(ltm_config or {})}
        stores = Stores()
        stores.give("memory_backend", memory_backend, _short_term)
        long_term = partial(_long_term, ltm_backend_type, ltm_options)
        stores.give("ltm_backend", ltm_backend, long_term, enabled=enable_ltm)
        graph = partial(open_graph, graph_path, graph_backend_type)
        stores.give("graph_backend", graph_backend, graph, enabled=enable_graph)
        stores.give("metadata_store", metadata_store, enabled=enable_metadata_store)
        stores.give("blob_storage", blob_storage, enabled=enable_blob_storage)
        stores.give("query_engine", query_engine, enabled=enable_query_engine)
        stores.give("vector_index", vector_index, enabled=enable_vector_index)
        stores.give("embedding_fn", embedding_fn)
        trace = (trace_exporter, trace_file, trace_callback)
        self._begin(stores, open_trace(*trace, verbose=trace_verbose) if enable_tracing else None)
        self.actions_registry.update(actions_registry or {})

    # ------------------------------------------------------------------ loading
    def load_from_file(
        self, yaml_path: str, checkpoint: str | None = None, checkpointer: Any | None = None
    ) -> StateGraph:
        """Read an agent file; FileNotFoundError, or ValueError that names what is wrong where."""
        path = Path(yaml_path)
        document = _read(path)
        return self._loaded(document, path.resolve().parent, checkpoint, checkpointer)

    def load_from_dict(
        self,
        config: dict[str, Any],
        checkpoint: str | None = None,
        checkpointer: Any | None = None,
        yaml_dir: str | None = None,
    ) -> StateGraph:
        """Make the graph of a definition; relative paths in it start at `yaml_dir`.

        With `checkpoint`, a run without input goes on from there.
        """
        from codeanatomy.workflow.load.document import Document  # noqa: PLC0415 - brings YAML

        folder = Path(yaml_dir) if yaml_dir else None
        return self._loaded(Document(config), folder, checkpoint, checkpointer)

    def load_document(self, document: Document, yaml_dir: str | None = None) -> StateGraph:
        """Make the graph of a file that has been read; messages name its places."""
        return self._loaded(document, Path(yaml_dir) if yaml_dir else None, None, None)

    def resume_from_checkpoint(
        self, yaml_path: str, checkpoint_path: str, config: State | None = None
    ) -> Generator[State, None, None]:
        """Read an agent file and go on from a checkpoint of it."""
        graph = self.load_from_file(yaml_path)
        return graph.invoke(None, config=config, checkpoint=checkpoint_path)

    def get_mermaid_graph(self) -> str | None:
        """Draw the graph loaded last as Mermaid text; None before a load."""
        graph = self._last.current_graph
        return None if graph is None else graph.to_mermaid()

    # ------------------------------------------------------------------ memory
    def get_memory_state(self) -> State:
        """Return all that short-term memory holds, as data to put into a state."""
        state: State = self.memory_backend.get_state()
        return state

    def restore_memory_state(self, state: State) -> None:
        """Replace what short-term memory holds."""
        self.memory_backend.restore_state(state)

    def clear_memory(self, namespace: str | None = None) -> int:
        """Forget a namespace, or everything; return how many keys went."""
        return int(self.memory_backend.clear(namespace))

    # ------------------------------------------------------------------ life
    def close(self) -> None:
        """Close every store, journal, exporter and part; calling it again does nothing.

        A temporary folder for checkpoints goes too where nothing was written to it.
        """
        closing: dict[int, Any] = {}
        for agent in self._agents:
            agent.drop_folder()
            for one in agent.opened():
                closing[id(one)] = one
            for exporter in getattr(agent.trace_context, "exporters", ()):
                closing[id(exporter)] = exporter
            journal = getattr(agent.current_graph, "journal", None)
            if journal is not None:
                closing[id(journal)] = journal
        for one in (*self._shared.parts.values(), *closing.values()):
            close = getattr(one, "close", None)
            if callable(close):
                with suppress(Exception):
                    close()
        self._shared.parts.clear()

    def __enter__(self) -> YAMLEngine:  # noqa: PYI034 - there are no subclasses to give back
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ what actions see
    @property
    def agent(self) -> Agent:
        """The file whose node runs here, else the one loaded last."""
        running = here()
        return running if running is not None and running.shared is self._shared else self._last

    @property
    def enable_code_execution(self) -> bool:
        """Whether `code.execute` may run."""
        return self._shared.enable_code_execution

    @enable_code_execution.setter
    def enable_code_execution(self, allowed: bool) -> None:
        self._shared.enable_code_execution = allowed

    def render(self, template: Any, state: State, **extra: Any) -> Any:
        """Render the templates in a text, list or dict."""
        return self.agent.render(template, state, **extra)

    def evaluate(self, condition: Any, state: State, **extra: Any) -> bool:
        """Tell whether a condition holds."""
        return self.agent.evaluate(condition, state, **extra)

    def run_code(self, code: str, state: State, **extra: Any) -> Any:
        """Run the text of a `run:` block."""
        return self.agent.run_code(code, state, **extra)

    def run_graph_file(self, path: str, state: State) -> State:
        """Run another agent file to its end and give its final state."""
        return self.agent.run_graph_file(path, state)

    # ------------------------------------------------------------------ inside
    def _begin(self, stores: Stores, trace: Any) -> None:
        """Be an engine without a file, with the built-in actions."""
        self._base = Agent(self._shared, Templates(), stores)
        self._base.opens = partial(self._open, self._base)
        self._base.trace_context = trace
        self._last = self._base
        self._agents = WeakSet[Agent]([self._base])
        self.parts = self._shared.parts
        self.actions_registry = self._shared.actions_registry
        self.actions_registry.update(_built_in(self))

    def _loaded(
        self, document: Document, base_dir: Path | None, checkpoint: str | None, checkpointer: Any
    ) -> StateGraph:
        try:
            agent = self._agent_of(document, base_dir)
            graph = load_graph(agent, checkpointer)
        except (TypeError, AttributeError, LookupError) as error:
            if isinstance(error, AnatomyError):
                raise
            said = f"{type(error).__name__}: {error}"
            raise SpecError(f"{document.file}: a part has the wrong form: {said}") from error
        self._last = agent
        begin = checkpoint or mapping_of(agent.definition, "config").get("checkpoint")
        graph.start_checkpoint = str(begin) if begin else None
        return graph

    def _agent_of(
        self, document: Document, base_dir: Path | None, outer: Agent | None = None
    ) -> Agent:
        from codeanatomy.workflow.load.parts import spelled  # noqa: PLC0415 - brings YAML
        from codeanatomy.workflow.load.validate import (  # noqa: PLC0415 - as above
            raise_structural,
            unread,
        )

        definition = document.value
        if not isinstance(definition, dict):
            raise SpecError(
                f"{document.file}: a mapping is needed, got {type(definition).__name__}"
            )
        raise_structural(document)
        for finding in unread(document):
            _LOG.warning("%s", finding)
        definition = spelled(definition)
        given = {**self._base.secrets, **self.given_secrets}
        agent = open_agent(self._base, definition, base_dir, given)
        agent.file, agent.document = document.file, document
        agent.opens = partial(self._open, agent)
        agent.actions = dict(outer.actions) if outer is not None else {}
        if definition.get("imports"):
            found = self._imports.load(listed(definition, "imports"), base_dir)
            self._shared.add(found)
            agent.actions.update(found)
        self._agents.add(agent)
        return agent

    def _open(self, outer: Agent, target: Path | State) -> StateGraph:
        """Make the graph of a file or definition inside another, which has its actions too."""
        if isinstance(target, dict):
            from codeanatomy.workflow.load.document import Document  # noqa: PLC0415 - brings YAML

            return load_graph(self._agent_of(Document(target), outer.base_dir, outer))
        return load_graph(self._agent_of(_read(target), target.resolve().parent, outer))


def _read(path: Path) -> Document:
    from codeanatomy.workflow.load.read import read_yaml  # noqa: PLC0415 - brings YAML

    if not path.is_file():
        raise FileNotFoundError(f"YAML file not found: {path}")
    return read_yaml(path)


def _short_term() -> Any:
    from codeanatomy.workflow.memory.short import InMemoryBackend  # noqa: PLC0415 - when first used

    return InMemoryBackend()


def _long_term(kind: str, options: State) -> Any:
    from codeanatomy.workflow.memory.backends import create_ltm_backend  # noqa: PLC0415 - when first used

    return create_ltm_backend(kind, **options)


def _built_in(engine: YAMLEngine) -> dict[str, Callable[..., Any]]:
    from codeanatomy.workflow.actions._registry import build  # noqa: PLC0415 - a folder of files

    return build(engine)
