"""A model that calls actions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of
from tests.workflow.fake_model import Model, Reply

Ask = Any  # an action by name, already holding the state
HI = [{"role": "user", "content": "hi"}]


ADD = {
    "name": "add",
    "description": "adds",
    "parameters": {
        "a": {"type": "integer", "description": "first", "required": True},
        "b": {"type": "integer", "enum": [1, 2]},
    },
    "action": "my.add",
}


@pytest.fixture
def tooled(engine: Engine) -> list[dict[str, Any]]:
    """Give the engine an action that adds; return what it was called with."""
    called: list[dict[str, Any]] = []

    def add(state: dict[str, Any], a: int, b: int = 0, **_: object) -> dict[str, Any]:
        called.append({"state": state, "a": a, "b": b})
        return {"sum": a + b}

    def fail(state: dict[str, Any], **_: object) -> None:
        raise ValueError(f"broken {state['q']}")

    async def later(state: dict[str, Any], **_: object) -> str:
        return f"later {state['q']}"

    actions_of(engine).update({"my.add": add, "my.fail": fail, "my.later": later})
    return called


def test_a_model_calls_actions(ask: Ask, model: Model, tooled: list[dict[str, Any]]) -> None:
    """Until it answers; every call and result is told."""
    model.says(Reply(calls=[("add", '{"a": 1, "b": 2}'), ("add", '{"a": 5}')]), "3 and 5")
    answer = ask("llm.tools", model="m", prompt="1+2?", tools=[ADD], api_base=model.url)
    assert answer == {
        "content": "3 and 5",
        "tool_calls": [
            {"id": "call_1", "name": "add", "arguments": {"a": 1, "b": 2}},
            {"id": "call_2", "name": "add", "arguments": {"a": 5}},
        ],
        "tool_results": [
            {"tool_call_id": "call_1", "name": "add", "result": '{"sum": 3}'},
            {"tool_call_id": "call_2", "name": "add", "result": '{"sum": 5}'},
        ],
        "rounds": 2,
    }
    assert tooled[0] == {"state": {"q": 1}, "a": 1, "b": 2}
    told = model.asked[1]["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool", "tool"]
    assert told[2] == {"role": "tool", "tool_call_id": "call_1", "content": '{"sum": 3}'}


def test_a_tool_is_offered_in_the_form_of_openai(
    ask: Ask, model: Model, tooled: list[dict[str, Any]]
) -> None:
    """A tool that is in it already goes as it is."""
    given = {"type": "function", "function": {"name": "raw", "parameters": {"type": "object"}}}
    ask(
        "llm.tools",
        model="m",
        prompt="x",
        tools=[ADD, given],
        api_base=model.url,
        tool_choice="none",
    )
    sent = model.asked[0]
    assert sent["tool_choice"] == "none"
    assert sent["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "add",
                "description": "adds",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "a": {"type": "integer", "description": "first"},
                        "b": {"type": "integer", "enum": [1, 2]},
                    },
                    "required": ["a"],
                },
            },
        },
        given,
    ]
    assert tooled == []


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ({}, "Tool must have a 'name'"),
        ({"function": {}}, "Tool function must have a 'name'"),
        ({"name": "x", "action": "../x"}, "Invalid action reference: ../x"),
        ({"name": "x", "action": "a/b"}, "Invalid action reference: a/b"),
        ({"name": "x", "action": "a\\b"}, "Invalid action reference: a\\b"),
        ({"name": "x", "action": "no.such"}, "Action 'no.such' not found in registry"),
    ],
)
def test_an_invalid_tool_is_refused(
    ask: Ask, model: Model, tool: dict[str, Any], text: str
) -> None:
    """Nobody is asked."""
    answer = ask("llm.tools", model="m", prompt="x", tools=[tool], api_base=model.url)
    assert answer == {"error": f"Invalid tool definition: {text}", "success": False}
    assert model.asked == []


@pytest.mark.parametrize(
    ("action", "arguments", "result"),
    [
        ("my.fail", "{}", {"error": "broken 1"}),
        ("my.later", "{}", "later 1"),
        ("my.later", "not json", "later 1"),
        (None, '{"x": 1}', {"note": "No action is mapped to tool 't'", "arguments": {"x": 1}}),
    ],
)
@pytest.mark.usefixtures("tooled")
def test_what_a_tool_gives(
    ask: Ask, model: Model, action: str | None, arguments: str, result: object
) -> None:
    """An exception is told to the model; bad arguments are none; a coroutine is run."""
    model.says(Reply(calls=[("t", arguments)]), "done")
    tool = {"name": "t", **({"action": action} if action else {})}
    answer = ask("llm.tools", model="m", prompt="x", tools=[tool], api_base=model.url)
    assert json.loads(answer["tool_results"][0]["result"]) == result
    assert answer["content"] == "done"


def test_rounds_have_a_limit(ask: Ask, model: Model, tooled: list[dict[str, Any]]) -> None:
    """Then there is no content, and a warning."""
    model.says(Reply(calls=[("add", '{"a": 1}')]))
    params = {"tools": [ADD], "max_tool_rounds": 2, "api_base": model.url}
    answer = ask("llm.tools", model="m", prompt="x", **params)
    assert (answer["content"], answer["rounds"]) == ("", 2)
    assert answer["warning"] == "Max tool rounds (2) reached"
    assert len(answer["tool_calls"]) == len(answer["tool_results"]) == len(tooled) == 2


def test_a_failure_between_rounds_keeps_what_was_done(
    ask: Ask, model: Model, waits: list[float], tooled: list[dict[str, Any]]
) -> None:
    """The lists are in the answer."""
    model.says(Reply(calls=[("add", '{"a": 1}')]), Reply("no", status=400))
    answer = ask("llm.tools", model="m", prompt="x", tools=[ADD], api_base=model.url)
    assert answer["error"] == "LLM tool calling failed: Error code: 400 - no"
    assert (answer["success"], len(answer["tool_calls"]), len(tooled)) == (False, 1, 1)
    assert waits == []
