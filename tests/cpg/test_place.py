"""The text behind a span: the lines and bytes of the file that was read, whatever it is called."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg import config
from codeanatomy.cpg.api import built
from codeanatomy.cpg.graph.place import SourceError
from codeanatomy.cpg.sources.select import shown, stored

if TYPE_CHECKING:
    from pathlib import Path

    import codeanatomy as ca


def graph_of(root: Path, files: dict[str, bytes]) -> ca.Graph:
    """Write a repository and build its graph, cells of notebooks included."""
    for name, raw in files.items():
        (root / name).write_bytes(raw)
    given = {"store": f"{root}.graph", "notebooks": True, "jobs": 1}
    return built(root, config.resolve(root, given, {}))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make an empty folder."""
    folder = tmp_path / "repo"
    folder.mkdir()
    return folder


def test_lines_are_counted_as_python_counts_them(root: Path) -> None:
    """A form feed and a line separator in a text end no line; a lone carriage return does."""
    text = "\x0c\nX = '\u2028'\n\x0c\ndef f():\n    return X\n"
    graph = graph_of(root, {"feed.py": text.encode(), "mac.py": b"def g():\r    return 1\r"})
    assert graph.show(graph.node("feed.f")).lines == ((4, "def f():"), (5, "    return X"))
    assert graph.show(graph.node("mac.g")).lines == ((1, "def g():"), (2, "    return 1"))


def test_a_byte_order_mark_is_no_text(root: Path) -> None:
    """The first line is shown without it."""
    graph = graph_of(root, {"bom.py": b"\xef\xbb\xbfdef f(): ...\n"})
    assert graph.show(graph.node("bom.f")).lines == ((1, "def f(): ..."),)


def test_a_notebook_cell_is_read_from_its_notebook(root: Path) -> None:
    """As long as the cell is as it was: others may change."""
    cells = [
        {"cell_type": "code", "source": "x = 1"},
        {"cell_type": "code", "source": "def f(): 0"},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4}
    graph = graph_of(root, {"n.ipynb": json.dumps(notebook).encode()})
    node = graph.find("f")[0]
    cells[0]["source"] = "x = 2"
    (root / "n.ipynb").write_text(json.dumps(notebook), "utf-8")
    assert node.source() == "def f(): 0"
    for text in (json.dumps(notebook | {"cells": cells[:1]}), "no notebook"):
        (root / "n.ipynb").write_text(text, "utf-8")
        with pytest.raises(SourceError):
            node.source()


@pytest.mark.parametrize("name", [b"a#b.py", b"back\\slash.py", b"latin\xe9.py"])
def test_any_name_is_opened(root: Path, name: bytes) -> None:
    """Names that are shown in other words are opened by their bytes."""
    try:
        (root / os.fsdecode(name)).touch()
    except OSError:
        pytest.skip("this file system has no such names")
    graph = graph_of(root, {os.fsdecode(name): b"def f(): ...\n"})
    assert graph.find("f")[0].source() == "def f(): ..."


@pytest.mark.parametrize("path", ["a/b.py", "\\", "\\\\x41", "\\x41", "\udce9\\", "é", "\\xe9"])
def test_what_is_shown_leads_back(path: str) -> None:
    """No two paths are shown alike."""
    assert stored(shown(path)) == path
