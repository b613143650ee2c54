"""The question `imports`: module imports, and those that run in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import codeanatomy as ca
from tests.builds import built, write
from tests.calls import LAYERS

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "pkg/__init__.py": "",
    "pkg/a.py": "import pkg.b\n",
    "pkg/b.py": "import os\nimport pkg.c\n",
    "pkg/c.py": "def f():\n    import pkg.a\n",
    "pkg/d.py": "from pkg import e\nfrom pkg import gone\n",
    "pkg/e.py": "from pkg import d\nfrom pkg.a import f\n",
}


@pytest.fixture(scope="module")
def pkg(tmp_path_factory: pytest.TempPathFactory) -> ca.Graph:
    """Build modules that import each other."""
    folder: Path = tmp_path_factory.mktemp("imports")
    built(write(folder / "repo", FILES), folder / "store", layers=LAYERS)
    return ca.open(folder / "store")


def test_circles_with_the_lines_that_close_them(pkg: ca.Graph) -> None:
    """The largest first; where there are some the check fails."""
    answer = pkg.imports(cycles=True)
    found = [(r["cycle"], r["module"], r["imported"], r["line"], r["source"]) for r in answer]
    assert found == [
        (1, "pkg.a", "pkg.b", 1, "import pkg.b"),
        (1, "pkg.b", "pkg.c", 2, "import pkg.c"),
        (1, "pkg.c", "pkg.a", 2, "    import pkg.a"),
        (2, "pkg.d", "pkg.e", 1, "from pkg import e"),
        (2, "pkg.e", "pkg.d", 1, "from pkg import d"),
    ]
    assert not answer.standing.holds
    assert "2 circles, of 3, 2 modules" in answer.notes()


def test_imports_in_functions_close_no_circle_while_modules_load(pkg: ca.Graph) -> None:
    """They run later."""
    answer = pkg.imports(cycles=True, loading=True)
    assert {row["module"] for row in answer} == {"pkg.d", "pkg.e"}


def test_imports_of_one_module_in_both_directions(pkg: ca.Graph) -> None:
    """Without looking for circles nothing fails."""
    answer = pkg.imports("pkg.b")
    found = [(row["module"], row["imported"], row["kind"]) for row in answer]
    assert found == [
        ("pkg.a", "pkg.b", "module"),
        ("pkg.b", "os", "external module"),
        ("pkg.b", "pkg.c", "module"),
    ]
    assert answer.standing.holds


def test_imports_that_lead_nowhere_are_counted(pkg: ca.Graph) -> None:
    """Any of them could close a circle; of one module only those of its name count."""
    assert (pkg.imports(cycles=True).possible, pkg.imports("pkg.b").possible) == (2, 0)


def test_no_circle_is_none(till: ca.Graph) -> None:
    """And the check holds."""
    answer = till.imports(cycles=True)
    assert (answer.verdict, answer.standing.holds) == ("none", True)
