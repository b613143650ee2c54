"""What suites of the first implementation ask an engine for by its inner names."""

from __future__ import annotations

from typing import Any

import pytest
from the_edge_agent import InMemoryBackend, YAMLEngine

from tests.workflow.contract.engines import actions_of, open_engine


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ state.x }}", [1]),
        ("a {{ state.x }} {{ variables.v }} ${v}", "a [1] 3 3"),
        ("{{ state.missing }}", None),
        ("{{ result.r }}", 5),
        ("plain", "plain"),
        (7, 7),
    ],
)
def test_a_template_is_processed(text: Any, found: object) -> None:  # noqa: ANN401 - any value
    """With the variables of the engine, and what the call adds."""
    with open_engine() as engine:
        engine.variables["v"] = 3
        assert engine._process_template(text, {"x": [1]}, result={"r": 5}) == found


def test_parameters_are_processed() -> None:
    """Through dicts and lists."""
    with open_engine() as engine:
        params = {"a": ["{{ state.x }}", {"b": "{{ state.x }}!"}], "n": 1}
        assert engine._process_params(params, {"x": 2}) == {"a": [2, {"b": "2!"}], "n": 1}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [("x", True), ("!x", False), ("state.x > 1", True), ("none", False), (True, True)],
)
def test_a_condition_is_evaluated(condition: Any, *, holds: bool) -> None:  # noqa: ANN401 - any value
    """As on an edge."""
    with open_engine() as engine:
        assert engine._evaluate_condition(condition, {"x": 2}) is holds


def test_inner_attributes_are_the_public_ones() -> None:
    """Read and set."""
    engine = YAMLEngine(enable_tracing=False, enable_ltm=False)
    assert (engine._trace_context, engine._ltm_backend) == (None, None)
    assert engine._memory_backend is engine.memory_backend
    own = InMemoryBackend()
    engine._memory_backend = own
    assert engine.memory_backend is own
    actions_of(engine)["memory.store"](state={}, key="k", value=1)
    assert own.retrieve("k") == 1
    engine.close()
