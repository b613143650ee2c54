"""A graph as a SCIP index: SCIP's own schema reads it, and so do we, with the same facts."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import codeanatomy as ca
from codeanatomy.cpg.graph.formats import OutputError
from codeanatomy.kernel.errors import UnknownNameError
from tests.builds import built, rows, write
from tests.indexes import PREFIX, official

if TYPE_CHECKING:
    from pathlib import Path

FILES: dict[str, str | bytes] = {
    "shop/__init__.py": "from shop.use import Apple as A\n",
    "shop/base.py": (
        "import os.path, json as j\n"
        "class Thing:\n"
        '    """What there is."""\n'
        "    def eat(self):\n"
        "        return len(os.path.sep)\n"
    ),
    "shop/use.py": (
        "from .base import Thing\n"
        "LIMIT = 3\n"
        "class Apple(Thing):\n"
        "    def __init__(self, *size: int):\n"
        "        self.size = size\n"
        "        def inner(x): return x\n"
        "    def eat(self):\n"
        "        é = [n for n in self.size]; return é, self.gone, LIMIT\n"
        "    @property\n"
        "    def cost(self): return self.eat()\n"
        "    @cost.setter\n"
        "    def cost(self, to): pass\n"
        "if LIMIT:\n"
        "    def f(): pass\n"
        "else:\n"
        "    def f(): pass\n"
        "f(); g = lambda y: y\n"
    ),
    "latin.py": "# coding: latin-1\nä = 1; b = ä\n".encode("latin-1"),
    "marked.py": b"\xef\xbb\xbfx = 1\r\nx\r\n",
    "far.py": "# coding: shift_jis\nz = 'あ'\n".encode("shift_jis"),
    "tool.py": "",
}
BASE, USE = PREFIX + "`shop.base`/", PREFIX + "`shop.use`/"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the shop once."""
    folder = tmp_path_factory.mktemp("export")
    built(write(folder / "repo", FILES), folder / "store")
    return folder / "store"


@pytest.fixture(scope="module")
def index(store: Path) -> Any:  # noqa: ANN401 - protobuf makes its classes while it runs
    """Export it, and read it by SCIP's schema."""
    ca.open(store).export("scip", store / "index.scip")
    found = official()()
    found.ParseFromString((store / "index.scip").read_bytes())
    return found


def document(index: Any, path: str) -> Any:  # noqa: ANN401 - as above
    """Return a document by its path."""
    (found,) = [d for d in index.documents if d.relative_path == path]
    return found


def places(index: Any, path: str, symbol: str) -> list[tuple[tuple[int, ...], int]]:  # noqa: ANN401 - as above
    """Return where a symbol stands in a document, with its roles."""
    return [
        (tuple(o.range), o.symbol_roles)
        for o in document(index, path).occurrences
        if o.symbol == symbol
    ]


def test_a_document_is_a_file(index: Any) -> None:  # noqa: ANN401 - as above
    """In order of path, each with the unit of its positions; a codec of no use is left out."""
    assert [(d.relative_path, d.position_encoding) for d in index.documents] == [
        ("latin.py", 3), ("marked.py", 1), ("shop/__init__.py", 1), ("shop/base.py", 1),
        ("shop/use.py", 1), ("tool.py", 1),
    ]  # fmt: skip
    assert {d.language for d in index.documents} == {"python"}


def test_the_index_says_who_wrote_it(index: Any, store: Path) -> None:  # noqa: ANN401 - as above
    """And where the repository lay."""
    assert index.metadata.tool_info.name == "codeanatomy"
    assert index.metadata.project_root == (store.parent / "repo").as_uri()
    assert index.metadata.text_document_encoding == 1


