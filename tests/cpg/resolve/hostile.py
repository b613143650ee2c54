"""Programs that are huge in one way each, by a size; each is a function that returns its files.

`ONE_FILE` and `MANY_FILES` name those that a resolution must follow at a cost about as large as
they are. Those that lead back to themselves are in `loops.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Files = dict[str, str]


def _each(count: int, *lines: str) -> str:
    """Repeat lines: `@` is their number, `@+` the next, `@-` the one before."""
    text = "".join(f"{line}\n" for line in lines)
    return "".join(
        text.replace("@+", str(i + 1)).replace("@-", str(i - 1)).replace("@", str(i))
        for i in range(count)
    )


def _list(items: Iterable[str]) -> str:
    return ", ".join(items)


# --- many of one kind ----------------------------------------------------------------------------
def definitions_of_one_name(n: int) -> str:
    """One name, defined `n` times; the last one is called."""
    return _each(n, "def f(x): return x + @") + "f(1)\n"


def definitions_on_branches(n: int) -> str:
    """One name, defined on `n` branches of which any may be taken."""
    branches = _each(n, "if flag == @:", "    def f(): return @")
    return f"flag = int(input())\n{branches}f()\n"


def methods_of_one_name(n: int) -> str:
    """`n` classes with a method `run`, called on a value of which nothing is known."""
    classes = _each(n, "class C@:", "    def run(self): return self")
    return f"{classes}def go(x): return x.run()\n"


def calls_of_one_function(n: int) -> str:
    """`n` calls of one function."""
    return "def f(x): return x\n" + _each(n, "f(@)")


def calls_of_one_method(n: int) -> str:
    """`n` calls of one method, each on an instance of its own."""
    head = "class C:\n    def __init__(self, x): self.x = x\n    def run(self): return self\n"
    return head + _each(n, "C(@).run().run()")


def functions_given_to_one(n: int) -> str:
    """One function that calls what it is given, and is given `n` functions."""
    return "def apply(g): return g()\n" + _each(n, "def f@(): return @", "apply(f@)")


def functions_that_hand_on(n: int) -> str:
    """`n` functions, each of which hands its argument on to the next."""
    return _each(n, "def f@(x): return f@+(x)") + f"def f{n}(x): return x()\nf0(lambda: 1)\n"


def functions_that_hand_all_on(n: int) -> str:
    """`n` functions, each of which hands all its arguments on to the next."""
    last = f"def f{n}(x, y): return x(y)\nf0(print, y=1)\n"
    return _each(n, "def f@(*a, **k): return f@+(*a, **k)") + last


def everybody_calls_everybody(n: int) -> str:
    """As many functions as `n` calls take when each calls all and hands its argument on."""
    count = max(2, int(n**0.5))
    calls = _each(count, "    f@(x)")
    functions = "".join(f"def f{i}(x):\n{calls}    x()\n" for i in range(count))
    return f"{functions}def end(): pass\nf0(end)\nf1(f0)\n"


def a_list_of_functions(n: int) -> str:
    """Write a display of `n` functions of which any is called."""
    functions = _each(n, "def f@(): return @")
    names = _list(f"f{i}" for i in range(n))
    return f"{functions}table = [{names}]\ntable[int(input())]()\nfor f in table: f()\n"


def a_dictionary_of_functions(n: int) -> str:
    """Write a dictionary of `n` functions, each called by its key."""
    functions = _each(n, "def f@(): return @")
    pairs = _list(f"'k{i}': f{i}" for i in range(n))
    return f"{functions}table = {{{pairs}}}\n" + _each(n, "table['k@']()") + "table[input()]()\n"


def a_list_of_numbers(n: int) -> str:
    """Write a display of `n` numbers, as tables of generated parsers are."""
    return f"table = {list(range(n))}\nprint(table[3])\nsum(table)\n"


def functions_that_register(n: int) -> str:
    """Write a registry that `n` decorated functions put themselves into."""
    head = """\
table = {}
def register(name):
    def keep(f):
        table[name] = f
        return f
    return keep
