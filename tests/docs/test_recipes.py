"""The recipes for extensions, followed to the letter on a copy of the sources."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.house.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO = ROOT / "docs" / "how-to"
STEP = re.compile(
    r"^## \d+\. (?P<title>[^\n]*)\n(?P<body>.*?)(?=^## \d+\. |\Z)", re.MULTILINE | re.DOTALL
)
CREATE = re.compile(r"(?:.*: c|C)reate `(?P<path>[^`]+)`$")
INSERT = re.compile(r"In `(?P<path>[^`]+)`, (?P<where>before|after) `(?P<anchor>[^`]+)`$")
BLOCK = re.compile(
    r"^(?P<fence>````*)(?:python|text|markdown)\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
SOURCE = '''\
def outer(x):
    """Say it."""  # TODO: say it well
    def inner():
        return x  # FIXME é
    return inner
'''


class Change(NamedTuple):
    """One step of a recipe that changes a file."""

    path: str
    where: str
    anchor: str
    text: str


def changes(page: str) -> list[Change]:
    """Read the steps of a recipe whose headings name a file."""
    found = []
    for step in STEP.finditer((HOW_TO / page).read_text("utf-8")):
        created, inserted = CREATE.match(step["title"]), INSERT.match(step["title"])
        if created or inserted:
            (text,) = [match["text"] for match in BLOCK.finditer(step["body"])]
            parts = inserted.groupdict() if inserted else {"where": "", "anchor": ""}
            path = (inserted or created)["path"]  # type: ignore[index]  # one of them matched
            found.append(Change(path, parts["where"], parts["anchor"], text))
    return found


def apply(change: Change, tree: Path) -> None:
    """Do what a step says: write a new file, or add lines beside the one line that is named."""
    path = tree / change.path
    if not change.where:
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(change.text, "utf-8")
        return
    text = path.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    (at,) = [n for n, line in enumerate(lines) if line.startswith(change.anchor)]
    lines.insert(at + (change.where == "after"), change.text)
    path.write_text("".join(lines), "utf-8")


def follow(page: str, tree: Path) -> list[Change]:
    """Copy what the package and its tests are made of, and apply every step of a recipe."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", tree / "src", ignore=ignored)
    for name in ("tests/__init__.py", "tests/conftest.py", "tests/markdown.py", "tests/graphs.py"):
        (tree / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    (tree / "tests" / "cpg").mkdir()
    (tree / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["src", "."]\n')
    (tree / "repo").mkdir()
    (tree / "repo" / "a.py").write_text(SOURCE, "utf-8")
    steps = changes(page)
    for step in steps:
        apply(step, tree)
    return steps


def run(tree: Path, *words: str) -> str:
    """Run Python with the changed sources; it must succeed."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tree,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def asked(tree: Path, sql: str, *options: str) -> list[dict[str, Any]]:
    """Build the small repository with the changed sources and ask one question."""
    run(tree, "-m", "codeanatomy", "build", "repo", "-s", "graph", "--json", *options)
    printed = run(tree, "-m", "codeanatomy", "query", sql, "-s", "graph", "--format", "json")
    rows: list[dict[str, Any]] = json.loads(printed)
    return rows


def test_an_extractor_is_added_by_the_recipe(tmp_path: Path) -> None:
    """Its table is there, with the marks, their text, and spans in bytes."""
    follow("add-an-extractor.md", tmp_path)
    sql = "select mark, text, bstart, bend from todos order by ordinal"
    rows = asked(tmp_path, sql, "--evidence", "todos")
    raw = SOURCE.encode()
    assert [(row["mark"], row["text"]) for row in rows] == [("TODO", "say it well"), ("FIXME", "é")]
    assert [raw[row["bstart"] : row["bend"]].decode() for row in rows] == [
        "# TODO: say it well",
        "# FIXME é",
    ]


def test_a_relation_is_added_by_the_recipe(tmp_path: Path) -> None:
    """Its edges are there, from the innermost function to its own statement."""
    follow("add-a-relation.md", tmp_path)
    rows = asked(
        tmp_path,
        "select f.qualified_name as f, s.syntax, e.line, e.confidence from edges e "
        "join nodes f on f.nid = e.src join nodes s on s.nid = e.dst "
        "where e.kind = 'RETURNS' order by e.line",
    )
    assert rows == [
        {"f": "a.outer.inner", "syntax": "Return", "line": 4, "confidence": None},
        {"f": "a.outer", "syntax": "Return", "line": 5, "confidence": None},
    ]


@pytest.mark.parametrize("page", ["add-an-extractor.md", "add-a-relation.md"])
def test_the_test_page_of_a_recipe_passes(page: str, tmp_path: Path) -> None:
    """The page that the recipe tells to write is collected, and holds."""
    steps = follow(page, tmp_path)
    (tests,) = [step.path for step in steps if step.path.startswith("tests/")]
    printed = run(tmp_path, "-m", "pytest", "-q", "-p", "no:randomly", tests)
    assert "1 passed" in printed


@pytest.mark.parametrize("page", ["add-an-extractor.md", "add-a-relation.md"])
def test_a_recipe_touches_two_source_files(page: str) -> None:
    """An extension is its own file and the page with its row."""
    assert len({step.path for step in changes(page) if step.path.startswith("src/")}) == 2