@pytest.mark.parametrize(
    ("path", "symbol", "expected"),
    [
        ("shop/use.py", USE + "__init__:", [((0, 0, 0), 1)]),
        ("shop/use.py", USE + "Apple#", [((2, 6, 11), 1)]),
        ("shop/__init__.py", USE + "Apple#", [((0, 21, 26), 2), ((0, 30, 31), 2)]),
        ("shop/use.py", BASE + "Thing#", [((0, 18, 23), 2), ((2, 12, 17), 8)]),
        ("shop/use.py", USE + "LIMIT.", [((1, 0, 5), 1), ((7, 59, 64), 8), ((12, 3, 8), 8)]),
        ("shop/use.py", USE + "Apple#size.", [((4, 13, 17), 1), ((7, 30, 34), 8)]),
        ("shop/use.py", USE + "Apple#__init__().(size)", [((3, 24, 28), 1), ((4, 20, 24), 8)]),
        ("shop/use.py", USE + "Apple#__init__().inner().", [((5, 12, 17), 1)]),
        ("shop/use.py", USE + "Apple#__init__().inner().(x)", [((5, 18, 19), 1), ((5, 29, 30), 8)]),
        ("shop/use.py", USE + "Apple#eat().", [((6, 8, 11), 1), ((9, 32, 35), 8)]),
        (
            "shop/use.py", USE + "Apple#cost().",
            [((9, 8, 12), 1), ((10, 5, 9), 8), ((11, 8, 12), 1)],
        ),
        ("shop/use.py", USE + "f().", [((13, 8, 9), 1), ((15, 8, 9), 1), ((16, 0, 1), 8)]),
        ("latin.py", PREFIX + "latin/ä.".replace("ä", "`ä`"), [((1, 0, 1), 1), ((1, 11, 12), 8)]),
        ("marked.py", PREFIX + "marked/x.", [((0, 0, 1), 1), ((1, 0, 1), 8)]),
    ],
)  # fmt: skip
def test_symbols_stand_where_they_are(
    index: Any,  # noqa: ANN401 - as above
    path: str,
    symbol: str,
    expected: list[tuple[tuple[int, ...], int]],
) -> None:
    """Definitions and references: definition 1, import 2, write 4, read 8."""
    assert places(index, path, symbol) == expected


def test_what_lies_outside_has_symbols_of_its_packages(index: Any) -> None:  # noqa: ANN401 - as above
    """The standard library and builtins; a dotted import binds the top package."""
    standard = re.compile(r"scip-python python python-stdlib \d\.\d+ (.*)")
    occurrences = document(index, "shop/base.py").occurrences
    found = {(tuple(o.range), match[1]) for o in occurrences if (match := standard.match(o.symbol))}
    assert found == {
        ((0, 7, 9), "os/__init__:"), ((0, 7, 14), "`os.path`/__init__:"),
        ((0, 16, 20), "json/__init__:"), ((0, 24, 25), "json/__init__:"),
        ((4, 15, 18), "builtins/len()."), ((4, 19, 21), "os/__init__:"),
    }  # fmt: skip
    assert "len" in {s.display_name for s in index.external_symbols}


def test_what_a_called_attribute_means_is_what_runs_under_its_name(tmp_path: Path) -> None:
    """A method and a class by their attributes; not what a decorator put in a method's place."""
    source = (
        "def twice(f):\n"
        "    def both(self): f(self); f(self)\n"
        "    return both\n"
        "class Pear:\n"
        "    def eat(self): pass\n"
        "    @twice\n"
        "    def cut(self): pass\n"
    )
    source += "class Plum:\n    def __init__(self): pass\n"
    use = "import pear\np = pear.Pear()\np.eat()\np.cut()\npear.Plum()\n"
    built(write(tmp_path / "repo", {"pear.py": source, "use.py": use}), tmp_path / "store")
    ca.open(tmp_path / "store").export("scip", tmp_path / "index.scip")
    index = official()()
    index.ParseFromString((tmp_path / "index.scip").read_bytes())
    assert places(index, "use.py", PREFIX + "pear/Pear#eat().") == [((2, 2, 5), 8)]
    assert places(index, "use.py", PREFIX + "pear/Pear#") == [((1, 9, 13), 8)]
    assert places(index, "use.py", PREFIX + "pear/Plum#") == [((4, 5, 9), 8)]
    assert places(index, "use.py", PREFIX + "pear/twice().both().") == []


