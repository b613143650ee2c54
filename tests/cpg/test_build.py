"""What a build publishes, what the next one does again, and that both mean the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import codeanatomy as ca
from codeanatomy.cpg.stages.place import NotAStoreError, OtherRootError
from codeanatomy.kernel.errors import UnsupportedError
from codeanatomy.store.manifest import history, latest
from tests.builds import SHOP, as_bytes, assert_same_graph, built, rows, tables, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codeanatomy.cpg.progress import Progress


class Heard:
    """Listens to a build: how many files came from the cache."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.cached: int | None = None

    def __call__(self, progress: Progress) -> None:
        """Keep what was done when extraction began."""
        if progress.stage == "extract" and self.cached is None:
            self.cached = progress.files


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Write a small repository."""
    return write(tmp_path / "repo", SHOP)


def test_a_small_repository_becomes_rows(shop: Path, tmp_path: Path) -> None:
    """Files, errors, nodes and the edges between files are there."""
    manifest = built(shop, tmp_path / "s")
    assert (manifest.number, manifest.parent) == (0, None)
    paths = [row["path"] for row in rows(tmp_path / "s", "files")]
    assert paths == sorted(set(SHOP) - {"notes.txt"})
    wrong = rows(tmp_path / "s", "extraction_errors")
    assert {(r["extractor"], r["error"]) for r in wrong} == {
        ("ast", "SyntaxError"), ("symtable", "SyntaxError"), ("bytecode", "SyntaxError"),
        ("values", "SyntaxError"),
    }  # fmt: skip
    nodes = {row["nid"]: row for row in rows(tmp_path / "s", "nodes")}
    names = {nodes[e["src"]]["qualified_name"]: nodes[e["dst"]]["qualified_name"]
             for e in rows(tmp_path / "s", "edges", kind="INHERITS_FROM")}  # fmt: skip
    assert names == {"shop.goods.Apple": "shop.base.Thing"}
    star = [e for e in rows(tmp_path / "s", "edges", kind="REF") if e["method"] == "star_import"]
    assert [nodes[e["dst"]]["qualified_name"] for e in star] == ["shop.base.helper"]


def test_nothing_changed_writes_nothing(shop: Path, tmp_path: Path) -> None:
    """The manifest that is there is returned; not one file of the store is another."""
    first = built(shop, tmp_path / "s")
    before = _files(tmp_path / "s")
    heard: list[str] = []
    again = built(shop, tmp_path / "s", lambda p: heard.append(p.stage))
    assert again == first
    assert _files(tmp_path / "s") == before
    assert "extract" not in heard


def _files(store: Path) -> dict[Path, int]:
    return {p: p.stat().st_mtime_ns for p in store.rglob("*") if p.name != "store.lock"}


def _changed(root: Path) -> None:
    (root / "shop/base.py").write_text("class Thing:\n    kind = 1\n\ndef other(): pass\n")


def _added(root: Path) -> None:
    (root / "shop/aaa.py").write_text("from shop.goods import *\nfrom shop import Apple\n")
    (root / "aaa.py").write_text("import shop.aaa\nclass B(shop.aaa.Apple): pass\n")


def _deleted(root: Path) -> None:
    (root / "shop/base.py").unlink()


def _renamed(root: Path) -> None:
    (root / "shop/base.py").rename(root / "shop/aaa.py")


def _emptied(root: Path) -> None:
    for path in [*root.rglob("*.py"), root / "tool"]:
        path.unlink()


def _mended(root: Path) -> None:
    (root / "shop/broken.py").write_text("def f():\n    pass\n")


def _mentioned(root: Path) -> None:
    (root / "requirements.txt").write_text("PyYAML==6.0\n")
    (root / "shop/goods.py").write_text("import yaml\n")


@pytest.mark.parametrize(
    ("change", "cached"),
    [(_changed, 4), (_added, 5), (_deleted, 4), (_renamed, 5), (_emptied, 0), (_mended, 4),
     (_mentioned, 4)],
)  # fmt: skip
def test_the_next_build_equals_a_fresh_one(
    shop: Path, tmp_path: Path, change: Callable[[Path], None], cached: int
) -> None:
    """In every table and column; what did not change comes from the cache."""
    built(shop, tmp_path / "s")
    change(shop)
    heard = Heard()
    manifest = built(shop, tmp_path / "s", heard)
    assert (manifest.number, heard.cached) == (1, cached)
    built(shop, tmp_path / "fresh")
    assert_same_graph(tmp_path / "s", tmp_path / "fresh")
    fresh = latest(tmp_path / "fresh")
    assert fresh is not None
    assert manifest.facts["absent"] == fresh.facts["absent"]


def test_a_dependency_declared_later_is_seen(shop: Path, tmp_path: Path) -> None:
    """No source changes, and an import gets its distribution."""
    (shop / "tool").write_text("#!/usr/bin/env python\nimport yaml\n")
    built(shop, tmp_path / "s")
    (shop / "requirements.txt").write_text("PyYAML==6.0\n")
    assert built(shop, tmp_path / "s").number == 1
    built(shop, tmp_path / "fresh")
    assert_same_graph(tmp_path / "s", tmp_path / "fresh")


def test_what_is_met_beside_the_sources_is_told(shop: Path, tmp_path: Path) -> None:
    """A new file that is no source makes a version with a new `selection` and nothing else."""
    first = built(shop, tmp_path / "s")
    (shop / "more.txt").write_text("x")
    second = built(shop, tmp_path / "s")
    assert (second.number, second.parent) == (1, 0)
    assert {t for t in first.tables if first.tables[t] != second.tables[t]} == {"selection"}
    built(shop, tmp_path / "fresh")
    assert_same_graph(tmp_path / "s", tmp_path / "fresh")
    assert built(shop, tmp_path / "s") == second


def test_a_store_inside_the_repository_is_no_part_of_it(shop: Path) -> None:
    """What a build writes is no reason for another."""
    first = built(shop, shop / "graph")
    assert built(shop, shop / "graph") == first
    assert not [r for r in rows(shop / "graph", "selection") if r["path"].startswith("graph")]


def test_verify_finds_a_change_without_a_trace(shop: Path, tmp_path: Path) -> None:
    """Same size, same times, same inode: only the content tells."""
    path = shop / "shop/base.py"
    os.utime(path, ns=(1, 1))
    first = built(shop, tmp_path / "s")
    path.write_text(path.read_text().replace("helper", "hinder"))
    os.utime(path, ns=(1, 1))
    assert built(shop, tmp_path / "s") == first
    assert built(shop, tmp_path / "s", verify=True).number == 1
    built(shop, tmp_path / "fresh")
    assert_same_graph(tmp_path / "s", tmp_path / "fresh")


def test_a_file_changed_while_it_was_young_is_read_again(shop: Path, tmp_path: Path) -> None:
    """A time in the second before a build started is not trusted, though nothing else differs."""
    path = shop / "shop/base.py"
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    built(shop, tmp_path / "s")
    path.write_text(path.read_text().replace("helper", "hinder"))
    os.utime(path, ns=times)
    assert built(shop, tmp_path / "s").number == 1


def test_without_cache_nothing_is_kept(shop: Path, tmp_path: Path) -> None:
    """`--no-cache` reads everything, leaves nothing, and gives the same rows."""
    built(shop, tmp_path / "s", cache=False)
    assert not (tmp_path / "s/cache").exists()
    assert not (tmp_path / "s/uncached").exists()
    _changed(shop)
    heard = Heard()
    built(shop, tmp_path / "s", heard, cache=False)
    assert heard.cached == 0
    built(shop, tmp_path / "fresh")
    assert_same_graph(tmp_path / "s", tmp_path / "fresh")


def _delete(packs: list[Path]) -> None:
    shutil.rmtree(packs[0].parents[1])


def _tear(packs: list[Path]) -> None:
    for path in packs:
        path.write_bytes(path.read_bytes()[:-7])


def _empty(packs: list[Path]) -> None:
    for path in packs:
        path.write_bytes(b"")


def _flip(packs: list[Path]) -> None:
    for path in packs:
        content = bytearray(path.read_bytes())
        content[100] ^= 255
        path.write_bytes(content)


def _foreign(packs: list[Path]) -> None:
    for path in packs:
        path.with_name("zzz.pack").write_text("not ours")
        path.with_name("notes").mkdir()
        (path.parents[1] / "readme.txt").write_text("not ours")


@pytest.mark.parametrize(
    ("damage", "cached"), [(_delete, 0), (_tear, 0), (_empty, 0), (_flip, 0), (_foreign, 4)]
)
def test_a_damaged_cache_is_read_anew(
    shop: Path, tmp_path: Path, damage: Callable[[list[Path]], None], cached: int
) -> None:
    """Deleted, torn, empty or altered packs are misses; other files there are left alone."""
    built(shop, tmp_path / "s")
    damage(sorted((tmp_path / "s/cache").glob("*/*.pack")))
    _changed(shop)
    heard = Heard()
    built(shop, tmp_path / "s", heard)
    assert heard.cached == cached
    built(shop, tmp_path / "fresh")
    assert_same_graph(tmp_path / "s", tmp_path / "fresh")


def test_a_cache_may_be_shared(shop: Path, tmp_path: Path) -> None:
    """Another checkout in another store finds what the first one read."""
    built(shop, tmp_path / "s", cache_dir=str(tmp_path / "cache"))
    other = write(tmp_path / "elsewhere/repo", SHOP)
    heard = Heard()
    built(other, tmp_path / "t", heard, cache_dir=str(tmp_path / "cache"))
    assert heard.cached == 5
    assert as_bytes(tmp_path / "s") == as_bytes(tmp_path / "t")


def test_evidence_not_asked_for_again_goes(shop: Path, tmp_path: Path) -> None:
    """A table of an earlier wish is absent, not old."""
    built(shop, tmp_path / "s", evidence=("libcst",))
    assert len(rows(tmp_path / "s", "cst_manifest")) == 4
    built(shop, tmp_path / "s")
    built(shop, tmp_path / "fresh")
    assert_same_graph(tmp_path / "s", tmp_path / "fresh")
    built(shop, tmp_path / "s", evidence=("libcst",))
    assert len(rows(tmp_path / "s", "cst_manifest")) == 4


def test_an_empty_repository_is_a_graph(tmp_path: Path) -> None:
    """Nothing to read is no error: the manifest is there, and so are the tables."""
    manifest = built(write(tmp_path / "repo", {}), tmp_path / "s")
    assert manifest.facts["repos"]["shop"]["files"] == 0
    found = tables(tmp_path / "s")
    assert (found["files"].num_rows, found["ast_nodes"].num_rows) == (0, 0)
    kinds = {row["kind"] for row in rows(tmp_path / "s", "nodes")}
    assert kinds == {"repository", "builtin"}
    assert built(tmp_path / "repo", tmp_path / "s") == manifest


def _two(tmp_path: Path) -> tuple[Path, Path]:
    left = write(
        tmp_path / "left", {"left/__init__.py": "from right.b import B\nclass A(B): pass\n"}
    )
    right = write(
        tmp_path / "right",
        {"right/__init__.py": "", "right/b.py": "import left\nclass B: pass\nC = left.A\n"},
    )
    return left, right


def test_repositories_of_one_store_see_each_other(tmp_path: Path) -> None:
    """Imports lead across, both ways, whichever was built last; it is the same graph."""
    left, right = _two(tmp_path)
    built(left, tmp_path / "s", name="left")
    assert not rows(tmp_path / "s", "edges", kind="INHERITS_FROM", repo="right")
    built(right, tmp_path / "s", name="right")
    nodes = {row["nid"]: row for row in rows(tmp_path / "s", "nodes")}
    across = {
        (nodes[e["src"]]["repo"], e["kind"], nodes[e["dst"]]["qualified_name"])
        for e in rows(tmp_path / "s", "edges")
        if {nodes[e["src"]]["repo"], nodes[e["dst"]]["repo"]} == {"left", "right"}
    }
    assert ("left", "INHERITS_FROM", "right.b.B") in across
    assert ("right", "IMPORTS", "left") in across
    built(right, tmp_path / "t", name="right")
    built(left, tmp_path / "t", name="left")
    assert_same_graph(tmp_path / "s", tmp_path / "t")


def test_rebuilding_one_repository_keeps_the_other(tmp_path: Path) -> None:
    """Its rows stay, apart from those that lead to what changed."""
    left, right = _two(tmp_path)
    built(left, tmp_path / "s", name="left")
    built(right, tmp_path / "s", name="right")
    before = rows(tmp_path / "s", "nodes", repo="left", reach="file")
    (right / "right/b.py").write_text("class D: pass\n")
    built(right, tmp_path / "s", name="right")
    assert rows(tmp_path / "s", "nodes", repo="left", reach="file") == before
    assert not rows(tmp_path / "s", "edges", kind="INHERITS_FROM")
    built(left, tmp_path / "t", name="left")
    built(right, tmp_path / "t", name="right")
    assert_same_graph(tmp_path / "s", tmp_path / "t")


def test_a_name_belongs_to_one_root(shop: Path, tmp_path: Path) -> None:
    """The same name from another folder is an error that names `--name`, and changes nothing."""
    first = built(shop, tmp_path / "s")
    other = write(tmp_path / "other", {"a.py": ""})
    with pytest.raises(OtherRootError, match="--name") as caught:
        built(other, tmp_path / "s")
    assert caught.value.code == "other-root"
    assert history(tmp_path / "s") == [first]
    built(other, tmp_path / "s", name="other")
    assert len(rows(tmp_path / "s", "files")) == 6


@pytest.mark.parametrize("layers", [("syntax",), ("names",), ("names", "classes"), ()])
def test_layers_move_no_number(shop: Path, tmp_path: Path, layers: tuple[str, ...]) -> None:
    """What is left has the numbers and facts that it has in the whole graph; no end is loose."""
    built(shop, tmp_path / "whole")
    built(shop, tmp_path / "part", layers=layers or ("containment",))
    asked = {"containment", "diagnostics", *layers}
    whole, part = tables(tmp_path / "whole"), tables(tmp_path / "part")
    wanted = [row for row in whole["nodes"].to_pylist() if row["layer"] in asked]
    assert part["nodes"].to_pylist() == wanted
    known = {row["nid"] for row in wanted}
    edges = [
        row for row in whole["edges"].to_pylist()
        if row["layer"] in asked and {row["src"], row["dst"]} <= known
    ]  # fmt: skip
    assert part["edges"].to_pylist() == edges
    props = [row for row in whole["props"].to_pylist() if row["nid"] in known]
    assert part["props"].to_pylist() == props


@pytest.mark.parametrize("layer", ["containment", "syntax", "names", "classes", "diagnostics"])
def test_no_layer_needs_another_for_what_is_unresolved(tmp_path: Path, layer: str) -> None:
    """An import and a base that lead nowhere stay, where what they are of stays."""
    files = {"m/__init__.py": "", "m/a.py": "from m import gone\n\nclass A(gone.B): ...\n"}
    built(write(tmp_path / "repo", files), tmp_path / "s", layers=(layer,))
    nodes = {row["nid"]: row["kind"] for row in rows(tmp_path / "s", "nodes")}
    found = rows(tmp_path / "s", "edges", kind="UNRESOLVED")
    kept = {"containment": ["class"], "names": ["class", "import"]}
    assert sorted(nodes[e["src"]] for e in found) == kept.get(layer, ["class"])
    assert {nodes[e["dst"]] for e in found} == {"unresolved"}


def test_layers_of_one_repository_are_not_those_of_another(tmp_path: Path) -> None:
    """No edge leads to a node that its own repository was not asked for."""
    left, right = _two(tmp_path)
    built(left, tmp_path / "s", name="left")
    built(right, tmp_path / "s", name="right", layers=("containment",))
    nodes = {row["nid"] for row in rows(tmp_path / "s", "nodes")}
    edges = rows(tmp_path / "s", "edges")
    assert [e for e in edges if not {e["src"], e["dst"]} <= nodes] == []
    assert {e["kind"] for e in edges if e["repo"] == "left"} >= {"REF", "CONTAINS"}


def test_equal_whatever_the_machine_does(tmp_path: Path) -> None:
    """One or two workers, two hash seeds, another checkout: the same bytes in every table."""
    script = """
