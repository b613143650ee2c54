"""Finding and running the tools of CrewAI and LangChain, which are packages of Python classes."""

from __future__ import annotations

import inspect
import threading
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Failed

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


@dataclass(frozen=True, slots=True)
class Bridge:
    """A library of tools: where they are, how one is run, and how it is installed."""

    source: str
    modules: tuple[str, ...]
    prefix: str  # packages a dotted name may lead into
    verbs: tuple[str, ...]  # methods that run a tool, the first it has
    spread: bool  # whether the method takes keywords, or one dict
    package: str

    def find(self, tool: str) -> Any:
        """Return a tool, made ready; raises Failed (import, configuration)."""
        if "." in tool and not tool.startswith(self.prefix):
            told = f"'{tool}' is outside the packages {self.prefix}*"
            raise Failed(told, "configuration")
        home, _, name = tool.rpartition(".")
        found = next((getattr(m, name) for m in self._modules(home) if hasattr(m, name)), None)
        if found is None:
            raise Failed(f"Tool '{tool}' not found in {', '.join(self.modules)}", "configuration")
        return found() if inspect.isclass(found) else found

    def run(self, tool: Any, params: dict[str, Any]) -> Any:
        """Run a tool with its parameters."""
        for verb in self.verbs:
            method = getattr(tool, verb, None)
            if callable(method):
                return method(**params) if self.spread else method(params)
        raise Failed(f"{type(tool).__name__} has none of {', '.join(self.verbs)}", "configuration")

    def listing(self) -> list[dict[str, Any]]:
        """Return name, description and parameters of every tool; raises Failed (import)."""
        found: dict[str, dict[str, Any]] = {}
        for module in self._modules(""):
            for name in getattr(module, "__all__", dir(module)):
                one = getattr(module, name, None)
                if not name.startswith("_") and any(hasattr(one, verb) for verb in self.verbs):
                    found[name] = _described(name, one)
        return list(found.values())

    def _modules(self, home: str) -> list[ModuleType]:
        loaded, failure = [], None
        for name in (home,) if home else self.modules:
            try:
                loaded.append(import_module(name))
            except ImportError as error:
                failure = error
        if not loaded:
            told = f"{self.source} tools are not installed: pip install {self.package}"
            raise Failed(told, "import") from failure
        return loaded


CREWAI = Bridge(
    "crewai", ("crewai_tools",), "crewai", ("run", "_run"), spread=True, package="crewai-tools"
)
LANGCHAIN = Bridge(
    "langchain",
    ("langchain_community.tools", "langchain_core.tools"),
    "langchain",
    ("invoke", "run"),
    spread=False,
    package="langchain-community",
)


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return what `work` returns; TimeoutError when the time is over, `work` is left alone then."""
    answer: list[Any] = []
    failure: list[Exception] = []

    def run() -> None:
        try:
            answer.append(work())
        except Exception as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"not done after {seconds} seconds")
    if failure:
        raise failure[0]
    return answer[0]


def _described(name: str, tool: Any) -> dict[str, Any]:
    fields = getattr(tool, "model_fields", {})
    described = getattr(tool, "description", None)
    if not isinstance(described, str) and "description" in fields:
        described = fields["description"].default
    text = described if isinstance(described, str) else inspect.getdoc(tool) or ""
    shape = getattr(tool, "args_schema", None)
    described_by = getattr(shape, "model_json_schema", None)
    schema = described_by() if callable(described_by) else {}
    return {"name": name, "description": text, "parameters": schema}