def test_attributes_of_modules_and_classes_are_references(tmp_path: Path) -> None:
    """However deep the module lies, by whatever name; what there is not is none."""
    files: dict[str, str | bytes] = {
        "p/__init__.py": "",
        "p/m.py": "LIMIT = 1\nclass C:\n    kind = 2\nclass D(C): pass\n",
        "use.py": "import p.m, p.m as q\nfrom p import m\np.m.LIMIT; q.LIMIT; m.LIMIT\n"
        "m.D.kind; q.nothing; m.C\nfrom p.m import D\nD.kind\n",
    }
    built(write(tmp_path / "repo", files), tmp_path / "store")
    ca.open(tmp_path / "store").export("scip", tmp_path / "index.scip")
    index = official()()
    index.ParseFromString((tmp_path / "index.scip").read_bytes())
    module = PREFIX + "`p.m`/"
    assert places(index, "use.py", module + "LIMIT.") == [
        ((2, 4, 9), 8), ((2, 13, 18), 8), ((2, 22, 27), 8),
    ]  # fmt: skip
    assert places(index, "use.py", module + "C#") == [((3, 23, 24), 8)]
    assert places(index, "use.py", module + "C#kind.") == [((3, 4, 8), 8), ((5, 2, 6), 8)]


def test_locals_are_of_their_document(index: Any) -> None:  # noqa: ANN401 - as above
    """Variables of functions and comprehensions, and parameters of lambdas."""
    found: dict[str, list[tuple[int, ...]]] = {}
    for o in document(index, "shop/use.py").occurrences:
        if o.symbol.startswith("local "):
            found.setdefault(o.symbol, []).append(tuple(o.range))
    assert sorted(found.values()) == [
        [(7, 8, 10), (7, 44, 46)], [(7, 14, 15), (7, 20, 21)], [(16, 16, 17), (16, 19, 20)],
    ]  # fmt: skip


def test_symbols_say_what_they_are(index: Any) -> None:  # noqa: ANN401 - as above
    """Names, kinds, docstrings, what they inherit from; a definition has its whole statement."""
    found = {s.symbol: s for d in index.documents for s in d.symbols}
    thing, apple = found[BASE + "Thing#"], found[USE + "Apple#"]
    assert (thing.display_name, thing.kind, list(thing.documentation)) == (
        "Thing", 7, ["What there is."],
    )  # fmt: skip
    assert [(r.symbol, r.is_implementation) for r in apple.relationships] == [
        (BASE + "Thing#", True)
    ]
    assert found[USE + "Apple#eat()."].kind == 26
    around = {o.symbol: list(o.enclosing_range) for o in document(index, "shop/use.py").occurrences
              if o.symbol_roles & 1}  # fmt: skip
    assert around[USE + "Apple#eat()."] == [6, 4, 7, 64]
    assert around[USE + "LIMIT."] == []


def test_the_same_graph_is_the_same_index(store: Path) -> None:
    """Byte for byte."""
    for name in ("a", "b"):
        ca.open(store).export("scip", store / name)
    assert (store / "a").read_bytes() == (store / "b").read_bytes()


def test_our_own_reading_finds_what_was_written(store: Path, index: Any, tmp_path: Path) -> None:  # noqa: ANN401 - as above
    """Every occurrence has the span of its name, and stands on a node of it."""
    root, place = store.parent / "repo", str(store / "index.scip")
    built(root, tmp_path / "again", evidence=("scip",), scip_index=place)
    read = {
        (row["file_no"], row["symbol"], row["roles"], row["bstart"], row["bend"])
        for row in rows(tmp_path / "again", "scip_occurrences")
    }
    assert len(read) == sum(len(d.occurrences) for d in index.documents)
    documents = rows(tmp_path / "again", "scip_documents")
    assert {(d["mismatches"], d["outside"], d["stale"]) for d in documents} == {(0, 0, False)}
    edges = rows(tmp_path / "again", "edges", kind="SCIP_SYMBOL")
    stood_on = {(row["src"] >> 32, row["bstart"], row["bend"]) for row in edges}
    left = {(symbol, start) for file_no, symbol, _, start, end in read
            if (file_no, start, end) not in stood_on}  # fmt: skip
    # A name that an import takes and does not bind is a part of a node, and no node of its own.
    assert {name.rpartition(" ")[2] for name, _ in left} <= {
        "json/__init__:", "`os.path`/__init__:", "`shop.use`/Apple#",
    }  # fmt: skip


