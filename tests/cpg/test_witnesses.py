"""A build hears its witnesses: their tables are stored, and symbols of an index are nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import codeanatomy as ca
from codeanatomy.cpg import config, evidence
from codeanatomy.cpg.extract.scip import ForeignIndexError
from codeanatomy.cpg.stages.asked import asked
from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.store.manifest import latest
from tests.builds import built, rows, tables, write
from tests.indexes import PREFIX, index, save

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "shop/__init__.py": "",
    "shop/base.py": "class Thing:\n    def eat(self):\n        return 1\n",
    "shop/use.py": (
        "from .base import Thing as T\n"
        "class Apple(T):\n"
        "    kind = 'fruit'\n"
        "    def eat(self, much=1):\n"
        "        self.left = much\n"
        "        return self.kind\n"
        "ä = Apple(); ä.eat(much=2)\n"
    ),
}
BASE, USE = PREFIX + "`shop.base`/", PREFIX + "`shop.use`/"
INDEX = {
    "shop/base.py": [
        ((0, 0, 0), BASE + "__init__:", 1), ((0, 6, 11), BASE + "Thing#", 1),
        ((1, 8, 11), BASE + "Thing#eat().", 1), ((1, 12, 16), BASE + "Thing#eat().(self)", 1),
    ],
    "shop/use.py": [
        ((0, 18, 28), BASE + "Thing#", 8), ((1, 6, 11), USE + "Apple#", 1),
        ((1, 12, 13), BASE + "Thing#", 8), ((2, 4, 8), USE + "Apple#kind.", 1),
        ((3, 8, 11), USE + "Apple#eat().", 1), ((3, 18, 22), USE + "Apple#eat().(much)", 1),
        ((4, 13, 17), USE + "Apple#left.", 1), ((5, 20, 24), USE + "Apple#kind.", 8),
        ((6, 0, 1), USE + "ä.", 1), ((6, 4, 9), USE + "Apple#", 8),
        ((6, 13, 14), USE + "ä.", 8), ((6, 15, 18), USE + "Apple#eat().", 8),
        ((6, 19, 23), USE + "Apple#eat().(much)", 8), ((0, 5, 10), BASE + "__init__:", 8),
        ((6, 4, 11), "local 0", 8), ((6, 4, 9), "", 0),
    ],
}  # fmt: skip


def indexed(folder: Path, layers: tuple[str, ...] = ()) -> Path:
    """Build the shop with its index; return the store."""
    made = index(INDEX)
    about = made.documents[1].symbols.add(symbol=USE + "Apple#eat().", display_name="Apple.eat")
    about.relationships.add(symbol=BASE + "Thing#eat().", is_implementation=True, is_reference=True)
    made.documents[1].symbols.add(symbol="local 7")
    root = write(folder / "repo", FILES)
    place = save(made, folder / "made.scip")
    built(root, folder / "store", evidence=("scip",), scip_index=place, layers=layers)
    return folder / "store"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the shop once."""
    return indexed(tmp_path_factory.mktemp("indexed"))


def shown(store: Path) -> set[tuple[Any, ...]]:
    """Return what each symbol stands on: path, place, kind and name of the node, and the role."""
    nodes = {row["nid"]: row for row in rows(store, "nodes")}
    return {
        (row["path"], row["bstart"], nodes[row["src"]]["kind"], nodes[row["src"]]["name"],
         nodes[row["dst"]]["qualified_name"], row["props"]["role"])
        for row in rows(store, "edges", kind="SCIP_SYMBOL")
    }  # fmt: skip


def test_symbols_stand_on_what_has_their_name(store: Path) -> None:
    """Modules, definitions, attributes, references, keywords and imports, each by its span."""
    use, base = "shop/use.py", "shop/base.py"
    eat, kind = USE + "Apple#eat().", USE + "Apple#kind."
    assert {row for row in shown(store) if row[0] == base} == {
        (base, 0, "module", "base", BASE + "__init__:", "definition"),
        (base, 6, "class", "Thing", BASE + "Thing#", "definition"),
        (base, 21, "method", "eat", BASE + "Thing#eat().", "definition"),
        (base, 25, "parameter", "self", BASE + "Thing#eat().(self)", "definition"),
    }
    assert {row for row in shown(store) if row[0] == use} == {
        (use, 18, "import", "Thing", BASE + "Thing#", "read"),
        (use, 35, "class", "Apple", USE + "Apple#", "definition"),
        (use, 41, "reference", "T", BASE + "Thing#", "read"),
        (use, 49, "attribute", "kind", kind, "definition"),
        (use, 72, "method", "eat", eat, "definition"),
        (use, 82, "parameter", "much", eat + "(much)", "definition"),
        (use, 104, "attribute", "left", USE + "Apple#left.", "definition"),
        (use, 136, "expression", "kind", kind, "read"),
        (use, 141, "variable", "ä", USE + "ä.", "definition"),
        (use, 146, "reference", "Apple", USE + "Apple#", "read"),
        (use, 155, "reference", "ä", USE + "ä.", "read"),
        (use, 158, "expression", "eat", eat, "read"),
        (use, 162, "argument", "much", eat + "(much)", "read"),
    }


def test_symbols_are_nodes(store: Path) -> None:
    """Of all repositories, or local to a file; one that stands on nothing is a node too."""
    found = {(r["name"], r["qualified_name"], r["repo"], r["sources"])
             for r in rows(store, "nodes", kind="symbol")}  # fmt: skip
    assert {
        ("Apple.eat", USE + "Apple#eat().", "*", "scip"),
        ("Thing", BASE + "Thing#", "*", "scip"),
        ("local 0", "shop:shop/use.py local 0", "shop", "scip"),
        ("local 7", "shop:shop/use.py local 7", "shop", "scip"),
    } <= found


