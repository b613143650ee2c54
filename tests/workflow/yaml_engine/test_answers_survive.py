"""An answer that was given inside a subgraph or a branch survives the end of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine
from tests.workflow.yaml_engine.test_journaled import Died

if TYPE_CHECKING:
    from pathlib import Path

State = dict[str, Any]
THREAD = {"thread_id": "t"}
INNER: list[State] = [
    {"name": "i", "run": "return {'x': 1}"},
    {"name": "k", "interrupt": "before", "uses": "w.act", "with": {"value": "k{{ state.x }}"}},
    {"name": "m", "uses": "w.act", "with": {"value": "m{{ state.x }}"}, "output": "m"},
]
SUBGRAPH = [{"name": "a"}, {"name": "s", "output": "o", "input": {}, "subgraph": {"nodes": INNER}}]
AFTER = [{**INNER[0], "interrupt": "after"}, {**INNER[1], "interrupt": None}, INNER[2]]
BRANCH: State = {
    "nodes": [{"name": "a"}, *INNER, {"name": "other"}, {
        "name": "j", "fan_in": True, "run": "return {'m': parallel_results[0].state['m']}",
    }],
    "edges": [
        {"from": "a", "to": "i", "type": "parallel", "fan_in": "j"},
        {"from": "a", "to": "other", "type": "parallel", "fan_in": "j"},
        {"from": "i", "to": "k"}, {"from": "k", "to": "m"}, {"from": "m", "to": "j"},
        {"from": "other", "to": "j"},
    ],
}  # fmt: skip
AGENTS: dict[str, State] = {
    "a subgraph": {"nodes": SUBGRAPH},
    "after a node": {"nodes": [{"name": "s", "output": "o", "subgraph": {"nodes": AFTER}}]},
    "a branch": BRANCH,
}


class World:
    """An action that ends the process at its n-th call."""

    def __init__(self, dies_at: int | None) -> None:
        self.dies_at = dies_at
        self.calls: list[str] = []

    def act(self, state: State, value: str = "", **_: object) -> str:  # noqa: ARG002 - as an action is called
        """Do something to the world."""
        if self.dies_at == len(self.calls):
            self.dies_at = None
            raise Died
        self.calls.append(value)
        return value


def go_on(definition: State, world: World, uri: str, *, place: str | None = None) -> State:
    """Run in a new engine: from the input, with the answer, or by the thread alone."""
    settings = {"journal": uri, "parallel": {"strategy": "thread"}}
    with YAMLEngine(actions_registry={"w.act": world.act}) as engine:
        graph = engine.load_from_dict({**definition, "settings": settings})
        if place is not None:
            return list(graph.invoke({"x": 7}, checkpoint=place))[-1]
        known = graph.journal.runs("t")
        return list(graph.invoke(None if known else {}, THREAD))[-1]


@pytest.mark.parametrize("dies_at", [0, 1])
@pytest.mark.parametrize("kind", ["a subgraph", "after a node"])
def test_an_answer_survives(kind: str, dies_at: int, tmp_path: Path) -> None:
    """It was recorded before the next node ran; nobody is asked again."""
    uri, world = str(tmp_path / "journal.db"), World(None)
    stop = go_on(AGENTS[kind], world, uri)
    assert stop["type"] == "interrupt"
    world.dies_at = dies_at
    with pytest.raises(Died):
        go_on(AGENTS[kind], world, uri, place=stop["checkpoint_path"])
    end = go_on(AGENTS[kind], world, uri)
    assert (end["type"], end["state"]["o"]["m"]) == ("final", "m7")
    assert world.calls == ["k7", "m7"]


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("kind", AGENTS)
def test_a_run_with_interrupts_is_replayed(kind: str, *, answered: bool, tmp_path: Path) -> None:
    """With the answers of people at their places, wherever the interrupt was."""
    uri, world = str(tmp_path / "journal.db"), World(None)
    stop = go_on(AGENTS[kind], world, uri)
    place = stop["checkpoint_path"] if answered else None
    end = go_on(AGENTS[kind], world, uri, place=place)
    made = "m7" if answered else "m1"
    assert (end["state"]["o"] if "o" in end["state"] else end["state"])["m"] == made
    with YAMLEngine(actions_registry={"w.act": world.act}) as engine:
        graph = engine.load_from_dict({**AGENTS[kind], "settings": {"journal": uri}})
        (again,) = graph.replay(graph.journal.runs("t")[-1].run_id)
    assert again["state"] == end["state"]
    assert len(world.calls) == 2