"""
    functions = _each(n, "@register('k@')".replace("@r", "\0"), "def f@(): return @")
    return f"{head}{functions}for name in table: table[name]()\nf0()\n".replace("\0", "@r")


def branches(n: int) -> str:
    """Write a function of `n` branches, one after the other, all about one variable."""
    arms = _each(n, "    if x == @:", "        y = f@")
    functions = _each(n, "def f@(): return @")
    return f"{functions}def go(x):\n    y = f0\n{arms}    return y()\ngo(1)\n"


def cases(n: int) -> str:
    """Write a `match` of `n` cases."""
    arms = _each(n, "        case @: return f@()")
    return _each(n, "def f@(): return @") + f"def go(x):\n    match x:\n{arms}go(1)\n"


def a_generated_parser(n: int) -> str:
    """Write a class of `n` methods that call each other, and a table of them."""
    methods = _each(
        n,
        "    def p_@(self, p):",
        "        p[0] = self.p_@+(p[1]) or Node(p[1], p[2])",
        "        return p[0]",
    ).replace(f"p_{n}(", "p_0(")
    table = _list(f"({i}, 'p_{i}', Parser.p_{i})" for i in range(n))
    return f"""\
class Node:
    def __init__(self, *a): self.a = a
class Parser:
{methods}
    def run(self, tokens):
        for t in tokens:
            for n, name, f in TABLE:
                f(self, t)
                getattr(self, name)(t)
TABLE = [{table}]
Parser().run([[1, 2, 3]])
"""


def attributes_set_by_many(n: int) -> str:
    """One object with `n` attributes, set by `n` functions that all get it."""
    functions = _each(n, "def s@(o):", "    o.a@ = s@", "    o.a@+()")
    return f"class O: pass\no = O()\n{functions}" + _each(n, "s@(o)")


def attributes_by_computed_names(n: int) -> str:
    """`n` attributes that are set and read by names that are computed."""
    uses = _each(
        n,
        "def m@(self): return self",
        "setattr(o, 'x%d' % @, m@)",
        "getattr(o, 'x' + str(@))()",
    )
    return f"class O: pass\no = O()\n{uses}"


def instances_that_hold_each_other(n: int) -> str:
    """`n` instances of one class, each of which holds the one before."""
    head = "class O:\n    next = None\n    def run(self): return self.next.run()\no = O()\n"
    return head + _each(n, "p = O(); p.next = o; o = p; o.next.run()")


# --- chains --------------------------------------------------------------------------------------
def chains_of_attributes(n: int) -> str:
    """Chains of attributes, long as the parser allows, on an object that leads to itself."""
    head = """\
class A:
    def __init__(self): self.next = self
    def call(self, x): return self
a = A()
"""
    return head + _each(max(1, n // 80), f"a{'.next' * 80}.call(@)")


def chains_of_calls(n: int) -> str:
    """Chains of calls on what the call before gave."""
    head = "class A:\n    def next(self): return self\na = A()\n"
    return head + _each(max(1, n // 80), f"a{'.next()' * 80}")


def chains_outside(n: int) -> str:
    """Chains of calls on what a library gives."""
    return "import lib\n" + _each(max(1, n // 60), f"lib.a{'.filter(@).get().b' * 30}()")


def one_variable_after_another(n: int) -> str:
    """`x = x.attr`, `n` times, and in a loop."""
    head = "import lib\nclass A:\n    def __init__(self): self.next = self\nx = A()\ny = lib.y\n"
    loop = "while x:\n    x = x.next\n    y = y.next\n    x.go(); y.go()\n"
    return head + _each(n, "x = x.next", "y = y.next") + loop


def displays_of_displays(n: int) -> str:
    """`n` displays, each of which holds all elements of the one before."""
    lines = _each(n, "t@+ = [*t@]; d@+ = {**d@}")
    return f"t0 = [print, len]\nd0 = {{'a': print}}\n{lines}t{n}[0](1)\nd{n}['a'](1)\n"


def a_chain_of_classes(n: int) -> str:
    """Write a chain of `n` classes that all have a method and call that of the first."""
    classes = _each(n, "class C@+(C@):", "    def own@(self): return self.base()")
    return f"class C0:\n    def base(self): return 1\n{classes}C{n}().base()\n"


def overrides_of_one_method(n: int) -> str:
    """`n` subclasses override a method that is called on the base."""
    classes = _each(n, "class C@(Base):", "    def run(self): return @")
    return f"""\
