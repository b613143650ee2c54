"""A model that runs in this process, through llama-cpp: `provider: local`."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.llm.ask import Answer, Message, refused

if TYPE_CHECKING:
    from codeanatomy.workflow.host import Host

PART = "llm_local"  # where the engine keeps the loaded models
OVERRIDE = "llm_override"  # what a command line said: backend, model_path


class LocalModels:
    """The models that were loaded, by path; `close` frees them."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, bool], Any] = {}

    def get(self, path: str, options: dict[str, Any], *, embedding: bool) -> Any:  # noqa: ANN401 - llama_cpp.Llama
        """Load a model once."""
        key = (path, embedding)
        if key not in self._loaded:
            library = import_module("llama_cpp")
            more = {"embedding": True} if embedding else {}
            self._loaded[key] = library.Llama(
                model_path=path, n_ctx=options.get("n_ctx", 4096), verbose=False, **more
            )
        return self._loaded[key]

    def close(self) -> None:
        """Free the models."""
        for model in self._loaded.values():
            if hasattr(model, "close"):
                model.close()
        self._loaded.clear()


def model_path(host: Host, model: str | None = None) -> str | None:
    """Return the path of the model: argument, command line, TEA_MODEL_PATH, settings."""
    if model and model.endswith(".gguf"):
        return _expanded(model)
    override = host.parts.get(OVERRIDE) or {}
    settings = _settings(host)
    found = override.get("model_path") or os.environ.get("TEA_MODEL_PATH")
    found = found or settings.get("model_path")
    return _expanded(str(found)) if found else None


def wants_local(host: Host, model: str | None = None) -> bool:
    """Say whether a call without a provider is meant for a local model."""
    backend = (host.parts.get(OVERRIDE) or {}).get("backend") or _settings(host).get("backend")
    if backend in {"api", "local"}:
        return bool(backend == "local")
    return bool(model and model.endswith(".gguf"))


def available(host: Host) -> bool:
    """Say whether a local model could be loaded: the library and a file are there."""
    path = model_path(host)
    return bool(path and Path(path).is_file() and not isinstance(_library(), str))


def ask_local(
    host: Host, messages: list[Message], model: str | None, options: dict[str, Any]
) -> Answer:
    """Ask the local model."""
    loaded = _loaded(host, model, embedding=False)
    if isinstance(loaded, str):
        return refused(loaded)
    path, llama = loaded
    try:
        found = llama.create_chat_completion(messages=messages, **options)
    except Exception as error:  # noqa: BLE001 - llama-cpp raises what it likes
        return refused(f"Local LLM call failed: {error}")
    choice = found["choices"][0]
    return {
        "content": choice["message"]["content"] or "",
        "usage": {"total_tokens": (found.get("usage") or {}).get("total_tokens", 0)},
        "provider": "local",
        "model": Path(path).name,
        "finish_reason": choice.get("finish_reason"),
    }


def embed_local(host: Host, text: str, model: str | None) -> Answer:
    """Return the vector of a text by the local model."""
    loaded = _loaded(host, model, embedding=True)
    if isinstance(loaded, str):
        return refused(loaded)
    path, llama = loaded
    try:
        vector = list(llama.create_embedding(text)["data"][0]["embedding"])
    except Exception as error:  # noqa: BLE001 - as above
        return refused(f"Local embedding failed: {error}")
    return {
        "embedding": vector,
        "dimensions": len(vector),
        "provider": "local",
        "model": Path(path).name,
    }


def _loaded(host: Host, model: str | None, *, embedding: bool) -> tuple[str, Any] | str:
    """Return the path and the model, or why there is none."""
    library = _library()
    if isinstance(library, str):
        return library
    path = model_path(host, model)
    if path is None:
        return (
            "Local LLM not available: no model file; pass a .gguf path, set TEA_MODEL_PATH"
            " or settings.llm.model_path"
        )
    if not Path(path).is_file():
        return f"Local LLM not available: model file not found: {path}"
    models: LocalModels = host.parts.setdefault(PART, LocalModels())
    try:
        return path, models.get(path, _settings(host), embedding=embedding)
    except Exception as error:  # noqa: BLE001 - a file that is no model, too little memory ...
        return f"Local LLM not available: {error}"


def _library() -> Any:  # noqa: ANN401 - the module, or a text that says why not
    try:
        return import_module("llama_cpp")
    except ImportError:
        return (
            "Local LLM not available: llama-cpp-python is not installed;"
            " pip install llama-cpp-python"
        )


def _settings(host: Host) -> dict[str, Any]:
    found = (host.settings or {}).get("llm") or {}
    return found if isinstance(found, dict) else {}


def _expanded(path: str) -> str:
    return str(Path(os.path.expandvars(path)).expanduser())
