"""What can reach a call of `probe`, by the steps of `values`: one small source a case."""

from __future__ import annotations

import ast
import sysconfig
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.evidence import TABLES
from codeanatomy.cpg.extract._run import run_one
from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.extract.values import extract
from tests.cpg.extract.steps import Steps

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FUNCTION = "def main():\n"

# A case: its title, what each `probe` sees (`|` between probes), and the source.
CASES = """
an assignment | 1
x = 1
probe(x)

the last assignment counts | 2
x = 1
x = 2
probe(x)

both branches meet | 1 2
if c: x = 1
else: x = 2
probe(x)

a branch that may not run | 1 2
x = 1
if c: x = 2
probe(x)

inside the branch only its own | 2
x = 1
if c:
    x = 2
    probe(x)

a chain of elif | 1 2 3
if a: x = 1
elif b: x = 2
else: x = 3
probe(x)

unbound on one side | 1
if c: x = 1
probe(x)

a branch that returns does not meet | 2
def f():
    if c:
        x = 1
        return
    else:
        x = 2
    probe(x)

a branch that raises does not meet | 2
def f():
    x = 1
    if c: raise E
    x = 2
    probe(x)

what the interpreter's version decides | 1
import sys
if sys.version_info >= (3, 0): x = 1
else: x = 2
probe(x)

what the interpreter's major version decides | 1
import sys
if sys.version_info[0] < 3: x = 2
else: x = 1
probe(x)

a constant test | 1
if 0: x = 2
else: x = 1
probe(x)

names for type checkers count too | 1 2
if TYPE_CHECKING: x = 1
else: x = 2
probe(x)

a loop may not run | 1 2
x = 1
for i in y: x = 2
probe(x)

a loop comes back | 1 2
x = 1
while c:
    probe(x)
    x = 2

continue comes back | 1 2 3
x = 1
while c:
    probe(x)
    if d:
        x = 3
        continue
    x = 2

break leaves | 1 2
x = 1
while True:
    if c:
        x = 2
        break
    if d: break
    x = 1
probe(x)

an endless loop is left by break only | 2
x = 1
while True:
    x = 2
    break
probe(x)

else of a loop is skipped by break | 2 3
for i in y:
    if i:
        x = 2
        break
else:
    x = 3
probe(x)

a variable bound in a loop | 1
for i in y:
    x = 1
    probe(x)

the loop variable | 1 2
for x in (1, 2): probe(x)

a handler sees every version of the body | 1 2 3
x = 1
try:
    x = 2
    x = 3
except E:
    probe(x)

after a try all ends meet | 2 3
x = 1
try:
    x = 2
except E:
    x = 3
probe(x)

else of a try follows the body | 2
x = 1
try: x = 2
except E: x = 3
else: probe(x)

finally sees everything | 1 2
x = 1
try: x = 2
finally: probe(x)

after finally the body has ended | 2
x = 1
try: x = 2
finally: y = 1
probe(x)

finally assigns | 3
x = 1
try: x = 2
finally: x = 3
probe(x)

a handler that returns | 2
def f():
    try: x = 2
    except E: return
    probe(x)

the caught exception | catch
try: pass
except E as e: probe(e)

with binds what it enters | enter
with a as x: probe(x)

with keeps its body's versions | 2
x = 1
with a: x = 2
probe(x)

a swallowing manager | 1 2
x = 1
with suppress(E): x = 2
probe(x)

a match takes one arm | 1 2
match v:
    case 1: x = 1
    case _: x = 2
probe(x)

a match may take none | 0 1
x = 0
match v:
    case 1: x = 1
probe(x)

a capture is the subject | 7
v = 7
match v:
    case x: probe(x)

a sequence pattern | 1 | 2
v = (1, 2)
match v:
    case (x, y):
        probe(x)
        probe(y)

a class pattern's attribute | attr a
match v:
    case C(a=x): probe(x)

a mapping pattern | item
match v:
    case {"k": x}: probe(x)

tuples are swapped at once | 2 | 1
x, y = 1, 2
x, y = y, x
probe(x)
probe(y)

unpacking a variable | 1 | 2
t = (1, 2)
x, y = t
probe(x)
probe(y)

starred targets take the rest | unpack_rest
x, *y = v
probe(y)

a chain of targets | 1 | 1
x = y = 1
probe(x)
probe(y)

augmented assignment | binary __iadd__
x = 1
x += 2
probe(x)

a walrus binds | 1
if (x := 1): probe(x)

a walrus in a comprehension binds outside | 1
[(x := 1) for i in y]
probe(x)

a walrus behind `and` may not bind | 0 1
x = 0
if c and (x := 1): pass
probe(x)

del and bind again | 2
x = 1
del x
x = 2
probe(x)

a function | f
def f(): pass
probe(f)

the later definition counts | f@b
def f(a=1): pass
def f(b=1): pass
probe(f)

a decorated function | decorate
@d
def f(): pass
probe(f)

a class | C
class C: pass
probe(C)

an import | os
import os
probe(os)

an import from | a.b.c
from a.b import c
probe(c)

an import with its fallback | json None
try: import json
except ImportError: json = None
probe(json)

the package of a dotted import | a.b
import a.b
probe(a)

a builtin | len
probe(len)

a builtin that a branch replaces | input 1
if c: input = 1
probe(input)

a parameter | param a
def f(a): probe(a)

a parameter that is replaced | param a 1
def f(a=None):
    if c: a = 1
    probe(a)

and | 1 2
x = 1 and 2
probe(x)

or | a b
def a(): pass
def b(): pass
probe(a or b)

a conditional expression | 1 2
probe(1 if c else 2)

a comprehension's variable is its own | 1
x = 1
[x for x in (2, 3)]
probe(x)

inside the comprehension it is the element | 2
x = 1
[probe(x) for x in (2,)]

a lambda reads the variable when it is called | 1 2
x = 1
f = lambda: probe(x)
f()
x = 2
f()

a function sees the later definition alone | f@b
def f(a=1): pass
def f(b=1): pass
def g(): probe(f)
g()

a version replaced before anything runs is not seen | 3
x = 1
def g(): probe(x)
x = 3
g()

a version that a call may see is seen | 1 3
x = 1
def g(): probe(x)
g()
x = 3
g()

versions killed before the definition are not seen | 2
x = 1
run()
x = 2
def g(): probe(x)
g()

a class does not start anything | 2
x = 1
class C:
    y = 1
    def g(self): probe(x)
x = 2

a class whose body calls may | 1 2
x = 1
class C:
    y = f()
    def g(self): probe(x)
x = 2

a module's attribute starts nothing | 2
import os
x = 1
def g(): probe(x)
y = os.path
x = 2

a definition in a loop sees the next turn | 1 2
def main():
    x = 1
    for i in y:
        def g(): probe(x)
        g()
        x = 2

a closure sees the variable of its function | 1
x = 0
def f():
    x = 1
    def g(): probe(x)
    g()

a closure of a parameter | param a
def f(a):
    def g(): probe(a)
    return g

a closure two levels down | 1
def f():
    x = 1
    def g():
        def h(): probe(x)
        h()

a recursive function sees itself | f
def f():
    probe(f)

what is rebound with nonlocal | 1 2
def f():
    x = 1
    def g():
        nonlocal x
        x = 2
    g()
    probe(x)

what is rebound with global, before anything runs | 1
x = 1
def g():
    global x
    x = 2
probe(x)

what is rebound with global, later | 1 2
x = 1
def g():
    global x
    x = 2
g()
probe(x)

the own write before any call | 2
x = 1
def g():
    global x
    x = 2
    probe(x)

the own write after a call is one of several | 1 2
x = 1
def g():
    global x
    x = 2
    run()
    probe(x)

a global that only a function binds | 2
def g():
    global x
    x = 2
def h(): probe(x)

a class body reads the global | 1
x = 1
class C: probe(x)

a class body reads its own | 2
x = 1
class C:
    x = 2
    probe(x)

a class body reads the version of now | 1
x = 1
class C: probe(x)
x = 2

a class variable bound on some paths | 1 2
x = 1
class C:
    if c: x = 2
    probe(x)

a method does not see class variables | 1
x = 1
class C:
    x = 2
    def m(self): probe(x)

a comprehension in a class does not see class variables | 1
x = 1
class C:
    x = 2
    y = [probe(x) for i in z]

its first iterable does | 2
x = 1
class C:
    x = 2
    y = [i for i in probe(x)]

private names are renamed | 1
class C:
    def m(self):
        __x = 1
        probe(__x)

an attribute that was set | 1
def m(self):
    self.x = 1
    probe(self.x)

an attribute after a call may have changed | attr x
def m(self):
    self.x = 1
    run()
    probe(self.x)

an attribute of that name was set elsewhere | attr x
def m(self, other):
    self.x = 1
    other.x = 2
    probe(self.x)

another attribute does no harm | 1
def m(self, other):
    self.x = 1
    other.y = 2
    probe(self.x)

its object was replaced | attr x
def m(a, b):
    a.x = 1
    a = b
    probe(a.x)

an attribute set on one path | attr x
def m(self):
    if c: self.x = 1
    probe(self.x)

an item that was set | 1
def m(d):
    d["k"] = 1
    probe(d["k"])

an item after another was set | item
def m(d, e):
    d["k"] = 1
    e["k"] = 2
    probe(d["k"])

an annotated variable | 1
x: int = 1
probe(x)

an annotation keeps the value | 1
def f():
    x = 1
    x: int
    probe(x)

what follows an endless loop is not reached |
while True: pass
probe(1)

what follows return is not reached |
def f():
    return
    probe(1)

what follows a with that returns may be | 1
def f():
    with a: return
    probe(1)

a break through finally | 3
def f():
    while True:
        try:
            x = 1
            break
        finally:
            x = 3
    probe(x)

a default is evaluated outside | 1
x = 1
def f(a=probe(x)): x = 2

a decorator is evaluated first | 1
x = 1
@probe(x)
def x(): pass
"""


