"""Reading and writing attributes, by what kind of object it is that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, enums
from codeanatomy.cpg.resolve.callings import call_with, calling, has, positional, special
from codeanatomy.cpg.resolve.frames import Use
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Alias,
    Bound,
    Class,
    Const,
    Form,
    Function,
    Instance,
    Module,
    OfClass,
    Outside,
    Package,
    Partial,
    Property,
    Running,
    Setter,
    Static,
    Super,
    Tool,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver


DEEPEST = 7  # dots in the name of something outside the store


def read(value: int, r: Resolver, name: str, use: Use) -> None:
    """Let the attribute of an object flow to where it is used."""
    act = _READ.get(r.info[value].__class__)
    if act is not None:
        act(r, value, name, use)


def _of_module(r: Resolver, value: int, name: str, use: Use) -> None:
    r.modules.attribute(value, name, use.dst, (use.frame, use.node))


def _of_outside(r: Resolver, value: int, name: str, use: Use) -> None:
    info = r.info[value]
    if isinstance(info, Outside):
        r.solver.add(use.dst, r.of(Outside(f"{info.name}.{name}")))


def _of_unknown(r: Resolver, value: int, _: str, use: Use) -> None:
    r.solver.add(use.dst, value)


def _of_alias(r: Resolver, value: int, name: str, use: Use) -> None:
    info = r.info[value]
    if isinstance(info, Alias):
        read(info.of, r, name, use)


def _of_property(r: Resolver, value: int, name: str, use: Use) -> None:
    info = r.info[value]
    if not isinstance(info, Property):
        return
    if name in ("setter", "deleter", "getter"):
        r.solver.add(use.dst, r.of(Setter(value, name)))
    elif name in ("fget", "fset", "fdel"):
        inner = {"fget": info.getter, "fset": info.setter, "fdel": info.deleter}[name]
        if inner >= 0:
            r.solver.add(use.dst, inner)


def _of_wrapped(r: Resolver, value: int, name: str, use: Use) -> None:
    info = r.info[value]
    if isinstance(info, Partial) and name == "func":
        r.solver.copy(r.partials[info.number][0], use.dst)
    elif isinstance(info, Tool) and info.name in ("names", "attributes"):
        r.solver.add(use.dst, r.of(Tool(f"{info.name}.{name}", info.number)))
    elif isinstance(info, Tool) and info.name == "type" and name[:2] == "__":
        r.modules.attribute_of_class("builtins", "type", name, use.dst)
    elif isinstance(info, Tool) and name[:2] == "__" and _described(r, value, name, use):
        return
    elif name in ("__func__", "__wrapped__") and isinstance(info, Static | OfClass):
        r.solver.add(use.dst, info.inner)
    else:
        r.solver.copy(r.field(value, name), use.dst)


def _described(r: Resolver, value: int, name: str, use: Use) -> bool:
    """Read a member of a class of the library that is a tool, as `property.__get__` is."""
    cls = r.modules.class_of_tool(value)
    if cls == value or name not in r.classes[cls].own:
        return False
    r.solver.copy(r.ensure(r.field(cls, name)), use.dst)
    return True


def _of_function(r: Resolver, value: int, name: str, use: Use) -> None:
    if name in ("__call__", "__get__"):
        r.solver.add(use.dst, value if name == "__call__" else r.of(Tool("bind", value)))
    elif name in ("__name__", "__qualname__"):
        body = r.info[value].body  # type: ignore[union-attr] # a function
        r.solver.add(use.dst, r.modules.text(r.unit_of(value).bodies[body].name))
    else:
        r.solver.copy(r.field(value, name), use.dst)


def _of_bound(r: Resolver, value: int, name: str, use: Use) -> None:
    info = r.info[value]
    if not isinstance(info, Bound):
        return
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
    facts = r.classes[cls]
    if not use.plain and r.own(cls, "__getattribute__"):
        given = positional(r.holding(r.modules.text(name)))
        call = calling(r, use.frame, use.node, given, use.dst, "protocol", name="__getattribute__")
        special(r, value, "__getattribute__", call)
        return
    if name == "__class__":
        r.solver.add(use.dst, cls)
        return
    if name == "__dict__":
        r.solver.add(use.dst, r.of(Tool("attributes", value)))
        return
    info = r.info[value]
    if facts.transform == "enum" and name in enums.FIELDS:
        _of_member(r, facts, value, name, use)
        return
    ours = not r.units[facts.unit].outside or name in facts.own
    if not isinstance(info, Const) and (ours or r.has_field(value, name)):
        r.solver.copy(r.view(value, name), use.dst)
    classes.ask(r, facts, name, _member, value, use)
    if isinstance(info, Instance) and info.at == ANY:
        classes.ask_any(r, facts, name, _override, use)


def _of_member(r: Resolver, facts: ClassFacts, value: int, name: str, use: Use) -> None:
    """Read the value or name of a member of an enumeration: of any, if not known which."""
    info = r.info[value]
    if isinstance(info, Instance) and info.at and info.at[0] == "member":
        r.solver.copy(r.field(value, name), use.dst)
        return
    for member in enums.candidates(r, facts):
        r.solver.copy(r.field(enums.member(r, facts, member), name), use.dst)


def _override(r: Resolver, below: int, name: str, use: Use) -> None:
    receiver = r.of(Instance(below, ANY))
    r.solver.when(r.field(below, name), bind, r, receiver, below, use, name)


def _member(r: Resolver, facts: ClassFacts, name: str, value: int, use: Use) -> None:
    owner = classes.owner_of(r, facts, name)
    if owner is not None:
        node = r.ensure(r.field(owner.number, name))
        if r.has_field(owner.number, "@" + name):  # annotated in the class, given by instances
            r.solver.copy(r.field(owner.number, "@" + name), use.dst)
        if owner.transform == "enum":
            r.solver.when(node, _member_of, r, owner, value, use, name)
        else:
            r.solver.when(node, bind, r, value, facts.number, use, name)
        if f"only {name}" in owner.flags and r.own(facts.number, "__getattr__"):
            r.otherwise(node, lambda: _fall_back(r, value, name, use))
        return
    for base in classes.outside_names(r, facts):
        r.solver.add(use.dst, r.of(Outside(f"{base}.{name}")))
    if facts_unknown(r, facts):
        r.solver.add(use.dst, r.unknown("base"))
    if name[:2] != "__" and r.own(facts.number, "__getattr__"):
        r.otherwise(r.view(value, name), lambda: _fall_back(r, value, name, use))


def _member_of(found: int, r: Resolver, owner: ClassFacts, value: int, use: Use, name: str) -> None:
    """Read a member of an enumeration, or what its body defines besides, on an instance."""
    if enums.is_member(r, owner, name, found):
        r.solver.add(use.dst, enums.member(r, owner, name))
    else:
        bind(found, r, value, owner.number, use, name)


def _fall_back(r: Resolver, value: int, name: str, use: Use) -> None:
    """Ask `__getattr__` for what nothing else gives."""
    given = positional(r.holding(r.modules.text(name)))
    call = calling(r, use.frame, use.node, given, use.dst, "protocol", name="__getattr__")
    special(r, value, "__getattr__", call)


def facts_unknown(r: Resolver, facts: ClassFacts) -> bool:
    """Whether a class inherits from something that is not known."""
    return any(r.classes[number].unknown for number in facts.mro)


def bind(found: int, r: Resolver, value: int, cls: int, use: Use, name: str) -> None:
    """Let what a class holds flow on as an attribute of its instance."""
    info = r.info[found]
    if isinstance(info, Function) and name != "__new__":
        r.solver.add(use.dst, r.bound(found, value))
    elif isinstance(info, Static):
        r.solver.add(use.dst, info.inner)
    elif isinstance(info, OfClass):
        r.solver.add(use.dst, r.of(Bound(info.inner, r.class_of(value))))
    elif isinstance(info, Property) or (isinstance(info, Tool) and info.name == "cached_property"):
        getter = info.getter if isinstance(info, Property) else info.number
        if getter >= 0:
            call_with(r, getter, value, "__get__", use, [])
    elif isinstance(info, Tool) and info.name in _BINDING:
        r.solver.add(use.dst, r.bound(found, value))
    elif isinstance(info, Instance) and has(r, found, "__get__"):
        _descriptor(r, found, value, cls, use)
    else:
        r.solver.add(use.dst, found)


_BINDING = ("bindable", "partial_of_method", "dispatchmethod", "within")


def _descriptor(r: Resolver, found: int, value: int, cls: int, use: Use) -> None:
    given = positional(r.holding(value), r.holding(cls))
    call = calling(r, use.frame, use.node, given, use.dst, "descriptor", name="__get__")
    special(r, found, "__get__", call)


# --- classes -------------------------------------------------------------------------------------
def _of_class(r: Resolver, value: int, name: str, use: Use) -> None:
    facts = r.classes[value]
    if name in ("__name__", "__qualname__"):
        r.solver.add(use.dst, r.modules.text(facts.name))
        return
    if name in ("__mro__", "__bases__"):
        return
    if name == "__dict__":
        r.solver.add(use.dst, r.of(Tool("attributes", value)))
        return
    classes.ask(r, facts, name, _class_member, use)


def _class_member(r: Resolver, facts: ClassFacts, name: str, use: Use) -> None:
    owner = classes.owner_of(r, facts, name)
    if owner is not None and not (name == "__call__" and owner.number != facts.number):
        node = r.ensure(r.field(owner.number, name))
        r.solver.when(node, _of_class_held, r, owner, name, facts.number, use)
        return
    for number in facts.mro:
        for meta in r.classes[number].metaclasses:
            above = classes.owner_of(r, r.classes[meta], name)
            if above is not None:
                node = classes.member(r, above, name)
                r.solver.when(node, _bind_meta, r, facts.number, use)
                return
    for base in classes.outside_names(r, facts):
        r.solver.add(use.dst, r.of(Outside(f"{base}.{name}")))
    if facts_unknown(r, facts):
        r.solver.add(use.dst, r.unknown("base"))
    if name[:2] != "__" and classes.own_member(r, facts.number, "__getattr__") is not None:
        number = facts.number
        r.otherwise(r.field(number, name), lambda: _fall_back(r, number, name, use))


def _of_class_held(
    found: int, r: Resolver, owner: ClassFacts, name: str, cls: int, use: Use
) -> None:
    if enums.is_member(r, owner, name, found):
        r.solver.add(use.dst, enums.member(r, owner, name))
    else:
        _bind_class(found, r, cls, use)


def _bind_class(found: int, r: Resolver, cls: int, use: Use) -> None:
    info = r.info[found]
    if isinstance(info, Static):
        r.solver.add(use.dst, info.inner)
    elif isinstance(info, OfClass):
        r.solver.add(use.dst, r.of(Bound(info.inner, cls)))
    elif isinstance(info, Instance) and has(r, found, "__get__"):
        _descriptor(r, found, r.modules.none(), cls, use)
    elif isinstance(info, Tool) and info.name == "dispatchmethod":
        r.solver.add(use.dst, r.bound(found, cls))
    else:
        r.solver.add(use.dst, found)


def _bind_meta(found: int, r: Resolver, cls: int, use: Use) -> None:
    info = r.info[found]
    if isinstance(info, Function):
        r.solver.add(use.dst, r.of(Bound(found, cls)))
    elif isinstance(info, Property) and info.getter >= 0:
        call_with(r, info.getter, cls, "__get__", use, [])
    else:
        _bind_class(found, r, cls, use)


def _of_super(r: Resolver, value: int, name: str, use: Use) -> None:
    info = r.info[value]
    if not isinstance(info, Super):
        return
    receiver = r.info[info.receiver]
    cls = info.receiver if isinstance(receiver, Class) else r.class_of(info.receiver)
    if isinstance(receiver, Class) and info.cls in r.classes and _is_metaclass(r, info.cls):
        meta = next((m for n in r.classes[cls].mro for m in r.classes[n].metaclasses
                     if info.cls in r.classes[m].mro), -1)  # fmt: skip
        cls = meta if meta >= 0 and info.receiver not in r.classes[info.cls].mro else cls
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
    node = classes.member(r, owner, name)
    if isinstance(r.info[info.receiver], Class):
        r.solver.when(node, _bind_super_class, r, info, use, name)
    else:
        r.solver.when(node, bind, r, info.receiver, facts.number, use, name)


def _bind_super_class(found: int, r: Resolver, info: Super, use: Use, name: str) -> None:
    kind = r.info[found]
    implicit = name in ("__init_subclass__", "__class_getitem__")
    of_metaclass = name != "__new__" and _is_metaclass(r, info.cls)
    if isinstance(kind, Function) and (implicit or of_metaclass):
        r.solver.add(use.dst, r.of(Bound(found, info.receiver)))
    else:
        _bind_class(found, r, info.receiver, use)


_READ: dict[type, Callable[[Resolver, int, str, Use], None]] = {
    Module: _of_module, Package: _of_module, Super: _of_super, Outside: _of_outside,
    Unknown: _of_unknown, Alias: _of_alias, Function: _of_function, Bound: _of_bound,
    Property: _of_property, Class: _of_class,
    **dict.fromkeys((Instance, Const, Running), _of_instance),
    **dict.fromkeys((Partial, Static, OfClass, Tool, Form), _of_wrapped),
}  # fmt: skip


def _is_metaclass(r: Resolver, cls: int) -> bool:
    facts = r.classes.get(cls)
    return facts is not None and r.modules.library("builtins", "type") in facts.mro


# --- writing and deleting ------------------------------------------------------------------------
def write(value: int, r: Resolver, name: str, given: int, frame: Frame, at: int) -> None:
    """Let a node flow into the attribute of an object."""
    info = r.info[value]
    if isinstance(info, Class):
        r.solver.copy(given, r.field(value, name))
        classes.define(r, r.classes[value], name)
        _set_on_class(r, value, name, given, frame, at)
    elif isinstance(info, Instance):
        if r.own(info.cls, "__setattr__"):
            arguments = positional(r.holding(r.modules.text(name)), given)
            call = calling(r, frame, at, arguments, -1, "protocol", name="__setattr__")
            special(r, value, "__setattr__", call)
        else:
            put(value, r, name, given, frame, at)
    elif isinstance(info, Module):
        r.solver.copy(given, r.modules.rebound(info.unit, name))
    elif isinstance(info, Function | Partial | Static | OfClass | Tool):
        r.solver.copy(given, r.field(value, name))
    elif isinstance(info, Bound):
        write(info.function, r, name, given, frame, at)


def _set_on_class(r: Resolver, cls: int, name: str, given: int, frame: Frame, at: int) -> None:
    """Run the `__setattr__` of a metaclass, or the setter of a property of it."""
    arguments = positional(r.holding(r.modules.text(name)), given)
    if classes.own_member(r, cls, "__setattr__") is not None:
        call = calling(r, frame, at, arguments, -1, "metaclass", name="__setattr__")
        special(r, cls, "__setattr__", call)
    above = classes.own_member(r, cls, name)
    if above is not None:
        r.solver.when(r.field(above.number, name), _set, r, cls, given, frame, at)


def put(value: int, r: Resolver, name: str, given: int, frame: Frame, at: int) -> None:
    """Write as `object.__setattr__` does: by a property or descriptor, else into the object."""
    info = r.info[value]
    if isinstance(info, Instance):
        classes.ask(r, r.classes[info.cls], name, _written, value, given, frame, at)
    elif isinstance(info, Class):
        r.solver.copy(given, r.field(value, name))
        classes.define(r, r.classes[value], name)


def _written(
    r: Resolver, facts: ClassFacts, name: str, value: int, given: int, frame: Frame, at: int
) -> None:
    owner = classes.owner_of(r, facts, name)
    if owner is None or r.units[owner.unit].outside:
        r.solver.copy(given, r.field(value, name))
        return
    held = r.field(owner.number, name)
    r.solver.when(held, _set, r, value, given, frame, at, name)
    r.otherwise(held, lambda: r.solver.copy(given, r.field(value, name)))


def _set(
    found: int, r: Resolver, value: int, given: int, frame: Frame, at: int, name: str = ""
) -> None:
    info = r.info[found]
    if isinstance(info, Property):
        if info.setter >= 0:
            call_with(r, info.setter, value, "__set__", Use(frame, at, -1), [given])
    elif isinstance(info, Instance) and has(r, found, "__set__"):
        arguments = positional(r.holding(value), given)
        call = calling(r, frame, at, arguments, -1, "descriptor", name="__set__")
        special(r, found, "__set__", call)
    elif name:
        r.solver.copy(given, r.field(value, name))


def delete(value: int, r: Resolver, name: str, frame: Frame, at: int) -> None:
    """Delete an attribute: by `__delattr__`, a property or a descriptor where there is one."""
    info = r.info[value]
    if not isinstance(info, Instance):
        return
    if r.own(info.cls, "__delattr__"):
        given = positional(r.holding(r.modules.text(name)))
        call = calling(r, frame, at, given, -1, "protocol", name="__delattr__")
        special(r, value, "__delattr__", call)
        return
    owner = classes.owner_of(r, r.classes[info.cls], name)
    if owner is not None and not r.units[owner.unit].outside:
        r.solver.when(r.field(owner.number, name), _deleted, r, value, frame, at)


def _deleted(found: int, r: Resolver, value: int, frame: Frame, at: int) -> None:
    info = r.info[found]
    if isinstance(info, Property) and info.deleter >= 0:
        call_with(r, info.deleter, value, "__delete__", Use(frame, at, -1), [])
    elif isinstance(info, Instance) and has(r, found, "__delete__"):
        call = calling(r, frame, at, positional(r.holding(value)), -1, "descriptor",
                       name="__delete__")  # fmt: skip
        special(r, found, "__delete__", call)


def names(r: Resolver, value: int) -> list[str]:
    """Name the attributes that an object has for what is known now."""
    info = r.info[value]
    if isinstance(info, Module):
        return r.modules.names(info.unit)
    facts = r.classes.get(value if isinstance(info, Class) else r.class_of(value))
    if facts is None:
        return []
    own = [r.classes[n].own for n in facts.mro if not r.units[r.classes[n].unit].outside]
    found = {name for one in own for name in one} | set(r.fields_of(value))
    return sorted(found)