import sys
from pathlib import Path
from tests.builds import built
built(Path(sys.argv[1]), sys.argv[2], jobs=int(sys.argv[3]))
"""
    files = {f"pkg/m{n}.py": _module(n) for n in range(24)} | SHOP
    stores = []
    for number, (jobs, seed) in enumerate(((1, "0"), (2, "1"))):
        order = list(files.items())[:: 1 - 2 * number]
        root = write(tmp_path / f"checkout{number}" / "repo", dict(order))
        stores.append(tmp_path / f"s{number}")
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, "-c", script, str(root), str(stores[-1]), str(jobs)]
        subprocess.run(command, check=True, env=environment, cwd=tmp_path)
    packs = [len(list((s / "cache").glob("ast-*/*.pack"))) for s in stores]
    assert min(packs) > 1  # the work was shared out
    assert as_bytes(stores[0]) == as_bytes(stores[1])


def _module(number: int) -> str:
    """Write some kilobytes of names that other modules have too."""
    lines = [f"from pkg.m{(number + k) % 24} import *" for k in (1, 5)]
    for k in range(40):
        lines += [
            f"class C{k}(C{k + 1} if f{k} else B):",
            f"    def f(self, a=name{k}):",
            f"        return [x for x in a if x not in {{C{k}, 'b', f{k}}}]",
            f"def f{k}(): return lambda: m{k}.attr(C{k}, k={k})",
        ]
    return "\n".join(lines)


@pytest.mark.parametrize("scheme", ["parquet", "delta"])
def test_a_graph_lies_in_any_store_of_folders(shop: Path, tmp_path: Path, scheme: str) -> None:
    """The address chooses the tables' format; the rows are the same."""
    store = f"{scheme}://{tmp_path / 's'}"
    built(shop, store)
    _changed(shop)
    assert built(shop, store).number == 1
    built(shop, tmp_path / "fresh")
    assert_same_graph(store, tmp_path / "fresh")


