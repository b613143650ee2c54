"""The names of a module, or attributes of an object, as a dictionary: `globals()`, `vars(x)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import attributes, containers, texts
from codeanatomy.cpg.resolve.callings import calling
from codeanatomy.cpg.resolve.frames import Use
from codeanatomy.cpg.resolve.objects import Class, Const, Instance, Module, Tool

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver


def named_item(text: int, r: Resolver, value: int, dst: int) -> None:
    """Let a name of a module, or an attribute of an object, flow to a node."""
    info, key = r.info[value], r.info[text]
    if not isinstance(info, Tool):
        return
    if isinstance(key, Const):
        r.solver.copy(_named(r, info, key.text), dst)
        return
    r.solver.add(dst, r.unknown("dynamic_call"))
    ends = texts.partial(r, text)
    if ends is not None:
        target = r.of(Module(info.number)) if info.name == "names" else info.number
        for name in attributes.names(r, target):
            if texts.fits(name, ends):
                r.solver.copy(_named(r, info, name), dst)


def _named(r: Resolver, info: Tool, name: str) -> int:
    if info.name == "names":
        return r.modules.global_name(info.number, name)
    held = r.info[info.number]
    if isinstance(held, Class):
        return r.field(info.number, name)
    return r.view(info.number, name)


def set_named(r: Resolver, target: int, name: str, given: int) -> None:
    """Store a node under a name of a module, or an attribute of an object."""
    info = r.info[target]
    if isinstance(info, Tool):
        node = (r.modules.rebound(info.number, name) if info.name == "names"
                else r.field(info.number, name))  # fmt: skip
        r.solver.copy(given, node)


def members(r: Resolver, target: int, method: str, dst: int, where: tuple[Frame, int]) -> None:
    """Give the names and values of a module or an object as a dictionary's method does."""
    info = r.info[target]
    if not isinstance(info, Tool) or info.name not in ("names", "attributes"):
        return
    made = containers.make(r, "dict", ("members", target))
    owner = r.of(Module(info.number)) if info.name == "names" else info.number
    for name in attributes.names(r, owner):
        if isinstance(r.info[owner], Instance) and not r.has_field(owner, name):
            continue
        containers.store(r, made, name, _named(r, info, name))
        r.solver.add(r.field(made, "$_KT"), r.modules.text(name))
    if method == "copy":
        r.solver.add(dst, made)
    elif method == "keys":
        r.iterate(made, r, dst, where)
    else:
        found = r.solver.node()
        use = Use(where[0], where[1], found)
        attributes.read(made, r, method, use)
        r.solver.when(found, r.call, r, calling(r, *where, (), dst, seen=False))


def set_item_named(text: int, r: Resolver, value: int, given: int) -> None:
    """Store a node under the name that a text gives."""
    key, info = r.info[text], r.info[value]
    if isinstance(key, Const):
        set_named(r, value, key.text, given)
    elif isinstance(info, Tool) and info.name == "attributes":
        r.put_any(info.number, given)
