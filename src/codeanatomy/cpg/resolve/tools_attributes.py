"""Attributes, names and items that a program reads by text: `getattr`, `globals`, `attrgetter`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import attributes, containers, namespaces, subscripts, texts
from codeanatomy.cpg.resolve.callings import calling, keyword, name_of, number_of, places
from codeanatomy.cpg.resolve.frames import Use
from codeanatomy.cpg.resolve.objects import ANY, Const, Instance, Module, Tool, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.resolver import Resolver


MOST_NAMES = 12  # methods of one receiver that a text may name: beyond, any receiver of theirs


def _getattr(r: Resolver, call: Call) -> None:
    given = places(call)
    dst = call.dst if call.dst >= 0 else r.solver.node()
    if len(given) > 1:
        use = Use(call.frame, call.node, dst)
        r.solver.when(given[1], _get_named, r, given[0], use)
        r.otherwise(given[1], lambda: r.solver.add(dst, r.unknown("dynamic_call")))
    for node in given[2:]:
        r.solver.copy(node, dst)


def _hasattr(r: Resolver, call: Call) -> None:
    _getattr(r, call._replace(dst=r.solver.node(), arguments=call.arguments[:2]))
    if call.dst >= 0:
        r.solver.add(call.dst, r.modules.instance("bool"))


def _get_named(name: int, r: Resolver, target: int, use: Use) -> None:
    """Read the attributes that a text names."""
    info = r.info[name]
    if isinstance(info, Const):
        r.solver.when(target, attributes.read, r, info.text, use)
        return
    r.solver.add(use.dst, r.unknown("dynamic_call"))
    ends = texts.partial(r, name)
    if ends is not None:
        r.solver.when(target, _get_fitting, r, ends, use)


def _get_fitting(value: int, r: Resolver, ends: tuple[str, str], use: Use) -> None:
    names = [name for name in attributes.names(r, value) if texts.fits(name, ends)]
    for name in names:
        several = len(names) > MOST_NAMES and not r.small
        attributes.read(_of_owner(r, value, name) if several else value, r, name, use)


def _of_owner(r: Resolver, value: int, name: str) -> int:
    """Return what stands for all that have a method from the same class, if it is one."""
    facts = r.classes.get(r.class_of(value))
    owner = r.method_owner(facts, name) if facts is not None else None
    return value if owner is None else r.of(Instance(owner.number, ANY))


def _dir(r: Resolver, call: Call) -> None:
    """Name the attributes of an object, those that no dunder hides."""
    made = containers.make(r, "list", ("names", call.frame.index, call.node))
    r.solver.add(r.field(made, "?_T"), r.modules.instance("str"))
    for node in places(call)[:1]:
        r.solver.when(node, _each_name, r, r.field(made, "?_T"))
    r.solver.add(call.dst, made)


def _each_name(value: int, r: Resolver, dst: int) -> None:
    r.late.append(lambda: _add_names(r, value, dst))


def _add_names(r: Resolver, value: int, dst: int) -> None:
    for name in attributes.names(r, value):
        if name[:2] != "__":
            r.solver.add(dst, r.modules.text(name))


def _getmembers(r: Resolver, call: Call) -> None:
    """Pair the names of an object's attributes with what they hold."""
    made = containers.make(r, "list", ("members", call.frame.index, call.node))
    given = places(call)
    for node in given[:1]:
        r.solver.when(node, _each_member, r, made, call)
    for node in given[1:2]:
        values = r.solver.node()
        r.solver.when(r.field(made, "?_T"), _second, r, values)
        inner = call._replace(arguments=(("", values),), dst=-1, number=r.number(),
                              label="callback")  # fmt: skip
        r.solver.when(node, r.call, r, inner)
    r.solver.add(call.dst, made)


def _second(value: int, r: Resolver, dst: int) -> None:
    containers.load(r, value, "1", dst)


def _each_member(value: int, r: Resolver, made: int, call: Call) -> None:
    r.late.append(lambda: _add_members(r, value, made, call))


def _add_members(r: Resolver, value: int, made: int, call: Call) -> None:
    for name in attributes.names(r, value):
        if name[:2] != "__":
            pair = containers.make(r, "tuple", ("member pair", value, name))
            held = r.solver.node()
            containers.store(r, pair, "0", r.holding(r.modules.text(name)))
            containers.store(r, pair, "1", held)
            attributes.read(value, r, name, Use(call.frame, call.node, held))
            r.solver.add(r.field(made, "?_T"), pair)


def _own_getattr(r: Resolver, call: Call) -> None:
    """Read as `object.__getattribute__` does, past what the class itself says."""
    given = places(call)
    if len(given) > 1 and call.dst >= 0:
        use = Use(call.frame, call.node, call.dst, plain=True)
        r.solver.when(given[1], _get_named, r, given[0], use)


