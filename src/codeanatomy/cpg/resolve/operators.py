"""Operators: arithmetic, comparisons, truth, and what is put into a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import containers, texts
from codeanatomy.cpg.resolve.callings import calling, positional, special
from codeanatomy.cpg.resolve.objects import (
    Alias,
    Class,
    Const,
    Form,
    Instance,
    Outside,
    TypeVar,
    Unknown,
)
from codeanatomy.cpg.resolve.protocols import inherited, own_method

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver

_REFLECTED = frozenset(
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
)
_SWAPPED = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__",
            "__eq__": "__eq__", "__ne__": "__ne__"}  # fmt: skip
_SAME = frozenset("int float complex str bytes bool bytearray".split())
_GATHERED = frozenset("list tuple set frozenset dict".split())


def binary(
    value: int, r: Resolver, other: int, name: str, dst: int, where: tuple[Frame, int]
) -> None:
    """Apply an operator to an object; `name` is its special method."""
    info = r.info[value]
    if isinstance(info, Unknown | Outside):
        r.solver.add(dst, value if isinstance(info, Unknown) else r.unknown("external_value"))
    elif name == "__or__" and isinstance(info, Class | Alias | TypeVar | Form):
        r.solver.add(dst, value)
        r.solver.copy(other, dst)
        return
    plain = name.replace("__i", "__", 1) if name.startswith("__i") and name[3:5] != "nv" else name
    for wanted in dict.fromkeys((name, plain)):
        if own_method(r, value, wanted):
            call = calling(r, *where, positional(other), dst, "protocol", name=wanted)
            special(r, value, wanted, call)
            if wanted == name != plain:
                return
            break
    else:
        _of_library(r, value, plain, other, dst, where)
    reflected = f"__r{plain[2:]}"
    if plain.strip("_") in _REFLECTED and reflected in r.defined:
        r.solver.when(other, _reflected, r, value, reflected, dst, where)


def _reflected(
    value: int, r: Resolver, left: int, name: str, dst: int, where: tuple[Frame, int]
) -> None:
    plain = f"__{name[3:]}"
    if own_method(r, value, name) and not own_method(r, left, plain):
        call = calling(r, *where, positional(r.holding(left)), dst, "protocol", name=name)
        special(r, value, name, call)


def _of_library(
    r: Resolver, value: int, name: str, other: int, dst: int, where: tuple[Frame, int]
) -> None:
    cls = r.class_of(value)
    if cls < 0:
        return
    kind = r.classes[cls].name
    if kind == "str" and name in ("__add__", "__mod__"):
        if name == "__add__":
            texts.joined(r, (r.holding(value), other), dst)
        elif not texts.percent(r, value, other, dst):
            r.solver.add(dst, r.of(Instance(cls)))
        if name == "__mod__":
            r.solver.when(other, _shown_in, r, where)
    elif kind in _SAME:
        r.solver.add(dst, r.of(Instance(cls)))
        if kind in ("int", "float"):
            r.solver.when(other, _number, r, dst)
    elif kind in _GATHERED and name in ("__add__", "__or__", "__mul__", "__sub__", "__and__"):
        r.solver.add(dst, value)
        if name in ("__add__", "__or__"):
            made = containers.make(r, kind, ("joined", where[0].unit, where[1]))
            r.solver.add(dst, made)
            containers.spread(value, r, made, where)
            r.solver.when(other, containers.spread, r, made, where)
    else:
        call = calling(r, *where, positional(other), dst, "protocol", name=name)
        special(r, value, name, call)


def _shown_in(value: int, r: Resolver, where: tuple[Frame, int]) -> None:
    """Write what `%` is given into a text: an object, or each element of a tuple."""
    known = r.elements(value)
    for node in known.values() if known else ():
        r.solver.when(node, _printed, r, where)
    if not known:
        _printed(value, r, where)


def _printed(value: int, r: Resolver, where: tuple[Frame, int]) -> None:
    for name in ("__str__", "__repr__"):
        if own_method(r, value, name):
            special(r, value, name, calling(r, *where, (), -1, "protocol", name=name))
            return


def _number(value: int, r: Resolver, dst: int) -> None:
    cls = r.class_of(value)
    if cls >= 0 and r.classes[cls].name in ("float", "complex"):
        r.solver.add(dst, r.of(Instance(cls)))


def unary(value: int, r: Resolver, name: str, dst: int, where: tuple[Frame, int]) -> None:
    """Apply a sign to an object."""
    info = r.info[value]
    if isinstance(info, Unknown):
        r.solver.add(dst, value)
    elif own_method(r, value, name):
        special(r, value, name, calling(r, *where, (), dst, "protocol", name=name))
    elif isinstance(info, Const) and name == "__neg__" and info.text.isdigit():
        r.solver.add(dst, r.of(Const(info.cls, f"-{info.text}")))
    elif isinstance(info, Instance | Const):
        r.solver.add(dst, r.of(Instance(info.cls)))


def compare(
    value: int, r: Resolver, other: int, name: str, dst: int, where: tuple[Frame, int]
) -> None:
    """Compare an object; the other side is asked where it does not know."""
    if own_method(r, value, name) or inherited(r, value, name):
        call = calling(r, *where, positional(other), dst, "protocol", name=name)
        special(r, value, name, call)
    elif "total" in _flags(r, value) and name in _SWAPPED:
        _derived(r, value, other, where)
    elif name == "__contains__" and own_method(r, value, "__iter__"):
        r.iterate(value, r, r.solver.node(), where)
    elif name == "__ne__" and own_method(r, value, "__eq__"):
        call = calling(r, *where, positional(other), dst, "protocol", name="__eq__")
        special(r, value, "__eq__", call)
    elif name in _SWAPPED:
        r.solver.when(other, _swapped, r, value, _SWAPPED[name], dst, where)


def _flags(r: Resolver, value: int) -> dict[str, None]:
    facts = r.classes.get(r.class_of(value))
    return {f: None for n in facts.mro for f in r.classes[n].flags} if facts is not None else {}


def _derived(r: Resolver, value: int, other: int, where: tuple[Frame, int]) -> None:
    """Compare as `functools.total_ordering` does: by the one order there is, and equality."""
    for name in ("__lt__", "__gt__", "__le__", "__ge__"):
        if own_method(r, value, name):
            for one in (name, "__eq__"):
                if own_method(r, value, one):
                    call = calling(r, *where, positional(other), -1, "protocol", name=one)
                    special(r, value, one, call)
            return


def _swapped(
    value: int, r: Resolver, left: int, name: str, dst: int, where: tuple[Frame, int]
) -> None:
    if own_method(r, value, name):
        call = calling(r, *where, positional(r.holding(left)), dst, "protocol", name=name)
        special(r, value, name, call)


def tested(value: int, r: Resolver, where: tuple[Frame, int]) -> None:
    """Ask an object whether it is true."""
    for name in ("__bool__", "__len__"):
        if own_method(r, value, name):
            special(r, value, name, calling(r, *where, (), -1, "protocol", name=name))
            return


def shown(value: int, r: Resolver, how: str, where: tuple[Frame, int]) -> None:
    """Put an object into an f-string; `how` names the method that its conversion wants."""
    names = ("__format__", "__str__", "__repr__")
    for name in names[names.index(how) if how else 0 :]:
        if own_method(r, value, name):
            special(r, value, name, calling(r, *where, (), -1, "protocol", name=name))
            return
