"""Operators and protocols: what iteration, `with`, subscripts and operators run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import attributes, classes, containers, enums, texts, types
from codeanatomy.cpg.resolve.callings import calling, has, positional, special
from codeanatomy.cpg.resolve.objects import (
    Alias, Class, Const, Form, Function, Instance, Module, Outside, Running, Tool, TypeVar, Unknown,
)  # fmt: skip

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.callings import Call
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
    return classes.own_member(r, value, name) is not None


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
        members(r, value, "keys", dst, where)
    elif own_method(r, value, "__iter__"):
        made, fresh = r.made_at(value, frame, node)
        if fresh:
            special(r, value, "__iter__",
                    calling(r, frame, node, (), made, "protocol", name="__iter__"))  # fmt: skip
        r.solver.once(made, _next, r, dst, where)
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
        return
    iterable = r.modules.library("typing", "Iterable")
    cls = r.class_of(value)
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


# --- subscripts ----------------------------------------------------------------------------------
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
        r.solver.when(key, _named_item, r, value, dst)
    elif isinstance(info, Instance | Const):
        _element(r, value, key, dst, where)


def _named_item(text: int, r: Resolver, value: int, dst: int) -> None:
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
        iterate(made, r, dst, where)
    else:
        found = r.solver.node()
        use = attributes.Use(where[0], where[1], found)
        attributes.read(made, r, method, use)
        r.solver.when(found, r.call, r, calling(r, *where, (), dst, seen=False))


def _subscript_class(
    r: Resolver, value: int, key: int, dst: int, where: tuple[Frame, int]
) -> None:
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
        return
    r.solver.add(dst, r.of(Alias(value, _several(r, key))))


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
        kind = "tuple" if "tuple" in _kinds(r, value) else "list"
        made = containers.make(r, kind, ("slice", value, key))
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
        r.solver.when(key, _set_name, r, value, given)
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


def _set_name(text: int, r: Resolver, value: int, given: int) -> None:
    key, info = r.info[text], r.info[value]
    if isinstance(key, Const):
        set_named(r, value, key.text, given)
    elif isinstance(info, Tool) and info.name == "attributes":
        r.put_any(info.number, given)


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
            containers.spread(value, r, made, where)  # type: ignore[arg-type] # where it is
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


def compare(value: int, r: Resolver, other: int, name: str, dst: int, where: tuple[Frame, int]) -> None:  # noqa: E501 - one line reads best
    """Compare an object; the other side is asked where it does not know."""
    if own_method(r, value, name) or inherited(r, value, name):
        call = calling(r, *where, positional(other), dst, "protocol", name=name)
        special(r, value, name, call)
    elif "total" in _flags(r, value) and name in _SWAPPED:
        _derived(r, value, other, where)
    elif name == "__contains__" and own_method(r, value, "__iter__"):
        iterate(value, r, r.solver.node(), where)
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
