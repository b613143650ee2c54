"""Files of a store are joined: folders, imports, exports, star imports, several repositories."""

from __future__ import annotations

import pytest

from tests.cpg.link.given import Given, facts, linked, meanings, targets


def test_an_empty_store_has_nothing() -> None:
    """No file and no repository: every table is there, and empty."""
    found = linked(facts())
    tables = (found.nodes, found.edges, found.imports, found.external_interfaces)
    assert [table.num_rows for table in tables] == [0, 0, 0, 0]


def test_a_repository_without_files_is_still_a_node() -> None:
    """Its environment is known, and nothing else."""
    found = linked(facts(environment={"r": {}}))
    (node,) = found.nodes.to_pylist()
    assert (node["kind"], node["qualified_name"], node["repo"]) == ("repository", "r", "r")


def test_folders_are_packages_or_directories_in_one_tree() -> None:
    """A folder that nothing can be imported from is a directory; an import root is one too."""
    found = facts(
        Given("src/p/__init__.py"),
        Given("src/p/q/m.py"),
        Given("docs/a-b/x.py"),
        Given("docs/plain.ipynb#cell0", kind="cell"),
        Given("tools/t.py"),
    )
    nodes = linked(found).nodes.to_pylist()
    assert sorted((n["path"], n["kind"], n["qualified_name"]) for n in nodes) == [
        ("", "repository", "r"),
        ("docs", "directory", "docs"),
        ("docs/a-b", "directory", "docs/a-b"),
        ("src", "directory", "src"),
        ("src/p", "package", "p"),
        ("src/p/q", "package", "p.q"),
        ("tools", "package", "tools"),
    ]
    edges = linked(found).edges.to_pylist()
    parents = {e["dst"]: e["src"] for e in edges if e["kind"] == "CONTAINS"}
    assert len(edges) == len(parents) == 6 + 5
    root = next(n["nid"] for n in nodes if n["kind"] == "repository")
    for above in parents.values():
        place = above
        while place != root:
            place = parents[place]


def test_numbers_are_handed_out_once_for_all_keys() -> None:
    """Keys are unique, and the number is part of the node's."""
    asked = []

    def numbers(keys: object) -> dict[tuple[str, str], int]:
        asked.append(list(keys))  # type: ignore[call-overload]  # any iterable
        return {key: 7 + n for n, key in enumerate(asked[0])}

    from codeanatomy.cpg.link.link import link

    found = link(facts(Given("a.py", imports=["import os", "from os import path"])), numbers, STD)
    assert len(asked) == 1
    assert sorted(asked[0]) == [
        ("external module", "os"),
        ("external symbol", "os.path"),
        ("repository\0r", "r"),
    ]
    assert sorted(n & 0xFFF for n in found.nodes["nid"].to_pylist()) == [7, 8, 9]


STD = frozenset({"os"})
BOTH = {"g": "function", "h": "function", "__all__": "variable"}


def test_the_order_of_rows_changes_nothing() -> None:
    """Every table reversed gives the same four tables."""
    found = facts(
        Given("p/__init__.py", imports=["from .a import *", "from . import b"], reads=["f", "zz"]),
        Given("p/a.py", {"f": "function", "g": "function"}, lists=[("g", "assign")]),
        Given("p/b.py", imports=["import yaml, os", "from .gone import x"]),
    )
    tables = {n: t for n, t in found._asdict().items() if hasattr(t, "num_rows") and t.num_rows}
    turned = {n: t.take(list(range(t.num_rows))[::-1]) for n, t in tables.items()}
    one, other = linked(found._replace(**turned)), linked(found)
    assert one._replace(statements=other.statements) == other  # statements: the same, read anew


def test_the_last_star_that_offers_a_name_gives_it() -> None:
    """Names with an underscore are not offered, unless `__all__` lists them."""
    found = facts(
        Given("a.py", imports=["from b import *", "from c import *"], reads=["x", "y", "_z", "_w"]),
        Given("b.py", {"x": "function", "y": "class", "_z": "function"}),
        Given("c.py", {"x": "class", "_w": "class"}, lists=[("x", "assign"), ("_w", "add")]),
    )
    nid = {(r["file_no"], r["name"]): r["nid"] for r in found.bindings.to_pylist()}
    edges = linked(found).edges.to_pylist()
    assert [e["dst"] for e in edges if e["kind"] == "REF"] == [
        nid[3, "x"],
        nid[2, "y"],
        nid[3, "_w"],
    ]
    missing = [e["props"]["reason"] for e in edges if e["kind"] == "UNRESOLVED"]
    assert missing == ["undefined"]


