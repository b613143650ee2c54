"""Lists, tuples, sets and dictionaries: what is in them, under which key.

A container's elements lie in fields: `[k]` under a constant key, `?V` under one that is not known,
`$V` all of them; V is the type variable that the library's stub gives the elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve.class_facts import Shape
from codeanatomy.cpg.resolve.objects import (
    Class,
    Const,
    Form,
    Function,
    Instance,
    Module,
    Outside,
    Running,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver

ELEMENT = {
    "list": "_T", "tuple": "_T_co", "set": "_T", "frozenset": "_T_co", "dict": "_VT",
    "deque": "_T", "defaultdict": "_VT", "OrderedDict": "_VT", "ChainMap": "_VT",
    "Sequence": "_T_co", "MutableSequence": "_T", "Mapping": "_VT_co", "MutableMapping": "_VT",
    "UserDict": "_VT", "UserList": "_T", "MappingProxyType": "_VT_co", "WeakKeyDictionary": "_VT",
    "WeakValueDictionary": "_VT", "array": "_T",
}  # fmt: skip
_OF_MAPPINGS = ("_VT", "_VT_co")
_HASHED = ("set", "frozenset")
_ORDERED = ("list", "tuple")
_MOST = 60  # elements of a slice that are told apart
_DEEP = 3  # tuples in tuples that are keys: one may hold itself


_NONE = Shape("", ordered=False, hashed=False)


def shape(r: Resolver, cls: int) -> Shape:
    """Return what kind of container the instances of a class are."""
    facts = r.classes.get(cls)
    if facts is None:
        return _NONE
    if facts.shape is None:
        above = [r.classes[n] for n in facts.mro]
        names = [one.name for one in above if r.units[one.unit].outside]
        letter = next((ELEMENT[name] for name in names if name in ELEMENT), "")
        ordered = any(name in _ORDERED for name in names)
        hashed = letter in _OF_MAPPINGS or any(name in _HASHED for name in names)
        facts.shape = Shape(letter, ordered, hashed)
    return facts.shape


def variable(r: Resolver, value: int) -> str:
    """Return the type variable of a container's elements; empty if it is no container."""
    return shape(r, r.class_of(value)).letter


def is_mapping(r: Resolver, value: int) -> bool:
    """Whether an object is a dictionary of some kind."""
    return shape(r, r.class_of(value)).letter in _OF_MAPPINGS


def is_ordered(r: Resolver, value: int) -> bool:
    """Whether an object is a list or tuple, whose elements have places."""
    return shape(r, r.class_of(value)).ordered


def is_hashed(r: Resolver, value: int) -> bool:
    """Whether an object is a dictionary or a set."""
    return shape(r, r.class_of(value)).hashed


# --- keys ----------------------------------------------------------------------------------------
def key_of(r: Resolver, value: int, depth: int = 0) -> str | None:
    """Return the text by which an object tells elements apart; None if it may equal another."""
    info = r.info[value]
    if isinstance(info, Const):
        kind = r.classes[info.cls].name
        if kind == "str":
            return f"'{info.text}" if info.text.lstrip("-").isdigit() else info.text
        return info.text if kind == "int" else f"<{value}>"
    if isinstance(info, Class | Function | Module | Outside | Form):
        return f"<{value}>"
    if isinstance(info, Instance) and info.at and info.at[0] == "member":
        return f"<{value}>"
    if isinstance(info, Instance) and r.classes[info.cls].name == "tuple":
        return _tuple_key(r, value, depth + 1) if depth < _DEEP else None
    return None


def _tuple_key(r: Resolver, value: int, depth: int) -> str | None:
    known = r.elements(value)
    if not known or r.solver.values[r.field(value, "?_T_co")]:
        return None
    keys = [constant(r, known[place], depth) for place in sorted(known)]
    return None if None in keys else f"({','.join(map(str, keys))})"


def constant(r: Resolver, node: int, depth: int = 0) -> str | None:
    """Return the one key that a node holds, if it holds one only."""
    held = r.solver.values[node]
    return key_of(r, next(iter(held)), depth) if len(held) == 1 else None


def each_key(r: Resolver, node: int, act: Callable[[str | None], None]) -> None:
    """Call `act(key)` for each key that a node ever holds; None for those not known."""
    seen: set[str | None] = set()

    def one(key: str | None) -> None:
        if key not in seen:
            seen.add(key)
            act(key)

    r.solver.when(node, lambda value: one(key_of(r, value)))
    if not r.solver.values[node]:
        r.otherwise(node, lambda: one(None))


