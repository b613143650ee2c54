"""Inner names of an engine of agent files that suites and extensions of the old API reach for."""

# ruff: noqa: ANN401 - templates and conditions are of any type

from __future__ import annotations

from typing import Any


class Same:
    """An attribute that is another one of the same object."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        """Return the other attribute's value."""
        return self if owner is None else getattr(owner, self.name)

    def __set__(self, owner: Any, value: Any) -> None:
        """Set the other attribute."""
        setattr(owner, self.name, value)


class EngineNames:
    """The old inner names, each for what has a public one."""

    _memory_backend = Same("memory_backend")
    _ltm_backend = Same("ltm_backend")
    _graph_backend = Same("graph_backend")
    _trace_context = Same("trace_context")
    _checkpoint_dir = Same("checkpoint_dir")
    _last_checkpoint_path = Same("checkpoint_last")

    render: Any
    evaluate: Any

    def _process_template(self, text: Any, state: dict[str, Any], **extra: Any) -> Any:
        return self.render(text, state, **extra)

    def _process_params(self, params: Any, state: dict[str, Any], **extra: Any) -> Any:
        return self.render(params, state, **extra)

    def _evaluate_condition(self, condition: Any, state: dict[str, Any], **extra: Any) -> bool:
        return bool(self.evaluate(condition, state, **extra))
