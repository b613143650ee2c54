"""Runs a body: each of its steps becomes copies and watches of the assignment graph."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import (
    attributes,
    class_statements,
    classes,
    containers,
    narrow,
    operators,
    protocols,
    raising,
    records,
    subscripts,
    texts,
    tools_classes,
    types,
)
from codeanatomy.cpg.resolve.callings import calling, positional, special
from codeanatomy.cpg.resolve.frames import Use
from codeanatomy.cpg.resolve.library import DATACLASSES
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Class,
    Const,
    Function,
    Instance,
    Module,
    Outside,
    Package,
    Running,
    TypeVar,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.program import Step
    from codeanatomy.cpg.resolve.resolver import Resolver


def enter(r: Resolver, frame: Frame) -> None:
    """Run the steps of a frame's body."""
    if r.units[frame.unit].outside:
        _enter_outside(r, frame)
        return
    for step in frame.body.steps:
        act = _STEPS.get(step.op)
        if act is not None:
            act(r, frame, step)


def _enter_outside(r: Resolver, frame: Frame) -> None:
    """Run the steps of a stub: what its names are is found out when they are asked for."""
    base = frame.base
    for step in frame.body.steps:
        act = _STEPS.get(step.op)
        if step.op == "import":
            r.later(base + step.dst, partial(_import, r, frame, step))
        elif step.op in _LAZY and r.is_late(base + step.src):
            dst = base + step.dst
            if step.op == "export":
                dst = (r.field(frame.cls, step.name) if frame.body.kind == "class"
                       else r.modules.exported(frame.unit, step.name))  # fmt: skip
            r.later(dst, partial(r.ensure_copied, base + step.src, dst))
        elif act is not None:
            _ensure_read(r, frame, step)
            if not _named_by_page(r, frame, step):
                act(r, frame, step)


def _ensure_read(r: Resolver, frame: Frame, step: Step) -> None:
    """Find out what a step of a stub reads."""
    if step.op == "outer":
        r.ensure(owner(frame, step.other).base + step.src)
    elif step.op != "function":
        for slot in (step.src, step.other, *step.args):
            if (slot >= 0 and step.op != "class") or slot in step.args:
                r.ensure(frame.base + slot)


def _named_by_page(r: Resolver, f: Frame, s: Step) -> bool:
    """Give a library's own code the callable or form that a page of ours describes; say if so."""
    if s.op not in ("function", "class", "annotate") or f.body.kind != "module":
        return False
    name = s.names[0] if s.op == "annotate" and s.names else s.name
    described = r.modules.described(f.unit, name)
    if described is None or s.dst < 0:
        return False
    r.solver.add(f.base + s.dst, described)
    return s.op != "class"


_LAZY = ("copy", "export")


def owner(frame: Frame, body: int) -> Frame:
    """Return the frame around (or equal to) a frame that runs a body."""
    here = frame
    while here.body.index != body and here.parent is not None:
        here = here.parent
    return here


# --- values --------------------------------------------------------------------------------------
def _const(r: Resolver, f: Frame, s: Step) -> None:
    if s.name == "None":
        value = r.modules.none()
    elif s.names and (s.name != "str" or len(s.names[0]) <= texts.LONGEST):
        text = s.names[0]
        if s.name == "str":
            text = _unquoted(text)
        value = r.of(Const(r.modules.library("builtins", s.name), text))
    elif s.name == "ellipsis":
        value = r.of(Instance(r.modules.library("types", "EllipsisType")))
    else:
        value = r.modules.instance(s.name)
    r.solver.add(f.base + s.dst, value)


def _unquoted(text: str) -> str:
    import ast  # noqa: PLC0415 - only for texts with escapes

    return text[1:-1] if "\\" not in text else str(ast.literal_eval(text))


