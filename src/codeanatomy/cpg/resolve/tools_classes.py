"""What makes or changes classes and their members: `super`, `type`, properties, class methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, containers, records
from codeanatomy.cpg.resolve.callings import keyword, places
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Bound,
    Class,
    Const,
    Function,
    Instance,
    OfClass,
    Partial,
    Property,
    Setter,
    Static,
    Super,
    Tool,
    Unknown,
)
from codeanatomy.cpg.resolve.program import VAR_POSITIONAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.resolver import Resolver


# --- super and type ------------------------------------------------------------------------------
def method_frame(frame: Frame) -> Frame | None:
    """Return the frame of the method whose code a frame is part of."""
    here: Frame | None = frame
    while here is not None:
        if here.parent is not None and here.parent.body.kind == "class":
            return here if here.body.kind != "class" else None
        here = here.parent
    return None


def _super(r: Resolver, call: Call) -> None:
    given = places(call)
    if not given:
        method = method_frame(call.frame)
        if method is None or not method.body.parameters or method.parent is None:
            return
        first = method.base + method.body.parameters[0].slot
        if method.body.parameters[0].kind == VAR_POSITIONAL:  # takes the receiver
            inner = r.solver.node()
            r.solver.when(first, _first_of, r, inner)
            first = inner
        r.solver.when(first, _super_of, r, method.parent.cls, call.dst)
    elif len(given) > 1:
        r.solver.when(given[0], _super_with, r, given[1], call.dst)


def _first_of(value: int, r: Resolver, dst: int) -> None:
    containers.load(r, value, "0", dst)


def _super_with(value: int, r: Resolver, receiver: int, dst: int) -> None:
    if isinstance(r.info[value], Class):
        r.solver.when(receiver, _super_of, r, value, dst)


def _super_of(value: int, r: Resolver, cls: int, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Instance | Const | Class):
        r.solver.add(dst, r.of(Super(cls, value)))
    elif isinstance(info, Unknown):
        r.solver.add(dst, r.of(Super(cls, r.of(Instance(cls, ANY)))))


def _type(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) == 1:
        r.solver.when(given[0], _class_of, r, call.dst)
    elif len(given) > 2:  # noqa: PLR2004 - name, bases, namespace
        r.solver.add(call.dst, made_of(r, given, call))


def made_of(r: Resolver, given: list[int], call: Call) -> int:
    """Make a class of a name, bases and a namespace."""
    texts = [i.text for v in r.solver.values[given[0]] if isinstance(i := r.info[v], Const)]
    made = records.synthetic(r, call, "type", texts[0] if len(texts) == 1 else "")
    r.solver.when(given[1], _bases_from, r, r.classes[made])
    r.solver.when(given[2], _members_from, r, made)
    return made


def _class_of(value: int, r: Resolver, dst: int) -> None:
    cls = r.class_of(value)
    info = r.info[value]
    if cls >= 0:
        r.solver.add(dst, cls)
        if isinstance(info, Instance) and info.at == ANY:
            for below in classes.below(r, r.classes[cls]) if cls in r.classes else ():
                r.solver.add(dst, below)
    elif isinstance(info, Unknown):
        r.solver.add(dst, value)
    elif isinstance(info, Class):
        metas = [m for n in r.classes[value].mro for m in r.classes[n].metaclasses]
        r.solver.add(dst, metas[0] if metas else r.modules.library("builtins", "type"))
    elif isinstance(info, Function | Bound):
        name = "FunctionType" if isinstance(info, Function) else "MethodType"
        r.solver.add(dst, r.modules.library("types", name))


def _bases_from(value: int, r: Resolver, facts: ClassFacts) -> None:
    def base(key: str, node: int) -> None:
        classes.add_base(r, facts, int(key) if key.isdigit() else 0, node)

    r.each_element(value, base)
    letter = containers.variable(r, value)
    if letter:
        classes.add_base(r, facts, 0, r.field(value, "?" + letter))


def _members_from(value: int, r: Resolver, cls: int) -> None:
    def member(key: str, node: int) -> None:
        r.solver.copy(node, r.field(cls, key))
        classes.define(r, r.classes[cls], key)
        r.solver.when(node, _owned, r, cls)

    r.each_element(value, member)


def _owned(value: int, r: Resolver, cls: int) -> None:
    if isinstance(r.info[value], Function):
        r.owners.setdefault(value, cls)


def _type_new(r: Resolver, call: Call) -> None:
    """Make a class as `type.__new__(meta, name, bases, namespace)` does."""
    given = places(call)
    if len(given) < 4:  # noqa: PLR2004 - four arguments
        return
    known = [r.info[v] for v in sorted(r.solver.values[given[2]])]
    number = next((i.at[1] for i in known if isinstance(i, Instance) and i.at
                   and i.at[0] == "bases"), None)  # fmt: skip
    if isinstance(number, int):
        r.solver.when(given[3], _members_from, r, number)
        r.solver.add(call.dst, number)
        return
    made = made_of(r, given[1:], call)
    r.solver.when(given[0], _metaclass_of, r, made)
    if call.dst >= 0:
        r.solver.add(call.dst, made)


def _metaclass_of(value: int, r: Resolver, made: int) -> None:
    facts = r.classes[made]
    if isinstance(r.info[value], Class) and value not in facts.metaclasses:
        facts.metaclasses.append(value)


def _type_call(r: Resolver, call: Call) -> None:
    """Make an instance as `type.__call__` does."""
    if call.arguments:
        inner = call._replace(arguments=call.arguments[1:], number=r.number(), label="")
        r.solver.when(call.arguments[0][1], _called, r, inner)


def _called(value: int, r: Resolver, call: Call) -> None:
    if isinstance(r.info[value], Class):
        r.make(r, r.classes[value], call)


def _new_class(r: Resolver, call: Call) -> None:
    given = places(call)
    made = records.synthetic(r, call, "type")
    if len(given) > 1:
        r.solver.when(given[1], _bases_from, r, r.classes[made])
    r.solver.add(call.dst, made)


def new(r: Resolver, call: Call) -> None:
    """Make an instance as a `__new__` of the library does, for the class that is given."""
    if call.arguments and call.dst >= 0:
        r.solver.when(call.arguments[0][1], _new, r, call)


def _new(value: int, r: Resolver, call: Call) -> None:
    if not isinstance(r.info[value], Class) or value not in r.classes:
        return
    made = r.instance(value, call.frame, call.node)
    r.solver.add(call.dst, made)
    facts = r.classes[value]
    if any(r.classes[n].transform == "namedtuple" for n in facts.mro):
        records.construct(r, made, call._replace(arguments=call.arguments[1:]))
    elif containers.is_ordered(r, made):
        where = (call.frame, call.node)
        for node in places(call)[1:2]:
            r.solver.when(node, containers.copy_places, r, made, where)


# --- decorators of methods and classes -----------------------------------------------------------
def _property(r: Resolver, call: Call) -> None:
    roles = ("fget", "fset", "fdel")
    given = places(call)
    for place, role in enumerate(roles):
        node = given[place] if place < len(given) else keyword(call, role)
        if node >= 0:
            r.solver.when(node, _accessor, r, place, (tuple(given), call))


def _accessor(value: int, r: Resolver, place: int, made: tuple[tuple[int, ...], Call]) -> None:
    given, call = made
    parts = [-1, -1, -1]
    for at, node in enumerate(given[:3]):
        held = [v for v in sorted(r.solver.values[node]) if isinstance(r.info[v], _CALLABLES)]
        parts[at] = held[0] if held else -1
    for at, role in enumerate(("fget", "fset", "fdel")):
        node = keyword(call, role)
        held = sorted(r.solver.values[node]) if node >= 0 else []
        parts[at] = held[0] if held else parts[at]
    parts[place] = value
    r.solver.add(call.dst, r.of(Property(*parts)))


_CALLABLES = (Function, Bound, Partial)


def set_property(r: Resolver, info: Setter, call: Call) -> None:
    """Give a property another accessor, as `@p.setter` does."""
    place = ("getter", "setter", "deleter").index(info.role)
    if places(call):
        r.solver.when(places(call)[0], _with_accessor, r, info.of, place, call.dst)


def _with_accessor(value: int, r: Resolver, of: int, place: int, dst: int) -> None:
    info = r.info[of]
    if isinstance(info, Property):
        kept = [info.getter, info.setter, info.deleter]
        kept[place] = value
        r.solver.add(dst, r.of(Property(*kept)))


def _wrapping(kind: type) -> Callable[..., None]:
    def act(r: Resolver, call: Call) -> None:
        if places(call) and call.dst >= 0:
            r.solver.when(places(call)[0], _wrapped, r, kind, call.dst)

    return act


def _wrapped(value: int, r: Resolver, kind: type, dst: int) -> None:
    r.solver.add(dst, r.of(kind(value)))


def _cached_property(r: Resolver, call: Call) -> None:
    if places(call):
        r.solver.when(places(call)[0], _tooled, r, "cached_property", call.dst)


_ROLES = ("fget", "fset", "fdel")


def _own_accessors(r: Resolver, call: Call) -> None:
    """`__init__` of `property` on an instance of a class of ours below it: keep the accessors."""
    _keep(r, call, _ROLES)


def _own_cached(r: Resolver, call: Call) -> None:
    """`__init__` of `cached_property` on an instance of a class of ours below it."""
    _keep(r, call, ("func",))


def _own_accessor(role: str) -> Callable[..., None]:
    """Return what `p.setter` does on an instance of a class below `property`."""

    def act(r: Resolver, call: Call) -> None:
        _keep(r, call, (role,))
        r.solver.copy(call.arguments[0][1], call.dst)

    return act


def _keep(r: Resolver, call: Call, roles: tuple[str, ...]) -> None:
    rest = places(call)[1:]
    for place, role in enumerate(roles):
        node = rest[place] if place < len(rest) else keyword(call, role)
        if node >= 0:
            r.solver.when(call.arguments[0][1], _kept, r, role, node)


def _kept(value: int, r: Resolver, role: str, node: int) -> None:
    if isinstance(r.info[value], Instance):
        r.solver.copy(node, r.field(value, role))


def _run_accessor(role: str) -> Callable[..., None]:
    """Return what `__get__` or its like does there: it calls the accessor with the object."""

    def act(r: Resolver, call: Call) -> None:
        rest = call.arguments[1:2] if role in ("fget", "func") else call.arguments[1:]
        inner = call._replace(arguments=rest, label="property", number=r.number())
        r.solver.when(call.arguments[0][1], _run_kept, r, role, inner)

    return act


def _run_kept(value: int, r: Resolver, role: str, call: Call) -> None:
    if isinstance(r.info[value], Instance):
        r.solver.when(r.view(value, role), r.call, r, call)


def _tooled(value: int, r: Resolver, name: str, dst: int) -> None:
    r.solver.add(dst, r.of(Tool(name, value)))


ACTS: dict[str, Callable[[Resolver, Call], None]] = {
    "super": _super, "type": _type, "type_new": _type_new, "type_call": _type_call,
    "new_class": _new_class, "property": _property, "staticmethod": _wrapping(Static),
    "classmethod": _wrapping(OfClass), "cached_property": _cached_property,
    "own_accessors": _own_accessors, "own_cached": _own_cached,
    **{f"own_{role}": _own_accessor(role) for role in _ROLES},
    **{f"run_{role}": _run_accessor(role) for role in (*_ROLES, "func")},
}  # fmt: skip
