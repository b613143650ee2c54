"""Sources that are not as they should be: each is said, and the rest does not notice."""

from __future__ import annotations

import os
import shutil
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.builds import SHOP, built, meanings, rows, tables, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codeanatomy.cpg.progress import Progress

GOOD = {name: text for name, text in SHOP.items() if "broken" not in name}
PATHS = sorted(set(GOOD) - {"notes.txt"})
PARSERS = {"ast", "symtable", "bytecode", "values"}


class Told(NamedTuple):
    """What a build says of the files that were put beside the good ones."""

    files: dict[str, dict[str, Any]]  # path: row of `files`
    errors: dict[str, dict[str, dict[str, Any]]]  # path, extractor: row of `extraction_errors`
    nodes: dict[str, list[dict[str, Any]]]  # path: rows of `nodes`
    edges: list[tuple[str, dict[str, Any], dict[str, Any]]]  # kind, and the nodes at both ends

    def found(self, path: str, kind: str) -> list[str]:
        """Return the names of the nodes of one kind."""
        return [node["name"] for node in self.nodes[path] if node["kind"] == kind]

    def meant(self, path: str) -> dict[str, str]:
        """Return what each reference leads to: the kind of the node it is bound to."""
        return {a["name"]: b["kind"] for kind, a, b in self.edges
                if kind in ("REF", "UNRESOLVED") and a["path"] == path}  # fmt: skip


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Build the good files alone, and keep every row that is about them."""
    folder = tmp_path_factory.mktemp("alone")
    built(write(folder / "repo", GOOD), folder / "s")
    return meanings(folder / "s", paths=PATHS)


def _told(store: Path) -> Told:
    files = {row["file_no"]: row for row in rows(store, "files")}
    errors: dict[str, dict[str, dict[str, Any]]] = {row["path"]: {} for row in files.values()}
    for row in rows(store, "extraction_errors"):
        errors[files[row["file_no"]]["path"]][row["extractor"]] = row
    nodes: dict[str, list[dict[str, Any]]] = {path: [] for path in errors}
    numbered = {row["nid"]: row for row in rows(store, "nodes")}
    for node in numbered.values():
        nodes.setdefault(node["path"], []).append(node)
    edges = [(e["kind"], numbered[e["src"]], numbered[e["dst"]]) for e in rows(store, "edges")]
    return Told({row["path"]: row for row in files.values()}, errors, nodes, edges)


def _beside(tmp_path: Path, alone: dict[str, list[str]], files: Mapping[str, str | bytes]) -> Told:
    """Build files beside good ones, whose rows are what they are without them."""
    built(write(tmp_path / "repo", {**GOOD, **files}), tmp_path / "s")
    assert meanings(tmp_path / "s", paths=PATHS) == alone
    return _told(tmp_path / "s")


def test_python_2(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """What Python cannot parse has an error row with its place, and what tree-sitter sees."""
    source = "import os\nclass A:\n    def f(self):\n        print 'x', self.y\n"
    told = _beside(tmp_path, alone, {"py2.py": source})
    assert told.errors["py2.py"].keys() == PARSERS
    error = told.errors["py2.py"]["ast"]
    assert (error["phase"], error["error"], error["line"]) == ("parse", "SyntaxError", 4)
    seen = [
        n for n in told.nodes["py2.py"] if n["kind"] in ("class", "function", "method", "import")
    ]
    assert {(n["name"], n["sources"]) for n in seen} == {
        ("A", "tree_sitter"), ("f", "tree_sitter"), ("os", "tree_sitter"),
    }  # fmt: skip
    assert len(told.found("py2.py", "diagnostic")) == len(PARSERS)
    file_no = told.files["py2.py"]["file_no"]
    assert len(rows(tmp_path / "s", "ts_nodes", file_no=file_no)) > 10


def test_merge_conflicts(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """Definitions on both sides of the markers are seen."""
    sides = "<<<<<<< HEAD\nA = 1\n=======\nA = 2\n>>>>>>> other\n"
    source = f"def g():\n    return 0\n{sides}class B: pass\n"
    told = _beside(tmp_path, alone, {"conflict.py": source})
    assert told.errors["conflict.py"]["ast"]["line"] == 3
    assert told.found("conflict.py", "function") + told.found("conflict.py", "class") == ["g", "B"]
    file_no = told.files["conflict.py"]["file_no"]
    (stats,) = rows(tmp_path / "s", "ts_stats", file_no=file_no)
    assert stats["errors"] > 0


def test_half_a_file(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """A file that was cut off in the middle of an expression."""
    told = _beside(tmp_path, alone, {"half.py": "class C:\n    x = 1\ny = (C +\n"})
    assert told.errors["half.py"]["ast"]["message"] == "'(' was never closed"
    assert told.found("half.py", "class") == ["C"]


def test_an_import_of_a_broken_file_says_so(tmp_path: Path) -> None:
    """The module is there; what it binds is not known, and that is a row with its reason."""
    files = {"broken.py": "def f(:\n", "user.py": "from broken import f\nf()\n"}
    built(write(tmp_path / "repo", files), tmp_path / "s")
    told = _told(tmp_path / "s")
    assert told.meant("user.py") == {"f": "import"}
    reasons = [e["props"]["reason"] for e in rows(tmp_path / "s", "edges", kind="UNRESOLVED")]
    assert reasons == ["unparsed", "unparsed"]  # of the import, and of the call


@pytest.mark.parametrize(
    ("source", "phase"),
    [
        pytest.param("x = 'café'\n".encode("latin-1"), "decode", id="latin-1 without a cookie"),
        pytest.param(b"# coding: ascii\nx = 'caf\xc3\xa9'\n", "decode", id="cookie too narrow"),
        pytest.param(b"# coding: klingon\nx = 1\n", "parse", id="no such codec"),
        pytest.param(b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "parse", id="BOM against cookie"),
        pytest.param("x = 1\n".encode("utf-16"), "parse", id="UTF-16"),
        pytest.param(b"x = 1\0\ny = 2\n", "parse", id="NUL"),
        pytest.param(bytes(range(256)) * 8, "parse", id="every byte"),
    ],
)
def test_bytes_that_are_no_source(
    tmp_path: Path, alone: dict[str, list[str]], source: bytes, phase: str
) -> None:
    """The file is there with its size and hash; what cannot read it says so."""
    told = _beside(tmp_path, alone, {"bad.py": source})
    assert {e: r["phase"] for e, r in told.errors["bad.py"].items()} == dict.fromkeys(
        PARSERS, phase
    )
    file = told.files["bad.py"]
    assert (file["size"], file["sha256"]) == (len(source), sha256(source).hexdigest())
    assert file["skipped"] is None
    assert told.found("bad.py", "module") == ["bad"]


@pytest.mark.parametrize(
    ("source", "encoding", "newline", "bom", "lines"),
    [
        pytest.param("café = 'é'\ny = café\n".encode(), "utf-8", "lf", False, 2, id="UTF-8"),
        pytest.param("# coding: latin-1\ncafé = 'é'\ny = café\n".encode("latin-1"), "iso-8859-1",
                     "lf", False, 3, id="latin-1"),
        pytest.param("\ufeffcafé = 1\ny = café\n".encode(), "utf-8", "lf", True, 2, id="BOM"),
        pytest.param("café = 1\r\ny = café\r\n".encode(), "utf-8", "crlf", False, 2, id="CRLF"),
        pytest.param("café = 1\ry = café\r".encode(), "utf-8", "cr", False, 2, id="CR"),
        pytest.param("café = 1\r\n\r\n\ny = café\r".encode(), "utf-8", "mixed", False, 4,
                     id="mixed newlines"),
        pytest.param("café = 1\n\f\ny = café\n".encode(), "utf-8", "lf", False, 3, id="form feed"),
        pytest.param("if 1:\n\tcafé = 1\n\ty = café\n".encode(), "utf-8", "lf", False, 3,
                     id="tabs"),
        pytest.param("café = 1\ny = café".encode(), "utf-8", "lf", False, 2, id="no last newline"),
    ],
)  # fmt: skip
def test_unusual_sources_are_read_exactly(
    tmp_path: Path, alone: dict[str, list[str]], source: bytes, encoding: str, newline: str,
    bom: bool, lines: int,  # noqa: FBT001 - a column of the table
) -> None:  # fmt: skip
    """Spans are bytes of the file as stored: cut there, the name comes out, and is resolved."""
    told = _beside(tmp_path, alone, {"odd.py": source})
    file = told.files["odd.py"]
    seen = (file["encoding"], file["newline"], file["bom"], file["lines"])
    assert seen == (encoding, newline, bom, lines)
    assert told.errors["odd.py"] == {}
    uses = [n for n in told.nodes["odd.py"] if n["kind"] == "reference" and n["name"] == "café"]
    cut = [source[n["bstart"] : n["bend"]].decode(encoding) for n in uses]
    assert cut == ["café", "café"]
    assert told.meant("odd.py")["café"] == "variable"
    for node in uses:
        before = source[: node["bstart"]].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert node["line"] == before.count(b"\n") + 1


def test_tabs_and_spaces_that_do_not_agree(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """Python refuses them, and says which line."""
    told = _beside(tmp_path, alone, {"tabs.py": "if 1:\n\tx = 1\n        y = x\n"})
    error = told.errors["tabs.py"]["ast"]
    assert (error["error"], error["line"]) == ("TabError", 3)


@pytest.mark.parametrize("source", [b"", b"\n\n", b"\xef\xbb\xbf", b"# only this"])
def test_files_with_nothing_in_them(
    tmp_path: Path, alone: dict[str, list[str]], source: bytes
) -> None:
    """They are modules without definitions; nothing is wrong with them."""
    told = _beside(tmp_path, alone, {"empty.py": source})
    assert told.found("empty.py", "module") == ["empty"]
    assert told.errors["empty.py"] == {}
    assert told.meant("empty.py") == {}
    assert told.files["empty.py"]["size"] == len(source)


DEEP = {
    "brackets": "(" * 5000 + ")" * 5000,
    "minus": "x = " + "-" * 50_000 + "1\n",
    "not": "x = " + "not " * 20_000 + "1\n",
    "plus": "x = " + "+".join("1" * 20_000) + "\n",
    "attributes": "x = a" + ".b" * 20_000 + "\n",
    "calls": "x = a" + "()" * 20_000 + "\n",
    "elif": "if x:\n pass\n" + "elif x:\n pass\n" * 20_000,
    "lambda": "x = " + "lambda: " * 5000 + "1\n",
    "else": "x = " + "1 if a else " * 20_000 + "1\n",
    "power": "x = " + "**".join("a" * 20_000) + "\n",
}


def test_deep_nesting(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """The interpreter gives up and does not crash: each file has its error rows, and no other."""
    told = _beside(tmp_path, alone, {f"deep/{name}.py": text for name, text in DEEP.items()})
    for name in DEEP:
        errors = told.errors[f"deep/{name}.py"]
        assert errors.keys() == PARSERS
        raised = {error["error"] for error in errors.values()}
        assert raised <= {"RecursionError", "MemoryError", "SyntaxError"}, name


def test_nesting_that_python_allows(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """As deep as it goes, nothing is lost: every definition is in the one around it."""
    classes = "".join(" " * n + f"class C{n}:\n" for n in range(95)) + " " * 95 + "x = C0\n"
    chain = "x = " + "+".join(["a"] * 900) + "\n"
    told = _beside(tmp_path, alone, {"deep.py": classes, "chain.py": chain})
    assert told.errors["deep.py"] == told.errors["chain.py"] == {}
    inside = {(a["name"], b["name"]) for kind, a, b in told.edges
              if kind == "CONTAINS" and a["kind"] == b["kind"] == "class"}  # fmt: skip
    assert inside >= {(f"C{n}", f"C{n + 1}") for n in range(94)}
    assert told.found("chain.py", "reference").count("a") == 900


def test_a_file_of_many_lines(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """100,000 lines: every line is counted, and the last name is resolved to the first line."""
    text = "text = '''\n" + "nothing to see\n" * 95_996 + "'''\n"
    source = "first = 1\n" + text + "x = 1  # one\n" * 4000 + "last = first\n"
    told = _beside(tmp_path, alone, {"long.py": source})
    assert told.files["long.py"]["lines"] == 100_000
    (use,) = [n for n in told.nodes["long.py"] if n["name"] == "first" and n["line"] == 100_000]
    assert (use["bstart"], use["bend"]) == (len(source) - 6, len(source) - 1)
    assert told.meant("long.py")["first"] == "variable"


def test_a_file_of_many_bytes(tmp_path: Path) -> None:
    """10 MB in one file, most of them data: read whole, cut exactly."""
    source = "data = [\n" + f"    {'x' * 996!r},\n" * 10_000 + "]\nsize = len(data)\n"
    assert len(source) > 10_000_000
    built(write(tmp_path / "repo", {"data.py": source}), tmp_path / "s")
    found = tables(tmp_path / "s")
    assert found["files"]["size"].to_pylist() == [len(source)]
    assert found["extraction_errors"].num_rows == 0
    uses = [n for n in rows(tmp_path / "s", "nodes", kind="reference") if n["name"] == "len"]
    assert [source[n["bstart"] : n["bend"]] for n in uses] == ["len"]


def test_a_file_too_large_is_left_out_and_said(tmp_path: Path) -> None:
    """The limit is a setting; what is beyond it is a row of `selection`."""
    repo = write(tmp_path / "repo", GOOD | {"large.py": "x = 1\n" * 1000})
    built(repo, tmp_path / "s", max_file_bytes="1 KB")
    (row,) = rows(tmp_path / "s", "selection", path="large.py")
    assert (row["included"], row["reason"]) == (False, "too large")
    assert [r["path"] for r in rows(tmp_path / "s", "files")] == PATHS


def test_links(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """Loops, links to nowhere and links out of the repository are rows that say what they are."""
    repo = write(tmp_path / "repo", GOOD)
    write(tmp_path / "elsewhere", {"secret.py": "x = 1\n"})
    (repo / "loop").symlink_to(".")
    (repo / "self.py").symlink_to("self.py")
    (repo / "nowhere.py").symlink_to("missing.py")
    (repo / "out.py").symlink_to(tmp_path / "elsewhere/secret.py")
    (repo / "again.py").symlink_to("shop/base.py")
    built(repo, tmp_path / "s")
    said = {r["path"]: r["reason"] for r in rows(tmp_path / "s", "selection") if not r["included"]}
    assert said == {
        "loop": "symlink loop", "self.py": "symlink loop", "nowhere.py": "dangling symlink",
        "out.py": "symlink out of root", "again.py": "symlink", "notes.txt": "not python",
    }  # fmt: skip
    assert meanings(tmp_path / "s", paths=PATHS) == alone | {
        "selection": meanings(tmp_path / "s", paths=PATHS)["selection"]
    }


def test_what_is_no_file(tmp_path: Path) -> None:
    """A pipe is not waited for, a folder may end in `.py`."""
    repo = write(tmp_path / "repo", GOOD | {"folder.py/inside.py": "x = 1\n"})
    os.mkfifo(repo / "pipe.py")
    built(repo, tmp_path / "s")
    (row,) = rows(tmp_path / "s", "selection", path="pipe.py")
    assert (row["included"], row["reason"]) == (False, "not a regular file")
    assert "folder.py/inside.py" in {r["path"] for r in rows(tmp_path / "s", "files")}


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for the root user")
def test_a_file_that_may_not_be_read(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """It is a file without content that says why, and no longer when it may."""
    repo = write(tmp_path / "repo", GOOD | {"closed.py": "x = 1\n"})
    (repo / "closed.py").chmod(0)
    built(repo, tmp_path / "s")
    assert _told(tmp_path / "s").files["closed.py"]["skipped"] == "unreadable: Permission denied"
    assert meanings(tmp_path / "s", paths=PATHS) == alone
    (repo / "closed.py").chmod(0o644)
    assert built(repo, tmp_path / "s").number == 1
    assert _told(tmp_path / "s").files["closed.py"]["skipped"] is None


def test_unusual_paths(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    """Spaces, other scripts, a newline, quotes: names are kept, and lead to their modules."""
    paths = ["a b/c d.py", "café/文.py", "new\nline.py", 'it\'s "q".py', "-x.py", "%41.py", "*.py"]
    told = _beside(tmp_path, alone, dict.fromkeys(paths, "x = 1\ny = x\n"))
    assert set(told.files) == {*PATHS, *paths}
    assert all(told.meant(path) == {"x": "variable", "y": "variable"} for path in paths)


@pytest.mark.skipif(sys.platform == "darwin", reason="names of files there are Unicode")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    """A byte that is no UTF-8 is shown as an escape; literals may hold lone surrogates."""
    repo = write(tmp_path / "repo", GOOD | {"lone.py": "x = '\\ud800'\nd = {'\\udfff': x}\n"})
    with open(os.fsencode(repo) + b"/bad\xff.py", "wb") as file:  # noqa: PTH123 - its name is bytes
        file.write(b"x = 1\ny = x\n")
    first = built(repo, tmp_path / "s")
    told = _told(tmp_path / "s")
    assert told.meant("bad\\xff.py")["x"] == "variable"
    assert told.errors["lone.py"] == {}
    assert built(repo, tmp_path / "s") == first


class Meddler:
    """Changes a repository once, after it was listed and before its files are read."""

    def __init__(self, repo: Path, changes: Mapping[str, str | None]) -> None:
        """Take what to write; None removes."""
        self._repo, self._changes = repo, changes

    def __call__(self, progress: Progress) -> None:
        """Wait for the moment between extraction and relations of the build."""
        if progress.stage == "extract":
            for name, text in self._changes.items():
                if text is None:
                    (self._repo / name).unlink(missing_ok=True)
                else:
                    (self._repo / name).write_text(text)
            self._changes = {}


def test_a_repository_that_changes_after_it_was_read(tmp_path: Path) -> None:
    """The graph is of what was read; the next build sees the change."""
    repo = write(tmp_path / "repo", SHOP)
    built(write(tmp_path / "still/repo", SHOP), tmp_path / "still/s")
    changes = {"shop/base.py": "x = 1\n", "tool": None, "shop/goods.py": "y = 2\n"}
    built(repo, tmp_path / "s", Meddler(repo, changes))
    assert meanings(tmp_path / "s") == meanings(tmp_path / "still/s")
    assert built(repo, tmp_path / "s").number == 1
    built(repo, tmp_path / "fresh")
    assert meanings(tmp_path / "s") == meanings(tmp_path / "fresh")


def _listed_then(
    monkeypatch: pytest.MonkeyPatch, repo: Path, changes: Mapping[str, str | None]
) -> None:
    """Change the repository when its listing is done."""
    from codeanatomy.cpg.sources.select import select

    def listed(*arguments: Any) -> Any:  # noqa: ANN401 - whatever selection takes and gives
        found = select(*arguments)
        for name, text in changes.items():
            path = repo / name
            if text is None:
                path.unlink()
            else:
                path.with_name("other").write_text(text)
                path.with_name("other").replace(path)
        monkeypatch.undo()
        return found

    monkeypatch.setattr("codeanatomy.cpg.build.select", listed)


@pytest.mark.parametrize("again", [False, True])
def test_a_file_replaced_between_listing_and_reading(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    again: bool,  # noqa: FBT001 - both are tried
) -> None:
    """What is read counts: content, size and hash belong together."""
    repo = write(tmp_path / "repo", SHOP)
    if again:
        shutil.copytree(repo, tmp_path / "old")
        built(repo, tmp_path / "s")
        (repo / "shop/base.py").write_text("class Thing:\n    pass\n# not this\n")
    replaced = "class Thing:\n    pass\n\ndef helper(): return 'this'\n"
    _listed_then(monkeypatch, repo, {"shop/base.py": replaced})
    built(repo, tmp_path / "s")
    (file,) = rows(tmp_path / "s", "files", path="shop/base.py")
    digest = sha256(replaced.encode()).hexdigest()
    assert (file["size"], file["sha256"]) == (len(replaced), digest)
    built(repo, tmp_path / "fresh")
    assert meanings(tmp_path / "s") == meanings(tmp_path / "fresh")


def test_a_file_removed_between_listing_and_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a file that says `missing`; the next build knows it no more."""
    repo = write(tmp_path / "repo", SHOP)
    _listed_then(monkeypatch, repo, {"shop/base.py": None})
    built(repo, tmp_path / "s")
    (file,) = rows(tmp_path / "s", "files", path="shop/base.py")
    assert (file["skipped"], file["size"]) == ("missing", 0)
    built(repo, tmp_path / "s")
    assert rows(tmp_path / "s", "files", path="shop/base.py") == []
    built(repo, tmp_path / "fresh")
    assert meanings(tmp_path / "s") == meanings(tmp_path / "fresh")


def test_sources_are_never_run(tmp_path: Path) -> None:
    """Not when they are read, and not when others import them."""
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    files = {"sitecustomize.py": trap, "trap.py": trap, "a.py": "from trap import *\n",
             "conftest.py": trap, "setup.py": trap}  # fmt: skip
    built(write(tmp_path / "repo", files), tmp_path / "s", evidence=("libcst",))
    assert not (tmp_path / "ran").exists()