class Base:
    def run(self): return 0
    def go(self): return self.run()
{classes}
def go(b: Base): return b.run()
def each(bs: list[Base]):
    for b in bs: b.run()
"""


def overrides_called_everywhere(n: int) -> str:
    """`n` subclasses override a method, and `n` functions call it on any of them."""
    classes = _each(n, "class C@(Base):", "    def run(self): return self.go()")
    head = "class Base:\n    def run(self): return 0\n    def go(self): return self.run()\n"
    return head + classes + _each(n, "def u@(b: Base): return b.run()")


def many_bases(n: int) -> str:
    """Write a class with `n` bases, each of which calls a method of the next."""
    classes = _each(n, "class B@:", "    def m@(self): return self.m@+()").replace(f"m{n}(", "m0(")
    return f"{classes}class C({_list(f'B{i}' for i in range(n))}): pass\nC().m0()\n"


def diamonds(n: int) -> str:
    """Diamonds of inheritance on top of each other."""
    classes = _each(
        n,
        "class L@(B@): pass",
        "class R@(B@):",
        "    def run(self): return super().run()",
        "class B@+(L@, R@): pass",
    )
    return f"class B0:\n    def run(self): return 1\n{classes}B{n}().run()\n"


def functions_in_functions(n: int) -> str:
    """Write a function with `n` functions in it that share a variable."""
    inner = _each(
        n,
        "    def g@():",
        "        nonlocal shared",
        "        shared = g@",
        "        return shared()",
    )
    return f"def f():\n    shared = None\n{inner}    return g0()\nf()\n"


def nested_functions(n: int) -> str:
    """Functions in functions, as deep as the parser allows, `n` altogether."""
    body = "".join(f"{' ' * i}def g{i}(x{i}):\n" for i in range(90))
    back = "".join(f"{' ' * i}g{i}(x0)\n" for i in range(89, 0, -1))
    return f"{body}{' ' * 90}return x0, x45\n{back}" * max(1, n // 90) + "g0(1)\n"


def decorators(n: int) -> str:
    """One function under `n` decorators."""
    head = "def d(f):\n    def inner(*a): return f(*a)\n    return inner\n"
    return head + "@d\n" * n + "def g(): pass\ng()\n"


def partials(n: int) -> str:
    """Write a partial of a partial, `n` times."""
    more = "f = partial(f, 1)\n" * n
    return f"from functools import partial\ndef f(*a): pass\n{more}f()\n"


def operators(n: int) -> str:
    """Write sums of `n` objects with an operator of their own."""
    head = "class V:\n    def __add__(self, o): return V()\n"
    return head + _each(max(1, n // 80), f"x@ = {' + '.join(['V()'] * 80)}")


def boxes(n: int) -> str:
    """Write a generic class whose methods box themselves, boxed `n` times."""
    head = """\
from typing import Generic, TypeVar
T = TypeVar('T')
class Box(Generic[T]):
    def __init__(self, x: T): self.x = x
    def get(self) -> T: return self.x
    def wrap(self) -> 'Box[Box[T]]': return Box(self)
x0 = 1
"""
    return head + _each(n, "x@+ = Box(x@).wrap()", "x@+.get().get()")


def long_annotations(n: int) -> str:
    """Annotations of about `n` bytes: long, deep, and as text."""
    wide = f"Union[{_list(f'C{i % 7}' for i in range(n // 4))}]"
    deep = f"List[{'List[' * 80}int{']' * 80}]"
    text, none = "|".join(["C1"] * (n // 3)), "x" * n
    classes = _each(7, "class C@:", "    def go(self): pass")
    return f"""\
from typing import List, Union
{classes}
def f(a: {wide}, b: {deep}, c: {text!r}, d: {none!r}) -> {wide}:
    a.go(); b[0][0].go(); c.go(); d.go()
