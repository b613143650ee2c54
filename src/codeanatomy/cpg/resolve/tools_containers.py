"""What methods of the language's own containers do to keys and places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import containers, subscripts
from codeanatomy.cpg.resolve.callings import places, special

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Call
    from codeanatomy.cpg.resolve.resolver import Resolver


def on_receiver(act: Callable[..., None]) -> Callable[[Resolver, Call], None]:
    """Do something with each object that a method is called on; it comes first."""

    def each(r: Resolver, call: Call) -> None:
        if call.arguments:
            rest = call._replace(arguments=call.arguments[1:])
            r.solver.when(call.arguments[0][1], act, r, rest)

    return each


def _get(value: int, r: Resolver, call: Call) -> None:
    """`get`, `pop` and `[]`: the element of the key, or what is given instead."""
    given = places(call)
    if not given or not containers.variable(r, value):
        return
    where = (call.frame, call.node)
    r.solver.when(given[0], subscripts.hash_key, r, value, where)
    if call.dst < 0:
        return
    containers.load_at(r, value, given[0], call.dst)
    for node in given[1:2]:
        r.solver.copy(node, call.dst)
    if len(given) < 2:  # noqa: PLR2004 - a key and a default
        r.solver.add(call.dst, r.modules.none())


def _getitem(value: int, r: Resolver, call: Call) -> None:
    """`dict.__getitem__`: a subclass may say what is there instead."""
    _get(value, r, call._replace(arguments=call.arguments[:1]))
    if r.own(r.class_of(value), "__missing__"):
        inner = call._replace(number=r.number(), label="protocol")
        special(r, value, "__missing__", inner)


def _setdefault(value: int, r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 1 and containers.variable(r, value):
        subscripts.put_item(r, value, given[0], given[1], (call.frame, call.node))
        if call.dst >= 0:
            containers.load_at(r, value, given[0], call.dst)
            r.solver.copy(given[1], call.dst)


def _store(value: int, r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 1 and containers.variable(r, value):
        subscripts.put_item(r, value, given[0], given[1], (call.frame, call.node))


def _update(value: int, r: Resolver, call: Call) -> None:
    fill_mapping(r, value, call)


def fill_mapping(r: Resolver, value: int, call: Call) -> None:
    """Put what `dict(...)` and `update(...)` are given into a dictionary."""
    if not containers.is_mapping(r, value):
        return
    where = (call.frame, call.node)
    for how, node in call.arguments:
        if how == "**":
            r.solver.when(node, containers.spread, r, value, where)
        elif how not in ("", "*"):
            containers.store(r, value, how, node)
            r.solver.add(r.field(value, "$_KT"), r.modules.text(how))
        elif how == "":
            r.solver.when(node, _from, r, value, where)


def _from(source: int, r: Resolver, target: int, where: tuple[object, int]) -> None:
    """Put a mapping, or pairs of keys and values, into a dictionary."""
    if containers.is_mapping(r, source):
        containers.spread(source, r, target, where)  # type: ignore[arg-type] # a frame and a node
        return
    if r.own(r.class_of(source), "keys"):
        return
    r.solver.when(containers.all_of(r, source, where), _pair, r, target, where)  # type: ignore[arg-type] # a frame and a node


def _pair(pair: int, r: Resolver, target: int, where: tuple[object, int]) -> None:
    letter = containers.variable(r, pair)
    if not letter or not containers.is_ordered(r, pair):
        return
    key, value = containers.part(r, pair, "0"), containers.part(r, pair, "1")
    subscripts.put_item(r, target, key, value, where)  # type: ignore[arg-type] # a frame and a node


def _copy(value: int, r: Resolver, call: Call) -> None:
    if call.dst < 0:
        return
    cls = r.class_of(value)
    if cls < 0:  # a function, a class: copying gives the same
        r.solver.add(call.dst, value)
        return
    made = r.instance(cls, call.frame, call.node, "copy")
    where = (call.frame, call.node)
    if containers.is_mapping(r, value):
        containers.spread(value, r, made, where)
        r.solver.copy(r.field(value, "default"), r.field(made, "default"))
    else:
        containers.copy_places(value, r, made, where)
    r.solver.add(call.dst, made)


def _fromkeys(value: int, r: Resolver, call: Call) -> None:
    given = places(call)
    if call.dst < 0 or not given:
        return
    made = r.instance(value, call.frame, call.node, "keys")
    keys = r.solver.node()
    r.solver.when(given[0], r.iterate, r, keys, (call.frame, call.node))
    for node in given[1:2]:
        containers.store_at(r, made, keys, node)
    r.solver.copy(keys, r.field(made, "$_KT"))
    r.solver.add(call.dst, made)


def _disorder(value: int, r: Resolver, _: Call) -> None:
    containers.disorder(r, value)


ACTS = {
    "dict_get": on_receiver(_get), "dict_getitem": on_receiver(_getitem),
    "dict_setdefault": on_receiver(_setdefault),
    "dict_store": on_receiver(_store), "dict_update": on_receiver(_update),
    "dict_copy": on_receiver(_copy), "list_copy": on_receiver(_copy),
    "dict_fromkeys": on_receiver(_fromkeys), "disorder": on_receiver(_disorder),
}  # fmt: skip
