"""Protocols: what iteration, awaiting and `with` run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, containers, enums, namespaces, types
from codeanatomy.cpg.resolve.callings import calling, has, positional, special
from codeanatomy.cpg.resolve.objects import Class, Const, Instance, Outside, Running, Tool, Unknown

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver


def outside(r: Resolver, value: int) -> bool:
    """Whether an object's class stands outside the store."""
    cls = r.class_of(value)
    return cls < 0 or r.units[r.classes[cls].unit].outside


def own_method(r: Resolver, value: int, name: str) -> bool:
    """Whether a repository of the store defines the special method of an object."""
    if name not in r.defined:
        return False
    cls = r.class_of(value)
    return r.own(cls, name) if cls >= 0 else classes.own_member(r, value, name) is not None


def inherited(r: Resolver, value: int, name: str) -> bool:
    """Whether an object of ours has a special method from a class of the library."""
    cls = r.class_of(value)
    facts = r.classes.get(cls)
    if facts is None or r.units[facts.unit].outside:
        return False
    owner = classes.owner_of(r, facts, name)
    return owner is not None and owner.name != "object"


# --- iteration -----------------------------------------------------------------------------------
def iterate(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    """Let the elements that iterating an object gives flow to a node."""
    info = r.info[value]
    frame, node = where
    if isinstance(info, Running):
        r.solver.copy(r.frames[info.frame].yields, dst)
    elif isinstance(info, Unknown | Outside):
        r.solver.add(dst, value if isinstance(info, Unknown) else r.unknown("external_value"))
    elif isinstance(info, Class):
        _iterate_class(r, value, dst, where)
    elif isinstance(info, Tool):
        namespaces.members(r, value, "keys", dst, where)
    elif own_method(r, value, "__iter__"):
        made, fresh = r.made_at(value, frame, node)
        if fresh:
            special(r, value, "__iter__",
                    calling(r, frame, node, (), made, "protocol", name="__iter__"))  # fmt: skip
        r.solver.when(made, _next, r, dst, where)
    elif own_method(r, value, "__getitem__") and not has(r, value, "__iter__"):
        given = positional(r.holding(r.modules.instance("int")))
        call = calling(r, frame, node, given, dst, "protocol", name="__getitem__")
        special(r, value, "__getitem__", call)
    elif isinstance(info, Instance | Const):
        if inherited(r, value, "__iter__") and not containers.variable(r, value):
            special(r, value, "__iter__", calling(r, *where, (), -1, "protocol", name="__iter__"))
        _elements(r, value, dst, where)


def _elements(r: Resolver, value: int, dst: int, where: tuple[Frame, int]) -> None:
    """Let the elements of an object of the library flow to a node."""
    letter = containers.variable(r, value)
    if letter:
        r.solver.copy(r.field(value, "$_KT" if letter.startswith("_V") else "$" + letter), dst)
    iterable = r.modules.library("typing", "Iterable")
    cls = r.class_of(value)
    if letter and (r.classes[cls].name in containers.ELEMENT or iterable not in r.classes[cls].mro):
        return
    if iterable in r.classes[cls].mro:
        r.solver.copy(types.variable_node(r, value, iterable, "_T_co"), dst)
    elif has(r, value, "__next__"):
        special(r, value, "__next__", calling(r, *where, (), dst, seen=False))
    elif has(r, value, "__iter__"):
        made = r.solver.node()
        special(r, value, "__iter__", calling(r, *where, (), made, seen=False))
        r.solver.when(made, _others, r, value, dst, where)
    elif r.classes[cls].outside or r.classes[cls].unknown:
        r.solver.add(dst, r.unknown("external_value"))


def _others(value: int, r: Resolver, but: int, dst: int, where: tuple[Frame, int]) -> None:
    if value != but:
        _next(value, r, dst, where)


def _iterate_class(r: Resolver, value: int, dst: int, where: tuple[Frame, int]) -> None:
    """Iterate a class: its metaclass's `__iter__`, or the members of an enumeration."""
    facts = r.classes[value]
    if facts.transform == "enum":
        enums.each(r, facts, dst)
        return
    made = r.solver.node()
    call = calling(r, *where, (), made, "metaclass", name="__iter__")
    special(r, value, "__iter__", call)
    r.solver.when(made, _next, r, dst, where)


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


def iterate_async(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    """Let the elements of an asynchronous iteration flow to a node."""
    info = r.info[value]
    frame, node = where
    if isinstance(info, Running):
        r.solver.copy(r.frames[info.frame].yields, dst)
    elif isinstance(info, Tool) and info.name == "managed":
        r.solver.when(info.number, iterate_async, r, dst, where)
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
        call = calling(r, *where, (), given, "protocol", name="__anext__")
        special(r, value, "__anext__", call)
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
    elif isinstance(info, Instance):
        generator = r.modules.library("typing", "Generator")
        if generator in r.classes[info.cls].mro:
            names = classes.parameters(r, r.classes[generator])
            r.solver.copy(types.variable_node(r, value, generator, names[2]), dst)
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
    if isinstance(info, Tool):
        if info.name == "managed":
            r.solver.when(info.number, iterate_async if kind else iterate, r, dst, where)
        return
    names = (f"__{kind}enter__", f"__{kind}exit__")
    given = r.solver.node() if kind else dst
    special(r, value, names[0], calling(r, frame, node, (), given, "protocol", name=names[0]))
    left = _left(r)
    special(r, value, names[1], calling(r, frame, node, left, -1, "protocol", name=names[1]))
    if kind:
        r.solver.when(given, wait, r, dst, where)


def _left(r: Resolver) -> tuple[tuple[str, int], ...]:
    """Return what `__exit__` gets: nothing, or what was raised."""
    none = r.modules.none()
    if r.leaving < 0:
        r.leaving = r.solver.nodes(2)
        for node in (r.leaving, r.leaving + 1):
            r.solver.add(node, none)
        r.solver.copy(r.thrown, r.leaving + 1)
        r.solver.when(r.thrown, _class_of_raised, r)
    return positional(r.leaving, r.leaving + 1, r.holding(none))


def _class_of_raised(value: int, r: Resolver) -> None:
    cls = r.class_of(value)
    if cls >= 0:
        r.solver.add(r.leaving, cls)
