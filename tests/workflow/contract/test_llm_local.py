"""Language models in this process."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.workflow.fake_model import Model

Ask = Any  # an action by name, already holding the state
HI = [{"role": "user", "content": "hi"}]


class Llama:
    """What stands for a model of llama-cpp."""

    def __init__(self, **given: object) -> None:
        self.given = given

    def create_chat_completion(self, messages: list[Any], **options: object) -> dict[str, Any]:
        """Answer with the last message and the options."""
        text = f"{messages[-1]['content']} {sorted(options)}"
        choice = {"message": {"content": text}, "finish_reason": "stop"}
        return {"choices": [choice], "usage": {"total_tokens": 9, "prompt_tokens": 4}}

    def create_embedding(self, text: str) -> dict[str, Any]:
        """Return the length of the text."""
        return {"data": [{"embedding": [float(len(text)), 1.0]}]}


@pytest.fixture
def gguf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a module in the place of llama-cpp; return the path of a model."""
    module = types.ModuleType("llama_cpp")
    module.__dict__["Llama"] = Llama
    monkeypatch.setitem(sys.modules, "llama_cpp", module)
    path = tmp_path / "small.gguf"
    path.write_bytes(b"GGUF")
    return str(path)


@pytest.mark.parametrize("where", ["argument", "environment", "settings", "override", "model"])
def test_a_local_model_is_found(
    ask: Ask, engine: Engine, gguf: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By argument, command line, environment or settings."""
    params: dict[str, Any] = {"provider": "local"}
    if where == "environment":
        monkeypatch.setenv("TEA_MODEL_PATH", gguf)
    elif where == "settings":
        engine.settings = {"llm": {"model_path": gguf}}
    elif where == "override":
        engine.parts["llm_override"] = {"model_path": gguf, "backend": "local"}
        params = {}
    else:
        params = {"model": gguf, "provider": "auto" if where == "model" else "local"}
    assert ask("llm.call", prompt="hi", max_tokens=3, **params) == {
        "content": "hi ['max_tokens', 'temperature']",
        "usage": {"total_tokens": 9},
        "provider": "local",
        "model": "small.gguf",
        "finish_reason": "stop",
    }


def test_near_or_far(ask: Ask, engine: Engine, gguf: str, model: Model) -> None:
    """The local actions take a local model if one is configured, otherwise the far one."""
    far = {"model": "m", "prompt": "hi", "api_base": model.url}
    for name in ("llm.chat", "llm.local.chat", "llm.local.call", "llm.local.stream"):
        assert ask(name, **far)["content"] == "hello"
    engine.settings = {"llm": {"model_path": gguf}}
    for name in ("llm.chat", "llm.local.chat", "llm.local.call", "llm.local.stream"):
        assert ask(name, prompt="hi")["provider"] == "local"
    engine.parts["llm_override"] = {"backend": "api"}
    assert ask("llm.chat", **far)["content"] == "hello"


@pytest.mark.parametrize("name", ["llm.embed", "llm.local.embed"])
def test_a_local_vector(ask: Ask, engine: Engine, gguf: str, name: str) -> None:
    """Of the local model, or else as `embedding.create` makes it."""
    engine.embedding_fn = lambda text: [float(len(text))]
    assert ask(name, text="abc")["embedding"] == [3.0]
    engine.settings = {"llm": {"model_path": gguf}}
    local = {"embedding": [3.0, 1.0], "dimensions": 2, "provider": "local", "model": "small.gguf"}
    assert ask(name, text="abc") == local


@pytest.mark.parametrize("name", ["llm.chat", "llm.local.call", "llm.local.stream", "llm.embed"])
@pytest.mark.usefixtures("model")
def test_nothing_near_and_nothing_far(ask: Ask, engine: Engine, name: str) -> None:
    """Says so."""
    for gone in ("llm.call", "llm.stream", "embedding.create"):
        del actions_of(engine)[gone]
    answer = ask(name, prompt="hi", text="hi")
    assert answer == {"error": "No LLM backend available", "success": False}


@pytest.mark.usefixtures("model")
def test_no_local_model(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer says what is missing: the library, the path, the file."""
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    params = {"provider": "local", "prompt": "hi"}
    assert "llama-cpp-python is not installed" in ask("llm.call", **params)["error"]
    monkeypatch.setitem(sys.modules, "llama_cpp", types.ModuleType("llama_cpp"))
    assert "no model file" in ask("llm.call", **params)["error"]
    gone = str(tmp_path / "gone.gguf")
    answer = ask("llm.call", model=gone, **params)
    assert answer["error"].endswith(f"model file not found: {gone}")
    assert answer["success"] is False
