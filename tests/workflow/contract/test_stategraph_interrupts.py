"""Interrupts, checkpoints and going on from them."""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import END, START, MemoryCheckpointer, StateGraph

if TYPE_CHECKING:
    from collections.abc import Callable

State = dict[str, Any]


class Custom:
    """A checkpointer of one's own: anything with save and load."""

    def __init__(self) -> None:
        self.kept: dict[str, State] = {}

    def save(self, checkpoint_id: str, state: State, node: str, config: State) -> str:
        """Keep a copy."""
        self.kept[checkpoint_id] = deepcopy({"state": state, "node": node, "config": config})
        return checkpoint_id

    def load(self, checkpoint_id: str) -> State:
        """Give a copy."""
        return deepcopy(self.kept[checkpoint_id])


def declared(**options: Any) -> StateGraph:  # noqa: ANN401 - of the constructor
    """Declare the line a-b-c, whose nodes write where they were."""
    graph = StateGraph({"path": list}, **options)
    for name in "abc":
        graph.add_node(name, lambda state, node: {"path": [*state.get("path", []), node]})
    graph.set_entry_point("a")
    graph.add_edge("a", "b")
    graph.add_edge("b", "c")
    graph.set_finish_point("c")
    return graph


STORES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "folder": lambda path: {"checkpoint_dir": str(path / "checkpoints")},
    "memory": lambda _: {"checkpointer": MemoryCheckpointer()},
    "custom": lambda _: {"checkpointer": Custom()},
    "journal": lambda _: {"journal": "memory:"},
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Give what compile() is told of where checkpoints are kept."""
    return STORES[request.param](tmp_path)


CASES: dict[str, tuple[dict[str, list[str]], str, list[str]]] = {
    "before the first": ({"interrupt_before": ["a"]}, "a", []),
    "before": ({"interrupt_before": ["b"]}, "b", ["a"]),
    "before the last": ({"interrupt_before": ["c"]}, "c", ["a", "b"]),
    "after the first": ({"interrupt_after": ["a"]}, "a", ["a"]),
    "after": ({"interrupt_after": ["b"]}, "b", ["a", "b"]),
    "before the end": ({"interrupt_before": [END]}, END, ["a", "b", "c"]),
    "before the start": ({"interrupt_before": [START]}, START, []),
    "after the start": ({"interrupt_after": [START]}, START, []),
    "after the last": ({"interrupt_after": ["c"]}, "c", ["a", "b", "c"]),
}


@pytest.mark.parametrize("case", CASES)
def test_an_interrupt_of_invoke(store: dict[str, Any], case: str) -> None:
    """The event names the node and where to go on, and is the last one."""
    options, node, path = CASES[case]
    *before, event = declared().compile(**options, **store).invoke({"n": 1})
    state = {"n": 1, "path": path} if path else {"n": 1}
    assert before == []
    assert isinstance(event.pop("checkpoint_path"), str)
    assert event == {"type": "interrupt", "node": node, "state": state}


@pytest.mark.parametrize("case", CASES)
def test_an_interrupt_of_stream(store: dict[str, Any], case: str) -> None:
    """The event says whether it is before or after the node."""
    options, node, path = CASES[case]
    *before, event = declared().compile(**options, **store).stream({"n": 1})
    assert [e["node"] for e in before] == path
    assert event["type"] == next(iter(options))
    assert event["node"] == node
    assert isinstance(event["checkpoint_path"], str)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("updates", [None, {"yes": True}])
def test_going_on_with_invoke(store: dict[str, Any], case: str, updates: State | None) -> None:
    """Every node runs once, and changes are merged first."""
    options, *_ = CASES[case]
    graph = declared().compile(**options, **store)
    (event,) = graph.invoke({"n": 1})
    assert list(graph.invoke(updates, checkpoint=event["checkpoint_path"])) == [
        {"type": "final", "state": {"n": 1, "path": ["a", "b", "c"], **(updates or {})}}
    ]


@pytest.mark.parametrize("case", CASES)
def test_going_on_with_stream(store: dict[str, Any], case: str) -> None:
    """The rest of the nodes is told."""
    options, _, path = CASES[case]
    graph = declared().compile(**options, **store)
    *_, event = graph.stream({})
    *told, last = graph.stream(None, checkpoint=event["checkpoint_path"])
    assert [e["node"] for e in told] == ["a", "b", "c"][len(path) :]
    assert last == {"type": "final", "state": {"path": ["a", "b", "c"]}}


@pytest.mark.parametrize("case", CASES)
def test_resume_from_checkpoint(store: dict[str, Any], case: str) -> None:
    """It goes on as invoke does."""
    options, *_ = CASES[case]
    graph = declared().compile(**options, **store)
    (event,) = graph.invoke({})
    (last,) = graph.resume_from_checkpoint(event["checkpoint_path"], state_update={"m": 2})
    assert last["state"] == {"path": ["a", "b", "c"], "m": 2}


def test_several_interrupts(store: dict[str, Any]) -> None:
    """Each of them stops the run once, also two at one node."""
    graph = declared().compile(interrupt_before=["b", "c"], interrupt_after=["b"], **store)
    (event,) = graph.invoke({})
    stops = []
    while event["type"] == "interrupt":
        stops.append((event["node"], event["state"]["path"]))
        (event,) = graph.invoke(None, checkpoint=event["checkpoint_path"])
    assert stops == [("b", ["a"]), ("b", ["a", "b"]), ("c", ["a", "b"])]
    assert event["state"]["path"] == ["a", "b", "c"]


def test_a_checkpoint_can_be_used_twice(store: dict[str, Any]) -> None:
    """What is stored stays as it is."""
    graph = declared().compile(interrupt_before=["b"], **store)
    (event,) = graph.invoke({})
    ends = [
        next(graph.invoke({"k": n}, checkpoint=event["checkpoint_path"]))["state"] for n in (1, 2)
    ]
    assert ends == [{"path": ["a", "b", "c"], "k": n} for n in (1, 2)]


def test_every_interrupt_has_its_own_checkpoint(store: dict[str, Any]) -> None:
    """Two runs at the same node in the same moment do not meet."""
    graph = declared().compile(interrupt_before=["b"], **store)
    paths = {next(graph.invoke({"n": n}))["checkpoint_path"] for n in range(20)}
    assert len(paths) == 20


def test_an_interrupt_in_a_cycle_stops_every_round(store: dict[str, Any]) -> None:
    """The check is skipped once, not for good."""
    graph = StateGraph({})
    graph.add_node("count", lambda state: {"n": state["n"] + 1})
    graph.set_entry_point("count")
    graph.add_conditional_edges("count", lambda state: state["n"] < 3, {True: "count", False: END})
    graph.compile(interrupt_before=["count"], **store)
    (event,) = graph.invoke({"n": 0})
    seen = []
    while event["type"] == "interrupt":
        seen.append(event["state"]["n"])
        (event,) = graph.invoke(None, checkpoint=event["checkpoint_path"])
    assert seen == [0, 1, 2]
    assert event["state"] == {"n": 3}


def test_an_answer_chooses_the_way_on(store: dict[str, Any]) -> None:
    """After an interrupt_after the condition sees the changes."""
    graph = StateGraph({})
    for name in ("ask", "yes", "no"):
        graph.add_node(name, lambda node: {"at": node})
    graph.set_entry_point("ask")
    graph.add_conditional_edges("ask", lambda state: state.get("ok"), {True: "yes", None: "no"})
    graph.add_edge("yes", END)
    graph.add_edge("no", END)
    graph.compile(interrupt_after=["ask"], **store)
    (event,) = graph.invoke({})
    (last,) = graph.invoke({"ok": True}, checkpoint=event["checkpoint_path"])
    assert last["state"]["at"] == "yes"


def test_a_config_is_kept(store: dict[str, Any]) -> None:
    """The saved config comes back, under what is given now."""
    graph = declared()
    graph.add_node("look", lambda config: {"saw": [config.get("x"), config.get("y")]})
    graph.graph.remove_edge("c", END)
    graph.add_edge("c", "look")
    graph.set_finish_point("look")
    graph.compile(interrupt_before=["b"], **store)
    (event,) = graph.invoke({}, {"x": 1, "y": 1})
    (last,) = graph.invoke(None, {"y": 2}, event["checkpoint_path"])
    assert last["state"]["saw"] == [1, 2]


def paths(results: list[State]) -> list[list[str]]:
    """Give the path of every branch."""
    return [r["path"] for r in results]


def branching(store: dict[str, Any], **options: Any) -> StateGraph:  # noqa: ANN401 - of compile
    """Make a graph of two branches p-p2 and q-q2 that meet."""
    graph = StateGraph({})
    for name in ("s", "p", "p2", "q", "q2"):
        graph.add_node(name, lambda state, node: {"path": [*state.get("path", []), node]})
    graph.add_fanin_node(
        "meet", lambda parallel_results: {"paths": [r["path"] for r in parallel_results]}
    )
    graph.set_entry_point("s")
    for name in "pq":
        graph.add_parallel_edge("s", name, "meet")
        graph.add_edge(name, f"{name}2")
        graph.add_edge(f"{name}2", "meet")
    graph.set_finish_point("meet")
    return graph.compile(**options, **store)


BRANCHES: dict[str, tuple[dict[str, list[str]], list[str]]] = {
    "before one": ({"interrupt_before": ["p2"]}, ["p2"]),
    "after one": ({"interrupt_after": ["q"]}, ["q"]),
    "before the first of one": ({"interrupt_before": ["q"]}, ["q"]),
    "in both": ({"interrupt_before": ["p2", "q2"]}, ["p2", "q2"]),
    "two in one": ({"interrupt_before": ["p"], "interrupt_after": ["p2"]}, ["p", "p2"]),
    "where they meet": ({"interrupt_before": ["meet"]}, ["meet"]),
    "where they part": ({"interrupt_after": ["s"]}, ["s"]),
}


@pytest.mark.parametrize("case", BRANCHES)
@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_interrupts_in_branches(store: dict[str, Any], case: str, method: str) -> None:
    """Each branch waits and is answered on its own; no node runs twice."""
    options, nodes = BRANCHES[case]
    graph = branching(store, **options)
    *_, event = getattr(graph, method)({})
    asked = []
    while event["type"].startswith("interrupt"):
        asked.append(event["node"])
        *_, event = getattr(graph, method)(
            {"by": event["node"]}, checkpoint=event["checkpoint_path"]
        )
    assert asked == nodes
    assert sorted(event["state"]["paths"]) == [["s", "p", "p2"], ["s", "q", "q2"]]


def test_the_name_of_a_checkpoint_file(tmp_path: Path) -> None:
    """It is made of the node, the time in milliseconds and something unique."""
    graph = declared().compile(interrupt_before=["b"], checkpoint_dir=str(tmp_path / "x" / "y"))
    (event,) = graph.invoke({})
    path = Path(event["checkpoint_path"])
    assert path.parent == tmp_path / "x" / "y"
    assert re.fullmatch(r"b_\d{13}_\w+\.pkl", path.name)


def test_a_saved_checkpoint(tmp_path: Path) -> None:
    """It is loaded as it was saved."""
    graph = declared().compile()
    file = str(tmp_path / "folder" / "one.pkl")
    graph.save_checkpoint(file, {"n": 1}, "b", {"k": 2})
    found = StateGraph.load_checkpoint(file)
    assert isinstance(found.pop("timestamp"), float)
    assert found == {"state": {"n": 1}, "node": "b", "config": {"k": 2}, "version": "1.0"}


def test_going_on_from_a_saved_checkpoint(tmp_path: Path) -> None:
    """Its node runs."""
    graph = declared().compile()
    file = str(tmp_path / "one.pkl")
    graph.save_checkpoint(file, {"path": ["x"]}, "b")
    (event,) = graph.invoke(None, checkpoint=file)
    assert event == {"type": "final", "state": {"path": ["x", "b", "c"]}}


def test_a_node_that_is_no_more(tmp_path: Path) -> None:
    """A checkpoint at a node that the graph does not have is a ValueError."""
    graph = declared()
    graph.add_node("old")
    file = str(tmp_path / "one.pkl")
    graph.save_checkpoint(file, {}, "old")
    with pytest.raises(ValueError, match="Checkpoint node 'old' does not exist in the graph"):
        list(declared().compile().resume_from_checkpoint(file))


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_no_such_file(tmp_path: Path, method: str) -> None:
    """It is a FileNotFoundError that names the file."""
    with pytest.raises(FileNotFoundError, match=r"Checkpoint file not found: '.*none.pkl'"):
        list(getattr(declared().compile(), method)(None, checkpoint=str(tmp_path / "none.pkl")))


def test_a_corrupt_file(tmp_path: Path) -> None:
    """It is a ValueError."""
    file = tmp_path / "bad.pkl"
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="Corrupt or incompatible checkpoint file"):
        list(declared().compile().invoke(None, checkpoint=str(file)))


class Full:
    """A checkpointer that cannot save."""

    def save(self, *_: object) -> str:
        """Fail."""
        raise OSError("no space")


def test_a_failure_to_save_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The event says that there is no checkpoint."""
    with caplog.at_level(logging.ERROR, "the_edge_agent.stategraph"):
        graph = declared().compile(interrupt_before=["b"], checkpointer=Full())
        (event,) = graph.invoke({})
    assert (event["type"], event["checkpoint_path"]) == ("interrupt", None)
    assert any("Failed to save checkpoint to" in r.getMessage() for r in caplog.records)


def test_a_failure_to_save_is_raised_where_asked() -> None:
    """It is a RuntimeError."""
    graph = declared(raise_exceptions=True).compile(interrupt_before=["b"], checkpointer=Full())
    with pytest.raises(RuntimeError, match=r"Failed to save checkpoint to '.*': no space"):
        list(graph.invoke({}))


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_graph_may_know_where_to_begin(tmp_path: Path, method: str) -> None:
    """Without input it goes on from there."""
    graph = declared().compile()
    graph.start_checkpoint = str(tmp_path / "one.pkl")
    graph.save_checkpoint(graph.start_checkpoint, {"path": ["x"]}, "c")
    *_, event = getattr(graph, method)(None)
    assert event["state"] == {"path": ["x", "c"]}
