"""A key that nothing reads is told when its file is loaded, and the file is run all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from the_edge_agent import YAMLEngine

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_misspelt_key_is_told_with_its_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """File, line, column and the key that was probably meant; known keys say nothing."""
    file = tmp_path / "agent.yaml"
    file.write_text(
        "name: m\nnodes:\n  - name: a\n    rnu: |\n      return {}\n  - name: b\n", "utf-8"
    )
    graph = YAMLEngine().load_from_file(str(file))
    told = [record.getMessage() for record in caplog.records]
    said = "warning [UNKNOWN_NODE_KEY]: Node 'a' has an unknown key 'rnu'; did you mean 'run'?"
    assert told == [f"{file}:4:5: {said}"]
    assert list(graph.invoke({"x": 1}))[-1]["state"] == {"x": 1}
