"""One call on its way to whatever it runs, and calls that no call expression stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes
from codeanatomy.cpg.resolve.frames import Call
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Bound,
    Class,
    Function,
    Instance,
    OfClass,
    Static,
    Tool,
)

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Frame, Use
    from codeanatomy.cpg.resolve.resolver import Resolver


def calling(
    r: Resolver, frame: Frame, node: int, arguments: tuple[tuple[str, int], ...], dst: int,
    label: str = "", *, name: str = "", seen: bool = True,
) -> Call:  # fmt: skip
    """Make a call at a place; `name` is the special method of one that is implicit."""
    site = r.site(frame, node, name) if seen and not r.units[frame.unit].outside else None
    return Call(r.number(), site, frame, node, arguments, dst, label)


def positional(*nodes: int) -> tuple[tuple[str, int], ...]:
    """Return arguments that are all positional."""
    return tuple(("", node) for node in nodes)


def places(call: Call) -> list[int]:
    """Return the nodes of the positional arguments of a call."""
    return [node for how, node in call.arguments if how == ""]


def keyword(call: Call, name: str) -> int:
    """Return the node of a keyword argument; -1 if it is not there."""
    return next((node for how, node in call.arguments if how == name), -1)


def number_of(r: Resolver, call: Call) -> int:
    """Return the number of the tool that is called; -1 where it is none."""
    info = r.info[call.callee]
    return info.number if isinstance(info, Tool) else -1


def name_of(r: Resolver, call: Call) -> str:
    """Return the name of the tool that is called."""
    info = r.info[call.callee]
    return info.name if isinstance(info, Tool) else ""


def special(r: Resolver, value: int, name: str, call: Call) -> bool:
    """Call a special method of an object, as its class has it; say whether it has one now."""
    info = r.info[value]
    if isinstance(info, Class):
        return _of_metaclass(r, value, name, call)
    cls = r.class_of(value)
    if cls < 0:
        return False
    facts = r.classes[cls]
    open_ = isinstance(info, Instance) and info.at == ANY
    if call.dst < 0 and not r.small:  # who is asked matters by class: nothing comes of the answer
        asked = (cls, open_, name, call.frame.index, call.node, call.arguments)
        if asked in r.bindings:
            return True
        r.bindings.add(asked)
    classes.ask(r, facts, name, _found, value, call)
    if open_:
        classes.ask_any(r, facts, name, _below, call)
    return classes.owner_of(r, facts, name) is not None


def has(r: Resolver, value: int, name: str) -> bool:
    """Whether the class of an object has a method."""
    cls = r.class_of(value)
    return cls >= 0 and classes.owner_of(r, r.classes[cls], name) is not None


def _of_metaclass(r: Resolver, value: int, name: str, call: Call) -> bool:
    for number in r.classes[value].mro:
        for meta in r.classes[number].metaclasses:
            above = classes.owner_of(r, r.classes[meta], name)
            if above is not None and not r.units[above.unit].outside:
                r.solver.when(classes.member(r, above, name), _run, r, value, meta, call)
                return True
    return False


def _found(r: Resolver, facts: ClassFacts, name: str, value: int, call: Call) -> None:
    owner = classes.owner_of(r, facts, name)
    if owner is not None:
        r.solver.when(classes.member(r, owner, name), _run, r, value, facts.number, call)


def _below(r: Resolver, below: int, name: str, call: Call) -> None:
    receiver = r.of(Instance(below, ANY))
    r.solver.when(r.field(below, name), _run, r, receiver, below, call)


def _run(found: int, r: Resolver, value: int, cls: int, call: Call) -> None:
    info = r.info[found]
    if isinstance(info, Function):
        r.call(r.of(Bound(found, value)), r, call)
    elif isinstance(info, OfClass):
        r.call(r.of(Bound(info.inner, cls)), r, call)
    elif isinstance(info, Static):
        r.call(info.inner, r, call)
    else:
        r.call(found, r, call)


def call_with(
    r: Resolver, function: int, receiver: int, name: str, use: Use, nodes: list[int]
) -> None:
    """Call what a property holds with the object it was looked up on."""
    call = calling(r, use.frame, use.node, positional(*nodes), use.dst, "property", name=name)
    target = r.info[function]
    bound = function if not isinstance(target, Function) else r.bound(function, receiver)
    r.call(bound, r, call)
