"""Checkpoints of an attacker: refused, with nothing run and no work without end."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import StateGraph, YAMLEngine

if TYPE_CHECKING:
    from pathlib import Path

PROTOCOL, EMPTY_DICT, NONE, STOP = b"\x80\x04", b"}", b"N", b"."
_GET, _TWO, _KEEP = b"h", b"\x86", b"\x94"


def doubled(levels: int) -> bytes:
    """Return a pickle whose key is a tuple that holds the one below it twice."""
    tuples = [_GET + bytes([at]) + _GET + bytes([at]) + _TWO + _KEEP for at in range(levels)]
    return PROTOCOL + EMPTY_DICT + NONE + b"\x85" + _KEEP + b"".join(tuples) + NONE + b"s" + STOP


class Attack:
    """What makes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.target),))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(doubled(100), id="a key of 2**100 values"),
        pytest.param(PROTOCOL + b"]" + b"(l" * 90_000 + STOP, id="lists beside lists"),
        pytest.param(PROTOCOL + b"(" * 90_000 + b"l" * 90_000 + STOP, id="lists in lists"),
        pytest.param(PROTOCOL + b"(NNNd" + STOP, id="a key without a value"),
        pytest.param(PROTOCOL + b"l" + STOP, id="no mark"),
    ],
)
def test_pickles_that_cost_much(tmp_path: Path, data: bytes) -> None:
    """A pickle is looked at in time that grows with its length."""
    path = tmp_path / "old.pkl"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="checkpoint"):
        StateGraph.load_checkpoint(str(path))


def test_no_way_to_a_checkpoint_runs_it(tmp_path: Path) -> None:
    """Neither loading, resuming nor an action runs what is in a file."""
    target, path = tmp_path / "made", tmp_path / "old.pkl"
    state = {"a": Attack(target)}
    found = {"state": state, "node": "a", "config": {}, "timestamp": 1.0, "version": "1.0"}
    path.write_bytes(pickle.dumps(found))
    engine = YAMLEngine(enable_ltm=False)
    graph = engine.load_from_dict({"nodes": [{"name": "a", "run": "return {}"}]})
    with pytest.raises(ValueError, match="it is a pickle"):
        StateGraph.load_checkpoint(str(path))
    with pytest.raises(ValueError, match="it is a pickle"):
        list(graph.invoke(None, checkpoint=str(path)))
    told = engine.actions_registry["checkpoint.load"](state={}, path=str(path))
    assert list(told) == ["error"]
    assert not target.exists()
    engine.close()
