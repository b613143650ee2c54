"""Binding: which parameter each argument of a call flows to, and what is left to defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.resolve import containers
from codeanatomy.cpg.resolve.program import (
    KEYWORD_ONLY,
    POSITIONAL,
    VAR_KEYWORD,
    VAR_POSITIONAL,
    Parameter,
)

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.program import Body
    from codeanatomy.cpg.resolve.resolver import Resolver

FAR = 60  # places of `*args` that are told apart: what calls itself with more has no end


class Signature(NamedTuple):
    """The parameters of a function by how they are passed."""

    places: tuple[Parameter, ...]
    names: dict[str, Parameter]
    rest: Parameter | None
    keywords: Parameter | None


def signature(body: Body) -> Signature:
    """Sort the parameters of a function."""
    listed = body.parameters
    return Signature(
        tuple(p for p in listed if p.kind in POSITIONAL),
        {p.name: p for p in listed if p.kind in (1, KEYWORD_ONLY)},
        next((p for p in listed if p.kind == VAR_POSITIONAL), None),
        next((p for p in listed if p.kind == VAR_KEYWORD), None),
    )


def bind(r: Resolver, frame: Frame, function: int, call: Call, receiver: int) -> None:
    """Let arguments flow to the parameters they are for, and defaults to those left out."""
    wanted = signature(frame.body)
    given: set[str] = set()
    if receiver >= 0:
        _place(r, frame, wanted, 0, r.holding(receiver), given)
    at = int(receiver >= 0)
    stars = 0
    for place, (how, node) in enumerate(call.arguments):
        parameter = None
        if how == "" and not stars:
            meant = node if at else _as_self(r, function, frame, node)
            parameter = _place(r, frame, wanted, at, meant, given)
            at += 1
        elif how == "":
            _to_any(r, frame, wanted, at, node)
        elif how == "*":
            stars += 1
            r.solver.when(node, _spread, r, frame, wanted, at if stars == 1 else -1, call)
        elif how == "**":
            r.solver.when(node, _spread_names, r, frame, wanted)
        else:
            parameter = _named(r, frame, wanted, how, node, given)
        if parameter is not None:
            _argument(r, call, place, frame, parameter)
    _starred(r, call, frame, wanted._replace(places=wanted.places[at:]), given)
    for name, node in r.defaults.get(function, {}).items():
        if name not in given:
            slot = next(p.slot for p in frame.body.parameters if p.name == name)
            r.solver.copy(node, frame.base + slot)


def _as_self(r: Resolver, function: int, frame: Frame, node: int) -> int:
    """Return a node of what can be the object of a method that is called as a plain function.

    In a large program values of many callers meet where such a method is called.
    """
    owner = r.owners.get(function, -1)
    if r.small or owner < 0 or [p.name for p in frame.body.parameters[:1]] != ["self"]:
        return node  # told by the name: static methods have no object
    fitting = r.solver.node()
    r.solver.when(node, _if_self, r, owner, fitting)
    return fitting


def _if_self(value: int, r: Resolver, owner: int, fitting: int) -> None:
    facts = r.classes.get(r.class_of(value))
    if facts is None or owner in facts.mro or r.classes[owner].outside:
        r.solver.add(fitting, value)


def _place(
    r: Resolver, frame: Frame, wanted: Signature, at: int, node: int, given: set[str]
) -> Parameter | None:
    """Let an argument flow to the parameter of its place; return that."""
    if at < len(wanted.places):
        parameter = wanted.places[at]
        r.solver.copy(node, frame.base + parameter.slot)
        given.add(parameter.name)
        return parameter
    if wanted.rest is not None:
        further = at - len(wanted.places)
        containers.store(r, rest_of(r, frame), str(further) if further < FAR else None, node)
    return wanted.rest


def _named(
    r: Resolver, frame: Frame, wanted: Signature, how: str, node: int, given: set[str]
) -> Parameter | None:
    """Let a keyword argument flow to the parameter of its name; return that."""
    parameter = wanted.names.get(how)
    if parameter is not None:
        r.solver.copy(node, frame.base + parameter.slot)
        given.add(how)
        return parameter
    if wanted.keywords is not None:
        _keyword(r, frame, how, node)
    return wanted.keywords


def _keyword(r: Resolver, frame: Frame, name: str, node: int) -> None:
    made = keywords_of(r, frame)
    containers.store(r, made, name, node)
    r.solver.add(r.field(made, "$_KT"), r.modules.text(name))


def _starred(r: Resolver, call: Call, frame: Frame, wanted: Signature, given: set[str]) -> None:
    """Note which of the parameters that are left starred arguments, and those after them, fill."""
    if not any(how[:1] == "*" for how, _ in call.arguments):
        return
    after = False
    for place, (how, _) in enumerate(call.arguments):
        after = after or how == "*"
        found: tuple[Parameter | None, ...] = ()
        if how == "**":
            found = (*wanted.names.values(), wanted.keywords)
        elif how in ("", "*") and after:
            found = (*wanted.places, wanted.rest)
        for parameter in found:
            if parameter is not None and parameter.name not in given:
                _argument(r, call, place, frame, parameter)


def _argument(r: Resolver, call: Call, place: int, frame: Frame, parameter: Parameter) -> None:
    """Note which parameter an argument flows to, by its place now and its slot in the caller."""
    site = call.site
    if site is None or site.name or call.label == "decorator":
        return
    slot = call.arguments[place][1] - call.frame.base
    if 0 <= slot < call.frame.body.slots:
        key = (site.unit, site.node, place, slot)
        r.arguments.setdefault(key, {})[frame.unit, parameter.node] = None


def rest_of(r: Resolver, frame: Frame) -> int:
    """Return the tuple that a frame's `*args` holds."""
    return containers.make(r, "tuple", (frame.index, "*"))


