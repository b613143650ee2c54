"""The commands that ask questions: words, forms, and exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.query import QUESTIONS
from tests.calls import till as written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the graph of the program of `tests/calls.py`."""
    folder: Path = tmp_path_factory.mktemp("till")
    written(folder / "till", folder / "store")
    return str(folder / "store")


def test_callers(run: Callable[..., Done], store: str) -> None:
    """A tree, and what else is to be known."""
    done = run("callers", "Cart.total", "--depth", "2", "-s", store)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "callers till.cart.Cart.total"
    assert lines[2].split()[:3] == ["till.cart.Cart.report", "method", "till/cart.py:9"]
    assert "unresolved sites that could match: 1" in lines


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["callers", "Cart.total"], 0),
        (["callers", "_helper"], 0),
        (["callers", "f"], 1),
        (["callers", "total"], 2),
        (["callers", "nothing"], 1),
        (["callers"], 2),
        (["callers", "main", "--depth", "-1"], 2),
        (["path", "main", "Cart.total"], 0),
        (["path", "main", "ping"], 1),
        (["imports", "--cycles"], 0),
        (["dead"], 1),
        (["dead", "--entry", "scripts", "--entry", "till"], 0),
        (["dead", "--entry", "nothing"], 2),
    ],
)
def test_exit_status(run: Callable[..., Done], store: str, words: list[str], status: int) -> None:
    """0 is answered, 1 a no or not analysed, 2 not understood."""
    assert run(*words, "-s", store).status == status


def test_forms(run: Callable[..., Done], store: str, tmp_path: Path) -> None:
    """JSON by two names, drawings, and a file."""
    one = run("callers", "ping", "--json", "-s", store).out
    assert one == run("callers", "ping", "--format", "json", "-s", store).out
    assert json.loads(one)["rows"][0]["caller"] == "till.app.pong"
    assert run("callers", "ping", "-f", "mermaid", "-s", store).out.startswith("flowchart LR\n")
    assert run("callers", "ping", "-f", "dot", "-o", "a.dot", "-s", store).out == ""
    assert (tmp_path / "a.dot").read_text("utf-8").startswith("digraph answer {\n")


@pytest.mark.parametrize("name", [question.name for question in QUESTIONS])
def test_every_question_is_a_command_with_its_help(run: Callable[..., Done], name: str) -> None:
    """What it says is declared with the question."""
    question = next(row for row in QUESTIONS if row.name == name)
    done = run(name, "--help")
    assert done.status == 0
    text = " ".join(done.out.replace("│", " ").split())
    assert question.meaning.split(".")[0].split(":")[0] in text
    assert all(f"--{given.name}" in text or given.name.upper() in text for given in question.given)