f().go()
"""


def unreadable_annotations(n: int) -> str:
    """Texts with more brackets and signs than Python reads."""
    text, minus = f"{'List[' * n}int{']' * n}", f"{'-' * n}1"
    return f"""\
def f(a: {text!r}, b: {minus!r}) -> {text!r}:
    a.go(); b.go()
    x: {text!r} = a
    x.go()
f().go()
"""


# --- many files ----------------------------------------------------------------------------------
def definitions_in_many_files(n: int) -> Files:
    """`n` files that all define the same name."""
    return {f"p/m{i}.py": f"def f(x): return x + {i}\nf(1)\n" for i in range(n)}


def star_imports(n: int) -> Files:
    """Write a chain of `n` modules, each of which takes all of the next."""
    files = {
        f"p/m{i}.py": f"from p.m{i + 1} import *\ndef f{i}(): return f{n}()\n" for i in range(n)
    }
    use = {"p/__init__.py": "from p.m0 import *\n", "use.py": f"from p import *\nf{n}()\nf0()\n"}
    return files | {f"p/m{n}.py": f"def f{n}(): pass\n"} | use


def star_imports_in_a_ring(n: int) -> Files:
    """Write a ring of `n` modules, each of which takes all of the next."""
    return {
        f"p/m{i}.py": f"from p.m{(i + 1) % n} import *\n"
        f"def f{i}(): return f{(i + 5) % n}()\nmissing()\n"
        for i in range(n)
    }


def imports_in_a_ring(n: int) -> Files:
    """Write a ring of `n` modules that take one name of each other, which none defines."""
    return {f"p/m{i}.py": f"from p.m{(i + 1) % n} import f as f\nf()\n" for i in range(n)}


def a_chain_of_imports(n: int) -> Files:
    """Write a chain of `n` modules, each of which calls what it takes of the next."""
    files = {f"m{i}.py": f"from m{i + 1} import f\nf()\n" for i in range(n)}
    return files | {f"m{n}.py": "def f(): pass\n"}


def classes_met_backwards(n: int) -> Files:
    """Write a chain of `n` classes in as many files, of which the last one is read first."""
    files = {
        f"m{i}.py": f"from m{i + 1} import C as B\nclass C(B):\n"
        "    def f(self): return super().f()\n"
        for i in range(n)
    }
    last = {f"m{n}.py": "class C:\n    def f(self): return 1\n"}
    return files | last | {"a.py": "import m0\nm0.C().f()\n"}


ONE_FILE: dict[Callable[[int], str], int] = {
    definitions_of_one_name: 100_000, definitions_on_branches: 10_000,
    methods_of_one_name: 20_000, calls_of_one_function: 100_000, calls_of_one_method: 50_000,
    functions_given_to_one: 30_000, functions_that_hand_on: 30_000,
    functions_that_hand_all_on: 20_000, everybody_calls_everybody: 40_000,
    a_list_of_functions: 50_000, a_dictionary_of_functions: 50_000, a_list_of_numbers: 500_000,
    functions_that_register: 20_000, branches: 5_000, cases: 10_000, a_generated_parser: 5_000,
    attributes_set_by_many: 5_000, attributes_by_computed_names: 2_000,
    instances_that_hold_each_other: 10_000, chains_of_attributes: 40_000,
    chains_of_calls: 40_000, chains_outside: 40_000, one_variable_after_another: 5_000,
    displays_of_displays: 20_000, a_chain_of_classes: 500, overrides_of_one_method: 10_000,
    overrides_called_everywhere: 3_000, many_bases: 500, diamonds: 200,
    functions_in_functions: 2_000, nested_functions: 2_000, decorators: 2_000, partials: 2_000,
    operators: 20_000, boxes: 3_000, long_annotations: 100_000,
    unreadable_annotations: 20_000,
}  # fmt: skip
"""Programs of one file, each with the size that a benchmark tries."""

MANY_FILES: dict[Callable[[int], Files], int] = {
    definitions_in_many_files: 1_000, star_imports: 400, star_imports_in_a_ring: 400,
    imports_in_a_ring: 1_000, a_chain_of_imports: 5_000, classes_met_backwards: 500,
}  # fmt: skip
"""Programs of many files, each with the size that a benchmark tries."""
