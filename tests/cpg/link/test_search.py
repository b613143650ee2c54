"""The search finds what `importlib.machinery.PathFinder` finds, part by part."""

from __future__ import annotations

import random
import sysconfig
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.link.search import BUILT_IN, Missing, Search

if TYPE_CHECKING:
    from collections.abc import Sequence

LIBRARY = Path(sysconfig.get_path("stdlib"))


def found_by_python(roots: Sequence[Path], dotted: str) -> tuple[Path | None, tuple[str, ...]]:
    """Return the file and the folders of a module; both empty where there is none.

    Only the last part is asked for, in the folders of what is above: nothing is imported.
    """
    folders: Sequence[str] = [str(root) for root in roots]
    spec = None
    for part in dotted.split("."):
        spec = PathFinder.find_spec(part, folders) if folders else None
        if spec is None:
            return None, ()
        folders = list(spec.submodule_search_locations or ())
    return Path(spec.origin) if spec and spec.origin else None, tuple(folders)


def found_by_us(search: Search, files: Sequence[Path], dotted: str) -> tuple[Path | None, int]:
    """Return the file, and how many folders are searched below it."""
    unit = search.find("r", "", dotted)
    if isinstance(unit, Missing):
        return None, 0
    return (files[unit.files[0] - 1] if unit.files else None), len(unit.paths)


def searched(root: Path, files: Sequence[Path], import_root: str = "") -> Search:
    """Search the given files, numbered from 1, below one root."""
    rows = [("r", n, f.relative_to(root).as_posix(), import_root) for n, f in enumerate(files, 1)]
    return Search(rows, {}, frozenset())


@pytest.mark.parametrize("package", ["asyncio", "concurrent", "email", "importlib", "xml"])
def test_every_module_of_a_package_is_found(package: str) -> None:
    """And nothing else: names of neighbours below each module are asked for too."""
    files = sorted((LIBRARY / package).rglob("*.py"))
    search = searched(LIBRARY, files)
    names = [".".join(f.relative_to(LIBRARY).with_suffix("").parts) for f in files]
    names = [name.removesuffix(".__init__") for name in names]
    asked = [*names, *(f"{name}.parser" for name in names), f"{package}.nowhere.at.all"]
    assert len(names) >= 5
    for name in asked:
        path, folders = found_by_python([LIBRARY], name)
        assert found_by_us(search, files, name) == (path, len(folders)), name


@pytest.mark.parametrize("seed", range(5))
def test_packages_modules_and_namespaces_are_ranked_as_python_ranks_them(
    tmp_path: Path, seed: int
) -> None:
    """Folders and files of the same few names, in two import roots."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible example, nothing secret
    for _ in range(40):
        depth = chance.randint(0, 3)
        folder = tmp_path / chance.choice(["", "src"]) / Path(*chance.choices("abc", k=depth))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{chance.choice(['a', 'b', 'c', '__init__'])}.py").touch()
    (tmp_path / "__init__.py").unlink(missing_ok=True)
    (tmp_path / "src").mkdir(exist_ok=True)
    (tmp_path / "src" / "__init__.py").unlink(missing_ok=True)
    files = sorted(tmp_path.rglob("*.py"))
    rows = []
    for number, file in enumerate(files, 1):
        below = file.relative_to(tmp_path).as_posix()
        rows.append(("r", number, below, "src" if below.startswith("src/") else ""))
    search = Search(rows, {}, frozenset())
    names = [".".join(chance.choices("abc", k=chance.randint(1, 4))) for _ in range(200)]
    for name in names:
        path, folders = found_by_python([tmp_path, tmp_path / "src"], name)
        assert found_by_us(search, files, name) == (path, len(folders)), name


def test_an_import_root_of_the_importer_is_searched_first() -> None:
    """Two files of one name: each root sees its own."""
    rows = [("r", 1, "conf.py", ""), ("r", 2, "src/conf.py", "src")]
    search = Search(rows, {}, frozenset())
    assert [search.find("r", root, "conf").name for root in ("", "src")] == ["conf", "conf"]
    found = [search.find("r", root, "conf") for root in ("", "src")]
    assert [f.files for f in found if not isinstance(f, Missing)] == [(1,), (2,)]


def test_a_source_wins_over_its_stub_and_both_are_kept() -> None:
    """The stub alone is a module as well."""
    rows = [("r", 1, "m.pyi", ""), ("r", 2, "m.py", ""), ("r", 3, "only.pyi", "")]
    search = Search(rows, {}, frozenset())
    found = [search.find("r", "", name) for name in ("m", "only")]
    assert [f.files for f in found if not isinstance(f, Missing)] == [(2, 1), (3,)]


@pytest.mark.parametrize("name", ["sys", "time", "builtins"])
def test_what_is_in_the_interpreter_is_never_a_file(name: str) -> None:
    """A file of that name is there, and no import reaches it."""
    assert name in BUILT_IN
    search = Search([("r", 1, f"{name}.py", "")], {}, frozenset({name}))
    assert search.find("r", "", name) == Missing(name, None)


def test_own_modules_come_before_the_standard_library_and_that_before_others() -> None:
    """Own `json` wins for its repository; another repository sees the library's."""
    rows = [("own", 1, "json.py", ""), ("other", 2, "a.py", "")]
    search = Search(rows, {}, frozenset({"json"}))
    assert search.find("own", "", "json").name == "json"
    assert isinstance(search.find("other", "", "json"), Missing)


def test_the_standard_library_itself_may_be_in_the_store() -> None:
    """Then its files are what others import, before their own frozen names."""
    tops = ("abc", "codecs", "io", "os", "site", "stat", "json")
    rows = [("lib", n, f"{top}.py", "") for n, top in enumerate(tops, 1)]
    rows += [("r", 20, "os.py", ""), ("r", 21, "json.py", "")]
    search = Search(rows, {}, frozenset(tops))
    found = [search.find("r", "", name) for name in ("os", "json", "abc")]
    assert [f.files for f in found if not isinstance(f, Missing)] == [(4,), (21,), (1,)]


def test_namespace_packages_join_over_repositories() -> None:
    """Each repository holds a part; both parts are found from either."""
    rows = [("a", 1, "ns/x.py", ""), ("b", 2, "ns/y.py", "")]
    search = Search(rows, {}, frozenset())
    found = [search.find(repo, "", f"ns.{m}") for repo in "ab" for m in "xy"]
    assert [f.files for f in found if not isinstance(f, Missing)] == [(1,), (2,), (1,), (2,)]


def test_a_package_ends_the_search_where_a_namespace_does_not() -> None:
    """What a package lacks is missing in it, though another folder has it."""
    rows = [("a", 1, "p/__init__.py", ""), ("b", 2, "p/y.py", "")]
    search = Search(rows, {}, frozenset())
    missing = search.find("a", "", "p.y")
    assert isinstance(missing, Missing)
    assert missing.inside is not None
    assert missing.inside.files == (1,)