# A case: its title, the tests each `probe`'s argument is known to have passed, and the source.
NARROWED = """
isinstance | isinstance
def f(x):
    if isinstance(x, A): probe(x)

not isinstance | not isinstance
def f(x):
    if isinstance(x, A): pass
    else: probe(x)

an early return | not isinstance
def f(x):
    if isinstance(x, A): return
    probe(x)

not around a test | not isinstance
def f(x):
    if not isinstance(x, A): probe(x)

is None | none | not none
def f(x):
    if x is None: probe(x)
    else: probe(x)

is not None | not none
def f(x):
    if x is not None: probe(x)

a name alone | truthy | falsy
def f(x):
    if x: probe(x)
    else: probe(x)

callable | callable
def f(x):
    if callable(x): probe(x)

the class itself | type | not type
def f(x):
    if type(x) is A: probe(x)
    else: probe(x)

a subclass | issubclass
def f(x):
    if issubclass(x, A): probe(x)

an attribute it has | hasattr
def f(x):
    if hasattr(x, "a"): probe(x)

both of two | truthy, callable
def f(x):
    if x and callable(x): probe(x)

within the test | not none
def f(x):
    if x is not None and probe(x): pass

one of two | isinstance, not isinstance, callable
def f(x):
    if isinstance(x, A) or callable(x): probe(x)

neither of two | not isinstance, not callable
def f(x):
    if isinstance(x, A) or callable(x): return
    probe(x)

an elif | not isinstance, isinstance
def f(x):
    if isinstance(x, A): pass
    elif isinstance(x, B): probe(x)

after both branches nothing is known |
def f(x):
    if isinstance(x, A): a()
    else: b()
    probe(x)

a loop's test | truthy | falsy
def f(x):
    while x:
        probe(x)
        x = g()
    probe(x)

an assertion | isinstance
def f(x):
    assert isinstance(x, A)
    probe(x)

a conditional expression | truthy | falsy
def f(x): return probe(x) if x else probe(x)

a comprehension's condition | callable
def f(xs): return [probe(x) for x in xs if callable(x)]

a walrus | not none
def f():
    if (x := g()) is not None: probe(x)

an attribute | not none
def f(self):
    if self.x is not None: probe(self.x)

an attribute, after a call |
def f(self):
    if self.x is not None:
        g()
        probe(self.x)

an item | truthy
def f(d):
    if d["k"]: probe(d["k"])

a variable of the module | not none
x = g()
def f():
    if x is not None: probe(x)

the first of `or` is true | truthy
def f(x): probe(x or 1)

a new value is not narrowed |
def f(x):
    if x is not None:
        x = g()
        probe(x)
"""


