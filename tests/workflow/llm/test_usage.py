"""What an answer took, as plain data, and what it cost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from codeanatomy.workflow.llm.usage import PRICES, plain_usage, price


class Dumped:
    """An object of pydantic's kind."""

    def model_dump(self) -> dict[str, Any]:
        """Return its fields."""
        return {"prompt_tokens": 1, "details": SimpleNamespace(cached=2, _private=3)}


@pytest.mark.parametrize(
    ("usage", "plain"),
    [
        (None, {}),
        ({}, {}),
        ("text", {}),
        ({"a": [1, (2,)]}, {"a": [1, [2]]}),
        (Dumped(), {"prompt_tokens": 1, "details": {"cached": 2}}),
        (SimpleNamespace(total_tokens=3, inner=Dumped()), None),
    ],
)
def test_usage_is_plain_data(usage: object, plain: dict[str, Any] | None) -> None:
    """Objects in objects too."""
    inner = {"prompt_tokens": 1, "details": {"cached": 2}}
    expected = {"total_tokens": 3, "inner": inner} if plain is None else plain
    assert plain_usage(usage) == expected


@pytest.mark.parametrize(
    ("model", "usage", "cost"),
    [
        ("gpt-4", {"prompt_tokens": 1_000_000, "completion_tokens": 0}, 30.0),
        ("gpt-4", {"prompt_tokens": 0, "completion_tokens": 1_000_000}, 60.0),
        ("gpt-4o-mini-2024-07-18", {"prompt_tokens": 1_000_000}, 0.15),
        ("gpt-4oo", {"prompt_tokens": 1}, None),
        ("claude", {"prompt_tokens": 1}, None),
        ("gpt-4", {}, None),
        ("gpt-4", {"prompt_tokens": "many"}, None),
    ],
)
def test_the_price_of_an_answer(model: str, usage: dict[str, Any], cost: float | None) -> None:
    """By the longest listed beginning of its name; never a guess."""
    assert price(model, usage) == cost


def test_prices_are_of_two_directions() -> None:
    """Answers cost at least as much as questions, but for vectors, which have none."""
    assert all(out >= into or out == 0 for into, out in PRICES.values())
