"""What stands in a state is never read as code or as a template, by no action and at no turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTILE = "{{ secrets.KEY }} {{ 7 * 7 }} ${v}"
PLAN = {"id": "p", "goal": "g", "subtasks": [{"id": "a", "description": HOSTILE}]}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Open an engine whose model answers with templates, and whose actions record."""
    monkeypatch.setenv("MY_KEY", "planted-key")
    with open_engine() as opened:
        opened.asked = []

        def asked(state: Any = None, **given: Any) -> dict[str, Any]:  # noqa: ANN401, ARG001 - any action
            opened.asked.append(given)
            return {"content": HOSTILE, "valid": True, "score": 1.0}

        actions_of(opened).update({"llm.call": asked, "my.act": asked})
        yield opened


def run(engine: Engine, uses: str, params: dict[str, Any], **state: Any) -> dict[str, Any]:  # noqa: ANN401 - any state
    """Run one node of a file that has secrets and agents."""
    file = {
        "variables": {"v": "value-of-v"},
        "settings": {
            "secrets": {"backend": "env", "prefix": "MY_"},
            "agents": {"a": {"model": "m"}, "b": {"model": "m"}},
        },
        "nodes": [{"name": "n", "uses": uses, "with": params}],
    }
    (event,) = engine.load_from_dict(file).invoke({"x": HOSTILE, **state})
    assert event["type"] == "final", event
    found: dict[str, Any] = event["state"]
    return found


STATE = "{{ state.x }}"
CODE = 'result = {"valid": True, "score": 1.0, "t": "' + STATE + '"}'
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("agent.dispatch", {"agent": "a", "task": f"do {STATE}"}),
    ("agent.parallel", {"agents": ["a", "b"], "task": STATE}),
    ("agent.sequential", {"agents": ["a", "b"], "tasks": [STATE, "{{ previous_response }}"]}),
    ("agent.sequential", {"agents": ["a"], "task": STATE, "transform": "{{ response }}" + STATE}),
    ("agent.coordinate", {"leader": "a", "workers": ["b"], "task": STATE}),
    ("agent.crewai_delegate", {"agents": ["a", "b"], "task": STATE}),
    ("plan.decompose", {"goal": STATE, "prompt_template": STATE + " {{ goal }}"}),
    (
        "plan.execute",
        {
            "plan": "{{ state.plan }}",
            "subtask_executor": {
                "action": "my.act",
                "with": {"p": STATE + " {{ subtask.description }}"},
            },
        },
    ),
    (
        "reflection.loop",
        {
            "generator": {"action": "my.act", "with": {"p": [STATE]}},
            "evaluator": {"type": "custom", "run": CODE},
        },
    ),
    (
        "validate.extraction",
        {
            "entities": [{"name": STATE}],
            "probes": [{"prompt": "is {{ entity.name }} so?", "for_each": "entities"}],
        },
    ),
]


@pytest.mark.parametrize(("uses", "params"), CALLS)
def test_no_text_is_a_template_twice(engine: Engine, uses: str, params: dict[str, Any]) -> None:
    """Templates in a state, a plan or an answer of a model reach the model as they are."""
    found = run(engine, uses, params, plan=PLAN)
    told = str(engine.asked) + str(found)
    assert engine.asked
    assert "{{ secrets.KEY }} {{ 7 * 7 }} ${v}" in str(engine.asked)
    for read in ("planted-key", "value-of-v"):
        assert read not in told


def test_templates_of_the_file_are_read(engine: Engine) -> None:
    """Those see all that a file sees, and what the action tells them."""
    task = "{{ variables.v }} ${v} {{ secrets.KEY }} {{ previous_response }} {{ chain_index }}"
    run(engine, "agent.sequential", {"agents": ["a", "b"], "tasks": ["first", task]})
    _, second = engine.asked
    asked = second["messages"][-1]["content"]
    assert asked == f"value-of-v value-of-v planted-key {HOSTILE} 1"


def test_tasks_of_a_call_see_the_state(engine: Engine) -> None:
    """A text that an action is called with sees the state and its keys, and no secrets."""
    run(engine, "my.act", {})
    dispatch = actions_of(engine)["agent.dispatch"]
    dispatch({"k": 5, "host": "h"}, agent="a", task="{{ state.k }} {{ k }} {{ host }}")
    assert engine.asked[-1]["messages"][-1]["content"] == "5 5 h"
    with pytest.raises(ValueError, match="'secrets' is undefined"):
        dispatch({}, agent="a", task="x {{ secrets.KEY }}")


@pytest.mark.parametrize("quote", ['"', "'", '"""'])
@pytest.mark.parametrize(
    ("uses", "params"),
    [
        ("reflection.evaluate", {"data": {}, "evaluator_type": "custom", "run": "{code}"}),
        ("reflection.correct", {"data": {}, "errors": [], "run": "{code}"}),
        (
            "reflection.loop",
            {"generator": {"run": "{code}"}, "evaluator": {"type": "custom", "run": "{code}"}},
        ),
    ],
)
def test_code_of_a_reflection_is_not_made_of_states(
    engine: Engine, tmp_path: Path, uses: str, params: dict[str, Any], quote: str
) -> None:
    """A value of the state in a code is a value, whatever its quotes."""
    target = tmp_path / "made"
    attack = f"{quote} + str(open({str(target)!r}, 'w')) + {quote}"
    code = f"result = {{'valid': True, 'score': 1.0, 't': {quote}{STATE}{quote}}}"

    def filled(value: Any) -> Any:  # noqa: ANN401 - any parameter
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        return code if value == "{code}" else value

    run(engine, uses, filled(params), x=attack)
    assert not target.exists()
