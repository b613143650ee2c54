"""What an action may use of the engine that calls it: the open door between engine and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from codeanatomy.workflow.graph import StateGraph


class Host(Protocol):
    """The engine as its actions see it.

    What belongs to an agent file (its variables, settings, stores ...) is, while a node runs, that
    of the file the node stands in, and otherwise that of the file loaded last. So ask for it when
    the action is called, never when the registry is built.
    """

    actions_registry: dict[str, Callable[..., Any]]
    enable_code_execution: bool
    parts: dict[str, Any]  # what actions keep on the engine; `close()` of each is called at the end

    definition: dict[str, Any]  # the agent file as it was read
    name: str
    base_dir: Path | None  # where the file's relative paths start
    variables: dict[str, Any]
    secrets: Mapping[str, Any]
    settings: dict[str, Any]  # with `${VAR}` expanded
    data: dict[str, Any]
    shell_providers: dict[str, Any]
    current_graph: StateGraph | None
    checkpoint_dir: str | None
    checkpoint_last: str | None

    memory_backend: Any
    ltm_backend: Any
    graph_backend: Any
    metadata_store: Any
    blob_storage: Any
    query_engine: Any
    vector_index: Any
    embedding_fn: Callable[[str], list[float]] | None
    secrets_backend: Any
    session_backend: Any

    trace_context: Any
    observability_context: Any

    def render(self, template: Any, state: dict[str, Any], **extra: Any) -> Any:  # noqa: ANN401 - any value may hold templates, and become any value
        """Render the templates in a text, list or dict of the file."""
        ...

    def evaluate(self, condition: Any, state: dict[str, Any], **extra: Any) -> bool:  # noqa: ANN401 - a text or a plain value
        """Tell whether a condition of the file holds."""
        ...

    def run_code(self, code: str, state: dict[str, Any], **extra: Any) -> Any:  # noqa: ANN401 - what the code returns
        """Run the text of a `run:` block; gives the updates, or what it returns."""
        ...

    def run_graph_file(self, path: str, state: dict[str, Any]) -> dict[str, Any]:
        """Run another agent file to its end and give its final state."""
        ...
