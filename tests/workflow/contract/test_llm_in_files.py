"""Language models in agent files: defaults of the settings, programs, and journaled runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import YAMLEngine

from tests.workflow.fake_model import Model, Reply, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """Serve a model."""
    for name in ("OLLAMA_API_BASE", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with serving() as found:
        yield found


def run(definition: dict[str, Any], state: dict[str, Any], **given: Any) -> dict[str, Any]:  # noqa: ANN401 - as invoke
    """Run a definition to its last event."""
    engine = YAMLEngine(enable_ltm=False, enable_graph=False)
    try:
        graph = engine.load_from_dict({"name": "agent", **definition})
        events = list(graph.invoke(state, **given))
    finally:
        engine.close()
    last: dict[str, Any] = events[-1]
    return last


def test_settings_are_the_defaults_of_a_node(model: Model) -> None:
    """What a node says itself comes first."""
    node = {"uses": "llm.call", "with": {"prompt": "{{ state.q }}", "temperature": 0.1}}
    definition = {
        "settings": {"llm": {"model": "gpt-x", "temperature": 0.9, "api_base": model.url}},
        "nodes": [{"name": "ask", **node, "output": "answer"}],
    }
    last = run(definition, {"q": "why?"})
    assert last["state"]["answer"]["content"] == "hello"
    sent = {"model": "gpt-x", "temperature": 0.1, "messages": [{"role": "user", "content": "why?"}]}
    assert model.asked == [sent]


def test_a_deployment_is_a_model(model: Model) -> None:
    """For Azure, where models have names of their own."""
    definition = {
        "settings": {"llm": {"deployment": "ours", "api_base": model.url}},
        "nodes": [{"name": "ask", "uses": "llm.stream", "with": {"prompt": "x"}, "output": "a"}],
    }
    assert run(definition, {})["state"]["a"]["streamed"] is True
    assert model.asked[0]["model"] == "ours"


def test_programs_of_a_file(tmp_path: Path) -> None:
    """Those under `llm` win over those beside it."""
    program = tmp_path / "say"
    program.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv[1], sys.stdin.read())\n")
    program.chmod(0o755)
    near = {"mine": {"command": str(program), "args": ["near"]}}
    far = {"mine": {"command": str(program), "args": ["far"]}}
    params = {"provider": "shell", "shell_provider": "mine", "prompt": "hi"}
    definition = {
        "settings": {"shell_providers": far, "llm": {"shell_providers": near}},
        "nodes": [{"name": "ask", "uses": "llm.call", "with": params, "output": "a"}],
    }
    assert run(definition, {})["state"]["a"]["content"] == "near hi"


def test_a_model_uses_the_actions_of_the_file(model: Model) -> None:
    """Any of the registry, by its name."""
    model.says(Reply(calls=[("keep", '{"key": "k", "value": "v"}')]), "kept")
    tool = {"name": "keep", "parameters": {"key": {}, "value": {}}, "action": "memory.store"}
    params = {"model": "m", "prompt": "keep v", "tools": [tool], "api_base": model.url}
    definition = {
        "nodes": [
            {"name": "ask", "uses": "llm.tools", "with": params, "output": "a"},
            {"name": "find", "uses": "memory.retrieve", "with": {"key": "k"}, "output": "found"},
        ]
    }
    state = run(definition, {})["state"]
    assert (state["a"]["content"], state["found"]["value"]) == ("kept", "v")


def test_a_journaled_question_carries_its_key(model: Model, tmp_path: Path) -> None:
    """The same at every attempt, another for every question; a recorded one is not asked again."""
    ask = {"uses": "llm.call", "with": {"model": "m", "prompt": "x", "api_base": model.url}}
    definition = {
        "settings": {"journal": f"sqlite:///{tmp_path}/runs.db"},
        "nodes": [
            {"name": "one", **ask, "output": "a"},
            {"name": "two", **ask, "output": "b"},
        ],
    }
    config = {"thread_id": "t"}
    engine = YAMLEngine(enable_ltm=False, enable_graph=False)
    events = engine.load_from_dict({"name": "agent", **definition}).stream({"q": 1}, config=config)
    assert next(events)["node"] == "one"
    events.close()
    engine.close()
    last = run(definition, {"q": 1}, config=config)
    assert (last["type"], last["state"]["b"]["content"]) == ("final", "hello")
    keys = [headers["idempotency-key"] for headers in model.headers]
    assert len(set(keys)) == len(keys) == 2


def test_without_a_journal_there_is_no_key(model: Model) -> None:
    """The request is as the library makes it."""
    params = {"model": "m", "prompt": "x", "api_base": model.url}
    run({"nodes": [{"name": "ask", "uses": "llm.call", "with": params}]}, {})
    assert "idempotency-key" not in model.headers[0]
