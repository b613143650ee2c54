"""Files get the dotted names that imports call them by."""

from __future__ import annotations

import pytest

from codeanatomy.cpg.link.modules import name_modules


@pytest.mark.parametrize(
    ("path", "kind", "module", "root", "importable"),
    [
        ("a.py", "source", "a", "", True),
        ("p/__init__.py", "source", "p", "", True),
        ("p/q/m.pyi", "stub", "p.q.m", "", True),
        ("src/p/m.py", "source", "p.m", "src", True),
        ("src/__init__.py", "source", "src", "", True),
        ("lib/deep/x.py", "source", "x", "lib/deep", True),
        ("lib/y.py", "source", "y", "lib", True),
        ("libs/y.py", "source", "libs.y", "", True),
        ("my-tools/run.py", "source", "my-tools.run", "", False),
        ("p/class.py", "source", "p.class", "", False),
        ("p/m.pyw", "source", "p.m", "", False),
        ("bin/serve", "script", "bin.serve", "", False),
        ("n/x.ipynb#cell3", "cell", "n.x#cell3", "", False),
        ("é/ñ.py", "source", "é.ñ", "", True),
    ],
)
def test_a_file_is_named_by_its_longest_root(
    path: str,
    kind: str,
    module: str,
    root: str,
    importable: bool,  # noqa: FBT001 - an expected value
) -> None:
    """The name starts below the root; what cannot be written as a dotted name says so."""
    (found,) = name_modules(
        "r", [(1, path, kind)], ("./lib/", "lib/deep"), "folder", root_is_package=False
    )
    assert (found.module, found.root, found.importable) == (module, root, importable)


def test_packages_and_stubs_are_marked() -> None:
    """An `__init__` is its package, in a stub too."""
    files = [(1, "p/__init__.py", "source"), (2, "p/__init__.pyi", "stub"), (3, "p/m.pyi", "stub")]
    found = name_modules("r", files, (), "folder", root_is_package=False)
    assert [(n.module, n.package, n.stub) for n in found] == [
        ("p", True, False),
        ("p", True, True),
        ("p.m", False, True),
    ]


def test_a_repository_that_is_a_package_is_the_first_part_of_every_name() -> None:
    """Its parent is the root, except for what lies below `src`."""
    files = [(1, "__init__.py", "source"), (2, "a/b.py", "source"), (3, "src/c.py", "source")]
    found = name_modules("r", files, (), "folder", root_is_package=True)
    assert [(n.module, n.root) for n in found] == [
        ("folder", ".."),
        ("folder.a.b", ".."),
        ("c", "src"),
    ]
