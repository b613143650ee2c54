"""A model that may call actions until it has its answer: `llm.tools`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.llm.ask import Answer, Ask, refused
from codeanatomy.workflow.llm.clients import client_of, send

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Schema = dict[str, Any]
Action = Any  # Callable[..., Any]: an action takes a state and keywords
Run = Any  # Callable[[Action, dict[str, Any]], Any]: calls an action with keywords
_OUTSIDE = ("..", "/", "\\")


class ToolDefinitionError(ValueError):
    """A tool that cannot be offered; the text says what it lacks."""


def converse(
    ask: Ask,
    tools: Sequence[Schema],
    choice: object,
    limit: int,
    actions: Mapping[str, Action],
    run: Run,
) -> Answer:
    """Ask, run the actions that the model calls, and ask again, `limit` times at most."""
    try:
        pairs = [(tool, schema_of(tool)) for tool in tools]
        behind = {schema["function"]["name"]: _action(t, actions) for t, schema in pairs}
    except ToolDefinitionError as wrong:
        return refused(f"Invalid tool definition: {wrong}")
    work = _Work(behind, run)
    try:
        return _rounds(ask, [schema for _, schema in pairs], choice, limit, work)
    except Exception as error:  # noqa: BLE001 - the answer holds what was done before it
        text = f"LLM tool calling failed: {error}"
        return refused(text, tool_calls=work.calls, tool_results=work.results)


def schema_of(tool: Schema) -> Schema:
    """Return a tool in OpenAI's form, from that form or from name, description and parameters."""
    if not isinstance(tool, dict):
        raise ToolDefinitionError(f"Tool must be a mapping, got {type(tool).__name__}")
    if "function" in tool:
        function = tool["function"]
        if not isinstance(function, dict) or not function.get("name"):
            raise ToolDefinitionError("Tool function must have a 'name'")
        return {"type": tool.get("type", "function"), "function": function}
    if not tool.get("name"):
        raise ToolDefinitionError("Tool must have a 'name'")
    function = {
        "name": tool["name"],
        "description": tool.get("description", ""),
        "parameters": _parameters(tool.get("parameters") or {}),
    }
    return {"type": "function", "function": function}


class _Work:
    """The actions behind the tools, and the record of what they were called with and gave."""

    def __init__(self, actions: Mapping[str, Action | None], run: Run) -> None:
        self._actions = actions
        self._run = run
        self.calls: list[Answer] = []
        self.results: list[Answer] = []

    def do(self, call: Any) -> dict[str, Any]:  # noqa: ANN401 - openai's tool call
        """Run one call, and return the message that tells the model what came of it."""
        name = call.function.name
        arguments = _arguments(call.function.arguments)
        self.calls.append({"id": call.id, "name": name, "arguments": arguments})
        text = json.dumps(self._result(name, arguments), default=str)
        self.results.append({"tool_call_id": call.id, "name": name, "result": text})
        return {"role": "tool", "tool_call_id": call.id, "content": text}

    def _result(self, name: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - any result
        action = self._actions.get(name)
        if action is None:
            return {"note": f"No action is mapped to tool '{name}'", "arguments": arguments}
        try:
            return self._run(action, arguments)
        except Exception as error:  # noqa: BLE001 - the model is told, and may do otherwise
            return {"error": str(error)}


def _rounds(ask: Ask, schemas: list[Schema], choice: object, limit: int, work: _Work) -> Answer:
    client = client_of(ask)
    offered = {"tools": schemas, "tool_choice": choice} if schemas else {}
    content, rounds = "", 0
    while rounds < limit:
        rounds += 1
        message = send(ask, client, rounds, **offered).choices[0].message
        if not message.tool_calls:
            content = message.content
            break
        ask.messages.append(message)
        ask.messages.extend(work.do(call) for call in message.tool_calls)
    else:
        return {**_answer("", work, rounds), "warning": f"Max tool rounds ({limit}) reached"}
    return _answer(content, work, rounds)


def _answer(content: str, work: _Work, rounds: int) -> Answer:
    return {
        "content": content,
        "tool_calls": work.calls,
        "tool_results": work.results,
        "rounds": rounds,
    }


def _parameters(given: Schema) -> Schema:
    if given.get("type") == "object" and "properties" in given:
        return given
    properties = {name: _property(about) for name, about in given.items()}
    required = [
        n for n, about in given.items() if isinstance(about, dict) and about.get("required")
    ]
    return {"type": "object", "properties": properties, "required": required}


def _property(about: Any) -> Schema:  # noqa: ANN401 - a mapping, or only the type's name
    if not isinstance(about, dict):
        return {"type": str(about)}
    kept = {key: value for key, value in about.items() if key != "required"}
    return {"type": "string", **kept}


def _action(tool: Schema, actions: Mapping[str, Action]) -> Action | None:
    wanted = tool.get("action")
    if not wanted:
        return None
    if any(mark in wanted for mark in _OUTSIDE):
        raise ToolDefinitionError(f"Invalid action reference: {wanted}")
    if wanted not in actions:
        raise ToolDefinitionError(f"Action '{wanted}' not found in registry")
    action: Callable[..., Any] = actions[wanted]
    return action


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