def test_relationships_are_edges(store: Path) -> None:
    """One edge for each thing that is said; a kind that none says has a reason to be absent."""
    nodes = {row["nid"]: row["qualified_name"] for row in rows(store, "nodes")}
    ends = (USE + "Apple#eat().", BASE + "Thing#eat().")
    for kind in ("SCIP_IMPLEMENTATION", "SCIP_REFERENCE"):
        (edge,) = rows(store, "edges", kind=kind)
        assert (nodes[edge["src"]], nodes[edge["dst"]]) == ends
    graph = ca.open(store)
    assert "SCIP_DEFINITION" in graph.absent
    assert "SCIP_SYMBOL" not in graph.absent
    assert graph.sql("select count(*) as n from scip_occurrences").to_pylist() == [{"n": 20}]


def test_without_an_index_the_layer_says_how_to_get_it(tmp_path: Path) -> None:
    """Tables and kinds are absent, each with the words that ask for them."""
    found = built(write(tmp_path / "repo", FILES), tmp_path / "store").facts["absent"]
    assert found["scip_occurrences"] == "scip was not asked for: --evidence scip"
    assert found["SCIP_SYMBOL"] == "layer scip was not asked for: --evidence scip"


def test_the_same_index_builds_nothing_anew(tmp_path: Path) -> None:
    """Another one does, though no source changed; and none leaves its tables and nodes out."""
    indexed(tmp_path)
    first = latest(tmp_path / "store")
    again = latest(indexed(tmp_path))
    assert first is not None
    assert again is not None
    assert first.number == again.number
    other = save(index({"shop/base.py": INDEX["shop/base.py"]}), tmp_path / "other.scip")
    built(tmp_path / "repo", tmp_path / "store", evidence=("scip",), scip_index=other)
    assert len(rows(tmp_path / "store", "scip_occurrences")) == 4
    built(tmp_path / "repo", tmp_path / "store")
    assert rows(tmp_path / "store", "nodes", kind="symbol") == []
    assert "scip_occurrences" not in tables(tmp_path / "store")


def test_an_index_does_not_change_the_rest(store: Path, tmp_path: Path) -> None:
    """Nodes, numbers and edges are what they are without it, but for calls it speaks of itself."""
    built(write(tmp_path / "repo", FILES), tmp_path / "plain")
    plain, mine = tables(tmp_path / "plain"), tables(store)
    for name in ("nodes", "edges", "props"):
        spoken = ("CALLS", "CALL_TARGET", "UNRESOLVED")
        kept, others = (
            [r for r in found[name].to_pylist()
             if r.get("layer") != "scip" and r.get("kind") not in spoken]
            for found in (mine, plain)
        )  # fmt: skip
        assert kept == others
        assert kept


def test_layers_can_leave_symbols_out(tmp_path: Path) -> None:
    """The tables are evidence all the same."""
    place = indexed(tmp_path, layers=("names",))
    assert rows(place, "nodes", kind="symbol") == []
    assert len(rows(place, "scip_occurrences")) == 20


def test_a_build_of_another_repository_keeps_symbols(tmp_path: Path) -> None:
    """They are linked again, from what is stored."""
    place = indexed(tmp_path)
    before = shown(place)
    built(write(tmp_path / "other", {"o.py": "import shop.use\n"}), place, name="other")
    assert shown(place) == before


def test_a_foreign_index_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """The build fails before anything is visible."""
    root = write(tmp_path / "repo", FILES)
    built(root, tmp_path / "store")
    before = latest(tmp_path / "store")
    place = save(index({"x.py": [], "y.py": []}), tmp_path / "x.scip")
    with pytest.raises(ForeignIndexError):
        built(root, tmp_path / "store", evidence=("scip",), scip_index=place)
    assert latest(tmp_path / "store") == before


def test_warnings_of_a_witness_are_in_the_manifest(tmp_path: Path) -> None:
    """What of the index was not used."""
    root = write(tmp_path / "repo", FILES)
    place = save(index({"shop/base.py": INDEX["shop/base.py"]}), tmp_path / "made.scip")
    manifest = built(root, tmp_path / "store", evidence=("scip",), scip_index=place)
    found = [w for w in manifest.facts["warnings"] if w["stage"] == "scip"]
    assert [(w["code"], w["facts"]["count"]) for w in found] == [("scip-missing", 2)]


def test_a_place_in_a_file_of_settings_counts_from_its_folder(tmp_path: Path) -> None:
    """As for other places."""
    root = write(tmp_path / "repo", {**FILES, "codeanatomy.toml": 'scip_index = "made.scip"\n'})
    save(index(INDEX), root / "made.scip")
    graph = ca.build(root, tmp_path / "store", evidence=["scip"], jobs=1)
    assert len(graph.nodes("symbol")) > 10


def test_a_missing_program_is_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an index, and without the program that makes one."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingPartError, match="scip-python"):
        asked("shop", config.resolve(tmp_path, {"evidence": ["scip"]}, {}), tmp_path)


def test_witnesses_are_on_the_page() -> None:
    """Each is on request, and has tables of its own."""
    witnesses = [e for e in evidence.EXTRACTORS if e.witness]
    assert [e.name for e in witnesses] == ["scip", "types"]
    assert all(e.on_request for e in witnesses)
    assert all(any(t.producer == e.name for t in evidence.TABLES) for e in witnesses)
