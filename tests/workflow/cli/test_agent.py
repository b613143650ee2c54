"""`codeanatomy agent` is `tea`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.cli.run import run
from tests.workflow.contract.tea import FAILING, TWO_NODES, final_state, written

if TYPE_CHECKING:
    from pathlib import Path


def test_an_agent_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the same options and the same output."""
    assert run(["agent", "run", written(tmp_path, TWO_NODES), "-i", '{"x": 1}']) == 0
    assert final_state(capsys.readouterr().out) == {"x": 2, "y": 4}


@pytest.mark.parametrize(
    ("words", "status"),
    [(("run", "FILE"), 1), (("run", "--nonsense"), 2), (("run", "--help"), 0), (("--impl",), 0)],
)
def test_the_status_is_that_of_tea(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int
) -> None:
    """0, 1 or 2."""
    file = written(tmp_path, FAILING)
    assert run(["agent", *(word.replace("FILE", file) for word in words)]) == status
    assert "error[" not in capsys.readouterr().err
