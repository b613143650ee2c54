"""Tests of the agent in greeting.yaml, as a person writes them."""

# ruff: noqa: S101 - tests assert

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import YAMLEngine
from the_edge_agent.yaml_validation import validate_file

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).with_name("greeting.yaml")


@pytest.fixture
def engine() -> Iterator[YAMLEngine]:
    """Make an engine, and close what it opened."""
    made = YAMLEngine()
    yield made
    made.close()


def run(engine: YAMLEngine, state: dict[str, Any], hour: int = 8) -> dict[str, Any]:
    """Run the agent at an hour of the day; return how it ended."""
    graph = engine.load_from_file(str(FILE))
    engine.actions_registry["time.hour"] = lambda *_, **__: hour
    (end,) = graph.invoke(state)
    return dict(end)


@pytest.mark.parametrize(("hour", "part"), [(8, "morning"), (20, "evening")])
def test_the_greeting_knows_the_hour(engine: YAMLEngine, hour: int, part: str) -> None:
    """The clock is an action, so a test brings its own."""
    end = run(engine, {"name": "Ann"}, hour=hour)
    assert end["state"]["greeting"] == f"Good {part}, Ann."


def test_a_name_is_needed(engine: YAMLEngine) -> None:
    """What the file says of its input holds before any node runs."""
    end = run(engine, {})
    assert end["type"] == "validation_error"


def test_the_file_has_no_findings() -> None:
    """Everything it names is there."""
    assert validate_file(FILE, strict=True) == []
