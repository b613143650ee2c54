"""Checkpoints as the old API promises them: texts, names, types."""

from __future__ import annotations

import pickle
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
import the_edge_agent as tea
from the_edge_agent.checkpointers import MemoryCheckpointer as FromModule

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"state": {"x": 1}, "node": "a", "config": {}, "timestamp": 1.0, "version": "1.0"}


def graph(**options: Any) -> tea.StateGraph:  # noqa: ANN401 - those of compile
    """Make a -> b, which add to x."""
    made = tea.StateGraph({"x": int})
    made.add_node("a", run=lambda state: {"x": state["x"] + 1})
    made.add_node("b", run=lambda state: {"x": state["x"] * 10})
    made.set_entry_point("a")
    made.add_edge("a", "b")
    made.set_finish_point("b")
    return made.compile(**options)


def test_memory_checkpointer_is_one_class() -> None:
    """The package and its module have the same."""
    assert tea.MemoryCheckpointer is FromModule


def test_memory_checkpointer_keeps_and_gives_back() -> None:
    """`save` returns the id; `load` has five keys and a copy of the state."""
    kept, state = tea.MemoryCheckpointer(), {"x": [1]}
    before = time.time()
    assert kept.save("one", state, "a", {"k": 1}) == "one"
    state["x"].append(2)
    found = kept.load("one")
    assert found.keys() == GOOD.keys()
    assert (found["state"], found["node"], found["config"]) == ({"x": [1]}, "a", {"k": 1})
    assert found["version"] == "1.0"
    assert before <= found["timestamp"] <= time.time()
    found["state"]["x"].append(3)
    assert kept.load("one")["state"] == {"x": [1]}


def test_memory_checkpointer_lists_deletes_and_clears() -> None:
    """The rest of its methods; a config that is not given is empty."""
    kept = tea.MemoryCheckpointer()
    kept.save("one", {}, "a")
    kept.save("two", {}, "b")
    assert kept.list() == ["one", "two"]
    assert kept.load("two")["config"] == {}
    assert kept.delete("one") is None
    assert kept.list() == ["two"]
    kept.clear()
    assert kept.list() == []


@pytest.mark.parametrize("method", ["load", "delete"])
def test_memory_checkpointer_without_it(method: str) -> None:
    """KeyError with the id."""
    with pytest.raises(KeyError, match="Checkpoint not found: none"):
        getattr(tea.MemoryCheckpointer(), method)("none")


def test_a_file_holds_five_keys(tmp_path: Path) -> None:
    """Folders are created; the timestamp is in seconds."""
    path = tmp_path / "deep" / "er" / "c.pkl"
    before = time.time()
    graph().save_checkpoint(str(path), {"x": 1}, "a", {"k": [1]})
    found = tea.StateGraph.load_checkpoint(str(path))
    assert found.keys() == GOOD.keys()
    assert (found["state"], found["node"], found["config"]) == ({"x": 1}, "a", {"k": [1]})
    assert found["version"] == "1.0"
    assert before <= found["timestamp"] <= time.time()


def test_a_missing_file(tmp_path: Path) -> None:
    """FileNotFoundError with the path."""
    path = str(tmp_path / "none.pkl")
    with pytest.raises(FileNotFoundError, match=re.escape(f"Checkpoint file not found: '{path}'")):
        tea.StateGraph.load_checkpoint(path)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "Corrupt or incompatible checkpoint file '{p}'"),
        (b"not a checkpoint", "Corrupt or incompatible checkpoint file '{p}'"),
        (b"\x80\x04\x95", "Corrupt or incompatible checkpoint file '{p}'"),
        (
            pickle.dumps([1, 2]),
            "Invalid checkpoint format in '{p}': expected dict, got list",
        ),
        (pickle.dumps("text"), "Invalid checkpoint format in '{p}': expected dict, got str"),
        (
            pickle.dumps({k: v for k, v in GOOD.items() if k != "node"}),
            "Incompatible checkpoint file '{p}': missing keys {'node'}",
        ),
        (pickle.dumps({"state": {}}), "Incompatible checkpoint file '{p}': missing keys {"),
        (pickle.dumps(GOOD), "Corrupt or incompatible checkpoint file '{p}': it is a pickle"),
    ],
    ids=["empty", "text", "cut", "list", "str", "no-node", "state-only", "old"],
)
def test_a_file_that_is_no_checkpoint(tmp_path: Path, content: bytes, text: str) -> None:
    """ValueError that says which way it is not one."""
    path = tmp_path / "c.pkl"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(text.replace("{p}", str(path)))):
        tea.StateGraph.load_checkpoint(str(path))


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    """ValueError with the path."""
    text = re.escape(f"Failed to read checkpoint file '{tmp_path}'")
    with pytest.raises(ValueError, match=text):
        tea.StateGraph.load_checkpoint(str(tmp_path))


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupt_writes_a_file_of_the_promised_name(tmp_path: Path, when: str) -> None:
    """`NODE_MILLISECONDS...pkl`, in the folder, as the event says it."""
    made = graph(**{f"interrupt_{when}": ["b"]}, checkpoint_dir=str(tmp_path / "made"))
    first, second = (next(iter(made.invoke({"x": 1}))) for _ in range(2))
    assert first["checkpoint_path"] != second["checkpoint_path"]
    names = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert len(names) == 2
    for name in names:
        assert re.fullmatch(r"b_\d{13}\w*\.pkl", name)
    loaded = tea.StateGraph.load_checkpoint(first["checkpoint_path"])
    assert loaded["node"] == "b"
    assert loaded["state"] == {"x": 2 if when == "before" else 20}


