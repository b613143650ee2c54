"""Operators and protocols: what iteration, `with`, subscripts and operators run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import containers, types
from codeanatomy.cpg.resolve.callings import calling, has, positional, special
from codeanatomy.cpg.resolve.objects import (
    Alias, Class, Const, Form, Function, Instance, Outside, Running, Tool, TypeVar, Unknown,
)  # fmt: skip

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.resolver import Frame, Resolver

_REFLECTED = frozenset(
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
)
_SWAPPED = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__",
            "__eq__": "__eq__", "__ne__": "__ne__"}  # fmt: skip
_SAME = frozenset("int float complex str bytes bool bytearray".split())
_GATHERED = frozenset("list tuple set frozenset dict".split())


def outside(r: Resolver, value: int) -> bool:
    """Whether an object's class stands outside the store."""
    cls = r.class_of(value)
    return cls < 0 or r.units[r.classes[cls].unit].outside


def own_method(r: Resolver, value: int, name: str) -> bool:
    """Whether a repository of the store defines the special method of an object."""
    from codeanatomy.cpg.resolve.classes import owner_of  # noqa: PLC0415 - one use

    cls = r.class_of(value)
    if cls < 0:
        return False
    owner = owner_of(r, r.classes[cls], name)
    return owner is not None and not r.units[owner.unit].outside


