"""The question `show`: what a name or a place means, and all about it."""

from __future__ import annotations

from pathlib import Path

import pytest

import codeanatomy as ca
from codeanatomy.cpg.query.show import NoMatchError
from tests.graphs import write_graph


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zoo.Cat", ["zoo.Cat"]),
        ("Cat", ["zoo.Cat"]),
        ("Cat.meow", ["zoo.Cat.meow"]),
        ("times", ["zoo.Cat.meow.times"]),
        ("04" * 16, ["zoo.Cat.meow"]),
        ("zoo.py:4", ["zoo.Animal"]),
        ("zoo.py:7", ["zoo.Cat.meow"]),
        ("zoo.py:8", ["zoo.Cat.meow"]),
        ("zoo.py:1", ["zoo"]),
        ("./zoo.py:7", ["zoo.Cat.meow"]),
        ("zoo.py", ["zoo"]),
        ("./zoo.py", ["zoo"]),
        ("04" * 6, ["zoo.Cat.meow"]),
    ],
)
def test_what_a_name_or_place_means(zoo: ca.Graph, text: str, found: list[str]) -> None:
    """Qualified names, names, last parts, ids; the definition that starts at or holds a line."""
    assert [node.qualified_name for node in zoo.find(text)] == found


def test_a_path_may_count_from_here(zoo: ca.Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a shell completes it, whatever folder that is."""
    monkeypatch.chdir(Path(zoo.store).parent)
    assert [node.qualified_name for node in zoo.find("repo/zoo.py:4")] == ["zoo.Animal"]
    assert [node.qualified_name for node in zoo.find("./repo/zoo.py:4")] == ["zoo.Animal"]


@pytest.mark.parametrize(
    ("text", "near"), [("Catt", ("zoo.Cat",)), ("zo.py:3", ("zoo.py",)), ("q" * 9, ())]
)
def test_no_match_names_the_nearest(zoo: ca.Graph, text: str, near: tuple[str, ...]) -> None:
    """The answer is no, with a hint where there is one."""
    with pytest.raises(NoMatchError) as caught:
        zoo.find(text)
    assert (caught.value.facts["near"], caught.value.exit_status) == (near, 1)


@pytest.mark.parametrize("line", [0, 9])
def test_a_line_that_the_file_does_not_have(zoo: ca.Graph, line: int) -> None:
    """The answer says how many it has."""
    with pytest.raises(NoMatchError, match=f"^zoo.py has 8 lines, and no line {line}$"):
        zoo.find(f"zoo.py:{line}")


def test_source_lines_are_numbered(zoo: ca.Graph) -> None:
    """They are the file's own."""
    shown = zoo.show(zoo.node("zoo.Animal"))
    assert shown.lines == ((3, "class Animal:"), (4, '    """What breathes."""'))
    assert shown.note == ""


def test_changed_source_is_a_note(tmp_path: Path) -> None:
    """What the graph knows is shown without it."""
    write_graph(tmp_path / "repo", tmp_path / "store")
    (tmp_path / "repo" / "zoo.py").write_text("", "utf-8")
    graph = ca.open(tmp_path / "store")
    shown = graph.show(graph.node("zoo.Cat"))
    assert shown.lines == ()
    assert "has changed since" in shown.note
    assert len(shown.neighbours) == 5


def test_what_is_shown_shows_itself_as_a_page(zoo: ca.Graph) -> None:
    """At a prompt, too."""
    shown = zoo.show(zoo.node("zoo.Cat"))
    assert repr(shown) == str(shown) == shown.to_text()


def test_the_page_reads_well(zoo: ca.Graph) -> None:
    """Place, facts, source, and neighbours by kind with method, sources and confidence."""
    assert zoo.show(zoo.node("zoo.Cat.meow")).to_text(limit=1) == "\n".join(  # noqa: FLY002 - a page
        [
            "method zoo.Cat.meow",
            "  zoo.py:7  04040404040404040404040404040404",
            "  is_async: false",
            "",
            "  7      def meow(self, times):",
            "  8          return times",
            "",
            "-> MEMBER_OF (1)",
            "  class  zoo.Cat  zoo.py:6  structure  ast,symtable  1.00",
            "",
            "-> PARAMETER (2)",
            "  parameter  zoo.Cat.meow.self  zoo.py:7  structure  ast,symtable  1.00  index=0",
            "  ... 1 more",
            "",
            "<- CONTAINS (1)",
            "  class  zoo.Cat  zoo.py:6  structure  ast,symtable  1.00",
        ]
    )
