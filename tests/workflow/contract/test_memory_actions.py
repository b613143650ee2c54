"""What the actions on memory answer, short-term and long-term."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import the_edge_agent.memory
from the_edge_agent import InMemoryBackend, SQLiteBackend, YAMLEngine

from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TALK = [{"role": "user", "content": "hello " * 20}, {"role": "assistant", "content": "yes " * 20}]


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Give an engine with a long-term memory in this process."""
    backend = SQLiteBackend()
    with open_engine(ltm_backend=backend) as made:
        yield made
    backend.close()


def ask(engine: Engine, name: str, state: dict[str, Any] | None = None, **params: Any) -> Any:  # noqa: ANN401 - what the action answers
    """Call an action by name."""
    return actions_of(engine)[name](state=state or {}, **params)


@pytest.mark.parametrize(
    "name",
    [
        "InMemoryBackend",
        "LTMTransaction",
        "LongTermMemoryBackend",
        "MemoryBackend",
        "SQLiteBackend",
        "create_ltm_backend",
        "expand_env_vars",
        "parse_backend_config",
    ],
)
def test_names_of_the_memory_module(name: str) -> None:
    """They are there, and public."""
    assert name in dir(the_edge_agent.memory)
    assert getattr(the_edge_agent.memory, name) is not None


@pytest.mark.parametrize(
    "name", ["InMemoryBackend", "LongTermMemoryBackend", "MemoryBackend", "SQLiteBackend"]
)
def test_names_of_the_root(name: str) -> None:
    """They are those of the module."""
    assert getattr(the_edge_agent, name) is getattr(the_edge_agent.memory, name)


@pytest.mark.parametrize(
    "name",
    "memory.store memory.retrieve memory.summarize ltm.store ltm.retrieve ltm.delete"
    " ltm.search llm.call llm.stream llm.tools a2a.send plan.execute vector.query".split(),
)
def test_an_alias_is_the_same_action(engine: Engine, name: str) -> None:
    """With `actions.` before it and no dot inside."""
    registry = actions_of(engine)
    assert registry[name] is registry[f"actions.{name.replace('.', '_')}"]


@pytest.mark.parametrize(
    ("key", "shown", "namespace"), [("k", "k", "default"), (7, "7", "other"), ("", "", "default")]
)
def test_store_and_retrieve(engine: Engine, key: object, shown: str, namespace: str) -> None:
    """Keys become text; there is no `success`."""
    stored = ask(engine, "memory.store", key=key, value=[1], namespace=namespace)
    assert stored == {"stored": True, "key": shown, "namespace": namespace}
    found = ask(engine, "memory.retrieve", key=key, namespace=namespace)
    assert found == {"value": [1], "found": True, "key": shown}


@pytest.mark.parametrize("default", [None, 0, "other"])
def test_what_is_missing_or_none_is_the_default(engine: Engine, default: object) -> None:
    """A stored None counts as missing."""
    ask(engine, "memory.store", key="none", value=None)
    for key in ("none", "nothing"):
        found = ask(engine, "memory.retrieve", key=key, default=default)
        assert found == {"value": default, "found": False, "key": key}


def test_a_key_is_needed(engine: Engine) -> None:
    """None is no key."""
    text = "Key is required"
    stored = ask(engine, "memory.store", key=None, value=1)
    assert stored == {"stored": False, "key": None, "error": text}
    found = ask(engine, "memory.retrieve", key=None, default=4)
    assert found == {"value": 4, "found": False, "key": None, "error": text}


def test_a_backend_that_fails_is_answered() -> None:
    """With its error and without success."""

    def full(*_: object, **__: object) -> bool:
        raise OSError("full")

    memory = InMemoryBackend()
    memory.store = full
    engine = YAMLEngine(memory_backend=memory, enable_ltm=False, enable_graph=False)
    stored = ask(engine, "memory.store", key="k", value=1)
    assert stored == {"stored": False, "key": "k", "error": "full"}
    engine.close()


def test_the_engine_shows_its_memory(engine: Engine) -> None:
    """As a state to keep and restore, and to clear."""
    ask(engine, "memory.store", key="k", value=1, namespace="n")
    state = engine.get_memory_state()
    assert state["version"] == "1.0"
    assert state["namespaces"]["n"]["k"]["value"] == 1
    assert (engine.clear_memory(), engine.clear_memory("n")) == (1, 0)
    engine.restore_memory_state(state)
    assert ask(engine, "memory.retrieve", key="k", namespace="n")["value"] == 1


# ------------------------------------------------------------------ summaries
@pytest.mark.parametrize(
    ("state", "error"),
    [
        ({}, "Messages key 'talk' not found in state"),
        ({"talk": "text"}, "must be a list"),
        ({"talk": None}, "must be a list"),
    ],
)
def test_messages_are_needed(engine: Engine, state: dict[str, Any], error: str) -> None:
    """As a list, under that key."""
    answer = ask(engine, "memory.summarize", state, messages_key="talk")
    assert answer["success"] is False
    assert answer["error"].endswith(error)


def test_a_short_conversation_is_its_lines(engine: Engine) -> None:
    """Nobody is asked; no messages are an empty summary."""
    del actions_of(engine)["llm.call"]
    short = {"talk": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]}
    assert ask(engine, "memory.summarize", short, messages_key="talk") == {
        "summary": "user: hi\nassistant: yes",
        "original_count": 2,
        "token_estimate": 5,
        "success": True,
    }
    empty = {"summary": "", "original_count": 0, "token_estimate": 0, "success": True}
    assert ask(engine, "memory.summarize", {"talk": []}, messages_key="talk") == empty


