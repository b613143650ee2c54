"""Actions on short-term memory, and the one that makes a long conversation short."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._calls import call

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_CHARACTERS = 4  # to a token, roughly
_TASK = (
    "Summarize the following conversation so that what matters for going on is kept."
    " Use at most {tokens} tokens.\n\n{conversation}"
)


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "memory.store": partial(store, host),
        "memory.retrieve": partial(retrieve, host),
        "memory.summarize": partial(summarize, host),
    }


def store(
    host: Host,
    /,
    state: State,
    key: Any,
    value: Any,
    ttl: float | None = None,
    namespace: str = "default",
    **_: object,
) -> State:
    """Keep a value, for `ttl` seconds if given."""
    if key is None:
        return {"stored": False, "key": None, "error": "Key is required"}
    try:
        stored = host.memory_backend.store(str(key), value, ttl=ttl, namespace=namespace)
    except Exception as error:
        return {"stored": False, "key": str(key), "error": str(error)}
    return {"stored": stored, "key": str(key), "namespace": namespace}


def retrieve(
    host: Host,
    /,
    state: State,
    key: Any,
    default: Any = None,
    namespace: str = "default",
    **_: object,
) -> State:
    """Return a value, or the default when it is not there or None."""
    if key is None:
        return {"value": default, "found": False, "key": None, "error": "Key is required"}
    try:
        value = host.memory_backend.retrieve(str(key), namespace=namespace)
    except Exception as error:
        return {"value": default, "found": False, "key": str(key), "error": str(error)}
    found = value is not None
    return {"value": value if found else default, "found": found, "key": str(key)}


def summarize(
    host: Host,
    /,
    state: State,
    messages_key: str,
    max_tokens: int = 1000,
    model: str | None = None,
    **_: object,
) -> State:
    """Return the messages of the state as one text of at most about `max_tokens` tokens."""
    messages = state.get(messages_key)
    if messages_key not in state:
        return _failed(f"Messages key '{messages_key}' not found in state")
    if not isinstance(messages, list):
        return _failed(f"Messages at '{messages_key}' must be a list")
    text = "\n".join(_line(message) for message in messages)
    tokens = len(text) // _CHARACTERS
    if not messages or tokens <= max_tokens:
        return _summary(text, len(messages), tokens)
    ask = host.actions_registry.get("llm.call")
    if ask is None:
        return _failed("LLM summarization failed: no action llm.call")
    task = _TASK.format(tokens=max_tokens, conversation=text)
    try:
        answer = call(
            ask,
            state,
            model=model or "gpt-3.5-turbo",
            messages=[{"role": "user", "content": task}],
            temperature=0.3,
        )
    except Exception as error:
        return _failed(f"LLM summarization failed: {error}")
    if answer.get("error"):
        return _failed(f"LLM summarization failed: {answer['error']}")
    summary = answer.get("content") or ""
    return _summary(summary, len(messages), len(summary) // _CHARACTERS)


def _line(message: Any) -> str:
    if not isinstance(message, dict):
        return str(message)
    return f"{message.get('role', 'unknown')}: {message.get('content', '')}"


def _summary(text: str, count: int, tokens: int) -> State:
    return {"summary": text, "original_count": count, "token_estimate": tokens, "success": True}


def _failed(text: str) -> State:
    return {"error": text, "success": False}
