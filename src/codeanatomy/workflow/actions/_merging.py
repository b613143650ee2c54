"""Merging dicts: nothing that goes in is changed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from codeanatomy.workflow.actions._results import Failed

_STRATEGIES = ("deep", "shallow", "replace")


def merge(sources: Any, strategy: str = "deep") -> dict[str, Any]:
    """Merge `sources` from first to last; None among them is skipped. Raises Failed."""
    if not isinstance(sources, list | tuple):
        raise Failed(f"Sources must be a list, got {type(sources).__name__}", "merge")
    if strategy not in _STRATEGIES:
        known = ", ".join(_STRATEGIES)
        raise Failed(f"Unknown strategy: {strategy}. It can be: {known}", "merge")
    given = [source for source in sources if source is not None]
    for source in given:
        if not isinstance(source, dict):
            raise Failed(f"All sources must be dicts, got {type(source).__name__}", "merge")
    if strategy == "replace":
        return dict(given[-1]) if given else {}
    merged: dict[str, Any] = {}
    for source in given:
        merged = {**merged, **source} if strategy == "shallow" else deep(merged, source)
    return merged


def deep(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` laid upon it; dicts are merged, all else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = deep(old, value) if both else deepcopy(value)  # type: ignore[arg-type] # both are dicts
    return merged
