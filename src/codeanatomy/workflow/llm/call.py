"""One question, one answer: `llm.call`; and the same answer read from a stream: `llm.stream`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.llm.ask import Answer, Ask, refused
from codeanatomy.workflow.llm.clients import client_of, send
from codeanatomy.workflow.llm.patience import Patience, ask_again, ask_once
from codeanatomy.workflow.llm.usage import cost_of, plain_usage

if TYPE_CHECKING:
    from collections.abc import Iterable


def call(ask: Ask, patience: Patience) -> Answer:
    """Ask, with patience; a failure without patience is the provider's own exception."""
    client = client_of(ask)
    litellm = ask.provider == "litellm"
    if patience.max_retries <= 0:
        return ask_once(lambda: _answer(ask, client), litellm=litellm)
    if not litellm:
        client.max_retries = 0  # ours are counted; the library's own would hide some
    return ask_again(lambda: _answer(ask, client), patience, litellm=litellm)


def stream(ask: Ask) -> Answer:
    """Ask for a stream, and return what all of it said; never raises."""
    counted: dict[str, Any] = (
        {} if ask.provider == "litellm" else {"stream_options": {"include_usage": True}}
    )
    try:
        return _collected(send(ask, client_of(ask), stream=True, **counted))
    except Exception as error:  # noqa: BLE001 - a stream answers with its failure
        return refused(f"LLM streaming failed: {error}")


def _answer(ask: Ask, client: Any) -> Answer:  # noqa: ANN401 - openai's client, or None
    response = send(ask, client)
    usage = plain_usage(getattr(response, "usage", None))
    answer = {"content": response.choices[0].message.content, "usage": usage}
    priced = ask.provider == "litellm" or (ask.opik_trace and ask.provider in {"openai", "azure"})
    cost = cost_of(ask.provider, ask.model, response, usage) if priced else None
    return answer if cost is None else {**answer, "cost_usd": cost}


def _collected(chunks: Iterable[Any]) -> Answer:
    texts: list[str] = []
    usage: dict[str, Any] = {}
    for chunk in chunks:
        choices = getattr(chunk, "choices", None)
        text = getattr(getattr(choices[0], "delta", None), "content", None) if choices else None
        if text:
            texts.append(text)
        usage = plain_usage(getattr(chunk, "usage", None)) or usage
    return {
        "content": "".join(texts),
        "usage": usage,
        "streamed": True,
        "chunk_count": len(texts),
    }
