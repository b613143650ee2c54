"""How near an output is to what was expected, from 0 to 1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Metric = Any  # Callable[[Mapping, Mapping], float]: output, expected -> score


def jaccard_similarity(one: Iterable[Any], other: Iterable[Any]) -> float:
    """Return the share of the elements of either that both have; 1 if both are empty."""
    left, right = _set(one), _set(other)
    return len(left & right) / len(left | right) if left | right else 1.0


def f1_score(actual: Iterable[Any], expected: Iterable[Any]) -> float:
    """Return the harmonic mean of precision and recall; 1 if both are empty."""
    left, right = _set(actual), _set(expected)
    if not left and not right:
        return 1.0
    return 2 * len(left & right) / (len(left) + len(right))


def completeness_score(filled: float, total: float) -> float:
    """Return the share that is filled; 1 if there was nothing to fill."""
    return min(1.0, max(0.0, filled / total)) if total else 1.0


def jaccard(output: Mapping[str, Any], expected: Mapping[str, Any]) -> float:
    """Return the Jaccard similarity of the values, averaged over the expected keys."""
    return _average(output, expected, jaccard_similarity)


def f1(output: Mapping[str, Any], expected: Mapping[str, Any]) -> float:
    """Return the F1 score of the values, averaged over the expected keys."""
    return _average(output, expected, f1_score)


def completeness(output: Mapping[str, Any], expected: Mapping[str, Any]) -> float:
    """Return the share of the expected keys that the output fills with something."""
    empty: tuple[Any, ...] = (None, "", [], {})
    filled = sum(output.get(key) not in empty for key in expected)
    return completeness_score(filled, len(expected))


METRICS: dict[str, Metric] = {"completeness": completeness, "f1": f1, "jaccard": jaccard}


def _average(
    output: Mapping[str, Any],
    expected: Mapping[str, Any],
    measure: Callable[[Iterable[Any], Iterable[Any]], float],
) -> float:
    scores = [measure(_elements(output.get(key)), _elements(expected[key])) for key in expected]
    return sum(scores) / len(scores) if scores else 1.0


def _elements(value: object) -> list[Any]:
    """Return what a value is made of: items, key-value pairs, or the words of a text."""
    if value is None:
        return []
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    return value.lower().split() if isinstance(value, str) else [value]


def _set(items: Iterable[Any]) -> set[Any]:
    return {_hashable(item) for item in items}


def _hashable(item: object) -> object:
    if isinstance(item, list | dict | tuple | set):
        return json.dumps(item, sort_keys=True, default=str)
    return item
