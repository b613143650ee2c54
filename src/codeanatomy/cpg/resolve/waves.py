"""The run: programs first as they run themselves, then what only others can start.

1. Every module's body runs, and all that it calls.
2. Functions that nothing called run with what their annotations, defaults and classes say; those
   first whose name no call in the program mentions.
3. Where an annotated place got no value, the annotation gives it one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import calls, containers, fixtures, protocols, steps, types
from codeanatomy.cpg.resolve.frames import Call
from codeanatomy.cpg.resolve.modules import Modules
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Const,
    Function,
    Instance,
    OfClass,
    Property,
    Static,
    Tool,
    Unknown,
)
from codeanatomy.cpg.resolve.program import VAR_KEYWORD, VAR_POSITIONAL
from codeanatomy.cpg.resolve.resolver import SMALL, Resolver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.modules import Finder
    from codeanatomy.cpg.resolve.program import Parameter, Unit

MOST_VALUES = {True: 200, False: 30}  # of one node, by whether the program is small
MOST_OWN = {True: 200, False: 80}  # the same, of code of the store and instances of its classes
_LIBRARY = ("builtins", "typing", "types", "collections.abc", "collections", "enum", "functools",
            "contextlib", "abc", "dataclasses")  # fmt: skip


def solve(units: Sequence[Unit], finder: Finder) -> Resolver:
    """Resolve a program: its modules in a fixed order, and a finder for those outside."""
    r = library(finder)
    run(r, units)
    return r


def library(finder: Finder) -> Resolver:
    """Start a resolution: what every program stands on is read."""
    r = Resolver()
    r.call, r.enter, r.iterate = calls.call, steps.enter, protocols.iterate
    r.next_of, r.make = protocols.next_of, calls.make
    r.modules = Modules(r, finder)
    for name in _LIBRARY:
        r.modules.named(r.modules.nowhere, name, 0)
        r.settle()
    return r


def run(r: Resolver, units: Sequence[Unit]) -> None:
    """Resolve a program on what was started."""
    r.small = sum(len(b.steps) for unit in units for b in unit.bodies) <= SMALL
    r.solver.most, r.solver.most_own = MOST_VALUES[r.small], MOST_OWN[r.small]
    for unit in units:
        r.modules.add(unit)
        r.defined.update(_may_be_defined(unit))
    for unit in units:
        r.modules.need(unit.index)
        r.settle()
    fixtures.start(r)
    fall_back(r)
    start_rest(r)
    fall_back(r)


def _may_be_defined(unit: Unit) -> Iterator[str]:
    """Name what classes of a file bind, are given from outside, or are given by text."""
    for body in unit.bodies:
        if body.kind == "class":
            yield from body.offered
        for step in body.steps:
            if step.op == "setattr":
                yield step.name
            elif step.op == "const" and step.names and step.names[0][1:3] == "__":
                yield step.names[0][1:-1]


def fall_back(r: Resolver) -> None:
    """Give annotated places without a value what their annotation says, until none is left."""
    while r.fallbacks:
        waiting, r.fallbacks = r.fallbacks, []
        for node, frame, text, _ in waiting:
            if not informed(r, node):
                for value in types.evaluate(r, frame, text):
                    types.instances(r, value, node)
            elif _has_empty(r, node):
                fill_containers(r, node, frame, text)
        r.settle()


def informed(r: Resolver, node: int) -> bool:
    """Whether a node holds anything that is known, other than `None`."""
    for value in r.solver.values[node]:
        info = r.info[value]
        if not isinstance(info, Unknown) and not (isinstance(info, Const) and info.text == "None"):
            return True
    return False


def _has_empty(r: Resolver, node: int) -> bool:
    """Whether a node holds a container that nothing was put into."""
    for value in r.solver.values[node]:
        letter = containers.variable(r, value) if isinstance(r.info[value], Instance) else ""
        if letter and not r.solver.values[r.field(value, "$" + letter)]:
            return True
    return False


def fill_containers(r: Resolver, node: int, frame: Frame, text: str) -> None:
    """Let containers that nothing was put into have what their annotation says is in them."""
    for value in types.evaluate(r, frame, text):
        types.instances(r, value, node)


def start_rest(r: Resolver) -> None:
    """Run every function that nothing ran so far."""
    mentioned = {
        step.name
        for unit in r.units
        if not unit.outside
        for body in unit.bodies
        for step in body.steps
        if step.op in ("attr", "outer", "builtin")
    }
    for only_unmentioned in (True, False):
        for function in tuple(r.functions):
            start(r, function, mentioned if only_unmentioned else set())
        r.settle()
    while any(f not in r.contexts for f in r.functions):
        for function in tuple(r.functions):
            start(r, function, set())
        r.settle()


def start(r: Resolver, function: int, mentioned: set[str]) -> None:
    """Run a function that nothing ran, unless a call may still mean it."""
    if function in r.contexts:
        return
    info = r.info[function]
    assert isinstance(info, Function)  # noqa: S101 - only functions are noted
    body = r.units[info.unit].bodies[info.body]
    if body.name in mentioned:
        return
    frame = calls.shared_frame(r, function, body)
    given = receiver(r, function, body.name)
    for place, parameter in enumerate(body.parameters):
        slot = frame.base + parameter.slot
        if place == 0 and given >= 0:
            r.solver.add(slot, given)
        else:
            unknown_argument(r, function, frame, parameter)
    r.settle()


def receiver(r: Resolver, function: int, name: str) -> int:
    """Return what a method is called on when nobody says: any instance, or the class."""
    cls = r.owners.get(function, -1)
    if cls < 0:
        return -1
    if name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return cls
    for value in r.solver.values[r.field(cls, name)]:
        info = r.info[value]
        if isinstance(info, OfClass) and info.inner == function:
            return cls
        if isinstance(info, Static) and info.inner == function:
            return -1
    if r.modules.library("builtins", "type") in r.classes[cls].mro:
        return r.of(Instance(cls, ANY))
    return r.of(Instance(cls, ANY))


def unknown_argument(r: Resolver, function: int, frame: Frame, parameter: Parameter) -> None:
    """Give a parameter what can be said of it without a caller."""
    slot = frame.base + parameter.slot
    if parameter.kind in (VAR_POSITIONAL, VAR_KEYWORD):
        for value in tuple(r.solver.values[slot]):
            name = "?_T_co" if parameter.kind == VAR_POSITIONAL else "?_VT"
            if not parameter.annotation:
                r.solver.add(r.field(value, name), r.unknown("parameter"))
        return
    default = r.defaults.get(function, {}).get(parameter.name)
    if default is not None:
        r.solver.copy(default, slot)
    found = False
    if parameter.annotation and frame.parent is not None:
        for value in types.evaluate(r, frame.parent, parameter.annotation):
            types.instances(r, value, slot)
            found = True
    if not found:
        r.solver.add(slot, r.unknown("parameter"))


_ = (Call, Property, Tool)