# --- storing and loading -------------------------------------------------------------------------
def store(r: Resolver, value: int, key: str | None, node: int) -> None:
    """Put a node into a container."""
    letter = variable(r, value)
    if key is None:
        r.solver.copy(node, r.field(value, "?" + letter))
    else:
        r.put(value, key, node)
        r.solver.copy(node, r.field(value, "$" + letter))


def store_at(r: Resolver, value: int, keys: int, node: int) -> None:
    """Put a node into a container under every key that a node holds."""
    if is_mapping(r, value):
        r.solver.copy(keys, r.field(value, "$_KT"))
    each_key(r, keys, lambda key: store(r, value, key, node))


def load(r: Resolver, value: int, key: str | None, dst: int) -> None:
    """Let an element flow to a node."""
    letter = variable(r, value)
    if not letter:
        return
    if key is not None and key.startswith("-") and key[1:].isdigit() and is_ordered(r, value):
        known = r.elements(value)
        key = str(len(known) - int(key[1:])) if "0" in known else None
    if key is None:
        r.solver.copy(r.field(value, "$" + letter), dst)
        return
    r.solver.copy(r.field(value, "?" + letter), dst)
    r.solver.copy(r.field(value, f"[{key}]"), dst)


def part(r: Resolver, value: int, key: str) -> int:
    """Return the node of the element under a constant key: one for all who ask for it."""
    asked = (value, -1, key)
    node = r.projected.get(asked)
    if node is None:
        node = r.projected[asked] = r.solver.node()
        load(r, value, key, node)
    return node


def load_at(r: Resolver, value: int, keys: int, dst: int) -> None:
    """Let the elements under every key that a node holds flow to a node."""
    each_key(r, keys, lambda key: load(r, value, key, dst))


def make(r: Resolver, kind: str, at: tuple[int | str, ...]) -> int:
    """Return the container that is made at a place."""
    return r.of(Instance(r.modules.library("builtins", kind), at))


def disorder(r: Resolver, value: int) -> None:
    """Forget the places of a container's elements: something moves them."""
    letter = variable(r, value)
    if letter:
        r.solver.copy(r.field(value, "$" + letter), r.field(value, "?" + letter))


def cut(r: Resolver, value: int, bounds: tuple[int | None, ...], made: int) -> None:
    """Put a part of a list or tuple into another, in its places as far as they are known."""
    letter = variable(r, value)
    target = "?" + variable(r, made)
    known = r.elements(value)
    if 0 < len(known) < _MOST and None not in bounds:
        places = range(len(known))[slice(*(None if b == NONE else b for b in bounds))]
        if all(str(place) in known for place in places):
            for at, place in enumerate(places):
                store(r, made, str(at), known[str(place)])
            r.solver.copy(r.field(value, "?" + letter), r.field(made, target))
            return
    r.solver.copy(r.field(value, "$" + letter), r.field(made, target))


NONE = -(1 << 40)  # a bound of a slice that is left out


# --- whole containers ----------------------------------------------------------------------------
def copy_places(source: int, r: Resolver, target: int, where: tuple[Frame, int]) -> None:
    """Put all elements of an iterable into an empty list or tuple, in their places."""
    if not (is_ordered(r, source) and is_ordered(r, target)):
        spread(source, r, target, where)
        return
    r.each_element(source, lambda key, node: store(r, target, key, node))
    r.solver.copy(
        r.field(source, "?" + variable(r, source)), r.field(target, "?" + variable(r, target))
    )


def spread(source: int, r: Resolver, target: int, where: tuple[Frame, int]) -> None:
    """Put all elements of one container into another, at the end of it."""
    info = r.info[source]
    if isinstance(info, Running):
        r.solver.copy(r.frames[info.frame].yields, r.field(target, "?" + variable(r, target)))
        return
    if is_mapping(r, target) and is_mapping(r, source):
        r.each_element(source, lambda key, node: store(r, target, key, node))
        loose = r.field(source, "?" + variable(r, source))
        r.solver.copy(loose, r.field(target, "?" + variable(r, target)))
        r.solver.copy(r.field(source, "$_KT"), r.field(target, "$_KT"))
        return
    r.solver.copy(all_of(r, source, where), r.field(target, "?" + variable(r, target)))


def all_of(r: Resolver, source: int, where: tuple[Frame, int]) -> int:
    """Return the node of what iterating an object at a place gives: one for all who ask."""
    asked = (source, -1, f"* {where[0].index} {where[1]}")
    node = r.projected.get(asked)
    if node is None:
        node = r.projected[asked] = r.solver.node()
        r.iterate(source, r, node, where)
    return node
