"""When a condition of an agent file holds, and when it is an error."""

from __future__ import annotations

from typing import Any

import pytest
from the_edge_agent.yaml_templates import ConditionError, Templates

SCOPE: dict[str, Any] = {
    "state": {
        "score": 7,
        "done": True,
        "empty": [],
        "word": "false",
        "sub": {"x": 1},
        "true": 0,
        "long": 10**5000,
    },
    "variables": {"limit": 5},
}

HOLDS = [
    (True, True),
    (False, False),
    (0, False),
    (None, False),
    ([1], True),
    ("True", True),
    ("False", False),
    ("done", True),
    ("!done", False),
    ("missing", False),
    ("!missing", True),
    ("empty", False),
    ("!empty", True),
    ("word", True),
    ("true", False),
    ("state.score > 5", True),
    ("state.score > variables.limit", True),
    ("state.score > 5 and not state.empty", True),
    ("{{ state.score > 5 }}", True),
    ("{{ state.done }}", True),
    ("{{ state.missing }}", False),
    ("state.missing", False),
    ("state.sub.x == 1", True),
    ("!state.done", False),
    ("!state.missing", True),
    ("!state.missing and state.done", True),
    ("!{{ state.empty or state.missing }}", True),
    ("! done", False),
    ("'x' in state.word", False),
    ("state.score in [6, 7]", True),
    ("{{ state.score }} == 7", True),
    ("'{{ state.word }}' == 'false'", True),
    ("{% if state.done %}yes{% endif %}", True),
    ("{% if state.empty %}yes{% endif %}", False),
    ("state.score > ${limit}", True),
]


@pytest.mark.parametrize(("condition", "expected"), HOLDS)
def test_when_a_condition_holds(condition: Any, *, expected: bool) -> None:  # noqa: ANN401 - of any type
    """Constants, keys of the state, negations and expressions."""
    assert Templates().evaluate_condition(condition, SCOPE) is expected


@pytest.mark.parametrize(
    "condition",
    [
        "foo > 1",
        "foo.bar",
        "{{ foo }}",
        "state.missing > 1",
        "state.score >",
        "a b",
        "state.score | nosuch",
        "{{ 1 / 0 }}",
        "state.__class__",
    ],
)
def test_a_condition_that_fails_is_an_error(condition: str) -> None:
    """It is never taken for true, nor for false."""
    with pytest.raises(ValueError, match="Condition") as caught:
        Templates().evaluate_condition(condition, SCOPE)
    if "__" not in condition:
        assert isinstance(caught.value, ConditionError)


GOTO = [
    ("{{ state.score > 5 }}", True),
    ("state.score > 5", True),
    ("state.score < 5", False),
    ("{{ state.word }}", False),
    ("{{ 0 }}", False),
    ("{{ 'no' }}", False),
    ("{{ 'None' }}", False),
    ("{{ '' }}", False),
    ("{{ state.missing }}", False),
    ("{{ state.empty }}", True),
    ("true", True),
    ("false", False),
    ("done", True),
    ("!done", False),
    ("missing", False),
    (True, True),
    (None, False),
]


@pytest.mark.parametrize(("condition", "expected"), GOTO)
def test_when_a_goto_rule_holds(condition: Any, *, expected: bool) -> None:  # noqa: ANN401 - of any type
    """A rule holds unless its text is empty, false, 0, no or none."""
    assert Templates().evaluate_goto(condition, SCOPE) is expected


@pytest.mark.parametrize(
    "condition", ["foo > 1", "state.missing > 1", "{{ foo.bar }}", "state.long + 0"]
)
def test_a_goto_rule_that_fails_is_an_error(condition: str) -> None:
    """What cannot be evaluated leads nowhere."""
    with pytest.raises(ConditionError):
        Templates().evaluate_goto(condition, SCOPE)