# --- iteration -----------------------------------------------------------------------------------
def iterate(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    """Let the elements that iterating an object gives flow to a node."""
    info = r.info[value]
    frame, node = where
    if isinstance(info, Running):
        r.solver.copy(r.frames[info.frame].yields, dst)
        resume(r, info, frame, node)
    elif isinstance(info, Unknown | Outside):
        r.solver.add(dst, value if isinstance(info, Unknown) else r.unknown("external_value"))
    elif isinstance(info, Class):
        _iterate_class(r, value, dst, where)
    elif isinstance(info, Tool):
        r.solver.copy(r.field(value, "$_T"), dst)
    elif own_method(r, value, "__iter__"):
        made = r.solver.node()
        special(r, value, "__iter__",
                calling(r, frame, node, (), made, "protocol", name="__iter__"))  # fmt: skip
        r.solver.when(made, _next, r, dst, where)
    elif own_method(r, value, "__getitem__") and not has(r, value, "__iter__"):
        given = positional(r.holding(r.modules.instance("int")))
        call = calling(r, frame, node, given, dst, "protocol", name="__getitem__")
        special(r, value, "__getitem__", call)
    elif isinstance(info, Instance | Const):
        _elements(r, value, dst)


def _elements(r: Resolver, value: int, dst: int) -> None:
    letter = containers.variable(r, value)
    if letter:
        r.solver.copy(r.field(value, "$_KT" if letter.startswith("_V") else "$" + letter), dst)
        return
    iterable = r.modules.library("typing", "Iterable")
    cls = r.class_of(value)
    if iterable in r.classes[cls].mro:
        r.solver.copy(types.variable_node(r, value, iterable, "_T_co"), dst)
    elif r.classes[cls].outside or r.classes[cls].unknown:
        r.solver.add(dst, r.unknown("external_value"))


def _iterate_class(r: Resolver, value: int, dst: int, where: tuple[Frame, int]) -> None:
    """Iterate a class: its metaclass's `__iter__`, or the members of an enumeration."""
    facts = r.classes[value]
    if facts.transform == "enum":
        for name in sorted(facts.own):
            if name[:1] != "_":
                r.solver.when(r.field(value, name), _only, r, value, dst)
        return
    made = r.solver.node()
    special(r, value, "__iter__",
            calling(r, where[0], where[1], (), made, "metaclass", name="__iter__"))  # fmt: skip
    r.solver.when(made, _next, r, dst, where)


def _only(value: int, r: Resolver, cls: int, dst: int) -> None:
    if r.class_of(value) == cls:
        r.solver.add(dst, value)


def _next(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    """Take elements from what `__iter__` gave."""
    if own_method(r, value, "__next__"):
        special(r, value, "__next__",
                calling(r, where[0], where[1], (), dst, "protocol", name="__next__"))  # fmt: skip
    else:
        iterate(value, r, dst, where)


def next_of(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    """Take an element as `next()` does."""
    _next(value, r, dst, where)


def resume(r: Resolver, info: Running, frame: Frame, node: int) -> None:
    """Note that a place makes a generator's code go on."""
    body = r.frames[info.frame]
    if not r.units[body.unit].outside and not r.units[frame.unit].outside and body.function >= 0:
        site = r.site(frame, node, "__next__")
        site.targets.setdefault(body.function, "protocol")


def iterate_async(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    """Let the elements of an asynchronous iteration flow to a node."""
    info = r.info[value]
    frame, node = where
    if isinstance(info, Running):
        r.solver.copy(r.frames[info.frame].yields, dst)
        resume(r, info, frame, node)
    elif own_method(r, value, "__aiter__"):
        made = r.solver.node()
        special(r, value, "__aiter__",
                calling(r, frame, node, (), made, "protocol", name="__aiter__"))  # fmt: skip
        r.solver.when(made, _next_async, r, dst, where)
    elif own_method(r, value, "__anext__"):
        _next_async(value, r, dst, where)
    elif isinstance(info, Unknown):
        r.solver.add(dst, value)
    else:
        iterable = r.modules.library("typing", "AsyncIterable")
        cls = r.class_of(value)
        if cls >= 0 and iterable in r.classes[cls].mro:
            r.solver.copy(types.variable_node(r, value, iterable, "_T_co"), dst)
        else:
            r.solver.add(dst, r.unknown("external_value"))


def _next_async(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    if own_method(r, value, "__anext__"):
        given = r.solver.node()
        special(r, value, "__anext__",
                calling(r, where[0], where[1], (), given, "protocol", name="__anext__"))  # fmt: skip
        r.solver.when(given, wait, r, dst, where)
    else:
        iterate_async(value, r, dst, where)


def wait(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    """Let what awaiting an object gives flow to a node."""
    info = r.info[value]
    if isinstance(info, Running):
        r.solver.copy(r.frames[info.frame].result, dst)
    elif isinstance(info, Unknown | Outside):
        r.solver.add(dst, value if isinstance(info, Unknown) else r.unknown("external_value"))
    elif own_method(r, value, "__await__"):
        made = r.solver.node()
        call = calling(r, where[0], where[1], (), made, "protocol", name="__await__")
        special(r, value, "__await__", call)
        r.solver.when(made, result_of, r, dst)
    elif isinstance(info, Instance):
        awaitable = r.modules.library("typing", "Awaitable")
        if awaitable in r.classes[info.cls].mro:
            r.solver.copy(types.variable_node(r, value, awaitable, "_T_co"), dst)
        else:
            r.solver.add(dst, r.unknown("external_value"))


def result_of(value: int, r: Resolver, dst: int) -> None:
    """Let what a generator returns at its end flow to a node."""
    info = r.info[value]
    if isinstance(info, Running):
        r.solver.copy(r.frames[info.frame].result, dst)
    elif isinstance(info, Unknown):
        r.solver.add(dst, value)


# --- with ----------------------------------------------------------------------------------------
def enter(value: int, r: Resolver, dst: int, where: tuple[Frame, int], kind: str) -> None:
    """Enter and leave a `with` block; `kind` is empty or `a`."""
    info = r.info[value]
    frame, node = where
    if isinstance(info, Unknown | Outside):
        r.solver.add(dst, value if isinstance(info, Unknown) else r.unknown("external_value"))
        return
    if isinstance(info, Tool) and info.name == "managed":
        r.solver.when(info.number, iterate, r, dst, where)
        return
    names = (f"__{kind}enter__", f"__{kind}exit__")
    given = r.solver.node() if kind else dst
    special(r, value, names[0], calling(r, frame, node, (), given, "protocol", name=names[0]))
    unknown = r.holding(r.modules.none())
    left = positional(unknown, unknown, unknown)
    special(r, value, names[1], calling(r, frame, node, left, -1, "protocol", name=names[1]))
    if kind:
        r.solver.when(given, wait, r, dst, where)


# --- subscripts ----------------------------------------------------------------------------------
def item(value: int, r: Resolver, key: int, dst: int, where: tuple[Frame, int]) -> None:
    """Let what a subscript gives flow to a node."""
    info = r.info[value]
    frame, node = where
    if isinstance(info, Class):
        _subscript_class(r, value, key, dst, where)
    elif isinstance(info, Form):
        r.solver.add(dst, r.of(Alias(value, (key,))))
    elif isinstance(info, Unknown | Alias):
        r.solver.add(dst, value)
    elif isinstance(info, Outside):
        r.solver.add(dst, value if info.name[:1].isupper() else r.unknown("external_value"))
        r.solver.add(dst, r.of(Outside(info.name)))
    elif own_method(r, value, "__getitem__"):
        call = calling(r, frame, node, positional(key), dst, "protocol", name="__getitem__")
        special(r, value, "__getitem__", call)
    elif isinstance(info, Tool) and info.name in ("names", "attributes"):
        r.solver.when(key, _named_item, r, value, dst, where)
    elif isinstance(info, Instance | Const):
        _element(r, value, key, dst, where)


def _named_item(text: int, r: Resolver, value: int, dst: int, where: tuple[Frame, int]) -> None:
    info, key = r.info[value], r.info[text]
    if isinstance(info, Tool) and isinstance(key, Const):
        if info.name == "attributes":
            r.solver.copy(r.view(info.number, key.text), dst)
        else:
            r.solver.copy(r.modules.exported(r.frames[info.number].unit, key.text), dst)
    else:
        r.solver.add(dst, r.unknown("dynamic_call"))


def _subscript_class(
    r: Resolver, value: int, key: int, dst: int, where: tuple[Frame, int]
) -> None:
    facts = r.classes[value]
    if facts.transform == "enum":
        for name in sorted(facts.own):
            if name[:1] != "_":
                r.solver.when(r.field(value, name), _only, r, value, dst)
        return
    call = calling(r, *where, positional(key), dst, "metaclass", name="__getitem__")
    if special(r, value, "__getitem__", call):
        return
    from codeanatomy.cpg.resolve.classes import owner_of  # noqa: PLC0415 - one use

    own = owner_of(r, facts, "__class_getitem__")
    if own is not None and not r.units[own.unit].outside:
        for found in sorted(r.solver.values[r.field(own.number, "__class_getitem__")]):
            function = r.info[found]
            inner = getattr(function, "inner", found)
            if isinstance(r.info[inner], Function):
                from codeanatomy.cpg.resolve.objects import Bound  # noqa: PLC0415 - one use

                call = calling(r, *where, positional(key), dst, "protocol",
                               name="__class_getitem__")  # fmt: skip
                r.call(r.of(Bound(inner, value)), r, call)
        return
    r.solver.add(dst, r.of(Alias(value, _several(r, key))))


def _several(r: Resolver, key: int) -> tuple[int, ...]:
    """Return the nodes of type arguments: the elements of a tuple, or the one."""
    for held in r.solver.values[key]:
        known = r.elements(held)
        if known and r.class_of(held) == r.modules.library("builtins", "tuple"):
            return tuple(known.values())
    return (key,)


def _element(r: Resolver, value: int, key: int, dst: int, where: tuple[Frame, int]) -> None:
    if containers.variable(r, value):
        held = r.solver.values[key]
        sliced = any(r.class_of(k) == r.modules.library("builtins", "slice") for k in held)
        if sliced:
            made = containers.make(r, "list", ("slice", value))
            r.solver.copy(r.field(value, "$" + containers.variable(r, value)),
                          r.field(made, "?_T"))  # fmt: skip
            r.solver.add(dst, made)
            return
        containers.load(r, value, containers.constant(r, key), dst)
        default = r.field(value, "default")
        r.solver.copy(default, dst)
        return
    call = calling(r, *where, positional(key), dst, "protocol", name="__getitem__")
    special(r, value, "__getitem__", call)


def set_item(value: int, r: Resolver, key: int, given: int, where: tuple[Frame, int]) -> None:
    """Store a node under a key."""
    info = r.info[value]
    if own_method(r, value, "__setitem__"):
        call = calling(r, *where, positional(key, given), -1, "protocol", name="__setitem__")
        special(r, value, "__setitem__", call)
    elif isinstance(info, Tool) and info.name in ("names", "attributes"):
        held = containers.constant(r, key)
        if held is not None:
            node = (r.field(info.number, held) if info.name == "attributes"
                    else r.modules.exported(r.frames[info.number].unit, held))  # fmt: skip
            r.solver.copy(given, node)
    elif isinstance(info, Instance) and containers.variable(r, value):
        containers.store(r, value, containers.constant(r, key), given)
        if containers.is_mapping(r, value):
            r.solver.copy(key, r.field(value, "$_KT"))


# --- operators -----------------------------------------------------------------------------------
def binary(value: int, r: Resolver, other: int, name: str, dst: int, where: tuple[Frame, int]) -> None:  # noqa: E501 - one line reads best
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
    if plain.strip("_") in _REFLECTED:
        reflected = f"__r{plain[2:]}"
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
    if kind in _SAME:
        r.solver.add(dst, r.of(Instance(cls)))
        if kind in ("int", "float"):
            r.solver.when(other, _number, r, dst)
        elif kind == "str" and name == "__mod__":
            pass
    elif kind in _GATHERED and name in ("__add__", "__or__", "__mul__", "__sub__", "__and__"):
        r.solver.add(dst, value)
        if name in ("__add__", "__or__"):
            made = containers.make(r, kind, ("joined", where[0].index, where[1]))
            r.solver.add(dst, made)
            containers.spread(value, r, made, where)  # type: ignore[arg-type] # where it is
            r.solver.when(other, containers.spread, r, made, where)
    else:
        call = calling(r, *where, positional(other), dst, "protocol", name=name)
        special(r, value, name, call)


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
    elif isinstance(info, Instance | Const):
        r.solver.add(dst, r.of(Instance(info.cls)))


def compare(value: int, r: Resolver, other: int, name: str, dst: int, where: tuple[Frame, int]) -> None:  # noqa: E501 - one line reads best
    """Compare an object; the other side is asked where it does not know."""
    if own_method(r, value, name):
        call = calling(r, *where, positional(other), dst, "protocol", name=name)
        special(r, value, name, call)
    elif name == "__contains__" and own_method(r, value, "__iter__"):
        iterate(value, r, r.solver.node(), where)
    elif name == "__ne__" and own_method(r, value, "__eq__"):
        call = calling(r, *where, positional(other), dst, "protocol", name="__eq__")
        special(r, value, "__eq__", call)
    elif name in _SWAPPED:
        r.solver.when(other, _swapped, r, value, _SWAPPED[name], dst, where)


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


def shown(value: int, r: Resolver, where: tuple[Frame, int]) -> None:
    """Put an object into an f-string."""
    for name in ("__format__", "__str__", "__repr__"):
        if own_method(r, value, name):
            special(r, value, name, calling(r, *where, (), -1, "protocol", name=name))
            return
