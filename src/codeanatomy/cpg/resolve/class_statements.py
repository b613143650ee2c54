"""Class statements: the body runs, then whatever makes or hears of the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, containers, enums, protocols
from codeanatomy.cpg.resolve.callings import calling, positional, special
from codeanatomy.cpg.resolve.objects import Bound, Class, Function, Instance, Partial

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.program import Step
    from codeanatomy.cpg.resolve.resolver import Resolver


def class_(r: Resolver, f: Frame, s: Step) -> None:
    """Make a class: its bases, its body, then what its makers do with it."""
    unit = r.units[f.unit]
    body = unit.bodies[s.other]
    made = r.of(Class(f.unit, s.other, f.index))
    facts = classes.of(r, made)
    if facts.body_frame is not None:
        return
    facts.node = s.node
    _heads(r, facts, f, s)
    frame = r.frame(f.unit, body, f)
    frame.cls = made
    facts.body_frame = frame
    facts.annotations = {b.names[0]: b.name for b in body.steps if b.op == "annotate" and b.names}
    facts.slots = [name for name, text in facts.annotations.items() if "ClassVar" not in text]
    r.enter(r, frame)
    if f.body.kind == "module":
        r.solver.drain()
    if not unit.outside:
        _heard_of(r, facts, f, s)
    if "metaclass" in facts.keywords and not unit.outside:
        r.solver.when(facts.keywords["metaclass"], _class_made, r, facts, f, s)
    elif not unit.outside or r.modules.described(f.unit, body.name) is None:
        r.solver.add(f.base + s.dst, made)


def _heads(r: Resolver, facts: ClassFacts, f: Frame, s: Step) -> None:
    """Take bases, the metaclass, and other keywords."""
    place = 0
    for how, slot in zip(s.names, s.args, strict=True):
        node = f.base + slot
        if how == "*":
            several, node = node, r.solver.node()
            r.solver.when(several, r.iterate, r, node, (f, s.node))
        if how in ("", "*"):
            classes.add_base(r, facts, place, node)
            place += 1
        else:
            facts.keywords[how] = node
            if how == "metaclass":
                r.solver.when(node, _metaclass, r, facts, f, s)
    unit = r.units[f.unit]
    if not (unit.module == "builtins" and facts.name == "object" and unit.outside):
        classes.add_base(r, facts, place, r.modules.library_node("builtins", "object"))


def _heard_of(r: Resolver, facts: ClassFacts, f: Frame, s: Step) -> None:
    """Run what classes above, descriptors inside, and enumerations do once a class is made."""
    given = tuple((k, v) for k, v in facts.keywords.items() if k != "metaclass")
    call = calling(r, f, s.node, given, -1, "metaclass", name="__init_subclass__")
    classes.ask(r, facts, "__init_subclass__", _init_subclass, call)
    for name in sorted(r.units[f.unit].bodies[facts.body].offered):
        held = r.field(facts.number, name)
        r.solver.when(held, _set_name, r, facts.number, name, f, s.node)
    classes.ask(r, facts, "_member_names_", enums.declare, f, s.node)


def _class_made(value: int, r: Resolver, facts: ClassFacts, f: Frame, s: Step) -> None:
    """Bind a class, or what a function gives that stands in for a metaclass."""
    info = r.info[value]
    if not isinstance(info, Function | Bound | Partial):
        r.solver.add(f.base + s.dst, facts.number)
        return
    given = _class_arguments(r, facts)
    r.call(value, r, calling(r, f, s.node, given, f.base + s.dst, "metaclass", name="metaclass"))


def _metaclass(value: int, r: Resolver, facts: ClassFacts, f: Frame, s: Step) -> None:
    if not isinstance(r.info[value], Class) or value in facts.metaclasses:
        return
    facts.metaclasses.append(value)
    classes.ask_again(r, facts)
    for number in (facts.number, *classes.below(r, facts)):
        _made_by(r, r.classes[number], value, f, s)


def _made_by(r: Resolver, facts: ClassFacts, meta: int, f: Frame, s: Step) -> None:
    """Let a metaclass make a class: its `__new__` and `__init__` run."""
    given = _class_arguments(r, facts)
    node = facts.node if facts.node >= 0 else s.node
    frame = facts.body_frame.parent if facts.body_frame and facts.body_frame.parent else f
    for name, receiver in (("__prepare__", meta), ("__new__", meta), ("__init__", facts.number)):
        above = classes.owner_of(r, r.classes[meta], name)
        if above is None or r.units[above.unit].outside:
            continue
        arguments = given[:2] if name == "__prepare__" else given
        arguments += tuple((k, v) for k, v in facts.keywords.items() if k != "metaclass")
        made = r.solver.node()
        call = calling(r, frame, node, arguments, made, "metaclass", name=name)
        r.solver.when(r.field(above.number, name), _run_meta, r, receiver, call)
        if name == "__prepare__":
            r.solver.when(made, _stored_in, r, facts, node)


def _stored_in(namespace: int, r: Resolver, facts: ClassFacts, node: int) -> None:
    """Run what stores the names of a class body in a namespace of ours."""
    frame = facts.body_frame
    if frame is not None and r.own(r.class_of(namespace), "__setitem__"):
        given = positional(r.holding(r.modules.instance("str")), r.solver.node())
        call = calling(r, frame, node, given, -1, "metaclass", name="__setitem__")
        special(r, namespace, "__setitem__", call)


def _class_arguments(r: Resolver, facts: ClassFacts) -> tuple[tuple[str, int], ...]:
    """Return the name, bases and namespace of a class as its metaclass gets them."""
    namespace = containers.make(r, "dict", ("namespace", facts.number))
    for name in sorted(facts.own):
        containers.store(r, namespace, name, r.field(facts.number, name))
        r.solver.add(r.field(namespace, "$_KT"), r.modules.text(name))
    bases = containers.make(r, "tuple", ("bases", facts.number))
    for place, held in enumerate(facts.bases[:-1]):
        for base in held:
            containers.store(r, bases, str(place), r.holding(base))
    return positional(r.holding(r.modules.text(facts.name)), r.holding(bases), r.holding(namespace))


def _run_meta(value: int, r: Resolver, receiver: int, call: Call) -> None:
    info = r.info[value]
    inner = getattr(info, "inner", value)
    if isinstance(r.info[inner], Function):
        r.call(r.bound(inner, receiver), r, call)


def _init_subclass(r: Resolver, facts: ClassFacts, name: str, call: Call) -> None:
    above = classes.owner_of(r, facts, name, facts.number)
    if above is not None and not r.units[above.unit].outside:
        r.solver.when(r.field(above.number, name), _run_meta, r, facts.number, call)
    for number in facts.mro[1:]:
        for meta in r.classes[number].metaclasses:
            if meta not in facts.metaclasses and facts.body_frame is not None:
                facts.metaclasses.append(meta)
                frame = facts.body_frame.parent or facts.body_frame
                made = (s for s in frame.body.steps if s.op == "class" and s.other == facts.body)
                step = next(made)
                _made_by(r, facts, meta, frame, step)


def _set_name(value: int, r: Resolver, cls: int, name: str, f: Frame, node: int) -> None:
    if isinstance(r.info[value], Instance) and protocols.own_method(r, value, "__set_name__"):
        given = positional(r.holding(cls), r.holding(r.modules.text(name)))
        special(r, value, "__set_name__",
                calling(r, f, node, given, -1, "descriptor", name="__set_name__"))  # fmt: skip
