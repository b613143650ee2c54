"""`settings.llm` as the defaults of every node that calls a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERBS = ("call", "chat", "stream", "tools")
ACTIONS = frozenset(f"{prefix}{verb}" for prefix in ("llm.", "actions.llm_") for verb in _VERBS)
_NOT_PARAMETERS = frozenset({"shell_providers", "deployment"})


def with_llm_defaults(
    name: str, params: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the parameters of a node; those of a language model over the file's defaults."""
    defaults = settings.get("llm")
    if name not in ACTIONS or not isinstance(defaults, dict):
        return dict(params)
    merged = {key: value for key, value in defaults.items() if key not in _NOT_PARAMETERS}
    if defaults.get("deployment"):
        merged.setdefault("model", defaults["deployment"])
    return {**merged, **params}


def shell_providers(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shell commands that stand for models; those under `llm` win."""
    found: dict[str, Any] = {}
    for place in (settings, settings.get("llm")):
        if isinstance(place, dict) and isinstance(place.get("shell_providers"), dict):
            found.update(place["shell_providers"])
    return found