def keywords_of(r: Resolver, frame: Frame) -> int:
    """Return the dictionary that a frame's `**kwargs` holds."""
    return containers.make(r, "dict", (frame.index, "**"))


def _to_any(r: Resolver, frame: Frame, wanted: Signature, at: int, node: int) -> None:
    """Let what may come at any place, from one on, flow to all parameters there."""
    for parameter in wanted.places[at:]:
        r.solver.copy(node, frame.base + parameter.slot)
    if wanted.rest is not None:
        containers.store(r, rest_of(r, frame), None, node)


def _spread(value: int, r: Resolver, frame: Frame, wanted: Signature, at: int, call: Call) -> None:
    """Let the elements of a starred argument flow to the parameters from a place on.

    A place of -1: another starred argument stands before, so that any place may be meant.
    """

    def element(key: str, found: int) -> None:
        if key.isdigit():
            _place(r, frame, wanted, at + int(key), found, set())

    letter = containers.variable(r, value)
    if at >= 0 and letter and not containers.is_mapping(r, value):
        r.each_element(value, element)
        loose = r.field(value, "?" + letter)
    else:
        loose = r.solver.node()
        r.iterate(value, r, loose, (call.frame, call.node))
    _to_any(r, frame, wanted, max(at, 0), loose)


def _spread_names(value: int, r: Resolver, frame: Frame, wanted: Signature) -> None:
    """Let the values of a double-starred argument flow to the parameters of their names."""
    if not containers.is_mapping(r, value):
        return
    r.each_element(value, lambda key, node: _named_value(r, frame, wanted, key, node))
    loose = r.field(value, "?" + containers.variable(r, value))
    for parameter in wanted.names.values():
        r.solver.copy(loose, frame.base + parameter.slot)
    if wanted.keywords is not None:
        containers.store(r, keywords_of(r, frame), None, loose)


def _named_value(r: Resolver, frame: Frame, wanted: Signature, key: str, node: int) -> None:
    _named(r, frame, wanted, key, node, set())