def test_an_outside_star_leaves_names_open_and_a_known_one_does_not() -> None:
    """Behind an outside star even a builtin is not certain."""
    opened = facts(Given("a.py", imports=["from os import *"], reads=["len", "x"]))
    edges = linked(opened).edges.to_pylist()
    reasons = [e["props"]["reason"] for e in edges if e["kind"] == "UNRESOLVED"]
    assert reasons == ["star_import", "star_import"]
    known = facts(Given("a.py", imports=["from b import *"], reads=["len"]), Given("b.py"))
    assert targets(known, "REF") == [("a.py", "len", "builtin")]


def test_an_open_list_leaves_names_open() -> None:
    """What a run adds to `__all__` is not known; what it lists is."""
    found = facts(
        Given("a.py", imports=["from b import *"], reads=["x", "y"]),
        Given("b.py", {"x": "function"}, lists=[("x", "assign"), (None, "dynamic")]),
    )
    assert targets(found, "REF") == [("a.py", "x", "star_import")]
    assert targets(found, "UNRESOLVED") == [
        ("a.py", "y", "implicit_global"),
        ("b.py", "__all__", "local"),
    ]


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_circle_of_stars_ends_at_the_module_that_binds(order: tuple[str, str]) -> None:
    """Two modules take everything from each other, and one takes it from a third."""
    stars = [f"from {name} import *" for name in order]
    found = facts(
        Given("a.py", imports=["from c import *", stars[0 if order[0] == "b" else 1]]),
        Given("b.py", imports=[stars[0 if order[0] == "a" else 1]], reads=["f"]),
        Given("c.py", {"f": "function"}),
    )
    assert targets(found, "REF") == [("b.py", "f", "star_import")]
    assert targets(found, "UNRESOLVED") == []


def test_a_submodule_that_a_package_imports_is_a_name_of_it() -> None:
    """`from .x import *` binds `x` in the package, by effect of the import."""
    found = facts(
        Given("p/__init__.py", imports=["from .x import *"], reads=["x", "y"]),
        Given("p/x.py", {"f": "function"}),
        Given("p/y.py"),
    )
    assert targets(found, "REF") == [("p/__init__.py", "p.x", "submodule")]
    assert targets(found, "UNRESOLVED") == [("p/__init__.py", "y", "implicit_global")]


def test_lists_of_other_modules_are_added() -> None:
    """`__all__ = a.__all__ + b_all`, where `b_all` is imported, then a name removed."""
    found = facts(
        Given(
            "p/__init__.py",
            imports=["from .a import *", "from .b import *", "from .b import __all__ as b_all"],
            lists=[("a", "from"), ("b_all", "list"), ("g", "remove")],
        ),
        Given("p/a.py", {"f": "function"}, lists=[("f", "assign")]),
        Given("p/b.py", BOTH, lists=[("g", "add"), ("h", "add")]),
    )
    exports = [row for row in targets(found, "EXPORTS") if row[0] == "p/__init__.py"]
    assert exports == [("p/__init__.py", "f", "star_import"), ("p/__init__.py", "h", "star_import")]
    assert targets(found, "UNRESOLVED") == []


def test_lists_that_hold_each_other_end() -> None:
    """Neither is known in full, and that is said."""
    found = facts(
        Given("a.py", imports=["import b"], lists=[("b", "from"), ("b", "add")]),
        Given("b.py", imports=["import a"], lists=[("a", "from"), ("a", "add")]),
    )
    reasons = [e["props"]["reason"] for e in linked(found).edges.to_pylist() if e["props"]]
    assert "dynamic" in reasons


def test_imports_that_lead_in_a_circle_are_unresolved() -> None:
    """Two modules import a name from each other, and neither binds it."""
    found = facts(
        Given("a.py", imports=["from b import x"]), Given("b.py", imports=["from a import x"])
    )
    assert meanings(found) == {
        ("b", "x"): ("unresolved", None, "cycle"),
        ("a", "x"): ("unresolved", None, "cycle"),
    }


def test_a_circle_through_a_package_ends_at_its_submodule() -> None:
    """As a run does: the package has no such attribute yet, so its submodule is imported."""
    found = facts(
        Given("p/__init__.py", imports=["from .b import x"]),
        Given("p/b.py", imports=["from p import x"]),
        Given("p/x.py"),
    )
    assert {row[1] for row in meanings(found).values()} == {"p.x"}


def test_a_long_chain_of_re_exports_is_followed() -> None:
    """Ten thousand modules, each importing the name from the next."""
    count = 10_000
    files = [Given(f"m{n}.py", imports=[f"from m{n + 1} import x"]) for n in range(count)]
    found = facts(*files, Given(f"m{count}.py", {"x": "class"}))
    assert meanings(found)["m1", "x"] == ("resolved", f"m{count}.x", None)


