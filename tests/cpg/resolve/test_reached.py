"""Code that is reached without a written call: by a test runner, accessors, subscripts of bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import builds

if TYPE_CHECKING:
    from pathlib import Path


def calls(tmp_path: Path, **files: str) -> set[tuple[str, str]]:
    """Build a program of modules; return its CALLS between functions by qualified names."""
    texts = {f"{name}.py": text for name, text in files.items()}
    root = builds.write(tmp_path / "shop", texts)
    store = tmp_path / "store"
    builds.built(root, store)
    names = {row["nid"]: row["qualified_name"] for row in builds.rows(store, "nodes")}
    found = builds.rows(store, "edges", kind="CALLS")
    return {(str(names[row["src"]]), str(names[row["dst"]])) for row in found}


LIB = """
class App:
    def run(self): pass
class Other:
    def run(self): pass
def f(): pass
def g(): pass
"""


def test_a_test_gets_what_the_fixture_of_its_parameter_gives(tmp_path: Path) -> None:
    """The nearest fixture of that name; each of its parameters where it takes some."""
    conftest = """
import pytest
from lib import App, Other
@pytest.fixture
def app():
    return App()
@pytest.fixture(params=[App, Other])
def made(request):
    yield request.param()
"""
    tests = """
def test_one(app):
    app.run()
class TestMade:
    def test_two(self, made):
        made.run()
"""
    found = calls(tmp_path, lib=LIB, conftest=conftest, test_shop=tests)
    assert ("test_shop.test_one", "lib.App.run") in found
    assert ("test_shop.test_one", "lib.Other.run") not in found
    assert ("test_shop.TestMade.test_two", "lib.App.run") in found
    assert ("test_shop.TestMade.test_two", "lib.Other.run") in found


def test_a_parametrized_test_gets_its_column(tmp_path: Path) -> None:
    """Rows are tuples or what `param` makes; with one name a row is its value."""
    tests = """
import pytest, lib
@pytest.mark.parametrize("call, other", [(lib.f, 1), pytest.param(lib.f, lib.g, id="x")])
def test_rows(call, other):
    call()
@pytest.mark.parametrize("call", [lib.g])
def test_plain(call):
    call()
"""
    found = calls(tmp_path, lib=LIB, test_shop=tests)
    assert {dst for src, dst in found if src == "test_shop.test_rows"} == {"lib.f"}
    assert {dst for src, dst in found if src == "test_shop.test_plain"} == {"lib.g"}


def test_a_class_below_property_runs_its_accessors(tmp_path: Path) -> None:
    """By its own `__get__`, or by the one it inherits."""
    text = """
class lazy(property):
    def __init__(self, fget, doc=None):
        super().__init__(fget, doc=doc)
    def __get__(self, obj, type=None):
        return self.fget(obj)
class plain(property):
    pass
class V:
    def go(self): pass
class C:
    @lazy
    def a(self): return V()
    @plain
    def b(self): return V()
def one():
    C().a.go()
def two():
    C().b.go()
one()
two()
"""
    found = calls(tmp_path, m=text)
    assert ("m.lazy.__get__", "m.C.a") in found
    assert ("m.two", "m.C.b") in found
    assert {("m.one", "m.V.go"), ("m.two", "m.V.go")} <= found


def test_a_generic_class_with_a_subscript_of_its_own_stays_a_base(tmp_path: Path) -> None:
    """`__class_getitem__` runs, and the class is inherited from."""
    text = """
from typing import Generic, TypeVar
T = TypeVar("T")
class Base(Generic[T]):
    def __class_getitem__(cls, key):
        return super().__class_getitem__(key)
    def go(self): pass
class Below(Base[int]):
    pass
def use():
    Below().go()
use()
"""
    found = calls(tmp_path, m=text)
    assert ("m.use", "m.Base.go") in found


def test_what_a_class_below_a_frozen_set_is_made_of_is_in_it(tmp_path: Path) -> None:
    """The library's `__new__` says so."""
    text = """
class Some(frozenset):
    pass
class A:
    def go(self): pass
def use():
    for one in Some([A()]):
        one.go()
use()
"""
    assert ("m.use", "m.A.go") in calls(tmp_path, m=text)


def test_a_name_that_is_only_annotated_is_asked_of_getattr(tmp_path: Path) -> None:
    """An annotation in the class body gives instances nothing."""
    text = """
class Options:
    parser: str
    def __getattr__(self, name):
        return 1
def use():
    Options().parser
use()
"""
    assert ("m.use", "m.Options.__getattr__") in calls(tmp_path, m=text)


def test_a_container_asks_each_of_its_elements(tmp_path: Path) -> None:
    """`hash` of a tuple hashes, `repr` of a list and a format's arguments show what is in it."""
    text = """
class A:
    def __hash__(self): return 1
    def __repr__(self): return "a"
def hashed(a):
    return hash((a, 1))
def shown(a):
    return repr([a])
def formatted(a):
    return "{a}".format(a=a)
hashed(A())
shown(A())
formatted(A())
"""
    found = calls(tmp_path, m=text)
    assert ("m.hashed", "m.A.__hash__") in found
    assert {("m.shown", "m.A.__repr__"), ("m.formatted", "m.A.__repr__")} <= found


def test_a_property_class_may_name_property_itself(tmp_path: Path) -> None:
    """`property.__init__(self, ...)` keeps the accessor, `property.__get__(self, ...)` runs it."""
    text = """
class own(property):
    def __init__(self, fget=None):
        property.__init__(self, fget=fget)
    def __get__(self, obj, type=None):
        return property.__get__(self, obj, type)
class C:
    @own
    def a(self): return 1
def use():
    C().a
use()
"""
    assert ("m.own.__get__", "m.C.a") in calls(tmp_path, m=text)


def test_a_single_dispatch_says_what_is_registered_for_a_class(tmp_path: Path) -> None:
    """The nearest class above that was registered, else the function itself."""
    text = """
from functools import singledispatch
class A: pass
class B(A): pass
def other(x): pass
def plain(x): pass
single = singledispatch(plain)
single.register(A, other)
def one():
    single.dispatch(B)(1)
def two():
    single.dispatch(int)(1)
one()
two()
"""
    found = calls(tmp_path, m=text)
    assert {dst for src, dst in found if src == "m.one" and dst[:2] == "m."} == {"m.other"}
    assert {dst for src, dst in found if src == "m.two" and dst[:2] == "m."} == {"m.plain"}
