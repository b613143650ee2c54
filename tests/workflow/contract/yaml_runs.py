"""How the contract tests run an agent that is written in the test."""

# ruff: noqa: ANN401 - actions take a state; an agent is a line

from __future__ import annotations

from contextlib import contextmanager
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import yaml
from the_edge_agent import YAMLEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

State = dict[str, Any]


@contextmanager
def engine_with(
    actions: dict[str, Callable[..., Any]] | None = None, **given: Any
) -> Iterator[Any]:
    """Make an engine, and close it at the end."""
    engine = YAMLEngine(actions_registry=actions or {}, **given)
    try:
        yield engine
    finally:
        engine.close()


def parsed(text: str) -> State:
    """Return the definition that a text stands for."""
    definition: State = yaml.safe_load(dedent(text))
    return definition


def events(
    text: str,
    state: State | None = None,
    actions: dict[str, Callable[..., Any]] | None = None,
    view: str = "invoke",
    **given: Any,
) -> list[State]:
    """Run an agent and return its events."""
    with engine_with(actions, **given) as engine:
        graph = engine.load_from_dict(parsed(text))
        return list(getattr(graph, view)(state or {}))


def final(
    text: str,
    state: State | None = None,
    actions: dict[str, Callable[..., Any]] | None = None,
    **given: Any,
) -> State:
    """Run an agent and return the state it ends in."""
    last = events(text, state, actions, **given)[-1]
    assert last["type"] == "final", last
    ended: State = last["state"]
    return ended


def load_error(text: str) -> str:
    """Load an agent that cannot be loaded; return what is said."""
    with engine_with() as engine:
        try:
            engine.load_from_dict(parsed(text))
        except ValueError as error:
            return str(error)
    raise AssertionError("it was loaded")