def _setattr(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 2:  # noqa: PLR2004 - object, name, value
        r.solver.when(given[1], _set_named, r, given[0], given[2], call)


def _set_named(name: int, r: Resolver, target: int, given: int, call: Call) -> None:
    info = r.info[name]
    if isinstance(info, Const):
        r.solver.when(target, attributes.write, r, info.text, given, call.frame, call.node)


def _own_setattr(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 2:  # noqa: PLR2004 - object, name, value
        r.solver.when(given[1], _put_named, r, given[0], given[2], call)


def _put_named(name: int, r: Resolver, target: int, given: int, call: Call) -> None:
    """Write as `object.__setattr__` does; an unknown name may be any that somebody reads."""
    info = r.info[name]
    if isinstance(info, Const):
        r.solver.when(target, attributes.put, r, info.text, given, call.frame, call.node)
    else:
        r.solver.when(target, _put_any, r, given)


def _put_any(value: int, r: Resolver, given: int) -> None:
    if isinstance(r.info[value], Instance):
        r.put_any(value, given)


def _delattr(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 1:
        r.solver.when(given[1], _delete_named, r, given[0], call)


def _delete_named(name: int, r: Resolver, target: int, call: Call) -> None:
    info = r.info[name]
    if isinstance(info, Const):
        r.solver.when(target, attributes.delete, r, info.text, call.frame, call.node)


# --- namespaces ----------------------------------------------------------------------------------
def _vars(r: Resolver, call: Call) -> None:
    given = places(call)
    if given:
        r.solver.when(given[0], _attributes_of, r, call.dst)
    else:
        _locals(r, call)


def _attributes_of(value: int, r: Resolver, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Unknown):
        r.solver.add(dst, value)
    elif isinstance(info, Module):
        r.solver.add(dst, r.of(Tool("names", info.unit)))
    else:
        r.solver.add(dst, r.of(Tool("attributes", value)))


def _globals(r: Resolver, call: Call) -> None:
    r.solver.add(call.dst, r.of(Tool("names", call.frame.unit)))


def _locals(r: Resolver, call: Call) -> None:
    """Give what a function's parameters, functions and classes are; of a module all names."""
    frame = call.frame
    if frame.body.kind == "module":
        _globals(r, call)
        return
    made = containers.make(r, "dict", ("locals", frame.index))
    for step in frame.body.steps:
        if step.op in ("param", "function", "class") and step.name:
            containers.store(r, made, step.name, frame.base + step.dst)
            r.solver.add(r.field(made, "$_KT"), r.modules.text(step.name))
    r.solver.add(call.dst, made)


def _mapping_method(r: Resolver, call: Call) -> None:
    """Call a dictionary's method on the names of a module or the attributes of an object."""
    kind, _, method = name_of(r, call).partition(".")
    target = r.of(Tool(kind, number_of(r, call)))
    given = places(call)
    where = (call.frame, call.node)
    dst = call.dst if call.dst >= 0 else r.solver.node()
    if method in ("get", "pop", "setdefault", "__getitem__") and given:
        subscripts.item(target, r, given[0], dst, where)
        for node in given[1:2]:
            r.solver.copy(node, dst)
            if method == "setdefault":
                subscripts.set_item(target, r, given[0], node, where)
    elif method in ("values", "items", "copy"):
        namespaces.members(r, target, method, dst, where)
    elif method in ("update", "__setitem__"):
        if method == "__setitem__" and len(given) > 1:
            subscripts.set_item(target, r, given[0], given[1], where)
        for how, node in call.arguments:
            if how and how[0] != "*":
                namespaces.set_named(r, target, how, node)
            elif method == "update":
                r.solver.when(node, _update_names, r, target)


def _update_names(value: int, r: Resolver, target: int) -> None:
    if containers.is_mapping(r, value):
        r.each_element(value, lambda key, node: namespaces.set_named(r, target, key, node))
        info = r.info[target]
        if isinstance(info, Tool) and info.name == "attributes":
            r.put_any(info.number, r.field(value, "?" + containers.variable(r, value)))


def _set_defaults(r: Resolver, call: Call) -> None:
    """`ArgumentParser.set_defaults`: what `parse_args` gives has these attributes."""
    made = r.of(Instance(r.modules.library("argparse", "Namespace"), ANY))
    for how, node in call.arguments:
        if how and how[0] != "*":
            r.solver.copy(node, r.field(made, how))


# --- imports -------------------------------------------------------------------------------------
def _import(r: Resolver, call: Call) -> None:
    given = places(call)
    package = given[1] if len(given) > 1 else keyword(call, "package")
    if given and package >= 0:
        r.solver.when(package, _import_in, r, given[0], call)
    if given:
        r.solver.when(given[0], _imported, r, call)


def _import_in(value: int, r: Resolver, name: int, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        r.solver.when(name, _import_below, r, info.text, call.frame, call.dst)


def _import_below(value: int, r: Resolver, package: str, frame: Frame, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Const) and info.text.startswith("."):
        text = info.text.lstrip(".")
        up = len(info.text) - len(text) - 1
        parts = package.split(".")
        full = ".".join([*parts[: len(parts) - up], *([text] if text else [])])
        r.solver.add(dst, r.modules.named(frame.unit, full, 0))


def _imported(value: int, r: Resolver, call: Call) -> None:
    info = r.info[value]
    if not isinstance(info, Const):
        r.solver.add(call.dst, r.unknown("dynamic_call"))
        ends = texts.partial(r, value)
        if ends is not None:
            for found in r.modules.fitting(call.frame.unit, ends):
                r.solver.add(call.dst, found)
    elif not info.text.startswith("."):
        text = info.text
        top = call.site is not None and len(call.arguments) == 1 and _is_plain_import(r, call)
        text = text.partition(".")[0] if top else text
        r.solver.add(call.dst, r.modules.named(call.frame.unit, text, 0))
    elif len(call.arguments) == 1:
        level = len(info.text) - len(info.text.lstrip("."))
        r.solver.add(call.dst, r.modules.named(call.frame.unit, info.text.lstrip("."), level))


def _is_plain_import(r: Resolver, call: Call) -> bool:
    """Whether a call is one of `__import__`, which gives the package at the top."""
    receivers = call.site.receivers if call.site is not None else ()
    tools = [r.info[v] for v in receivers]
    named = [r.info[~t.number] for t in tools if isinstance(t, Tool) and t.number < 0]
    return any(getattr(n, "name", "") == "builtins.__import__" for n in named)


# --- the operator module -------------------------------------------------------------------------
def _keeping(name: str) -> Callable[..., None]:
    def act(r: Resolver, call: Call) -> None:
        if call.dst >= 0:
            r.partials.append((-1, call.arguments))
            r.solver.add(call.dst, r.of(Tool(name, len(r.partials) - 1)))

    return act


def _apply_getter(r: Resolver, call: Call) -> None:
    names = [node for how, node in r.partials[number_of(r, call)][1] if how == ""]
    given = places(call)
    dst = call.dst if call.dst >= 0 else r.solver.node()
    if not given:
        return
    for name, to in _several(r, names, dst, call):
        r.solver.when(name, _get_path, r, given[0], Use(call.frame, call.node, to))


def _several(r: Resolver, nodes: list[int], dst: int, call: Call) -> list[tuple[int, int]]:
    """Pair each wanted thing with the node that gets it: the result, or its place in a tuple."""
    if len(nodes) == 1:
        return [(nodes[0], dst)]
    made = containers.make(r, "tuple", ("got", call.frame.index, call.node))
    r.solver.add(dst, made)
    pairs = [(node, r.solver.node()) for node in nodes]
    for place, (_, to) in enumerate(pairs):
        containers.store(r, made, str(place), to)
    return pairs


def _get_path(name: int, r: Resolver, target: int, use: Use) -> None:
    info = r.info[name]
    if not isinstance(info, Const):
        _get_named(name, r, target, use)
        return
    *before, last = info.text.split(".")
    for part in before:
        inner = r.solver.node()
        r.solver.when(target, attributes.read, r, part, use._replace(dst=inner))
        target = inner
    r.solver.when(target, attributes.read, r, last, use)


def _apply_items(r: Resolver, call: Call) -> None:
    keys = [node for how, node in r.partials[number_of(r, call)][1] if how == ""]
    given = places(call)
    dst = call.dst if call.dst >= 0 else r.solver.node()
    for key, to in _several(r, keys, dst, call) if given else ():
        r.solver.when(given[0], subscripts.item, r, key, to, (call.frame, call.node))


def _apply_method(r: Resolver, call: Call) -> None:
    arguments = r.partials[number_of(r, call)][1]
    given = places(call)
    if not given or not arguments:
        return
    found = r.solver.node()
    r.solver.when(arguments[0][1], _get_path, r, given[0], Use(call.frame, call.node, found))
    inner = calling(r, call.frame, call.node, arguments[1:], call.dst, "callback")
    r.solver.when(found, r.call, r, inner._replace(site=call.site))


def _apply(r: Resolver, call: Call) -> None:
    if call.arguments:
        inner = call._replace(arguments=call.arguments[1:], number=r.number(), label="callback")
        r.solver.when(call.arguments[0][1], r.call, r, inner)


ACTS = {
    "getattr": _getattr, "dir": _dir, "getmembers": _getmembers, "hasattr": _hasattr,
    "setattr": _setattr, "delattr": _delattr, "set_defaults": _set_defaults,
    "own_getattr": _own_getattr, "own_setattr": _own_setattr, "vars": _vars,
    "globals": _globals, "locals": _locals, "import": _import,
    "attrgetter": _keeping("getter"), "getter": _apply_getter,
    "itemgetter": _keeping("items"), "items": _apply_items,
    "methodcaller": _keeping("calls"), "calls": _apply_method, "apply": _apply,
    **{f"{kind}.{name}": _mapping_method for kind in ("names", "attributes")
       for name in "get pop setdefault __getitem__ values items copy update __setitem__".split()},
}  # fmt: skip