def _cases(cases: str) -> list[ParameterSet]:
    found = []
    for text in cases.strip().split("\n\n"):
        head, _, source = text.partition("\n")
        title, _, expected = head.partition("|")
        sets = _sets(expected) if expected.strip() or cases is NARROWED else []
        found.append(pytest.param(source, sets, id=title.strip().replace(" ", "-")))
    return found


def _sets(expected: str) -> list[set[str]]:
    """Split into probes; a kind of step and its name are one word."""
    for op in ("attr", "param", "binary", "not"):
        expected = expected.replace(f"{op} ", f"{op}:")
    return [set(part.replace(",", "").split()) for part in expected.split("|")]


@pytest.mark.parametrize(("source", "expected"), _cases(CASES))
def test_what_reaches_a_probe(source: str, expected: list[set[str]]) -> None:
    """The values that the steps let reach each `probe`, in the order of the source."""
    steps = Steps(source)
    found = [steps.argument(call) for call in steps.probes()]
    assert [{title.replace(" ", ":") for title in titles} for titles in found] == expected


@pytest.mark.parametrize(("source", "expected"), _cases(NARROWED))
def test_what_a_probe_knows_of_its_argument(source: str, expected: list[set[str]]) -> None:
    """The tests that the argument of each `probe` has passed on its way there."""
    steps = Steps(source)
    found = [steps.passed(call["body"], call["args"][0]) for call in steps.probes()]
    assert [{title.replace(" ", ":") for title in titles} for titles in found] == expected