@pytest.mark.parametrize(("given", "asked"), [(None, "gpt-3.5-turbo"), ("mine", "mine")])
def test_a_long_conversation_is_summarized_by_a_model(
    engine: Engine, given: str | None, asked: str
) -> None:
    """A cool one, through the action that the registry has."""
    seen: list[dict[str, Any]] = []

    def call(**params: object) -> dict[str, Any]:
        seen.append(params)
        return {"content": "they greet", "usage": {}}

    actions_of(engine)["llm.call"] = call
    params = {"messages_key": "talk", "max_tokens": 10, "model": given}
    assert ask(engine, "memory.summarize", {"talk": TALK}, **params) == {
        "summary": "they greet",
        "original_count": 2,
        "token_estimate": 2,
        "success": True,
    }
    assert (seen[0]["model"], seen[0]["temperature"]) == (asked, 0.3)
    assert "hello hello" in seen[0]["messages"][0]["content"]


@pytest.mark.parametrize("raising", [True, False])
def test_a_summary_that_fails(engine: Engine, *, raising: bool) -> None:
    """Whether the action raises or answers with an error."""

    def call(**_: object) -> dict[str, Any]:
        if raising:
            raise ValueError("no")
        return {"error": "no", "success": False}

    actions_of(engine)["llm.call"] = call
    params = {"messages_key": "talk", "max_tokens": 10}
    answer = ask(engine, "memory.summarize", {"talk": TALK}, **params)
    assert answer == {"error": "LLM summarization failed: no", "success": False}


# ------------------------------------------------------------------ long-term
def test_long_term_memory_answers(engine: Engine) -> None:
    """As its backend does."""
    stored = ask(engine, "ltm.store", key="k", value={"a": "word"}, metadata={"m": 1})
    assert stored == {"success": True, "stored": True, "key": "k", "created": True}
    found = ask(engine, "ltm.retrieve", key="k")
    assert found == {"success": True, "value": {"a": "word"}, "found": True, "metadata": {"m": 1}}
    missing = ask(engine, "ltm.retrieve", key="x", default=3)
    assert missing == {"success": True, "value": 3, "found": False, "metadata": None}
    results = ask(engine, "ltm.search", query="word")["results"]
    assert [(one["key"], set(one)) for one in results] == [
        ("k", {"key", "value", "metadata", "score"})
    ]
    assert ask(engine, "ltm.search", metadata_filter={"m": 2})["count"] == 0
    assert ask(engine, "ltm.delete", key="k") == {"success": True, "deleted": True, "key": "k"}


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("ltm.store", {"key": None, "value": 1}),
        ("ltm.retrieve", {"key": None}),
        ("ltm.delete", {"key": None}),
    ],
)
def test_a_long_term_key_is_needed(engine: Engine, name: str, params: dict[str, Any]) -> None:
    """None is no key here either."""
    assert ask(engine, name, **params) == {
        "success": False,
        "error": "Key is required",
        "error_type": "validation_error",
    }


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("ltm.store", {"key": "k", "value": 1}),
        ("ltm.retrieve", {"key": "k"}),
        ("ltm.delete", {"key": None}),
        ("ltm.search", {}),
    ],
)
def test_without_a_backend(name: str, params: dict[str, Any]) -> None:
    """It is a matter of configuration."""
    with open_engine() as engine:
        answer = ask(engine, name, **params)
    assert (answer["success"], answer["error_type"]) == (False, "configuration_error")


def test_what_cannot_be_stored(engine: Engine) -> None:
    """Says its type of error."""
    assert ask(engine, "ltm.store", key="k", value={1})["error_type"] == "serialization_error"
    assert ask(engine, "ltm.store", key="", value=1)["error_type"] == "validation_error"


@pytest.mark.parametrize("kind", ["sqlite", "duckdb", "blob", "hierarchical"])
def test_an_engine_opens_its_long_term_memory_by_type(kind: str, tmp_path: Path) -> None:
    """And keeps what is there for the next one."""
    config = {"path": str(tmp_path / "memory")}
    first = YAMLEngine(ltm_backend_type=kind, ltm_config=config)
    assert ask(first, "ltm.store", key="k", value=1)["created"] is True
    first.close()
    again = YAMLEngine(ltm_backend_type=kind, ltm_config=config)
    assert ask(again, "ltm.retrieve", key="k")["value"] == 1
    again.close()


def test_a_file_says_which_memory_it_has(tmp_path: Path) -> None:
    """Its settings are those of the backend."""
    engine = YAMLEngine(enable_ltm=False)
    graph = engine.load_from_dict(
        {
            "name": "notes",
            "settings": {"ltm": {"backend": "sqlite", "path": str(tmp_path / "n.db")}},
            "nodes": [
                {
                    "name": "keep",
                    "uses": "ltm.store",
                    "with": {"key": "k", "value": "{{ state.v }}"},
                    "output": "kept",
                },
                {"name": "find", "uses": "ltm.retrieve", "with": {"key": "k"}, "output": "found"},
            ],
        }
    )
    final = list(graph.invoke({"v": {"deep": [1]}}))[-1]
    assert (final["type"], final["state"]["found"]["value"]) == ("final", {"deep": [1]})
    engine.close()
