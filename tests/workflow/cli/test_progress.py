"""The graph that is shown while a run goes on."""

from __future__ import annotations

from typing import Any

import pytest

from codeanatomy.cli.tea.progress import GraphProgress
from codeanatomy.workflow.graph import StateGraph


def keep(state: dict[str, Any]) -> dict[str, Any]:
    """Do nothing."""
    return state


@pytest.fixture
def progress() -> GraphProgress:
    """Watch a graph in which a node runs nothing."""
    graph = StateGraph({})
    graph.add_node("begin", keep)
    graph.add_node("through")
    graph.add_node("last", keep)
    graph.set_entry_point("begin")
    graph.add_edge("begin", "through")
    graph.add_edge("through", "last")
    graph.set_finish_point("last")
    return GraphProgress(graph)


def test_marks_follow_the_run(progress: GraphProgress, capsys: pytest.CaptureFixture[str]) -> None:
    """A star, then a check mark; a node that runs nothing is passed."""
    with progress:
        progress.started("begin")
        assert str(progress._drawn()).splitlines()[2] == "[begin] *"
        progress.heard({"type": "state", "node": "begin"})
        progress.heard({"type": "state", "node": "last"})
        progress.heard({"type": "final"})
    lines = [line for line in str(progress._drawn()).splitlines() if line[0] in "[("]
    assert lines == ["(START) ✓", "[begin] ✓", "[through] ✓", "[last] ✓", "(END) ✓"]
    assert capsys.readouterr().out.splitlines() == [
        "[Graph Progress - Non-TTY mode]",
        "[begin] running...",
        "[begin] ✓",
        "[last] ✓",
        "[Execution Complete]",
    ]


def test_a_failure_is_marked(progress: GraphProgress, capsys: pytest.CaptureFixture[str]) -> None:
    """With a cross; nodes of other graphs are not shown."""
    progress.heard({"type": "error", "node": "begin"})
    progress.heard({"type": "state", "node": "elsewhere"})
    assert "[begin] ✗" in str(progress._drawn())
    assert capsys.readouterr().out == "[begin] ✗\n"
