"""Enumerations: each value that the class body binds becomes an instance of the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes
from codeanatomy.cpg.resolve.callings import calling, positional
from codeanatomy.cpg.resolve.objects import (
    Class,
    Const,
    Function,
    Instance,
    OfClass,
    Property,
    Static,
    Tool,
)

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.resolver import Resolver

FIELDS = frozenset(("value", "name", "_value_", "_name_"))


def candidates(r: Resolver, facts: ClassFacts) -> list[str]:
    """Name what may be members: all that the class itself binds, but names with an underscore."""
    if facts.transform != "enum" or (
        r.units[facts.unit].outside and facts.unit != r.modules.nowhere
    ):
        return []
    return sorted(name for name in facts.own if name[:1] != "_")


def is_member(r: Resolver, owner: ClassFacts, name: str, value: int) -> bool:
    """Whether what an enumeration's body binds to a name becomes a member."""
    if owner.transform != "enum" or name[:1] == "_" or r.units[owner.unit].outside:
        return False
    info = r.info[value]
    if isinstance(info, Tool):
        return info.name == "member"
    if isinstance(info, Instance) and r.own(info.cls, "__get__"):
        return False
    return not isinstance(info, Function | Property | Static | OfClass)


def member(r: Resolver, owner: ClassFacts, name: str) -> int:
    """Return the member of a name."""
    return r.of(Instance(owner.number, ("member", name)))


def each(r: Resolver, facts: ClassFacts, dst: int) -> None:
    """Let every member of an enumeration flow to a node."""
    for name in candidates(r, facts):
        r.solver.when(classes.member(r, facts, name), _each, r, facts, name, dst)


def _each(value: int, r: Resolver, facts: ClassFacts, name: str, dst: int) -> None:
    if r.class_of(value) == facts.number:
        r.solver.add(dst, value)
    elif is_member(r, facts, name, value):
        r.solver.add(dst, member(r, facts, name))


def declare(r: Resolver, facts: ClassFacts, _: str, frame: Frame, node: int) -> None:
    """Make the members of a class that turns out to be an enumeration, where its statement is."""
    if facts.transform != "enum" or facts.number in r.enumerations:
        return
    r.enumerations.add(facts.number)
    for name in candidates(r, facts):
        r.solver.when(classes.member(r, facts, name), _declared, r, facts, name, (frame, node))


def _declared(
    value: int, r: Resolver, facts: ClassFacts, name: str, where: tuple[Frame, int]
) -> None:
    if not is_member(r, facts, name, value):
        return
    made = member(r, facts, name)
    info = r.info[value]
    held = info.number if isinstance(info, Tool) and info.number >= 0 else r.holding(value)
    for field in ("value", "_value_"):
        r.solver.copy(held, r.field(made, field))
    for field in ("name", "_name_"):
        r.solver.copy(r.holding(r.modules.text(name)), r.field(made, field))
    _generated(r, facts, value, where)
    arguments = _arguments(r, value, held)
    for special_name, receiver in (("__new__", facts.number), ("__init__", made)):
        owner = classes.owner_of(r, facts, special_name)
        if owner is not None and not r.units[owner.unit].outside:
            given = arguments
            if special_name == "__new__":
                given = (("", r.holding(facts.number)), *given)
            call = calling(r, *where, given, -1, "metaclass", name=special_name)
            found = classes.member(r, owner, special_name)
            r.solver.when(found, _made, r, receiver, call)


def _made(value: int, r: Resolver, receiver: int, call: Call) -> None:
    info = r.info[value]
    inner = info.inner if isinstance(info, Static) else value
    if isinstance(r.info[inner], Function):
        bound = inner if isinstance(r.info[receiver], Class) else r.bound(inner, receiver)
        r.call(bound, r, call)


def _arguments(r: Resolver, value: int, held: int) -> tuple[tuple[str, int], ...]:
    known = r.elements(value)
    cls = r.class_of(value)
    if known and cls >= 0 and r.classes[cls].name == "tuple":
        return positional(*(known[key] for key in sorted(known, key=int)))
    return positional(held)


def _generated(r: Resolver, facts: ClassFacts, value: int, where: tuple[Frame, int]) -> None:
    """Run `_generate_next_value_` where a member's value is `auto()`."""
    cls = r.class_of(value)
    owner = classes.owner_of(r, facts, "_generate_next_value_")
    if cls < 0 or r.classes[cls].name != "auto" or owner is None or r.units[owner.unit].outside:
        return
    texts = r.holding(r.modules.instance("str"))
    number = r.holding(r.modules.instance("int"))
    made = r.solver.node()
    given = positional(texts, number, number, number)
    call = calling(r, *where, given, made, "metaclass", name="_generate_next_value_")
    r.solver.when(classes.member(r, owner, "_generate_next_value_"), _plain, r, call)


def _plain(value: int, r: Resolver, call: Call) -> None:
    info = r.info[value]
    r.call(info.inner if isinstance(info, Static) else value, r, call)


def look_up(r: Resolver, facts: ClassFacts, call: Call) -> None:
    """Call an enumeration with a value: the members that have it, and `_missing_`."""
    dst = call.dst if call.dst >= 0 else r.solver.node()
    wanted = call.arguments[0][1]
    for name in candidates(r, facts):
        made = member(r, facts, name)
        r.solver.when(wanted, _with_value, r, made, dst)
    missing = classes.owner_of(r, facts, "_missing_")
    if missing is not None and not r.units[missing.unit].outside:
        inner = call._replace(number=r.number(), dst=dst, label="metaclass")
        found = classes.member(r, missing, "_missing_")
        r.solver.when(found, _run_missing, r, facts.number, inner)


def _with_value(value: int, r: Resolver, made: int, dst: int) -> None:
    held = r.solver.values[r.field(made, "value")]
    known = isinstance(r.info[value], Const) and all(isinstance(r.info[h], Const) for h in held)
    if value == made or not held or value in held or not known:
        r.solver.add(dst, made)


def _run_missing(value: int, r: Resolver, cls: int, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, OfClass):
        r.call(r.bound(info.inner, cls), r, call)


def by_name(r: Resolver, facts: ClassFacts, key: int, dst: int) -> None:
    """Subscript an enumeration with a name."""
    r.solver.when(key, _named, r, facts, dst)


def _named(value: int, r: Resolver, facts: ClassFacts, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Const) and info.text in facts.own:
        node = classes.member(r, facts, info.text)
        r.solver.when(node, _each, r, facts, info.text, dst)
    elif not isinstance(info, Const):
        each(r, facts, dst)
