"""Reading and writing attributes, by what kind of object it is that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.resolve import classes
from codeanatomy.cpg.resolve.callings import call_with, calling, has, positional, special
from codeanatomy.cpg.resolve.objects import (
    ANY, Alias, Bound, Class, Const, Form, Function, Instance, Module, OfClass, Outside, Package,
    Partial, Property, Running, Setter, Static, Super, Tool, Unknown,
)  # fmt: skip

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.classes import ClassFacts
    from codeanatomy.cpg.resolve.resolver import Frame, Resolver


class Use(NamedTuple):
    """Where an attribute is used, and the node that gets it; `label` marks a member's method."""

    frame: Frame
    node: int
    dst: int


def read(value: int, r: Resolver, name: str, use: Use) -> None:
    """Let the attribute of an object flow to where it is used."""
    info = r.info[value]
    if isinstance(info, Instance | Const | Running):
        _of_instance(r, value, name, use)
    elif isinstance(info, Class):
        _of_class(r, value, name, use)
    elif isinstance(info, Module | Package):
        r.modules.attribute(value, name, use.dst)
    elif isinstance(info, Super):
        _of_super(r, info, name, use)
    elif isinstance(info, Outside):
        r.solver.add(use.dst, r.of(Outside(f"{info.name}.{name}")))
    elif isinstance(info, Unknown):
        r.solver.add(use.dst, value)
    elif isinstance(info, Alias):
        read(info.of, r, name, use)
    elif isinstance(info, Function):
        _of_function(r, value, name, use)
    elif isinstance(info, Bound):
        _of_bound(r, value, info, name, use)
    elif isinstance(info, Property):
        if name in ("setter", "deleter", "getter"):
            r.solver.add(use.dst, r.of(Setter(value, name)))
        elif name in ("fget", "fset", "fdel"):
            inner = {"fget": info.getter, "fset": info.setter, "fdel": info.deleter}[name]
            if inner >= 0:
                r.solver.add(use.dst, inner)
    elif isinstance(info, Partial | Static | OfClass | Tool | Form):
        _of_wrapped(r, value, name, use)


def _of_wrapped(r: Resolver, value: int, name: str, use: Use) -> None:
    info = r.info[value]
    if isinstance(info, Partial) and name == "func":
        r.solver.copy(r.partials[info.number][0], use.dst)
    elif name in ("__func__", "__wrapped__") and isinstance(info, Static | OfClass):
        r.solver.add(use.dst, info.inner)
    else:
        r.solver.copy(r.field(value, name), use.dst)


def _of_function(r: Resolver, value: int, name: str, use: Use) -> None:
    if name in ("__call__", "__get__"):
        r.solver.add(use.dst, value if name == "__call__" else r.of(Tool("bind", value)))
    elif name == "__name__":
        r.solver.add(use.dst, r.modules.text(r.unit_of(value).bodies[r.info[value].body].name))  # type: ignore[union-attr] # a function
    else:
        r.solver.copy(r.field(value, name), use.dst)


def _of_bound(r: Resolver, value: int, info: Bound, name: str, use: Use) -> None:
    if name == "__self__":
        r.solver.add(use.dst, info.receiver)
    elif name == "__func__":
        r.solver.add(use.dst, info.function)
    elif name == "__call__":
        r.solver.add(use.dst, value)
    else:
        read(info.function, r, name, use)


# --- instances -----------------------------------------------------------------------------------
def _of_instance(r: Resolver, value: int, name: str, use: Use) -> None:
    cls = r.class_of(value)
    if cls < 0:
        return
    if name == "__class__":
        r.solver.add(use.dst, cls)
        return
    facts = r.classes[cls]
    if name == "__dict__":
        r.solver.add(use.dst, r.of(Tool("attributes", value)))
        return
    info = r.info[value]
    if not (isinstance(info, Const) or r.units[facts.unit].outside and name not in facts.own):
        r.solver.copy(r.view(value, name), use.dst)
    elif isinstance(info, Instance) and r.has_field(value, name):
        r.solver.copy(r.view(value, name), use.dst)
    classes.ask(r, facts, name, _member, value, use)
    if isinstance(info, Instance) and info.at == ANY:
        classes.ask_any(r, facts, name, _override, use)


def _override(r: Resolver, below: int, name: str, use: Use) -> None:
    receiver = r.of(Instance(below, ANY))
    r.solver.when(r.field(below, name), bind, r, receiver, below, use, name)