def test_repositories_import_from_each_other() -> None:
    """Own modules win; the standard library and distributions stay outside."""
    found = facts(
        Given("a.py", imports=["from lib import f", "import json", "import yaml, nowhere"]),
        Given("lib.py", {"f": "function"}, repo="s"),
        Given("json.py", repo="s"),
        Given("b.py", imports=["import json"], repo="s"),
        environment={"r": {"yaml": ("pyyaml", "6.0")}, "s": {}},
    )
    result = linked(found)
    rows = result.imports.to_pylist()
    assert [(r["repo"], r["module"], r["status"], r["target"]) for r in rows] == [
        ("r", "lib", "resolved", "lib.f"),
        ("r", "json", "standard_library", "json"),
        ("r", "yaml", "external", "yaml"),
        ("r", "nowhere", "external", "nowhere"),
        ("s", "json", "resolved", "json"),
    ]
    assert result.external_interfaces.to_pylist() == [
        {"repo": "r", "name": "json", "status": "standard_library", "distribution": None,
         "version": None},
        {"repo": "r", "name": "nowhere", "status": "unresolved", "distribution": None,
         "version": None},
        {"repo": "r", "name": "yaml", "status": "resolved", "distribution": "pyyaml",
         "version": "6.0"},
    ]  # fmt: skip


def test_a_namespace_may_have_parts_outside() -> None:
    """Where a distribution is known for them; else the module is missing."""
    found = facts(
        Given("google/mine/m.py", imports=["import google.protobuf", "import google.gone"]),
        environment={"r": {"google.protobuf": ("protobuf", None)}},
    )
    assert meanings(found) == {
        ("google.protobuf", None): ("resolved", "google", None),
        ("google.gone", None): ("unresolved", None, "no_module"),
    }


def test_a_stub_fills_in_what_its_source_lacks() -> None:
    """The source wins where both bind a name."""
    found = facts(
        Given("a.py", imports=["from m import f, g, h"]),
        Given("m.py", {"f": "function"}),
        Given("m.pyi", {"f": "function", "g": "function"}, kind="stub"),
    )
    nid = {(r["file_no"], r["name"]): r["nid"] for r in found.bindings.to_pylist()}
    edges = linked(found).edges.to_pylist()
    assert [e["dst"] for e in edges if e["kind"] == "IMPORTS_NAME"] == [nid[2, "f"], nid[3, "g"]]
    assert meanings(found)["m", "h"][2] == "no_name"


def test_why_a_module_of_the_store_does_not_show_a_name() -> None:
    """Each reason, from a module that is like that."""
    found = facts(
        Given("a.py", imports=[f"from {m} import x" for m in ("b", "c", "d", "e", "broken")]),
        Given("b.py", {"__getattr__": "function"}),
        Given("c.py", imports=["from os import *"]),
        Given("d.py", lists=[(None, "dynamic")]),
        Given("e.py"),
        Given("broken.py"),
        unparsed=[6],
    )
    assert [row[2] for row in meanings(found).values() if row[0] == "unresolved"] == [
        "dynamic",
        "star_import",
        "dynamic",
        "no_name",
        "unparsed",
    ]


def test_a_module_that_is_no_package_may_register_a_submodule() -> None:
    """`os.path` is bound in `os` and is no file: only a run can tell what it is."""
    found = facts(
        Given("a.py", imports=["import m.path", "from m.path import join", "import m.gone"]),
        Given("m.py", {"path": "variable"}),
    )
    assert meanings(found) == {
        ("m.path", None): ("resolved", "m", None),
        ("m.path", "join"): ("unresolved", None, "dynamic"),
        ("m.gone", None): ("unresolved", None, "no_module"),
    }


def test_unresolved_nodes_are_numbered_within_their_file() -> None:
    """In order of place, in a range of their own."""
    found = facts(
        Given("a.py", imports=["from . import x", "from .. import y"]),
        Given("b.py", imports=["from . import z"]),
    )
    nodes = [n for n in linked(found).nodes.to_pylist() if n["kind"] == "unresolved"]
    assert [(n["nid"], n["name"]) for n in nodes] == [
        (1 << 32 | 15 << 28, "x"),
        (1 << 32 | 15 << 28 | 1, "y"),
        (2 << 32 | 15 << 28, "z"),
    ]
    assert len({n["node_id"] for n in nodes}) == 3


def test_a_long_chain_of_stars_is_followed() -> None:
    """Each module takes everything from the next."""
    count = 3_000
    files = [Given(f"m{n}.py", imports=[f"from m{n + 1} import *"]) for n in range(count)]
    first = Given("a.py", imports=["from m0 import x"])
    found = facts(first, *files, Given(f"m{count}.py", {"x": "class"}))
    assert meanings(found)["m0", "x"] == ("resolved", f"m{count}.x", None)
