"""How much an answer took: the provider's counts as plain data, and their price where known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# model -> US dollars for a million tokens in and out, as the providers listed them in 2025
PRICES: dict[str, tuple[float, float]] = {
    "gpt-3.5-turbo": (0.50, 1.50),
    "gpt-4": (30.0, 60.0),
    "gpt-4-32k": (60.0, 120.0),
    "gpt-4-turbo": (10.0, 30.0),
    "gpt-4.1": (2.0, 8.0),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1-nano": (0.10, 0.40),
    "gpt-4o": (2.50, 10.0),
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-5": (1.25, 10.0),
    "gpt-5-mini": (0.25, 2.0),
    "gpt-5-nano": (0.05, 0.40),
    "o1": (15.0, 60.0),
    "o1-mini": (1.10, 4.40),
    "o3": (2.0, 8.0),
    "o3-mini": (1.10, 4.40),
    "o4-mini": (1.10, 4.40),
    "text-embedding-3-large": (0.13, 0.0),
    "text-embedding-3-small": (0.02, 0.0),
}
_MILLION = 1_000_000
_DEPTH = 6  # objects in objects that are followed


def plain_usage(usage: object) -> dict[str, Any]:
    """Return a provider's usage as a plain dictionary; empty when there is none."""
    found = _plain(usage, _DEPTH)
    return found if isinstance(found, dict) else {}


def price(model: str, usage: Mapping[str, Any]) -> float | None:
    """Return the cost in US dollars, to six decimals; None for a model without a listed price.

    A dated name such as `gpt-4o-2024-08-06` has the price of its longest listed beginning.
    """
    names = [name for name in PRICES if model == name or model.startswith(f"{name}-")]
    counts = (usage.get("prompt_tokens"), usage.get("completion_tokens", 0))
    if not names or not isinstance(counts[0], int) or not isinstance(counts[1], int):
        return None
    into, out = PRICES[max(names, key=len)]
    return round((counts[0] * into + counts[1] * out) / _MILLION, 6)


def cost_of(ask_provider: str, model: str, response: object, usage: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a number or None
    """Return the cost of an answer, by litellm's own table or by ours."""
    if ask_provider != "litellm":
        return price(model, usage)
    from codeanatomy.workflow.llm.clients import (  # noqa: PLC0415 - only litellm needs it
        litellm_library,
    )

    try:
        cost = litellm_library().completion_cost(completion_response=response)
    except Exception:  # noqa: BLE001 - it raises for every model that it has no price of
        return None
    return round(cost, 6) if isinstance(cost, int | float) else None


def _plain(value: Any, depth: int) -> Any:  # noqa: ANN401 - what a provider sends
    if value is None or isinstance(value, str | int | float | bool) or depth == 0:
        return value if value is None or isinstance(value, str | int | float | bool) else str(value)
    if isinstance(value, dict):
        return {str(key): _plain(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth - 1) for inner in value]
    dump = getattr(value, "model_dump", None)
    dumped = dump() if callable(dump) else None
    if isinstance(dumped, dict):
        return _plain(dumped, depth - 1)
    own = getattr(value, "__dict__", {})
    return _plain({k: v for k, v in own.items() if not k.startswith("_")}, depth - 1)
