"""Iteration by function: `iter`, `next`, `sum`, `starmap`, and visitors of trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import attributes, classes, containers, operators, protocols
from codeanatomy.cpg.resolve.callings import places, positional, special
from codeanatomy.cpg.resolve.frames import Use
from codeanatomy.cpg.resolve.objects import Instance, Running, Unknown
from codeanatomy.cpg.resolve.tools_containers import on_receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Call
    from codeanatomy.cpg.resolve.resolver import Resolver


def _iter(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) == 1:
        r.solver.when(given[0], _iterator_of, r, call)
    elif given:
        made = containers.make(r, "list", ("iter", call.frame.index, call.node))
        inner = call._replace(
            dst=r.field(made, "?_T"), arguments=(), label="callback", number=r.number()
        )
        r.solver.when(given[0], r.call, r, inner)
        r.solver.add(call.dst, made)


def _iterator_of(value: int, r: Resolver, call: Call) -> None:
    cls = r.class_of(value)
    owner = classes.owner_of(r, r.classes[cls], "__iter__") if cls >= 0 else None
    if isinstance(r.info[value], Running | Unknown):
        r.solver.add(call.dst, value)
    elif owner is not None and not r.units[owner.unit].outside:
        special(r, value, "__iter__", call._replace(label="protocol", arguments=()))
    else:
        made = containers.make(r, "list", ("iter", call.frame.unit, call.node))
        r.iterate(value, r, r.field(made, "?_T"), (call.frame, call.node))
        r.solver.add(call.dst, made)


def _next(r: Resolver, call: Call) -> None:
    given = places(call)
    if given:
        dst = call.dst if call.dst >= 0 else r.solver.node()
        r.solver.when(given[0], r.next_of, r, dst, (call.frame, call.node))
    for node in given[1:]:
        if call.dst >= 0:
            r.solver.copy(node, call.dst)


def _aiter(r: Resolver, call: Call) -> None:
    for node in places(call)[:1]:
        r.solver.when(node, _aiterator, r, call)


def _aiterator(value: int, r: Resolver, call: Call) -> None:
    if r.own(r.class_of(value), "__aiter__"):
        special(r, value, "__aiter__", call._replace(label="protocol", arguments=()))
    elif call.dst >= 0:
        r.solver.add(call.dst, value)


def _anext(r: Resolver, call: Call) -> None:
    given = places(call)
    made = r.solver.node()
    for node in given[:1]:
        r.solver.when(node, protocols.iterate_async, r, made, (call.frame, call.node))
    for node in given[1:]:
        r.solver.copy(node, made)
    if call.dst >= 0:
        r.solver.add(call.dst, r.awaitable(made))


def _sum(r: Resolver, call: Call) -> None:
    """Add elements: the first to the start, each next to what came out."""
    given = list(places(call))
    start = next((node for how, node in call.arguments if how == "start"), -1)
    given += [start] if start >= 0 else []
    elements, total = r.solver.node(), r.solver.node()
    if not given:
        return
    where = (call.frame, call.node)
    r.solver.when(given[0], r.iterate, r, elements, where)
    if len(given) > 1:
        r.solver.copy(given[1], total)
    else:
        r.solver.add(total, r.modules.instance("int"))
    r.solver.when(total, operators.binary, r, elements, "__add__", total, where)
    if call.dst >= 0:
        r.solver.copy(total, call.dst)


def _starmap(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) < 2:  # noqa: PLR2004 - a function and what it is applied to
        return
    made = containers.make(r, "list", ("starmap", call.frame.index, call.node))
    elements = r.solver.node()
    r.solver.when(given[1], r.iterate, r, elements, (call.frame, call.node))
    inner = call._replace(arguments=(("*", elements),), dst=r.field(made, "?_T"),
                          number=r.number(), label="callback")  # fmt: skip
    r.solver.when(given[0], r.call, r, inner)
    if call.dst >= 0:
        r.solver.add(call.dst, made)


# --- visitors ------------------------------------------------------------------------------------
def _visit(value: int, r: Resolver, call: Call) -> None:
    """`NodeVisitor.visit` calls the method that is named after the node's class."""
    for name in attributes.names(r, value):
        if name.startswith("visit_") or name == "generic_visit":
            found = r.solver.node()
            attributes.read(value, r, name, Use(call.frame, call.node, found))
            inner = call._replace(number=r.number(), label="callback")
            r.solver.when(found, r.call, r, inner)


def _generic_visit(value: int, r: Resolver, call: Call) -> None:
    node = r.solver.node()
    r.solver.add(node, r.of(Instance(r.modules.library("ast", "AST"), ())))
    inner = call._replace(arguments=positional(node), number=r.number())
    if r.own(r.class_of(value), "visit"):
        found = r.solver.node()
        attributes.read(value, r, "visit", Use(call.frame, call.node, found))
        r.solver.when(found, r.call, r, inner._replace(label="callback"))
    else:
        _visit(value, r, inner)


ACTS: dict[str, Callable[[Resolver, Call], None]] = {
    "iter": _iter, "next": _next, "aiter": _aiter, "anext": _anext, "sum": _sum,
    "starmap": _starmap, "visit": on_receiver(_visit),
    "generic_visit": on_receiver(_generic_visit),
}  # fmt: skip
