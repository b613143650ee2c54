"""The least that stands where actions expect their engine; not an engine of agent files."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.memory import InMemoryBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass
class PlainHost:
    """Actions of some namespaces, and whatever a test puts beside them."""

    actions_registry: dict[str, Callable[..., Any]] = field(default_factory=dict)
    enable_code_execution: bool = False
    parts: dict[str, Any] = field(default_factory=dict)
    definition: dict[str, Any] = field(default_factory=dict)
    name: str = "agent"
    base_dir: Path | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    shell_providers: dict[str, Any] = field(default_factory=dict)
    current_graph: Any = None
    checkpoint_dir: str | None = None
    checkpoint_last: str | None = None
    memory_backend: Any = field(default_factory=InMemoryBackend)
    ltm_backend: Any = None
    graph_backend: Any = None
    metadata_store: Any = None
    blob_storage: Any = None
    query_engine: Any = None
    vector_index: Any = None
    embedding_fn: Callable[[str], list[float]] | None = None
    secrets_backend: Any = None
    session_backend: Any = None
    trace_context: Any = None
    observability_context: Any = None

    def render(self, template: Any, state: dict[str, Any], **extra: Any) -> Any:  # noqa: ANN401 - as the engine's
        """Render with plain Jinja: the state and its keys are in scope."""
        if isinstance(template, dict):
            return {key: self.render(value, state, **extra) for key, value in template.items()}
        if isinstance(template, list):
            return [self.render(value, state, **extra) for value in template]
        if not isinstance(template, str):
            return template
        from jinja2 import StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        scope = {"state": state, "variables": self.variables, **extra}
        return SandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(scope)

    def evaluate(self, condition: Any, state: dict[str, Any], **extra: Any) -> bool:  # noqa: ANN401 - as the engine's
        """Tell whether an expression holds."""
        return bool(eval(str(condition), {"state": state, **extra}))  # noqa: S307 - a test wrote it

    def run_code(self, code: str, state: dict[str, Any], **extra: Any) -> Any:  # noqa: ANN401 - as the engine's
        """Run Python; what it assigns comes back."""
        scope: dict[str, Any] = {"state": state, **extra}
        before = set(scope)
        exec(code, scope)  # noqa: S102 - a test wrote it
        return {k: v for k, v in scope.items() if k not in before and not k.startswith("_")}

    def run_graph_file(self, path: str, state: dict[str, Any]) -> dict[str, Any]:
        """Say which file would have run."""
        return {**state, "ran": path}


def host_with(*namespaces: str, **given: Any) -> PlainHost:  # noqa: ANN401 - any field of a host
    """Return a host that has the actions of these namespaces."""
    host = PlainHost(**given)
    for namespace in namespaces:
        module = import_module(f"codeanatomy.workflow.actions.{namespace}")
        host.actions_registry.update(module.actions(host))
    return host
