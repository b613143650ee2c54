"""How near two texts or two vectors are, as a number and in words: `llm.similarity`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.llm.ask import Answer, Ask, refused
from codeanatomy.workflow.llm.clients import client_of, litellm_library

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = ((0.8, "Very similar"), (0.5, "Somewhat similar"), (0.2, "Not very similar"))


def similarity_of_vectors(one: Sequence[float], other: Sequence[float]) -> Answer:
    """Return the cosine of the angle between two vectors, and what it means."""
    if len(one) != len(other):
        return refused(f"Vectors must have the same length: {len(one)} and {len(other)}")
    if not one:
        return refused("Vectors must not be empty")
    lengths = math.hypot(*one) * math.hypot(*other)
    cosine = sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0
    words = next((text for bound, text in _WORDS if cosine > bound), "Unrelated")
    return {"cosine_similarity": cosine, "interpretation": words}


def similarity_of_texts(ask: Ask, one: str, other: str) -> Answer:
    """Embed two texts with `ask.model` and compare their vectors."""
    try:
        first, second = embed(ask, [one, other])
    except Exception as error:  # noqa: BLE001 - the answer names the failure
        return refused(f"Similarity failed: {error}")
    return {**similarity_of_vectors(first, second), "text_a": one, "text_b": other}


def embed(ask: Ask, texts: list[str], **more: object) -> list[list[float]]:
    """Return the vector of each text."""
    if ask.provider == "litellm":
        found = litellm_library().embedding(model=ask.model, input=texts, **more)
    else:
        found = client_of(ask).embeddings.create(model=ask.model_sent, input=texts, **more)
    return [list(_vector(item)) for item in found.data]


def _vector(item: Any) -> Sequence[float]:  # noqa: ANN401 - an object of openai, a dict of litellm
    found: Sequence[float] = item["embedding"] if isinstance(item, dict) else item.embedding
    return found
