"""The same sources give the same calls: however many workers, in whatever order, after any past."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.builds import as_bytes, assert_same_graph, built, meanings, rows, write

if TYPE_CHECKING:
    from pathlib import Path

SEEDED = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from tests.builds import built
built(Path(sys.argv[1]), sys.argv[2])
"""
ZOO = {
    "pyproject.toml": '[project]\nname = "zoo"\n',
    "zoo/__init__.py": "from zoo.animals import *\nfrom .keeper import Keeper as K\n",
    "zoo/animals.py": """\
from __future__ import annotations
import abc
from functools import partial

class Animal(abc.ABC):
    kinds: dict[str, type[Animal]] = {}
    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        Animal.kinds[cls.__name__] = cls
    @abc.abstractmethod
    def speak(self): ...
    @property
    def loud(self): return self.speak().upper()
    def __add__(self, other): return Herd(self, other)
    def __eq__(self, other): return self.speak() == other.speak()

class Cat(Animal):
    def speak(self): return 'meow'

class Dog(Animal):
    def __init__(self, name='rex'): self.name = name
    def speak(self): return self.name.title()

class Puppy(Dog):
    def speak(self): return super().speak()[:2]

class Herd:
    def __init__(self, *all): self.all = list(all)
    def __iter__(self): return iter(self.all)
    def __call__(self, act): return [act(a) for a in self]

old = partial(Dog, 'old')
""",
    "zoo/keeper.py": """\
import requests
from zoo import animals
from zoo.animals import Animal

class Keeper:
    def __init__(self, *animals): self.animals = animals
    def feed(self, how=None):
        for a in self.animals:
            (how or self.pat)(a)
            a.speak()
            a.loud
            a + a
    def pat(self, a: Animal): return a.speak()
    def any(self, name): return Animal.kinds[name]().speak()
    def ask(self, name): return getattr(self, 'f' + name)(requests.get(name).json())

def day(x):
    k = Keeper(animals.Cat(), animals.old(), animals.Puppy())
    k.feed(); k.feed(print); k.feed(lambda a: a.speak())
    animals.Herd(*k.animals)(Animal.speak)
    x.unknown(k)
    missing()
    try:
        k.any('Cat')
    except (KeyError, requests.HTTPError) as e:
        raise ValueError(e) from e
""",
    "main.py": "import zoo\nzoo.K(zoo.Dog()).feed()\nfrom zoo.keeper import day\nday(None)\n",
}
FARM = {
    "farm.py": """\
from zoo import Animal, K
class Cow(Animal):
    def speak(self): return 'moo'
K(Cow()).feed()
""",
}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the program once, with one worker."""
    folder = tmp_path_factory.mktemp("fresh")
    built(write(folder / "repo", ZOO), folder / "s")
    return folder / "s"


def test_the_program_has_calls_of_many_kinds(fresh: Path) -> None:
    """What is compared below is there to be compared."""
    edges = rows(fresh, "edges", reach="program")
    methods = {edge["method"] for edge in edges if edge["kind"] == "CALL_TARGET"}
    assert {"import", "type flow", "self", "super", "constructor", "partial", "property",
            "protocol", "builtin", "external"} <= methods  # fmt: skip
    kinds = {edge["kind"] for edge in edges}
    assert {"CALLS", "UNRESOLVED", "ARGUMENT_TO_PARAMETER", "INSTANCE_OF", "OVERRIDES", "RAISES",
            "CATCHES", "HAS_TYPE"} <= kinds  # fmt: skip
    assert any(edge["ambiguity_group"] for edge in edges)


def test_workers_do_not_show(tmp_path: Path, fresh: Path) -> None:
    """Two workers give the bytes that one gives."""
    built(write(tmp_path / "repo", ZOO), tmp_path / "s", jobs=2)
    assert as_bytes(tmp_path / "s") == as_bytes(fresh)


@pytest.mark.parametrize("seed", ["1", "4242"])
def test_hashes_do_not_show(tmp_path: Path, fresh: Path, seed: str) -> None:
    """Another hash seed gives the same bytes."""
    repo = write(tmp_path / "repo", ZOO)
    given = [str(repo), str(tmp_path / "s"), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    subprocess.run([sys.executable, "-c", SEEDED, *given], check=True, env=environment)
    assert as_bytes(tmp_path / "s") == as_bytes(fresh)


def test_the_order_of_files_does_not_show(tmp_path: Path, fresh: Path) -> None:
    """Files that were built one by one, the last one first, give the same graph."""
    repo = tmp_path / "repo"
    for path in reversed(ZOO):
        write(repo, {path: ZOO[path]})
        built(repo, tmp_path / "s")
    assert_same_graph(tmp_path / "s", fresh)


@pytest.mark.parametrize("path", ["zoo/animals.py", "zoo/keeper.py", "zoo/__init__.py"])
def test_an_edit_shows_and_leaves_no_trace(tmp_path: Path, fresh: Path, path: str) -> None:
    """Every caller of what changed is resolved anew, and as before once the change is undone."""
    repo = write(tmp_path / "repo", ZOO)
    built(repo, tmp_path / "s")
    edited = ZOO[path].replace("Dog", "Wolf").replace("feed", "serve").replace("import *", "")
    built(write(repo, {path: edited}), tmp_path / "s")
    built(write(tmp_path / "other", {**ZOO, path: edited}), tmp_path / "o")
    assert_same_graph(tmp_path / "s", tmp_path / "o")
    assert meanings(tmp_path / "s")["edges"] != meanings(fresh)["edges"]
    built(write(repo, {path: ZOO[path]}), tmp_path / "s")
    assert_same_graph(tmp_path / "s", fresh)


def test_the_order_of_repositories_does_not_show(tmp_path: Path) -> None:
    """Two repositories of one store call each other, whichever was built first."""
    zoo, farm = write(tmp_path / "zoo", ZOO), write(tmp_path / "farm", FARM)
    for store, repos in (("a", (zoo, farm)), ("b", (farm, zoo))):
        for repo in repos:
            built(repo, tmp_path / store, name=repo.name)
    assert_same_graph(tmp_path / "a", tmp_path / "b")
    nodes = {node["nid"]: (node["path"], node["name"]) for node in rows(tmp_path / "a", "nodes")}
    calls = rows(tmp_path / "a", "edges", kind="CALLS")
    found = {(nodes[edge["src"]], nodes[edge["dst"]]) for edge in calls}
    assert (("zoo/keeper.py", "feed"), ("farm.py", "speak")) in found