def _copy(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.copy(f.base + s.src, f.base + s.dst)


def _outer(r: Resolver, f: Frame, s: Step) -> None:
    above = owner(f, s.other)
    r.solver.copy(above.base + s.src, f.base + s.dst)
    if above.body.kind == "module" and f.body.kind != "class" and not r.units[f.unit].outside:
        r.solver.copy(r.modules.rebound(above.unit, s.name), f.base + s.dst)


def _outer_store(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.copy(f.base + s.src, owner(f, s.other).base + s.dst)


def _builtin(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.copy(r.modules.name(f.unit, s.name), f.base + s.dst)


def _class_cell(r: Resolver, f: Frame, s: Step) -> None:
    method = tools_classes.method_frame(f)
    if method is not None and method.parent is not None:
        r.solver.add(f.base + s.dst, method.parent.cls)


def _export(r: Resolver, f: Frame, s: Step) -> None:
    node = f.base + s.src
    if f.body.kind == "class":
        r.solver.copy(node, r.field(f.cls, s.name))
    else:
        r.solver.copy(node, r.modules.exported(f.unit, s.name))


def _overload(r: Resolver, f: Frame, s: Step) -> None:
    if r.units[f.unit].outside:
        r.solver.copy(f.base + s.src, f.base + s.dst)


def _typevar(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.add(f.base + s.dst, r.of(TypeVar(s.name)))


def _type_alias(r: Resolver, f: Frame, s: Step) -> None:
    text = s.names[0]
    r.late.append(lambda: r.solver.add_all(f.base + s.dst, types.evaluate(r, f, text)))


# --- attributes and subscripts -------------------------------------------------------------------
def _attr(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, attributes.read, r, s.name, Use(f, s.node, f.base + s.dst))


def _setattr(r: Resolver, f: Frame, s: Step) -> None:
    given = f.base + s.other
    r.solver.when(f.base + s.src, attributes.write, r, s.name, given, f, s.node)


def _item(r: Resolver, f: Frame, s: Step) -> None:
    key, dst = f.base + s.other, f.base + s.dst
    r.solver.when(f.base + s.src, subscripts.item, r, key, dst, (f, s.node))


def _setitem(r: Resolver, f: Frame, s: Step) -> None:
    key, given = f.base + s.other, f.base + s.args[0]
    r.solver.when(f.base + s.src, subscripts.set_item, r, key, given, (f, s.node))


def _delitem(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, _special, r, "__delitem__", f, s.node, (f.base + s.other,))


def _special(
    value: int, r: Resolver, name: str, f: Frame, node: int, nodes: tuple[int, ...]
) -> None:
    if protocols.own_method(r, value, name):
        special(r, value, name,
                calling(r, f, node, positional(*nodes), -1, "protocol", name=name))  # fmt: skip


def _delattr(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, attributes.delete, r, s.name, f, s.node)


def _slice(r: Resolver, f: Frame, s: Step) -> None:
    bounds = [f.base + slot if slot >= 0 else -1 for slot in s.args]
    at: tuple[int | str, ...] = ("slice", *bounds)
    r.solver.add(f.base + s.dst, r.of(Instance(r.modules.library("builtins", "slice"), at)))


def _join(r: Resolver, f: Frame, s: Step) -> None:
    texts.joined(r, tuple(f.base + slot for slot in s.args), f.base + s.dst)


def _container(r: Resolver, f: Frame, s: Step) -> None:
    kind = "list" if s.name == "generator" else s.name
    place = ("of", *r.place(f), f.body.index, s.node, s.dst)
    r.solver.add(f.base + s.dst, containers.make(r, kind, place))


def _put(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, _put_in, r, f, s)


def _put_in(value: int, r: Resolver, f: Frame, s: Step) -> None:
    given = f.base + s.args[0]
    if s.other >= 0:
        subscripts.put_item(r, value, f.base + s.other, given, (f, s.node))
    else:
        if containers.is_hashed(r, value):
            r.solver.when(given, subscripts.hash_key, r, value, (f, s.node))
        containers.store(r, value, s.name or None, given)


def _spread(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, _spread_in, r, f, s)


def _spread_in(target: int, r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.other, containers.spread, r, target, (f, s.node))


# --- calls ---------------------------------------------------------------------------------------
def _call(r: Resolver, f: Frame, s: Step) -> None:
    arguments = tuple((how, f.base + slot) for how, slot in zip(s.names, s.args, strict=True))
    r.solver.when(f.base + s.src, r.call, r, calling(r, f, s.node, arguments, f.base + s.dst))


def _decorate(r: Resolver, f: Frame, s: Step) -> None:
    arguments = positional(f.base + s.src)
    call = calling(r, f, s.node, arguments, f.base + s.dst, "decorator", name="@")
    r.solver.when(f.base + s.other, _decorated, r, call)


def _decorated(value: int, r: Resolver, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, Outside) and info.name in DATACLASSES:
        r.solver.when(call.arguments[0][1], _outside_dataclass, r)
    r.call(value, r, call)


def _outside_dataclass(value: int, r: Resolver) -> None:
    if isinstance(r.info[value], Class):
        records.as_dataclass(r, value)


def _function(r: Resolver, f: Frame, s: Step) -> None:
    made = r.of(Function(f.unit, s.other, f.index))
    r.defaults[made] = {n: f.base + a for n, a in zip(s.names, s.args, strict=True)}
    if f.body.kind == "class":
        r.owners[made] = f.cls
    if not r.units[f.unit].outside:
        r.functions[made] = None
    r.solver.add(f.base + s.dst, made)


# --- results -------------------------------------------------------------------------------------
def _return(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.copy(f.base + s.src, f.result)


def _yield(r: Resolver, f: Frame, s: Step) -> None:
    if s.src >= 0:
        r.solver.copy(f.base + s.src, f.yields)
    if s.dst >= 0:
        r.solver.copy(f.sent, f.base + s.dst)


def _yield_from(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, r.iterate, r, f.yields, (f, s.node))
    r.solver.when(f.base + s.src, _sent_on, r, f.sent)
    if s.dst >= 0:
        r.solver.when(f.base + s.src, protocols.result_of, r, f.base + s.dst)


def _sent_on(value: int, r: Resolver, sent: int) -> None:
    """Hand what a generator is sent to the one it delegates to."""
    info = r.info[value]
    if isinstance(info, Running):
        r.solver.copy(sent, r.frames[info.frame].sent)


def _await(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, protocols.wait, r, f.base + s.dst, (f, s.node))


def _iterate(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, r.iterate, r, f.base + s.dst, (f, s.node))


def _aiterate(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, protocols.iterate_async, r, f.base + s.dst, (f, s.node))


def _unpack(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, _unpacked, r, str(s.other), f.base + s.dst, (f, s.node))


def _unpacked(value: int, r: Resolver, key: str, dst: int, where: tuple[Frame, int]) -> None:
    if containers.variable(r, value) and not containers.is_mapping(r, value):
        containers.load(r, value, key, dst)
    else:
        r.iterate(value, r, dst, where)


def _unpack_rest(r: Resolver, f: Frame, s: Step) -> None:
    made = containers.make(r, "list", ("rest", *r.place(f), f.body.index, s.node, s.dst))
    r.solver.add(f.base + s.dst, made)
    r.solver.when(f.base + s.src, _rest_of, r, made, (f, s.node), s.args[0])


def _rest_of(value: int, r: Resolver, made: int, where: tuple[Frame, int], before: int) -> None:
    known = r.elements(value)
    if known and containers.variable(r, value) and not containers.is_mapping(r, value):
        for key, node in known.items():
            if key.isdigit() and int(key) >= before:
                containers.store(r, made, None, node)
        r.solver.copy(r.field(value, "?" + containers.variable(r, value)), r.field(made, "?_T"))
        return
    r.iterate(value, r, r.field(made, "?_T"), where)


def _enter(r: Resolver, f: Frame, s: Step) -> None:
    dst = f.base + s.dst if s.dst >= 0 else r.solver.node()
    r.solver.when(f.base + s.src, protocols.enter, r, dst, (f, s.node), "")


def _aenter(r: Resolver, f: Frame, s: Step) -> None:
    dst = f.base + s.dst if s.dst >= 0 else r.solver.node()
    r.solver.when(f.base + s.src, protocols.enter, r, dst, (f, s.node), "a")


# --- operators -----------------------------------------------------------------------------------
def _binary(r: Resolver, f: Frame, s: Step) -> None:
    other, dst = f.base + s.other, f.base + s.dst
    r.solver.when(f.base + s.src, operators.binary, r, other, s.name, dst, (f, s.node))


def _unary(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, operators.unary, r, s.name, f.base + s.dst, (f, s.node))


def _compare(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.add(f.base + s.dst, r.modules.instance("bool"))
    if s.name != "is":
        other, dst = f.base + s.other, f.base + s.dst
        r.solver.when(f.base + s.src, operators.compare, r, other, s.name, dst, (f, s.node))


def _not(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.add(f.base + s.dst, r.modules.instance("bool"))


def _truth(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, operators.tested, r, (f, s.node))


def _format(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, operators.shown, r, s.name, (f, s.node))


# --- annotations ---------------------------------------------------------------------------------
def _annotate(r: Resolver, f: Frame, s: Step) -> None:
    if f.body.kind == "class" and s.names:
        _annotate_member(r, f, s)
    elif r.units[f.unit].outside:
        types.declare(r, r.modules.exported(f.unit, s.names[0]), f, s.name)
    else:
        r.fallbacks.append((f.base + s.dst, f, s.name, f.unit))


def _annotate_member(r: Resolver, f: Frame, s: Step) -> None:
    name = s.names[0]
    if r.units[f.unit].outside:
        types.declare(r, r.field(f.cls, name), f, s.name)
        classes.define(r, r.classes[f.cls], name)
        return
    r.classes[f.cls].flags[f"only {name}"] = None
    r.fallbacks.append((r.field(r.of(Instance(f.cls, ANY)), name), f, s.name, f.unit))


def _annotate_attr(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, _annotated_attr, r, f, s)


def _annotated_attr(value: int, r: Resolver, f: Frame, s: Step) -> None:
    if isinstance(r.info[value], Instance):
        r.fallbacks.append((r.field(value, s.name), f, s.names[0], f.unit))


# --- imports -------------------------------------------------------------------------------------
def _import(r: Resolver, f: Frame, s: Step) -> None:
    dst = f.base + s.dst
    found = r.modules.named(f.unit, s.name, max(s.other, 0))
    if not s.names:
        r.solver.add(dst, found)
    elif s.names[0] == "":
        r.solver.add(dst, r.modules.named(f.unit, s.name.partition(".")[0], 0))
    elif isinstance(r.info[found], Outside):
        name = r.info[found].name  # type: ignore[union-attr] # outside
        r.solver.add(dst, r.of(Outside(f"{name}.{s.names[0]}")))
    elif isinstance(r.info[found], Module | Package):
        own = r.modules.submodule(found, s.names[0], f.unit)
        if own >= 0:  # `from . import x` in the package itself: its name is what this binds
            r.solver.add(dst, own)
        else:
            r.modules.attribute(found, s.names[0], dst, (f, s.node))
    else:
        r.solver.add(dst, found)


def _import_star(r: Resolver, f: Frame, s: Step) -> None:
    r.modules.named(f.unit, s.name, max(s.other, 0))


def _match_class(r: Resolver, f: Frame, s: Step) -> None:
    narrow.narrow(r, f.base + s.src, f.base + s.dst, "isinstance", f.base + s.other, "")


def _match_arg(r: Resolver, f: Frame, s: Step) -> None:
    r.solver.when(f.base + s.src, _matched, r, int(s.name), Use(f, s.node, f.base + s.dst))


def _matched(value: int, r: Resolver, place: int, use: Use) -> None:
    facts = r.classes.get(r.class_of(value))
    if facts is None:
        return
    names = [n for number in reversed(facts.mro) for n in r.classes[number].slots]
    above = classes.owner_of(r, facts, "__match_args__")
    if above is not None:
        names = []
        for held in sorted(r.solver.values[r.field(above.number, "__match_args__")]):
            for _, node in sorted(r.elements(held).items()):
                names += [i.text for v in r.solver.values[node]
                          if isinstance(i := r.info[v], Const)]  # fmt: skip
    elif facts.name in ("str", "int", "float", "bytes", "list", "dict", "tuple", "set"):
        r.solver.add(use.dst, value)
        return
    if place < len(names):
        attributes.read(value, r, names[place], use)


def _narrow(r: Resolver, f: Frame, s: Step) -> None:
    other = f.base + s.other if s.other >= 0 else -1
    name = s.names[0] if s.names else ""
    narrow.narrow(r, f.base + s.src, f.base + s.dst, s.name, other, name)


_STEPS: dict[str, Callable[[Resolver, Frame, Step], None]] = {
    "const": _const, "copy": _copy, "outer": _outer, "outer_store": _outer_store,
    "builtin": _builtin, "class_cell": _class_cell, "export": _export, "overload": _overload,
    "typevar": _typevar, "type_alias": _type_alias, "attr": _attr, "setattr": _setattr,
    "delattr": _delattr, "item": _item, "setitem": _setitem, "delitem": _delitem, "slice": _slice,
    "container": _container, "put": _put, "spread": _spread, "call": _call, "decorate": _decorate,
    "function": _function, "class": class_statements.class_, "return": _return, "yield": _yield,
    "yield_from": _yield_from, "await": _await, "iterate": _iterate, "aiterate": _aiterate,
    "unpack": _unpack, "unpack_rest": _unpack_rest, "enter": _enter, "aenter": _aenter,
    "join": _join, "binary": _binary, "unary": _unary, "compare": _compare, "not": _not,
    "truth": _truth,
    "format": _format, "annotate": _annotate, "annotate_attr": _annotate_attr,
    "import": _import, "import_star": _import_star, "raise": raising.raise_, "catch": raising.catch,
    "match_class": _match_class, "match_arg": _match_arg, "narrow": _narrow,
}  # fmt: skip
