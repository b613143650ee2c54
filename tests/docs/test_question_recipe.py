"""The recipe for a question, followed to the letter on a copy of the sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.docs.test_recipes import asked, changes, follow, run

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "add-a-question.md"


def test_a_question_is_added_by_the_recipe(tmp_path: Path) -> None:
    """It is a table function and a command, with its help and its drawing."""
    follow(PAGE, tmp_path)
    rows = asked(tmp_path, "select reader, line, source from readers('outer.x')")
    assert rows == [{"reader": "a.outer.inner", "line": 4, "source": "        return x  # FIXME é"}]
    printed = run(
        tmp_path, "-m", "codeanatomy", "readers", "outer.x", "-s", "graph", "-f", "mermaid"
    )
    assert printed.splitlines()[2:5] == [
        '  n0["a.outer.x"]',
        '  n1["a.outer.inner"]',
        "  n1 --> n0",
    ]


def test_the_recipe_touches_two_source_files() -> None:
    """An extension is its own file and the page with its row."""
    assert len({step.path for step in changes(PAGE)}) == 2
