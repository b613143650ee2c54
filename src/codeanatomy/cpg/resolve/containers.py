"""Lists, tuples, sets and dictionaries: what is in them, under which key.

A container's elements lie in fields: `[k]` under a constant key, `?V` under one that is not known,
`$V` all of them; V is the type variable that the library's stub gives the elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve.objects import Const, Instance, Running

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.resolver import Frame, Resolver

ELEMENT = {
    "list": "_T", "tuple": "_T_co", "set": "_T", "frozenset": "_T_co", "dict": "_VT",
    "deque": "_T", "defaultdict": "_VT", "OrderedDict": "_VT", "ChainMap": "_VT",
    "Sequence": "_T_co", "MutableSequence": "_T", "Mapping": "_VT_co", "MutableMapping": "_VT",
    "UserDict": "_VT", "UserList": "_T", "MappingProxyType": "_VT_co", "WeakKeyDictionary": "_VT",
    "WeakValueDictionary": "_VT", "array": "_T",
}  # fmt: skip
KEY = {"Mapping": "_KT", "MutableMapping": "_KT", "MappingProxyType": "_KT"}
_BUILTIN = ("list", "tuple", "set", "frozenset", "dict")


def variable(r: Resolver, value: int) -> str:
    """Return the type variable of a container's elements; empty if it is no container."""
    found = r.element_variables.get(cls := r.class_of(value))
    if found is None:
        found = ""
        for number in r.classes[cls].mro if cls in r.classes else ():
            facts = r.classes[number]
            if r.units[facts.unit].outside and facts.name in ELEMENT:
                found = ELEMENT[facts.name]
                break
        r.element_variables[cls] = found
    return found


def is_mapping(r: Resolver, value: int) -> bool:
    """Whether an object is a dictionary of some kind."""
    return variable(r, value) in ("_VT", "_VT_co")


def constant(r: Resolver, node: int) -> str | None:
    """Return the one constant that a key node holds, if it holds one only."""
    held = r.solver.values[node]
    if len(held) == 1:
        info = r.info[next(iter(held))]
        if isinstance(info, Const):
            return info.text
    return None


def store(r: Resolver, value: int, key: str | None, node: int) -> None:
    """Put a node into a container."""
    letter = variable(r, value)
    if key is None:
        r.solver.copy(node, r.field(value, "?" + letter))
    else:
        r.put(value, key, node)
        r.solver.copy(node, r.field(value, "$" + letter))


def load(r: Resolver, value: int, key: str | None, dst: int) -> None:
    """Let an element flow to a node."""
    letter = variable(r, value)
    if not letter:
        return
    known = r.elements(value)
    if key is not None and key.startswith("-") and key[1:].isdigit() and "0" in known:
        key = str(len(known) - int(key[1:]))
    if key is None or not known:
        r.solver.copy(r.field(value, "$" + letter), dst)
        if key is not None:
            r.each_element(value, lambda _key, _node: None)
        return
    r.solver.copy(r.field(value, "?" + letter), dst)
    if key in known:
        r.solver.copy(known[key], dst)
    else:

        def later(found: str, node: int) -> None:
            if found == key:
                r.solver.copy(node, dst)

        r.each_element(value, later)


def make(r: Resolver, kind: str, at: tuple[int | str, ...]) -> int:
    """Return the container that is made at a place."""
    return r.of(Instance(r.modules.library("builtins", kind), at))


def spread(source: int, r: Resolver, target: int, where: tuple[Frame, int]) -> None:
    """Put all elements of one container into another, at the end of it."""
    info = r.info[source]
    if isinstance(info, Running):
        r.solver.copy(r.frames[info.frame].yields, r.field(target, "?" + variable(r, target)))
        return
    letter = variable(r, source)
    if is_mapping(r, target) and is_mapping(r, source):
        r.each_element(source, lambda key, node: r.put(target, key, node))
        r.solver.copy(r.field(source, "?" + letter), r.field(target, "?" + variable(r, target)))
        r.solver.copy(r.field(source, "$_KT"), r.field(target, "$_KT"))
        r.each_element(
            source, lambda _, node: r.solver.copy(node, r.field(target, "$" + variable(r, target)))
        )
        return
    node = r.solver.node()
    r.iterate(source, r, node, where)
    r.solver.copy(node, r.field(target, "?" + variable(r, target)))