def _rows(source: str, op: str, *columns: str) -> list[tuple[object, ...]]:
    """Return some columns of the steps of one kind."""
    return [tuple(row[column] for column in columns) for row in Steps(source).of(op)]


def test_arguments_keep_their_order_and_keywords() -> None:
    """Positional arguments first, then keywords; stars say so."""
    (call,) = Steps("f(1, *a, k=2, **b)").of("call")
    assert call["names"] == ["", "*", "k", "**"]
    assert len(set(call["args"])) == 4


def test_decorators_apply_from_the_inside() -> None:
    """Each is given what the one below made."""
    steps = Steps("@a\n@b\ndef f(): pass")
    first, second = steps.of("decorate")
    assert [steps.origins(0, row["other"]) for row in (first, second)] == [{"b"}, {"a"}]
    assert second["src"] == first["dst"]


def test_parameters_say_their_kind_place_and_annotation() -> None:
    """Kinds count from positional-only to `**`."""
    source = "def f(a, /, b: int, *c: 'list[str]', d: x.y | None = 1, **e): pass"
    assert _rows(source, "param", "name", "other", "src", "names") == [
        ("a", 0, 0, ()), ("b", 1, 1, ("int",)), ("c", 2, 2, ("list[str]",)),
        ("d", 3, 3, ("x.y | None",)), ("e", 4, 4, ()),
    ]  # fmt: skip
    assert _rows(source, "function", "names") == [(["d"],)]


def test_a_function_returns_none_only_where_it_may_end() -> None:
    """An endless loop, or a return on every path, leaves no end."""
    assert _origins_of_returns("def f(): pass") == [{"None"}]
    assert _origins_of_returns("def f():\n    while True: pass") == []
    assert _origins_of_returns("def f():\n    if c: return 1\n    else: return 2") == [{"1"}, {"2"}]
    assert _origins_of_returns("def f():\n    with c: return 1") == [{"1"}]


def _origins_of_returns(source: str) -> list[set[str]]:
    steps = Steps(source)
    return [steps.origins(row["body"], row["src"]) for row in steps.of("return")]


@pytest.mark.parametrize(
    ("source", "exported"),
    [
        ("x = 1\nx = 2", {"x": {"2"}}),
        ("if c: x = 1\nelse: x = 2", {"x": {"1", "2"}}),
        ("x = 1\ndel x", {}),
        ("def f():\n    global x\n    x = 1", {"f": {"f"}, "x": {"1"}}),
        ("x = 1\ndef f():\n    global x\n    x = 2", {"f": {"f"}, "x": {"1", "2"}}),
        ("try: import json\nexcept ImportError: json = None", {"json": {"json", "None"}}),
        ("x: int", {"x": set()}),
        ("[i for i in y]\n(z := 1)", {"z": {"1"}}),
        ("x = 1\nraise E", {"x": {"1"}}),
    ],
)
def test_a_module_exports_what_its_names_hold_at_its_end(
    source: str, exported: dict[str, set[str]]
) -> None:
    """Each name with all that it can hold then."""
    steps = Steps(source)
    found = {row["name"]: steps.origins(row["body"], row["src"]) for row in steps.of("export")}
    assert found == exported


