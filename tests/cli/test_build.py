"""The command `build` and `ca.build`: real sources become a graph that can be asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import codeanatomy as ca
from codeanatomy.cli._progress import note_of
from codeanatomy.cpg.progress import Progress
from codeanatomy.cpg.sources.listing import NoSuchFolderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done

PROPERTY = """\
class A:
    @property
    def p(self): return 1
    @p.setter
    def p(self, value): pass
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Write a repository of two files that use each other, one of them broken."""
    (tmp_path / "shop.py").write_text("class Shop:\n    open = True\n", "utf-8")
    (tmp_path / "main.py").write_text("from shop import Shop\n\nprint(Shop, nowhere)\n", "utf-8")
    (tmp_path / "broken.py").write_text("def (:\n", "utf-8")
    return tmp_path


def test_the_current_folder_is_built(repository: Path, run: Callable[..., Done]) -> None:
    """Into `.codeanatomy`, which git ignores; the summary says what there is."""
    done = run("build", "--jobs", "1")
    assert done.status == 0
    assert done.out.splitlines()[0] == f"{repository.name}: version 0 in .codeanatomy"
    assert " 3 files (0.0 MB), " in done.out
    assert " 1 unresolved, " in done.out
    assert "1 file with errors: codeanatomy diag -s .codeanatomy\n" in done.out
    assert done.err.startswith("select\n")
    assert (repository / ".codeanatomy" / ".gitignore").read_bytes() == b"*\n"
    found = run("query", "select qualified_name from exports where kind = 'class'", "-f", "json")
    assert json.loads(found.out) == [{"qualified_name": "shop.Shop"}]
    assert run("diag").status == 0


def test_a_build_in_json(repository: Path, run: Callable[..., Done]) -> None:
    """The summary as one object, and nothing on standard error."""
    done = run("build", str(repository), "--json", "--jobs", "1", "--name", "corner", "-s", "g")
    found = json.loads(done.out)
    assert (done.status, done.err) == (0, "")
    assert (found["repositories"], found["version"], found["store"]) == (["corner"], 0, "g")
    assert (found["files"], found["unresolved"], found["files_with_errors"]) == (3, 1, 1)
    assert found["nodes"] > 20


def test_a_hint_can_be_typed_as_it_stands(repository: Path, run: Callable[..., Done]) -> None:
    """A store whose name has a blank is quoted."""
    done = run("build", str(repository), "--jobs", "1", "-s", "my graph")
    assert "1 file with errors: codeanatomy diag -s 'my graph'\n" in done.out


def test_nothing_to_read_is_said_with_the_reasons(tmp_path: Path, run: Callable[..., Done]) -> None:
    """It is no error; a folder of other files tells why each was left out."""
    (tmp_path / "notes").mkdir()
    done = run("build", "notes", "--jobs", "1", "-s", "graph")
    assert done.status == 0
    assert "  no Python file was read in notes; left out: no file is there\n" in done.out
    for name in ("a.txt", "b.txt"):
        (tmp_path / "notes" / name).write_text("words\n", "utf-8")
    (tmp_path / "notes" / "c.py").write_text("x = 1\n", "utf-8")
    done = run("build", "notes", "--jobs", "1", "-s", "graph", "--exclude", "c.py", "--json")
    assert json.loads(done.out)["nothing_read"] == {"notes": {"glob": 1, "not python": 2}}


def test_a_file_is_no_repository(repository: Path, run: Callable[..., Done]) -> None:
    """The command line and Python say so in the same words."""
    done = run("build", "shop.py")
    said = "'shop.py' is a file, not a folder; name the folder of a Python repository"
    assert (done.status, done.err) == (2, f"error[no-such-folder]: {said}\n")
    with pytest.raises(NoSuchFolderError, match="is a file, not a folder; name the folder of a"):
        ca.build(repository / "shop.py", repository / "store")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--evidence", "tea_leaves"], "unknown-name"),
        (["--layers", "onion"], "unknown-name"),
        (["--jobs", "many"], "usage"),
    ],
)
def test_what_cannot_be_built_is_refused(
    run: Callable[..., Done], words: list[str], code: str
) -> None:
    """With status 2, and no graph comes of it."""
    done = run("build", *words)
    assert (done.status, done.err.startswith(f"error[{code}]: ")) == (2, True), done.err
    assert run("query", "select 1").err.startswith("error[no-graph]: ")


def test_building_from_python(repository: Path) -> None:
    """The graph is open, and its nodes lead to each other."""
    heard: list[Progress] = []
    store = repository / "store"
    graph = ca.build(repository, store, jobs=1, exclude=["broken.py"], progress=heard.append)
    shop = graph.node("shop.Shop")
    assert [member.name for member in shop.members] == ["open"]
    assert shop.source() == "class Shop:\n    open = True"
    assert [module.qualified_name for module in graph.node("shop").imported_by] == ["main"]
    assert heard[0] == Progress("select")
    assert {"extract", "publish"} <= {now.stage for now in heard}


def test_a_name_of_several_nodes_means_the_one_that_is_used(
    tmp_path: Path, run: Callable[..., Done]
) -> None:
    """A module rather than its package, what stands for all givers rather than the first."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("import os\n", "utf-8")
    (tmp_path / "pkg" / "a.py").write_text(PROPERTY, "utf-8")
    graph = ca.build(tmp_path, tmp_path / "g", name="pkg", jobs=1)
    assert (graph.node("pkg").kind, graph.node("pkg.a.A.p").kind) == ("module", "attribute")
    assert [node.kind for node in graph.find("pkg")] == ["module", "package", "repository"]
    lines = run("show", "pkg.a.A.p", "-s", "g").out.splitlines()
    assert [line.split()[0] for line in lines] == ["3", "attribute", "method", "method"]
    (shown,) = graph.find(lines[2].split()[-1])
    assert (shown.kind, shown.line) == ("method", 3)


def test_progress_says_files_speed_and_what_is_slow() -> None:
    """In words beside the bar."""
    now = Progress("extract", 3, 10, 2_000_000, 8_000_000, "big.py")
    assert note_of(now, 0.5) == "3/10 files  4.0 MB/s  slowest big.py"
    assert note_of(Progress("relate", 0, 10), 1.0) == "10 files"
    assert note_of(Progress("publish"), 1.0) == ""
