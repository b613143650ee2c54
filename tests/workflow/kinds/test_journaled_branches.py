"""Branches inside a node of a journaled run: effects are theirs, and are not repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.journal.effects import idempotency_key
from codeanatomy.workflow.journal.open import open_journal
from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

if TYPE_CHECKING:
    from pathlib import Path

State = dict[str, Any]
NODES: dict[str, dict[str, Any]] = {
    "dynamic_parallel": {
        "name": "d",
        "type": "dynamic_parallel",
        "items": "{{ state.xs }}",
        "fan_in": "join",
        "steps": [
            {"name": "pay", "uses": "t.pay", "with": {"what": "{{ state.item }}"}, "output": "a"},
            {"name": "send", "uses": "t.pay", "with": {"what": "{{ state.a }}!"}, "output": "b"},
        ],
    },
    "parallel_each": {
        "name": "d",
        "parallel_each": "{{ state.xs }}",
        "fan_in": "join",
        "steps": [
            {"name": "pay", "uses": "t.pay", "with": {"what": "{{ state.item }}"}, "output": "a"},
            {"name": "send", "uses": "t.pay", "with": {"what": "{{ state.a }}!"}, "output": "b"},
        ],
    },
    "matrix": {
        "name": "d",
        "strategy": {"matrix": {"x": ["p", "q", "r"]}},
        "fan_in": "join",
        "steps": [
            {"uses": "t.pay", "with": {"what": "{{ state.matrix.x }}"}, "output": "a"},
            {"uses": "t.pay", "with": {"what": "{{ state.a }}!"}, "output": "b"},
        ],
    },
}


@pytest.mark.parametrize("kind", NODES)
def test_effects_of_branches_are_performed_once(kind: str, tmp_path: Path) -> None:
    """A node that is run again, since it was not recorded, repeats no effect of its branches."""
    made: list[tuple[str, str | None]] = []
    broken = [True]

    def pay(state: State, what: str = "", **_: Any) -> str:  # noqa: ARG001, ANN401 - an action
        made.append((what, idempotency_key()))
        return what

    def fail(state: State, **_: Any) -> State:  # noqa: ARG001, ANN401 - an action
        if broken[0]:
            raise SystemExit(1)
        return {}

    engine = YAMLEngine({"t.pay": pay, "t.fail": fail}, enable_tracing=False)
    after = {"name": "after", "uses": "t.fail"}
    outer = {"name": "outer", "steps": [NODES[kind], after]}
    join = {"name": "join", "fan_in": True, "run": "return {}"}
    journal = open_journal(str(tmp_path / "journal.db"))
    try:
        graph = engine.load_from_dict({"name": "agent", "nodes": [outer, join]})
        graph.compile(journal=journal)
        run = {"thread_id": "t"}
        with pytest.raises(SystemExit):
            list(graph.invoke({"xs": ["p", "q", "r"]}, run))
        first = sorted(made)
        broken[0] = False
        last = list(graph.invoke(None, run))[-1]
    finally:
        engine.close()
        journal.close()
    assert last["type"] == "final"
    assert sorted(made) == first
    assert [what for what, _ in first] == ["p", "p!", "q", "q!", "r", "r!"]
    assert len({key for _, key in first}) == 6
