"""Asking a model through the registry, and reading the JSON that it was to answer with."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._calls import call

if TYPE_CHECKING:
    from codeanatomy.workflow.host import Host

Message = dict[str, str]
_FENCED = re.compile(r"```(?:json)?\s*\n?(.*?)```", re.DOTALL)
_SHOWN = 200  # characters of an answer that could not be read


class ThinkingError(Exception):
    """The model could not be asked, or its answer could not be read."""


def ask(host: Host, model: str | None, messages: list[Message], temperature: float) -> str:
    """Return what the model says to the messages."""
    action = host.actions_registry.get("llm.call")
    if action is None:
        raise ThinkingError("Action 'llm.call' not found in registry")
    answer = call(action, {}, model=model, messages=messages, temperature=temperature)
    if not isinstance(answer, dict):
        return str(answer)
    if answer.get("error"):
        raise ThinkingError(str(answer["error"]))
    return str(answer.get("content") or "")


def read_json(text: str) -> Any:
    """Return the JSON in a text: the whole, else a fenced block, else the outermost braces."""
    for candidate in _candidates(text):
        try:
            return json.loads(candidate)
        except (ValueError, RecursionError):
            continue
    raise ThinkingError(f"Could not parse JSON from response: {text[:_SHOWN]}")


def said(system: str, user: str) -> list[Message]:
    """Return a conversation of one question."""
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def _candidates(text: str) -> list[str]:
    found = [text.strip(), *(block.strip() for block in _FENCED.findall(text))]
    for opening, closing in ("{}", "[]"):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            found.append(text[start : end + 1])
    return found
