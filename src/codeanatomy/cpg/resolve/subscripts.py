"""Subscripts: what `x[k]`, `x[k] = v` and looking a key up run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, containers, enums, namespaces
from codeanatomy.cpg.resolve.callings import calling, positional, special
from codeanatomy.cpg.resolve.objects import (
    Alias,
    Class,
    Const,
    Form,
    Function,
    Instance,
    Outside,
    Tool,
    Unknown,
)
from codeanatomy.cpg.resolve.protocols import own_method

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.resolver import Resolver


def item(value: int, r: Resolver, key: int, dst: int, where: tuple[Frame, int]) -> None:
    """Let what a subscript gives flow to a node."""
    info = r.info[value]
    frame, node = where
    if isinstance(info, Class):
        _subscript_class(r, value, key, dst, where)
    elif isinstance(info, Form):
        r.solver.add(dst, r.of(Alias(value, _several(r, key))))
    elif isinstance(info, Unknown | Alias):
        r.solver.add(dst, value)
    elif isinstance(info, Outside):
        r.solver.add(dst, value if info.name[:1].isupper() else r.unknown("external_value"))
        r.solver.add(dst, r.of(Outside(info.name)))
    elif own_method(r, value, "__getitem__"):
        call = calling(r, frame, node, positional(key), dst, "protocol", name="__getitem__")
        special(r, value, "__getitem__", call)
    elif isinstance(info, Tool) and info.name in ("names", "attributes"):
        r.solver.when(key, namespaces.named_item, r, value, dst)
    elif isinstance(info, Instance | Const):
        _element(r, value, key, dst, where)


def _subscript_class(r: Resolver, value: int, key: int, dst: int, where: tuple[Frame, int]) -> None:
    facts = r.classes[value]
    if facts.transform == "enum":
        enums.by_name(r, facts, key, dst)
        return
    call = calling(r, *where, positional(key), dst, "metaclass", name="__getitem__")
    if special(r, value, "__getitem__", call):
        return
    if r.own(value, "__class_getitem__"):
        owner = classes.owner_of(r, facts, "__class_getitem__")
        call = calling(r, *where, positional(key), dst, "protocol", name="__class_getitem__")
        found = r.field(owner.number, "__class_getitem__")  # type: ignore[union-attr] # it is own
        r.solver.when(found, _class_getitem, r, value, call)
        if not _is_generic(r, facts):
            return
    r.solver.add(dst, r.of(Alias(value, _several(r, key))))


def _is_generic(r: Resolver, facts: ClassFacts) -> bool:
    """Whether a class takes type arguments besides what its own `__class_getitem__` does."""
    above = [r.classes[number] for number in facts.mro]
    outside = [one for one in above if r.units[one.unit].outside and one.name != "object"]
    return bool(outside) or any(one.parameters or "protocol" in one.flags for one in above)


def _class_getitem(found: int, r: Resolver, cls: int, call: Call) -> None:
    inner = getattr(r.info[found], "inner", found)
    if isinstance(r.info[inner], Function):
        r.call(r.bound(inner, cls), r, call)


def _several(r: Resolver, key: int) -> tuple[int, ...]:
    """Return the nodes of type arguments: the elements of a tuple, or the one."""
    for held in sorted(r.solver.values[key]):
        known = r.elements(held)
        if known and r.class_of(held) == r.modules.library("builtins", "tuple"):
            return tuple(known.values())
    return (key,)


def _element(r: Resolver, value: int, key: int, dst: int, where: tuple[Frame, int]) -> None:
    if containers.variable(r, value):
        r.solver.when(key, _hashed, r, value, where)
        if containers.is_mapping(r, value):
            _of_mapping(r, value, key, dst, where)
        else:
            r.solver.when(key, _indexed, r, value, dst, where)
            r.otherwise(key, lambda: containers.load(r, value, None, dst))
        return
    call = calling(r, *where, positional(key), dst, "protocol", name="__getitem__")
    special(r, value, "__getitem__", call)


def _of_mapping(r: Resolver, value: int, key: int, dst: int, where: tuple[Frame, int]) -> None:
    containers.load_at(r, value, key, dst)
    r.solver.copy(r.field(value, "default"), dst)
    if own_method(r, value, "__missing__") and where[0].body.name != "__missing__":
        call = calling(r, *where, positional(key), dst, "protocol", name="__missing__")
        special(r, value, "__missing__", call)


def _indexed(key: int, r: Resolver, value: int, dst: int, where: tuple[Frame, int]) -> None:
    """Let the element at an index, or a part, of a sequence flow to a node."""
    info = r.info[key]
    if isinstance(info, Instance) and info.at and info.at[0] == "slice":
        inner = r.info[value]
        if isinstance(inner, Instance) and inner.at and inner.at[0] == "slice":
            containers.disorder(r, value)  # a part of a part: all of them are one
            r.solver.add(dst, value)
            return
        kind = "tuple" if "tuple" in _kinds(r, value) else "list"
        made = containers.make(r, kind, ("slice", value, where[1] if r.small else -1))
        containers.cut(r, value, tuple(_bound(r, n) for n in info.at[1:]), made)  # type: ignore[arg-type] # nodes
        r.solver.add(dst, made)
        return
    if own_method(r, key, "__index__"):
        special(r, key, "__index__",
                calling(r, *where, (), -1, "protocol", name="__index__"))  # fmt: skip
    containers.load(r, value, containers.key_of(r, key), dst)


def _kinds(r: Resolver, value: int) -> list[str]:
    cls = r.class_of(value)
    return [r.classes[n].name for n in r.classes[cls].mro] if cls in r.classes else []


def _bound(r: Resolver, node: int) -> int | None:
    """Return the number that a bound of a slice is; None if it is not known."""
    if node < 0:
        return containers.NONE
    text = containers.constant(r, node)
    if text is None:
        return None
    return int(text) if text.lstrip("-").isdigit() else None


def _hashed(key: int, r: Resolver, value: int, where: tuple[Frame, int]) -> None:
    """Look a key up: by its hash, then by comparing it with what may be equal."""
    if containers.is_hashed(r, value):
        hash_key(key, r, value, where)


def hash_key(key: int, r: Resolver, container: int, where: tuple[Frame, int]) -> None:
    """Run `__hash__` of a key, and `__eq__` where another key of the container may be the same."""
    if not own_method(r, key, "__hash__") and not own_method(r, key, "__eq__"):
        return
    if own_method(r, key, "__hash__"):
        special(r, key, "__hash__",
                calling(r, *where, (), -1, "protocol", name="__hash__"))  # fmt: skip
    if own_method(r, key, "__eq__"):
        letter = "$_KT" if containers.is_mapping(r, container) else "$" + containers.variable(
            r, container)  # fmt: skip
        r.solver.when(r.field(container, letter), _same_hash, r, key, where)


def _same_hash(other: int, r: Resolver, key: int, where: tuple[Frame, int]) -> None:
    if other != key and own_method(r, other, "__eq__"):
        given = positional(r.holding(key))
        special(r, other, "__eq__",
                calling(r, *where, given, -1, "protocol", name="__eq__"))  # fmt: skip


def set_item(value: int, r: Resolver, key: int, given: int, where: tuple[Frame, int]) -> None:
    """Store a node under a key."""
    info = r.info[value]
    if own_method(r, value, "__setitem__"):
        call = calling(r, *where, positional(key, given), -1, "protocol", name="__setitem__")
        special(r, value, "__setitem__", call)
    elif isinstance(info, Class):
        call = calling(r, *where, positional(key, given), -1, "metaclass", name="__setitem__")
        special(r, value, "__setitem__", call)
    elif isinstance(info, Tool) and info.name in ("names", "attributes"):
        r.solver.when(key, namespaces.set_item_named, r, value, given)
    elif isinstance(info, Instance) and containers.variable(r, value):
        put_item(r, value, key, given, where)


def put_item(r: Resolver, value: int, key: int, given: int, where: tuple[Frame, int]) -> None:
    """Store a node in a container as the language's own containers do."""
    if containers.is_mapping(r, value):
        r.solver.when(key, _hashed, r, value, where)
        containers.store_at(r, value, key, given)
    else:
        r.solver.when(key, _set_index, r, value, given, where)
        r.otherwise(key, lambda: containers.store(r, value, None, given))


def _set_index(key: int, r: Resolver, value: int, given: int, where: tuple[Frame, int]) -> None:
    info = r.info[key]
    if isinstance(info, Instance) and info.at and info.at[0] == "slice":
        containers.disorder(r, value)
        r.solver.when(given, containers.spread, r, value, where)
    else:
        containers.store(r, value, containers.key_of(r, key), given)