def test_what_is_left_out_is_told(store: Path) -> None:
    """Counts, and the files in which no position could be written."""
    found = ca.open(store).export("scip", store / "index.scip")
    assert (found.documents, found.left_out) == (6, ("far.py",))
    assert found.occurrences > found.symbols > 10


def test_a_version_may_be_given_to_symbols(store: Path) -> None:
    """It stands in every symbol of the repository."""
    ca.open(store).export("scip", store / "v.scip", package_version="1.2")
    raw = (store / "v.scip").read_bytes()
    assert b"scip-python python shop 1.2 " in raw
    assert b"scip-python python shop 0 " not in raw


def test_one_of_several_repositories_is_named(tmp_path: Path) -> None:
    """An index is of one; names of another keep their package."""
    store = tmp_path / "store"
    built(write(tmp_path / "a", {"pa/__init__.py": "def f(): pass\n"}), store, name="a")
    built(write(tmp_path / "b", {"pb.py": "from pa import f\nf()\n"}), store, name="b")
    graph = ca.open(store)
    with pytest.raises(UnknownNameError, match="name it; there are a, b"):
        graph.export("scip", tmp_path / "x.scip")
    with pytest.raises(UnknownNameError, match="no repository 'c'"):
        graph.export("scip", tmp_path / "x.scip", repo="c")
    assert graph.export("scip", tmp_path / "x.scip", repo="b").documents == 1
    assert b"scip-python python a 0 pa/f()." in (tmp_path / "x.scip").read_bytes()


def test_other_forms_and_places_are_refused(store: Path) -> None:
    """A form that there is not, a folder that there is not."""
    graph = ca.open(store)
    with pytest.raises(UnknownNameError, match="no form 'dot'; there is scip"):
        graph.export("dot", store / "x")
    with pytest.raises(OutputError, match="cannot write"):
        graph.export("scip", store / "no" / "x")


@pytest.mark.skipif(
    shutil.which("scip-python") is None or shutil.which("node") is None,
    reason="scip-python is not installed: npm install -g @sourcegraph/scip-python",
)
def test_scip_python_gives_the_same_symbols(store: Path, index: Any, tmp_path: Path) -> None:  # noqa: ANN401 - as above
    """Where both have something at a place of the package, they call it the same."""
    (tmp_path / "environment.json").write_text("[]")
    words = ["scip-python", "index", "--quiet", "--project-name", "shop", "--project-version", "0",
             "--environment", str(tmp_path / "environment.json"), "--cwd",
             str(store.parent / "repo"), "--output", str(tmp_path / "theirs.scip")]  # fmt: skip
    subprocess.run(words, check=True, cwd=store.parent / "repo", capture_output=True)
    theirs = official()()
    theirs.ParseFromString((tmp_path / "theirs.scip").read_bytes())
    agreed = differ = 0
    for path in ("shop/__init__.py", "shop/base.py"):  # in ASCII, where characters are bytes
        ours = {(tuple(o.range), o.symbol_roles & 1): o.symbol
                for o in document(index, path).occurrences}  # fmt: skip
        for o in document(theirs, path).occurrences:
            mine = ours.get((tuple(o.range), o.symbol_roles & 1))
            if mine is not None and not o.symbol.startswith("local "):
                agreed += mine == o.symbol
                differ += mine != o.symbol
    assert differ == 0
    assert agreed >= 6
