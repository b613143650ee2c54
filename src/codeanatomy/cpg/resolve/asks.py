"""What C code asks of objects of ours: special methods that a builtin function runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import attributes, classes, containers, operators, subscripts
from codeanatomy.cpg.resolve.callings import keyword, places, positional, special
from codeanatomy.cpg.resolve.frames import Use
from codeanatomy.cpg.resolve.library import (
    ASKED,
    ASKED_ALL,
    ASKED_EACH,
    COMPARISONS,
    HASHING,
    OPERATORS,
    ORDERING,
)
from codeanatomy.cpg.resolve.objects import Const

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Call
    from codeanatomy.cpg.resolve.resolver import Resolver


def ask(r: Resolver, name: str, call: Call, receiver: int = -1) -> None:
    """Run what a function of the library, by its qualified name, asks of its arguments."""
    given = places(call)
    where = (call.frame, call.node)
    if name in ASKED and given:
        r.solver.when(given[0], _ask, r, tuple(ASKED[name].split()), call)
    every = [node for how, node in call.arguments if how[:1] != "*"]
    for node in every if name in ASKED_ALL else ():
        r.solver.when(node, _ask, r, tuple(ASKED_ALL[name].split()), call._replace(arguments=()))
    if name in ASKED_EACH and given:
        elements = r.solver.node()
        r.solver.when(given[0], r.iterate, r, elements, where)
        inner = call._replace(arguments=(), dst=-1)
        r.solver.when(elements, _ask, r, tuple(ASKED_EACH[name].split()), inner)
    if name in OPERATORS and len(given) > 1:
        dst = call.dst if call.dst >= 0 else r.solver.node()
        r.solver.when(given[0], operators.binary, r, given[1], OPERATORS[name], dst, where)
    if name in COMPARISONS and len(given) > 1:
        dst = call.dst if call.dst >= 0 else r.solver.node()
        r.solver.when(given[0], operators.compare, r, given[1], COMPARISONS[name], dst, where)
    if name in ORDERING:
        _order(r, name, call, receiver)
    if name in HASHING and given and receiver >= 0:
        r.solver.when(given[0], subscripts.hash_key, r, receiver, where)
    if name == "builtins.print" and keyword(call, "file") >= 0:
        _write(r, keyword(call, "file"), call)


def _ask(value: int, r: Resolver, wanted: tuple[str, ...], call: Call) -> None:
    if wanted == ("__reversed__",) and classes.own_member(r, value, "__reversed__") is None:
        _reversed(value, r, call)
        return
    for name in wanted:
        plain = name.removeprefix("*")
        if classes.own_member(r, value, plain) is not None:
            rest = call.arguments[1:] if name[0] == "*" else ()
            inner = call._replace(label="protocol", arguments=rest, number=r.number())
            special(r, value, plain, inner)
            return
    if wanted[-1:] and wanted[-1] in _INSIDE and containers.variable(r, value):
        elements = r.solver.node()
        r.iterate(value, r, elements, (call.frame, call.node))
        inside = call._replace(arguments=(), dst=-1)
        r.solver.when(elements, _ask_inside, r, wanted[-1], inside)


_INSIDE = ("__hash__", "__repr__")  # containers of the library ask each of their elements


def _ask_inside(value: int, r: Resolver, name: str, call: Call) -> None:
    if classes.own_member(r, value, name) is not None:
        inner = call._replace(label="protocol", number=r.number())
        special(r, value, name, inner)


def _reversed(value: int, r: Resolver, call: Call) -> None:
    """Go backwards through what has a length and indices."""
    index = positional(r.holding(r.modules.instance("int")))
    for name, given in (("__len__", ()), ("__getitem__", index)):
        if classes.own_member(r, value, name) is not None:
            dst = r.solver.node()
            inner = call._replace(label="protocol", arguments=given, dst=dst, number=r.number())
            special(r, value, name, inner)


def _order(r: Resolver, name: str, call: Call, receiver: int) -> None:
    """Compare elements with one another, or what a key function makes of them."""
    method, place = ORDERING[name]
    given = places(call)
    where = (call.frame, call.node)
    elements = r.solver.node()
    if place < 0 and receiver >= 0:
        r.iterate(receiver, r, elements, where)
        for node in given if method == "__eq__" else ():
            r.solver.copy(node, elements)
    elif name in ("builtins.min", "builtins.max") and len(given) > 1:
        for node in given:
            r.solver.copy(node, elements)
    elif place < len(given):
        r.solver.when(given[place], r.iterate, r, elements, where)
        if "insort" in name or "heappush" in name or "bisect" in name or "heapreplace" in name:
            for node in given[1:2]:
                r.solver.copy(node, elements)
    key = keyword(call, "key")
    if key >= 0 and not _is_none(r, key):
        found = r.solver.node()
        inner = call._replace(
            arguments=positional(elements), dst=found, number=r.number(), label="callback"
        )
        r.solver.when(key, r.call, r, inner)
        elements = found
    r.solver.when(elements, operators.compare, r, elements, method, r.solver.node(), where)


def _is_none(r: Resolver, node: int) -> bool:
    held = [r.info[value] for value in r.solver.values[node]]
    return bool(held) and all(isinstance(i, Const) and i.text == "None" for i in held)


def _write(r: Resolver, node: int, call: Call) -> None:
    """`print` writes to the file it is given."""
    text = r.holding(r.modules.instance("str"))
    found = r.solver.node()
    r.solver.when(node, attributes.read, r, "write", Use(call.frame, call.node, found))
    inner = call._replace(arguments=positional(text), dst=-1, number=r.number(), label="callback")
    r.solver.when(found, r.call, r, inner)