def test_signatures_of_an_overloaded_function() -> None:
    """Those before the last are overloads of it, in a stub of the last of them."""
    text = "@overload\ndef f(a): ...\n@typing.overload\ndef f(b): ...\n"
    steps = Steps(text + "def f(c): ...")
    exported = steps.of("export")[0]["src"]
    assert [row["dst"] for row in steps.of("overload")] == [exported, exported]
    assert len(Steps(text).of("overload")) == 1


def test_type_parameters_are_bound_around_the_definition() -> None:
    """A function reads them from there; they do not leak."""
    if not hasattr(ast, "TypeAlias"):
        pytest.skip("type parameters came with 3.12")
    text = "def f[T](a: T): probe(T)\nclass C[U](probe(U)): pass\ntype X = list[C]\nprobe(T)"
    steps = Steps(text)
    titles = [steps.argument(call) for call in steps.probes()]
    assert titles == [{"typevar T"}, {"typevar U"}, {"T"}]
    assert [row["names"] for row in steps.of("type_alias")] == [("list[C]",)]


def test_a_definition_that_is_never_reached_has_no_steps() -> None:
    """It is a body all the same, so that bodies are counted as definitions are."""
    bodies = Steps("if 0:\n    def f(): a()\ndef g(): b()").bodies
    assert [(row[4], row[-1]) for row in bodies] == [("", True), ("f", False), ("g", True)]


def test_deep_source_is_no_obstacle() -> None:
    """Neither long chains of operators nor of `elif` are limited by the interpreter's stack."""
    steps = Steps("probe(" + "+".join(["1"] * 900) + ")")
    assert len(steps.of("binary")) == 899
    chain = "if a: x = 0\n" + "".join(f"elif a: x = {at}\n" for at in range(1, 200))
    assert len(Steps(chain + "probe(x)").argument(Steps(chain + "probe(x)").probes()[0])) == 200


def test_many_definitions_of_one_name_cost_little_each() -> None:
    """The versions that each reader sees share their slots: steps grow with the source."""
    sizes = [len(Steps("def f(): f()\nrun()\n" * count).rows) for count in (200, 400)]
    assert sizes[1] <= 2.1 * sizes[0]


@pytest.mark.parametrize(
    "name",
    ["argparse", "ast", "asyncio/base_events", "collections/__init__", "dataclasses", "enum",
     "functools", "inspect", "test/test_grammar", "test/test_patma", "test/test_generators",
     "test/test_scope", "test/test_named_expressions", "typing"],
)  # fmt: skip
def test_every_call_of_a_module_is_one_step(name: str) -> None:
    """But for those behind what never runs, which are few; every node and slot is one there is."""
    path = LIBRARY / f"{name}.py"
    if not path.exists():
        pytest.skip("this interpreter comes without its tests")
    source = Source(path.read_bytes())
    found = extract(source)
    steps, bodies = found["value_steps"], found["value_bodies"]
    calls = Counter(n for op, n in zip(steps["op"], steps["node"], strict=True) if op == "call")
    nodes = [item[0] for item in source.walked.nodes]
    wanted = {number for number, node in enumerate(nodes) if isinstance(node, ast.Call)}
    assert set(calls.values()) == {1}
    assert calls.keys() <= wanted
    assert len(wanted - calls.keys()) <= len(wanted) / 50
    for op, body, slot in zip(steps["op"], steps["body"], steps["dst"], strict=True):
        assert op == "outer_store" or slot is None or slot < bodies["slots"][body]
    assert all(node is None or 0 <= node < len(nodes) for node in steps["node"])


def test_the_tables_are_as_declared() -> None:
    """Columns and types are those of the page."""
    found = run_one("values", b"class C:\n    def m(self): return self.x(1)")
    declared = {table.name: table for table in TABLES}
    for name, table in found.items():
        names = [column.name for column in declared[name].columns[2:]]
        assert table.column_names == names
        assert table.num_rows
    assert found["value_bodies"]["cls"].to_pylist() == [None, None, 1]