def _member(r: Resolver, facts: ClassFacts, name: str, value: int, use: Use) -> None:
    owner = classes.owner_of(r, facts, name)
    if owner is not None:
        node = r.ensure(r.field(owner.number, name))
        if r.has_field(owner.number, "@" + name):  # annotated in the class, given by instances
            r.solver.copy(r.field(owner.number, "@" + name), use.dst)
        r.solver.when(node, bind, r, value, facts.number, use, name)
        return
    for base in classes.outside_names(r, facts):
        r.solver.add(use.dst, r.of(Outside(f"{base}.{name}")))
    if facts_unknown(r, facts):
        r.solver.add(use.dst, r.unknown("base"))
    fallback = classes.owner_of(r, facts, "__getattr__")
    if fallback is not None and name[:2] != "__":
        given = positional(r.holding(r.modules.text(name)))
        call = calling(r, use.frame, use.node, given, use.dst, "protocol", name="__getattr__")
        special(r, value, "__getattr__", call)


def facts_unknown(r: Resolver, facts: ClassFacts) -> bool:
    """Whether a class inherits from something that is not known."""
    return any(r.classes[number].unknown for number in facts.mro)


def bind(found: int, r: Resolver, value: int, cls: int, use: Use, name: str) -> None:
    """Let what a class holds flow on as an attribute of its instance."""
    info = r.info[found]
    if isinstance(info, Function | Partial):
        if isinstance(info, Function) and name == "__new__":
            r.solver.add(use.dst, found)
        elif isinstance(info, Partial):
            r.solver.add(use.dst, found)
        else:
            r.solver.add(use.dst, r.of(Bound(found, value)))
    elif isinstance(info, Static):
        r.solver.add(use.dst, info.inner)
    elif isinstance(info, OfClass):
        r.solver.add(use.dst, r.of(Bound(info.inner, r.class_of(value))))
    elif isinstance(info, Property):
        if info.getter >= 0:
            call_with(r, info.getter, value, "__get__", use.frame, use.node, [], use.dst,
                      "property")  # fmt: skip
    elif isinstance(info, Tool) and info.name in ("bindable", "partialmethod", "dispatch"):
        r.solver.add(use.dst, r.of(Bound(found, value)))
    elif isinstance(info, Tool) and info.name == "cached_property":
        call_with(r, info.number, value, "__get__", use.frame, use.node, [], use.dst,
                  "property")  # fmt: skip
    elif isinstance(info, Instance) and has(r, found, "__get__"):
        _descriptor(r, found, value, cls, use)
    else:
        r.solver.add(use.dst, found)


def _descriptor(r: Resolver, found: int, value: int, cls: int, use: Use) -> None:
    given = positional(r.holding(value), r.holding(cls))
    call = calling(r, use.frame, use.node, given, use.dst, "descriptor", name="__get__")
    special(r, found, "__get__", call)


# --- classes -------------------------------------------------------------------------------------
def _of_class(r: Resolver, value: int, name: str, use: Use) -> None:
    facts = r.classes[value]
    if name == "__name__" or name == "__qualname__":
        r.solver.add(use.dst, r.modules.text(facts.name))
        return
    if name in ("__mro__", "__bases__"):
        return
    classes.ask(r, facts, name, _class_member, use)


def _class_member(r: Resolver, facts: ClassFacts, name: str, use: Use) -> None:
    owner = classes.owner_of(r, facts, name)
    if owner is not None and not (name in ("__call__",) and owner.number != facts.number):
        node = r.ensure(r.field(owner.number, name))
        r.solver.when(node, _bind_class, r, facts.number, use)
        return
    for number in facts.mro:
        for meta in r.classes[number].metaclasses:
            above = classes.owner_of(r, r.classes[meta], name)
            if above is not None:
                r.solver.when(r.field(above.number, name), _bind_meta, r, facts.number, use, name)
                return
    for base in classes.outside_names(r, facts):
        r.solver.add(use.dst, r.of(Outside(f"{base}.{name}")))
    if facts_unknown(r, facts):
        r.solver.add(use.dst, r.unknown("base"))