def test_resume_runs_the_saved_node_or_its_successor(tmp_path: Path) -> None:
    """interrupt_before: the node; interrupt_after: what comes next; updates are merged first."""
    made = graph(interrupt_before=["b"], checkpoint_dir=str(tmp_path))
    path = next(iter(made.invoke({"x": 1})))["checkpoint_path"]
    assert list(made.invoke(None, checkpoint=path))[-1] == {"type": "final", "state": {"x": 20}}
    assert list(made.invoke({"x": 5}, checkpoint=path))[-1]["state"] == {"x": 50}
    assert list(made.resume_from_checkpoint(path))[-1]["state"] == {"x": 20}
    assert list(made.resume_from_checkpoint(path, state_update={"x": 7}))[-1]["state"] == {"x": 70}
    made = graph(interrupt_after=["a"], checkpoint_dir=str(tmp_path))
    path = next(iter(made.invoke({"x": 1})))["checkpoint_path"]
    assert list(made.invoke(None, checkpoint=path))[-1]["state"] == {"x": 20}


def test_resume_with_a_node_that_is_not_there(tmp_path: Path) -> None:
    """ValueError with the node."""
    other = tea.StateGraph({"x": int})
    other.add_node("other")
    other.set_entry_point("other")
    other.set_finish_point("other")
    path = str(tmp_path / "c.pkl")
    other.compile().save_checkpoint(path, {"x": 1}, "other")
    text = "Checkpoint node 'other' does not exist in the graph."
    with pytest.raises(ValueError, match=re.escape(text)):
        list(graph().invoke(None, checkpoint=path))


def test_the_saved_config_is_under_the_given_one(tmp_path: Path) -> None:
    """Resume: what was saved, then what is given now."""
    seen: list[Any] = []
    made = tea.StateGraph({"x": int})
    made.add_node("a", run=lambda config: seen.append(dict(config)) or {})  # type: ignore[func-returns-value] # it appends
    made.set_entry_point("a")
    made.set_finish_point("a")
    made.compile()
    path = str(tmp_path / "c.pkl")
    made.save_checkpoint(path, {"x": 1}, "a", {"kept": 1, "changed": 1})
    list(made.resume_from_checkpoint(path, config={"changed": 2}))
    assert (seen[0]["kept"], seen[0]["changed"]) == (1, 2)


def test_a_custom_checkpointer_is_any_object_with_save_and_load() -> None:
    """It gets the id, the state, the node and the config."""

    class Kept:
        """Two methods."""

        def __init__(self) -> None:
            """Begin empty."""
            self.kept: dict[str, Any] = {}

        def save(self, checkpoint_id: str, state: Any, node: str, config: Any = None) -> str:  # noqa: ANN401 - as promised
            """Keep."""
            mine = {"state": dict(state), "node": node, "config": config}
            self.kept[checkpoint_id] = {**GOOD, **mine}
            return checkpoint_id

        def load(self, checkpoint_id: str) -> Any:  # noqa: ANN401 - as promised
            """Give back."""
            return self.kept[checkpoint_id]

    kept = Kept()
    made = graph(interrupt_before=["b"], checkpointer=kept)
    path = next(iter(made.invoke({"x": 1})))["checkpoint_path"]
    assert [*kept.kept] == [path]
    assert list(made.invoke(None, checkpoint=path))[-1]["state"] == {"x": 20}


@pytest.mark.parametrize("raising", [False, True])
def test_a_state_that_cannot_be_saved(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, raising: bool
) -> None:
    """Logged, and RuntimeError only where failures are raised; the key is named."""
    made = tea.StateGraph({"x": int}, raise_exceptions=raising)
    made.add_node("a", run=lambda: {"fn": print})
    made.add_node("b")
    made.set_entry_point("a")
    made.add_edge("a", "b")
    made.set_finish_point("b")
    made.compile(interrupt_before=["b"], checkpoint_dir=str(tmp_path))
    if raising:
        with pytest.raises(RuntimeError, match=r"Failed to save checkpoint to '.*b_.*\.pkl'.*'fn'"):
            list(made.invoke({"x": 1}))
    else:
        list(made.invoke({"x": 1}))
    assert "Failed to save checkpoint to" in caplog.text
    assert list(tmp_path.iterdir()) == []
