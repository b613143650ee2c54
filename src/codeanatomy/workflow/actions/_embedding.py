"""Vectors of texts, by the provider that the settings name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.llm.ask import Ask
from codeanatomy.workflow.llm.similarity import embed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeanatomy.workflow.host import Host

Vector = list[float]
_MODELS = {
    "openai": "text-embedding-3-small",
    "azure": "text-embedding-3-small",
    "litellm": "text-embedding-3-small",
    "ollama": "nomic-embed-text",
    "model2vec": "minishlab/potion-base-8M",
    "function": "function",
}
_OLLAMA = "http://localhost:11434"
_SIZED = "text-embedding-3-"  # models that take the number of dimensions
_LOADED = "rag_models"


class UnknownEmbeddingError(ValueError):
    """The settings name a provider that makes no embeddings."""


def embed_texts(host: Host, texts: Sequence[str], model: str | None) -> tuple[list[Vector], str]:
    """Return a vector for each text, and the name of the model that made them."""
    settings = _settings(host)
    default = "function" if host.embedding_fn is not None else "openai"
    provider = str(settings.get("embedding_provider") or settings.get("provider") or default)
    if provider not in _WAYS:
        raise UnknownEmbeddingError(f"Unknown provider '{provider}'. One of {sorted(_WAYS)}")
    name = model or settings.get("embedding_model") or settings.get("model") or _MODELS[provider]
    return _WAYS[provider](host, list(texts), str(name)), str(name)


def rag_settings(host: Host) -> dict[str, Any]:
    """Return the settings of vectors and embeddings."""
    return _settings(host)


def _by_function(host: Host, texts: list[str], _: str) -> list[Vector]:
    if host.embedding_fn is None:
        raise UnknownEmbeddingError("provider 'function' needs YAMLEngine(embedding_fn=...)")
    return [list(host.embedding_fn(text)) for text in texts]


def _by_openai(host: Host, texts: list[str], model: str) -> list[Vector]:
    settings = _settings(host)
    base = settings.get("embedding_base_url") or settings.get("api_base")
    provider = str(settings.get("embedding_provider") or settings.get("provider") or "openai")
    wanted = settings.get("dimensions") or settings.get("embedding_dimensions")
    more = {"dimensions": wanted} if wanted and model.startswith(_SIZED) else {}
    return embed(Ask([], model, provider, api_base=base), texts, **more)


def _by_ollama(host: Host, texts: list[str], model: str) -> list[Vector]:
    import requests

    settings = _settings(host)
    base = settings.get("embedding_base_url") or settings.get("api_base")
    base = str(base or os.environ.get("OLLAMA_API_BASE") or _OLLAMA).rstrip("/").removesuffix("/v1")
    vectors = []
    for text in texts:
        asked = {"model": model, "prompt": text}
        found = requests.post(f"{base}/api/embeddings", json=asked, timeout=60)
        found.raise_for_status()
        vectors.append(list(found.json()["embedding"]))
    return vectors


def _by_model2vec(host: Host, texts: list[str], model: str) -> list[Vector]:
    try:
        from model2vec import StaticModel  # type: ignore[import-not-found]  # optional
    except ImportError as wrong:
        msg = "model2vec not installed. Install with: pip install model2vec"
        raise ImportError(msg) from wrong
    models = host.parts.setdefault(_LOADED, {})
    if model not in models:
        models[model] = StaticModel.from_pretrained(model)
    return [[float(value) for value in vector] for vector in models[model].encode(texts)]


def _settings(host: Host) -> dict[str, Any]:
    found = (host.settings or {}).get("rag") or {}
    return found if isinstance(found, dict) else {}


_WAYS: dict[str, Callable[[Host, list[str], str], list[Vector]]] = {
    "azure": _by_openai,
    "function": _by_function,
    "litellm": _by_openai,
    "model2vec": _by_model2vec,
    "ollama": _by_ollama,
    "openai": _by_openai,
}
