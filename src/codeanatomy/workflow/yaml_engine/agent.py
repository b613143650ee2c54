"""One agent file as its graph sees it: a record of its own, which no later load touches."""

# ruff: noqa: ANN401 - what stands in a file, a state or a store is of any type

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from contextvars import ContextVar
from copy import copy
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.code.block import compile_block
from codeanatomy.workflow.secrecy import Secrets as HiddenSecrets
from codeanatomy.workflow.template.dotdict import DotDict
from codeanatomy.workflow.yaml_engine.calls import finished
from codeanatomy.workflow.yaml_engine.code_scope import code_scope
from codeanatomy.workflow.yaml_engine.nested import found_file, run_to_end
from codeanatomy.workflow.yaml_engine.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from typing import Protocol

    from codeanatomy.workflow.graph import StateGraph
    from codeanatomy.workflow.load.document import Document
    from codeanatomy.workflow.template.environment import Templates
    from codeanatomy.workflow.yaml_engine.shared import Shared

    State = dict[str, Any]
    Action = Callable[..., Any]

    class Opens(Protocol):
        """How an agent opens another: its file, or what is written out in its own."""

        def __call__(self, target: Path | dict[str, Any]) -> StateGraph:
            """Return the graph."""


_HERE: ContextVar[Agent | None] = ContextVar("codeanatomy_agent_here", default=None)


class Agent(Stores):
    """Everything the nodes of a file refer to; what all files of an engine have is `shared`."""

    opens: Opens  # set by the engine, for files inside this one

    def __init__(self, shared: Shared, templates: Templates, stores: Stores) -> None:
        super().__init__(stores.cells)
        self.shared = shared
        self.templates = templates
        self.actions_registry = shared.actions_registry
        self.enable_code_execution = shared.enable_code_execution
        self.parts = shared.parts
        self.actions: dict[str, Action] = {}  # those the file imported
        self.definition: dict[str, Any] = {}
        self.name = ""
        self.file = "<yaml>"  # what messages call it
        self.document: Document | None = None  # the text it was read from, with its lines
        self.base_dir: Path | None = None
        self.variables: dict[str, Any] = {}
        self.secrets: Mapping[str, Any] = {}
        self.hidden = HiddenSecrets()  # those that were read, as a journal keeps them out
        self.settings: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.env: Mapping[str, str] = {}
        self.shell_providers: dict[str, Any] = {}
        self.checkpoint = DotDict(dir=None, last=None)
        self.current_graph: StateGraph | None = None
        self.graphs: dict[str, StateGraph] = {}  # other files that nodes of this one ran
        self.trace_context: Any = None
        self.observability_context: Any = None
        self.endpoint_config: Any = None
        self.bare: tuple[str, ...] = ()  # keys of the state that templates see by themselves
        self.drop_folder: Callable[[], object] = lambda: None

    @property
    def checkpoint_dir(self) -> str | None:
        """Where checkpoints of this file go."""
        directory: str | None = self.checkpoint["dir"]
        return directory

    @checkpoint_dir.setter
    def checkpoint_dir(self, path: str | None) -> None:
        self.checkpoint["dir"] = path

    @property
    def checkpoint_last(self) -> str | None:
        """The checkpoint that was saved last."""
        last: str | None = self.checkpoint["last"]
        return last

    @checkpoint_last.setter
    def checkpoint_last(self, path: str | None) -> None:
        self.checkpoint["last"] = path

    def temporary_folder(self) -> str:
        """Make a folder for checkpoints; it goes with the file where nothing was written to it."""
        from tempfile import mkdtemp  # noqa: PLC0415 - only files with interrupts and no storage

        folder = mkdtemp(prefix="tea_checkpoint_")
        self.drop_folder = weakref.finalize(self, _removed, folder)
        return folder

    def action(self, name: str) -> Action | None:
        """Return the action that this file means by a name."""
        return self.shared.find(name, self.actions)

    def scope(self, state: State, **extra: Any) -> dict[str, Any]:
        """Return the names that templates of this file see."""
        names = {
            "state": state,
            "variables": self.variables,
            "secrets": self.secrets,
            "settings": self.settings,
            "data": self.data,
            "env": self.env,
            "checkpoint": self.checkpoint,
        }
        for name in self.bare:
            if name in state:
                names[name] = state[name]
        return {**names, **extra} if extra else names

    def inside(self, names: Iterable[str]) -> Agent:
        """Return the same file as a branch or round in it sees it: its item stands by itself."""
        agent = copy(self)
        agent.bare = tuple(dict.fromkeys((*self.bare, *names)))
        return agent

    def render(self, template: Any, state: State, **extra: Any) -> Any:
        """Render the templates in a text, list or dict of the file."""
        return self.templates.render(template, self.scope(state, **extra))

    def evaluate(self, condition: Any, state: State, **extra: Any) -> bool:
        """Tell whether a condition of the file holds."""
        return self.templates.evaluate_condition(condition, self.scope(state, **extra))

    def run_code(self, code: str, state: State, **extra: Any) -> Any:
        """Run the text of a `run:` block; gives the updates, or what it returns."""
        scope = code_scope(self, self.action, state, extra)
        block = compile_block(code, str(extra.get("node") or "run"))
        return finished(
            block.run(scope, state, templates=self.templates, names=self.scope(state, **extra))
        )

    def run_graph_file(self, path: str, state: State) -> State:
        """Run another agent file to its end and give its final state."""
        found = found_file(path, self.base_dir)
        return run_to_end(self.opened_graph(str(found), found), dict(state), path)

    def opened_graph(self, key: str, target: Path | dict[str, Any]) -> StateGraph:
        """Return another agent's graph, made when this file first needs it."""
        if key not in self.graphs:
            self.graphs[key] = self.opens(target)
        return self.graphs[key]


def entered(agent: Agent, run: Callable[..., State]) -> Callable[..., State]:
    """Return the function, run within its file."""

    def node(state: State, config: Mapping[str, Any] | None = None) -> State:
        token = _HERE.set(agent)
        try:
            return run(state, config)
        finally:
            _HERE.reset(token)

    return node


def _removed(folder: str) -> None:
    with suppress(OSError):  # somebody wrote there, or it is gone
        os.rmdir(folder)  # noqa: PTH106 - also called when the interpreter ends


def here() -> Agent | None:
    """Return the file whose node is running in this line of execution."""
    return _HERE.get()
