"""Programs that lead back to themselves: in imports, classes, types, values and calls."""

from __future__ import annotations

LOOPS: dict[str, dict[str, str]] = {
    "a module imports itself": {
        "a.py": """\
import a
from a import f, g
from a import *
a.f(); f(); g()
"""
    },
    "two modules import each other's names": {
        "a.py": """\
from b import f as g
from b import f
def h(): return f()
g()
""",
        "b.py": """\
from a import g as f
from a import h
f(); h()
""",
    },
    "a package and its part star each other": {
        "p/__init__.py": """\
from .q import *
from . import q
from p import x
x()
""",
        "p/q/__init__.py": """\
from .. import *
from p import q as x
x.x.x()
""",
    },
    "modules as values": {
        "a.py": """\
import a, sys, importlib
x = a
while x:
    x = x.x
    a.a = x
    x.y = a
    setattr(a, 'f', x)
    x = importlib.import_module(x)
    x = sys.modules['a']
    x = __import__('a')
x()
a.f()
globals()['a'].x()
"""
    },
    "a class inherits from itself": {
        "a.py": """\
class A(A): pass
A().f()
class B(B, B): pass
B.f()
"""
    },
    "classes inherit from each other": {
        "a.py": """\
import b
class A(b.B):
    def f(self): return self.g() + super().g()
""",
        "b.py": """\
import a
class B(a.A):
    def g(self): return self.f() + super().f()
""",
        "c.py": """\
import a, b
a.A().f()
b.B().f()
class C(a.A, b.B): pass
C().g()
""",
    },
    "classes inherit from each other by aliases": {
        "a.py": """\
from b import Y as X
class A(X):
    def f(self): return self.g()
Z = A
A().f()
""",
        "b.py": """\
from a import Z
class B(Z):
    def g(self): return super().f()
Y = B
B().g()
""",
    },
    "a class inherits from what it makes": {
        "a.py": """\
class A:
    @classmethod
    def make(cls): return type('B', (cls, A), {})
A = A.make()
class C(A.make()): pass
while A:
    A = A.make()
    class C(C.make(), A): pass
C().make()
"""
    },
    "a function makes classes of classes": {
        "a.py": """\
def f(base):
    class D(base):
        def run(self): return f(D)().run()
    return f(D)
f(object)().run()
x = object
while x:
    x = f(x)
    x().run()
"""
    },
    "a metaclass of itself": {
        "a.py": """\
class M(type, metaclass=M): pass
class N(metaclass=N): pass
N()()
class O(type):
    def __call__(cls): return cls()
class P(metaclass=O): pass
class Q(O, metaclass=O): pass
class R(metaclass=Q): pass
R(); P(); Q()()
O.__class__ = O
O = O('O', (O,), {})
"""
    },
    "bases set later": {
        "a.py": """\
class A: pass
class B(A): pass
A.__bases__ = (B,)
A().x()
A.__class__ = A
"""
    },
    "bases that are no classes": {
        "a.py": """\
class A(print): pass
class B(A()): pass
class C(1, 'x', None, [A]): pass
class D(*[A, B, C], **{'metaclass': D}): pass
class E(lambda: 1): pass
class F(type(E)): pass
class G(F('x', (), {})): pass
D().f(); E().f(); F()(); G()()
"""
    },
    "a super of a super": {
        "a.py": """\
class A:
    def f(self): return super().f()
    f = super
    def g(self): return super(A, super()).g()
A.f = A.g
A().f()
s = super(A, A())
while s:
    s = super(A, s)
    s.g()
"""
    },
    "aliases of themselves": {
        "a.py": """\
from typing import Dict, Generic, List, TypeAlias, Union
X = list['X']
Y: TypeAlias = 'Dict[str, Y] | Z'
Z = Union['Y', List['Z']]
def f(x: X, y: Y, z: Z) -> 'X | Y | Z':
    x[0][0][0].go(); y['a']['b'].go(); z[0].go()
    for a in x:
        for b in a: b.go(); f(b, a, x)
    return f(x, y, z)
class C(list['C'], Generic['C']): pass
C()[0][0].go()
x: 'x' = 1
x.go()
def g(a: 'g') -> 'g': return g(a)
g(g).go()
"""
    },
    "type variables bound to themselves": {
        "a.py": """\
from typing import Generic, List, TypeVar
T = TypeVar('T', bound='T')
U = TypeVar('U', bound='List[V]')
V = TypeVar('V', bound='List[U]')
class S(Generic[T]):
    def me(self: T) -> T: return self
    def us(self: 'S[S[T]]') -> 'S[S[S[T]]]': return self.us()
class N(S['N']): pass
class O(S['S[O]'], S[T]): pass
N().me().us().me()
O().us().us().me()
def f(x: U, y: V) -> 'U | V': return f(y, x)
f([], []).go()
"""
    },
    "functions passed to themselves": {
        "a.py": """\
def f(x): return x(x)
f(f)
Y = lambda g: (lambda x: g(lambda v: x(x)(v)))(lambda x: g(lambda v: x(x)(v)))
Y(lambda r: lambda n: 1 if n == 0 else n * r(n - 1))(5)
Y(Y)(Y)
f(Y)
def d(h): return d(d)
d(f)(f)(d)
g = lambda *a, **k: g(*a, g, **k, g=g)
g(g)
def curry(h): return lambda *a: curry(lambda *b: h(*a, *b))
curry(curry)(curry)(f)(1)
"""
    },
    "arguments that grow": {
        "a.py": """\
def f(*a, **k): return f(1, *a, **k, x=a)
f(f)
def g(x, *a): return g(*a, x)
g(g, g)
def h(*a):
    a = (h, *a)
    b = a[1:] + a
    b[0]()
    return h(*b, *a)
h()
def i(**k): return i(**{**k, 'a' + str(k): k})
i(a=i)
x = 'a'
while x:
    x += 'b'
    getattr(h, x)()
    x = x * 2
    x = f'{x}{x}'
    i(**{x: x})
"""
    },
    "containers of themselves": {
        "a.py": """\
x = []
x.append(x)
x[0][0][0]()
for y in x:
    for z in y: z()
d = {}
d['d'] = d
d['d']['d'].get('d')()
d[d] = [d, x]
t = (x, d)
x.extend(t)
x += [x]
x[0] = t
while t:
    t = (t, t)
    t[0][0][1]()
while x:
    x = [x]
    x = {'a': x}
    x['a'][0]()
s = {1}
s |= {s}
x.sort(key=x.sort)
x[x] = x
list(x)[0](*x, **d)
[*x, *d, *[x]][0]()
"""
    },
    "keys that hold themselves": {
        "a.py": """\
class A: pass
a = A()
a.t = (a.t, 1)
d = {}
d[a.t] = a
d[a.t].x()
{a.t}
a.u = (a.u,)
def g(o):
    d[o.u] = g
    d[o.u]()
g(a)
def f(t):
    t = (t,)
    d[t] = f
    d[(t, t)]()
    return f(t)
f(1)
d[1,]()
"""
    },
    "attributes of attributes": {
        "a.py": """\
import lib
class A: pass
a = A()
a.a = a
x = lib
while x:
    x = x.x
    a = a.a
    x = x.x()
    a.b = a
    a.__dict__ = a
    a.a = a.b.x = x
    x.go()
    a.go()
"""
    },
    "partials of partials": {
        "a.py": """\
from functools import partial, partialmethod, wraps
def f(*a, **k): return f
while f:
    f = partial(f, f, f=f)
    f()
    f = f.func
    f = wraps(f)(f)
    f(f)
class A:
    m = partialmethod(f)
    while m: m = partialmethod(m, m)
A().m()
"""
    },
    "wrappers of wrappers": {
        "a.py": """\
class A:
    f = 1
    while f:
        f = property(f)
        f = staticmethod(f)
        f = classmethod(f)
        f = f.setter(f)
        f = f.__func__
A().f
A.f()
A().f()
class B:
    def __call__(self): return self.x()
b = B()
b.x = b
b()()()
B.__call__ = b
b()
class C:
    def __get__(self, o, t): return self.c
    def __getattr__(self, n): return getattr(self, n)
C.c = C()
C().c.c.d.e()
C.__getattr__ = C()
C.__get__ = C.__get__
C().x()
"""
    },
    "decorators of themselves": {
        "a.py": """\
@f
def f(g): return f
@f
@f
def g(h): return g
while g:
    @g
    def g(h): return g
    @g
    class g(g): pass
@d
def d(h):
    @d
    @h
    def e(k): return d(e)
    return e
d(d)(d)
"""
    },
    "generators of themselves": {
        "a.py": """\
def g():
    yield from g()
    yield g()
    x = yield g
    x.send(g())
for x in g():
    for y in x: y()
next(g()).send(next(g()))()
async def c(): return await c()
async def d():
    async for x in d(): yield x
    await d().__anext__()
    yield d()
def h():
    it = iter(h())
    while it:
        it = iter(it)
        it = map(it, it)
        it = zip(it, it)
        it = enumerate(it)
        it = reversed(it)
    return it
next(h())()
"""
    },
    "things that have no class": {
        "a.py": """\
import copy
def f(): pass
class A: pass
for x in (f, A, copy, lambda: 1, print, A().f, f(), zip):
    y = copy.copy(x)
    y.z = x
    y.z()
    del y.z
    y()
    copy.deepcopy(y)(y)
    x[0] = y
    x[0]()
    x += y
    (-x)()
    with x as z: z()
    x < y
    not x
    f'{x}'
    for w in x: w()
    isinstance(x, y)
    x.__class__()
    type(x)()
    x.__dict__['a']()
    x = x | y
    a, *b = x
    b[0]()
    print(*x, **x)
    raise x from y
"""
    },
}