def _bind_class(found: int, r: Resolver, cls: int, use: Use) -> None:
    info = r.info[found]
    if isinstance(info, Static):
        r.solver.add(use.dst, info.inner)
    elif isinstance(info, OfClass):
        r.solver.add(use.dst, r.of(Bound(info.inner, cls)))
    elif isinstance(info, Instance) and has(r, found, "__get__"):
        _descriptor(r, found, r.modules.none(), cls, use)
    else:
        r.solver.add(use.dst, found)


def _bind_meta(found: int, r: Resolver, cls: int, use: Use, name: str) -> None:
    info = r.info[found]
    if isinstance(info, Function):
        r.solver.add(use.dst, r.of(Bound(found, cls)))
    elif isinstance(info, Property) and info.getter >= 0:
        call_with(r, info.getter, cls, "__get__", use.frame, use.node, [], use.dst,
                  "property")  # fmt: skip
    else:
        _bind_class(found, r, cls, use)


def _of_super(r: Resolver, info: Super, name: str, use: Use) -> None:
    receiver = r.info[info.receiver]
    cls = info.receiver if isinstance(receiver, Class) else r.class_of(info.receiver)
    if cls >= 0:
        classes.ask(r, r.classes[cls], name, _after, info, use)


def _after(r: Resolver, facts: ClassFacts, name: str, info: Super, use: Use) -> None:
    owner = classes.owner_of(r, facts, name, info.cls)
    if owner is None:
        for base in classes.outside_names(r, facts, info.cls):
            r.solver.add(use.dst, r.of(Outside(f"{base}.{name}")))
        if facts_unknown(r, facts):
            r.solver.add(use.dst, r.unknown("base"))
        return
    node = r.field(owner.number, name)
    if isinstance(r.info[info.receiver], Class):
        r.solver.when(node, _bind_super_class, r, info, use, name)
    else:
        r.solver.when(node, bind, r, info.receiver, facts.number, use, name)


def _bind_super_class(found: int, r: Resolver, info: Super, use: Use, name: str) -> None:
    kind = r.info[found]
    if isinstance(kind, Function) and name in ("__init_subclass__", "__class_getitem__"):
        r.solver.add(use.dst, r.of(Bound(found, info.receiver)))
    elif isinstance(kind, Function) and _is_metaclass(r, info.cls) and name != "__new__":
        r.solver.add(use.dst, r.of(Bound(found, info.receiver)))
    else:
        _bind_class(found, r, info.receiver, use)


def _is_metaclass(r: Resolver, cls: int) -> bool:
    return r.modules.library("builtins", "type") in r.classes[cls].mro if cls in r.classes else False


# --- writing -------------------------------------------------------------------------------------
def write(value: int, r: Resolver, name: str, given: int, frame: Frame, at: int) -> None:
    """Let a node flow into the attribute of an object."""
    info = r.info[value]
    if isinstance(info, Class):
        r.solver.copy(given, r.field(value, name))
        classes.define(r, r.classes[value], name)
    elif isinstance(info, Instance):
        facts = r.classes[info.cls]
        classes.ask(r, facts, name, _written, value, given, frame, at)
        if classes.owner_of(r, facts, "__setattr__") is not None:
            arguments = positional(r.holding(r.modules.text(name)), given)
            call = calling(r, frame, at, arguments, -1, "protocol", name="__setattr__")
            special(r, value, "__setattr__", call)
    elif isinstance(info, Module):
        r.solver.copy(given, r.modules.exported(info.unit, name))
    elif isinstance(info, Function | Partial | Static | OfClass | Tool):
        r.solver.copy(given, r.field(value, name))
    elif isinstance(info, Bound):
        write(info.function, r, name, given, frame, at)


def _written(
    r: Resolver, facts: ClassFacts, name: str, value: int, given: int, frame: Frame, at: int
) -> None:
    owner = classes.owner_of(r, facts, name)
    r.solver.copy(given, r.field(value, name))
    if owner is not None and not r.units[owner.unit].outside:
        r.solver.when(r.field(owner.number, name), _set, r, value, given, frame, at)


def _set(found: int, r: Resolver, value: int, given: int, frame: Frame, at: int) -> None:
    info = r.info[found]
    if isinstance(info, Property) and info.setter >= 0:
        call_with(r, info.setter, value, "__set__", frame, at, [given], -1, "property")
    elif isinstance(info, Instance) and has(r, found, "__set__"):
        arguments = positional(r.holding(value), given)
        call = calling(r, frame, at, arguments, -1, "descriptor", name="__set__")
        special(r, found, "__set__", call)
