"""The command `export`: a file for other programs, and what went into it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cli.run import run as run_here
from tests.builds import built, write
from tests.indexes import official

if TYPE_CHECKING:
    from pathlib import Path

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Build a small repository, and go to an empty folder."""
    root = write(tmp_path / "repo", {"a.py": "def f(): pass\nf()\n", "n.py": "# coding: utf-7\n"})
    built(root, tmp_path / "store")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return str(tmp_path / "store")


def test_an_index_is_written_where_one_is_looked_for(
    store: str, tmp_path: Path, capsys: Captured
) -> None:
    """To `index.scip` in this folder; what it could not hold is told."""
    assert run_here(["export", "scip", "-s", store]) == 0
    assert capsys.readouterr().out == (
        "index.scip: 1 document, 3 occurrences, 2 symbols\n"
        "  left out, as no position in them can be written: n.py\n"
    )
    index = official()()
    index.ParseFromString((tmp_path / "here" / "index.scip").read_bytes())
    assert [d.relative_path for d in index.documents] == ["a.py"]


def test_facts_come_as_json(store: str, tmp_path: Path, capsys: Captured) -> None:
    """The file may be named, and the version in its symbols."""
    out = str(tmp_path / "x.scip")
    words = ["export", "scip", "-s", store, "-o", out, "--package-version", "2", "--json"]
    assert run_here(words) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": out, "documents": 1, "occurrences": 3, "symbols": 2, "left_out": ["n.py"],
    }  # fmt: skip
    assert b"scip-python python shop 2 a/f()." in (tmp_path / "x.scip").read_bytes()


def test_another_form_is_a_usage_error(store: str, capsys: Captured) -> None:
    """The forms that there are come with it."""
    assert run_here(["export", "dot", "-s", store]) == 2
    assert "scip" in capsys.readouterr().err