@pytest.mark.parametrize("uri", ["memory://shop", "sqlite://shop.db"])
def test_a_store_that_cannot_hold_a_graph_says_so(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    """The error names what can; nothing is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnsupportedError, match="parquet://FOLDER"):
        built(shop, uri)
    assert [p.name for p in tmp_path.iterdir()] == ["repo"]


@pytest.mark.parametrize("name", ["cat.jpg", "manifests/cat.yaml"])
def test_a_folder_of_other_files_is_refused(shop: Path, tmp_path: Path, name: str) -> None:
    """A build never mixes its tables with what someone else keeps there."""
    other = write(tmp_path / "photos", {name: "x", "cache/y": "x"})
    with pytest.raises(NotAStoreError, match="empty folder") as caught:
        built(shop, other)
    assert (caught.value.code, caught.value.exit_status) == ("not-a-store", 2)
    found = {p.relative_to(other).as_posix() for p in other.rglob("*") if p.is_file()}
    assert found == {name, "cache/y"}
    (other / name).unlink()
    assert built(shop, other).number == 0


def test_a_work_tree_that_git_will_not_read_is_a_warning(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files that it ignores are in the graph: nobody should have to guess that."""
    (shop / ".git").mkdir()
    monkeypatch.setenv("PATH", "")
    warnings = built(shop, tmp_path / "s").facts["warnings"]
    assert [(w["code"], w["stage"]) for w in warnings] == [("no-git", "selection")]


def test_what_others_put_into_a_store_stays(shop: Path, tmp_path: Path) -> None:
    """Builds delete nothing that they did not make."""
    built(shop, tmp_path / "s")
    mine = write(tmp_path / "s", {"mine.txt": "x", "nodes/mine.txt": "x", "folder/mine": "x"})
    _changed(shop)
    built(shop, tmp_path / "s")
    assert all((mine / n).is_file() for n in ("mine.txt", "nodes/mine.txt", "folder/mine"))


def test_a_store_is_opened_by_its_folder_whatever_its_tables(tmp_path: Path) -> None:
    """A plain path finds Parquet tables; a build must name them as they are."""
    write(tmp_path / "repo", {"a.py": "x = 1\n"})
    ca.build(tmp_path / "repo", store=f"parquet://{tmp_path / 'store'}")
    graph = ca.open(tmp_path / "store")
    assert [node.name for node in graph.nodes(kind="variable")] == ["x"]
    with pytest.raises(NotAStoreError, match="in parquet tables"):
        ca.build(tmp_path / "repo", store=tmp_path / "store")


def test_counts_are_of_the_whole_store(tmp_path: Path) -> None:
    """After a second repository, rows and what the gate checked cover both."""
    for name in ("one", "two"):
        write(tmp_path / name, {f"{name}.py": "x = 1\nprint(x)\n"})
        graph = ca.build(tmp_path / name, store=tmp_path / "store")
    facts = graph.manifest.facts
    for table in ("nodes", "edges", "files"):
        (count,) = graph.sql(f"select count(*) as n from {table}").to_pylist()
        assert facts["rows"][table] == count["n"]
    checked = {rule["rule"]: rule["checked"] for rule in facts["gate"]}
    assert checked["unique_nid"] == checked["unique_node_id"] == facts["rows"]["nodes"]
    assert checked["ends_exist"] == 2 * facts["rows"]["edges"]
