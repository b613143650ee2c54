"""Calls: what each kind of object does when it is called, and where arguments and results go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.resolve import (
    binding,
    classes,
    enums,
    records,
    tools,
    tools_classes,
    types,
)
from codeanatomy.cpg.resolve.callings import calling, positional, special
from codeanatomy.cpg.resolve.library import TOOLS
from codeanatomy.cpg.resolve.objects import (
    Alias,
    Bound,
    Class,
    Const,
    Form,
    Function,
    Instance,
    OfClass,
    Outside,
    Partial,
    Running,
    Setter,
    Static,
    Tool,
    Unknown,
)
from codeanatomy.cpg.resolve.program import POSITIONAL, VAR_KEYWORD, VAR_POSITIONAL
from codeanatomy.cpg.resolve.resolver import CONTEXTS, Resolver

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.program import Body

DEEPEST = 16  # objects that one call goes through: bound methods, partials, callable instances
RECURSIVE = 12  # callers looked back through for the same function


def call(value: int, r: Resolver, call: Call) -> None:
    """Call an object."""
    info = r.info[value]
    if call.site is not None:
        call.site.receivers.add(value)
    if not isinstance(info, Function):
        if call.depth > DEEPEST:
            if call.site is not None:
                call.site.unknown.add("limit")
            return
        call = call._replace(depth=call.depth + 1)
    act = _CALLED.get(info.__class__)
    if act is not None:
        act(r, value, info, call)


def _function(r: Resolver, value: int, _: Function, call: Call) -> None:
    invoke(r, value, call, -1)


def _class(r: Resolver, value: int, _: Class, call: Call) -> None:
    construct(r, value, call)


def _tool(r: Resolver, value: int, info: Tool, call: Call) -> None:
    record(r, call, value)
    tools.run(r, value, info, call)


def _object(r: Resolver, value: int, _: object, call: Call) -> None:
    if not special(r, value, "__call__", call._replace(label=call.label or "protocol")):
        _not_callable(r, value, call)


def _alias(r: Resolver, _: int, info: Alias, call: Call) -> None:
    r.call(info.of, r, call)


def _outside(r: Resolver, value: int, info: Outside, call: Call) -> None:
    record(r, call, info.name)
    tool = TOOLS.get(info.name)
    if tool is not None:
        tools.run(r, value, Tool(tool), call)
        return
    _escape(r, call, r.unknown("external_value"))


def _unknown(r: Resolver, value: int, info: Unknown, call: Call) -> None:
    if call.site is not None:
        call.site.unknown.add(info.reason)
    _escape(r, call, value)


def _wrapper(r: Resolver, _: int, info: Static | OfClass, call: Call) -> None:
    r.call(info.inner, r, call)


def _setter(r: Resolver, _: int, info: Setter, call: Call) -> None:
    tools_classes.set_property(r, info, call)


def _not_callable(r: Resolver, value: int, call: Call) -> None:
    facts = r.classes.get(r.class_of(value))
    if facts is None:
        return
    for base in classes.outside_names(r, facts):
        record(r, call, f"{base}.__call__")
        _escape(r, call, r.unknown("external_value"))


def _escape(r: Resolver, call: Call, result: int) -> None:
    """Let arguments go where nothing is known of them, and the result come from there."""
    for _, node in call.arguments:
        r.solver.when(node, _escaped, r)
    if call.dst >= 0:
        if call.label == "decorator":  # what is decorated is still called by its name
            r.solver.copy(call.arguments[0][1], call.dst)
        else:
            r.solver.add(call.dst, result)


def _escaped(value: int, r: Resolver) -> None:
    r.escaped[value] = None


def record(r: Resolver, call: Call, target: int | str, label: str = "") -> None:
    """Note what a call can run."""
    if call.site is None:
        return
    if call.site.name and not isinstance(target, str):
        info = r.info[target]
        if isinstance(info, Tool) or not r.in_store(target):
            return
    elif call.site.name:
        return
    call.site.targets.setdefault(target, label or call.label)


def _bound(r: Resolver, _: int, info: Bound, call: Call) -> None:
    inner = r.info[info.function]
    if isinstance(inner, Function):
        invoke(r, info.function, call, info.receiver)
    elif isinstance(inner, Tool | Partial | Instance):
        given = (("", r.holding(info.receiver)), *call.arguments)
        r.call(info.function, r, call._replace(arguments=given))
    else:
        r.call(info.function, r, call)


def _partial(r: Resolver, _: int, info: Partial, call: Call) -> None:
    node, given = r.partials[info.number]
    named = {name for name, _ in call.arguments if name and name[0] != "*"}
    before = tuple(a for a in given if not a[0])
    keywords = tuple(a for a in given if a[0] and a[0] not in named)
    whole = (*before, *call.arguments, *keywords)
    label = call.label or "partial"
    r.solver.when(node, r.call, r, call._replace(arguments=whole, label=label))


def _form(r: Resolver, value: int, info: Form, call: Call) -> None:
    """Call a special form: `NamedTuple("P", [...])` and `TypedDict("D", {...})` make classes."""
    if info.name == "NamedTuple":
        tools.run(r, value, Tool("namedtuple"), call)
    elif info.name == "TypedDict" and call.dst >= 0:
        r.solver.add(call.dst, r.modules.library("builtins", "dict"))


_CALLED: dict[type, Callable[[Resolver, int, Any, Call], None]] = {
    Function: _function, Bound: _bound, Class: _class, Tool: _tool, Partial: _partial,
    Alias: _alias, Form: _form, Outside: _outside, Unknown: _unknown, Setter: _setter,
    Static: _wrapper, OfClass: _wrapper, **dict.fromkeys((Instance, Const, Running), _object),
}  # fmt: skip


# --- functions -----------------------------------------------------------------------------------
def invoke(r: Resolver, function: int, call: Call, receiver: int) -> None:
    """Call a function: its parameters get the arguments, the caller its result."""
    key = (call.number, function, receiver)
    if key in r.done:
        return
    r.done.add(key)
    info = r.info[function]
    unit = r.units[info.unit]  # type: ignore[union-attr] # a function
    body = unit.bodies[info.body]  # type: ignore[union-attr] # a function
    if unit.outside:
        record(r, call, function)
        tools.outside(r, function, call, receiver)
        return
    record(r, call, function, _label(r, call, receiver))
    frame = frame_for(r, function, body, call, receiver)
    if not _bound_before(r, frame, call, receiver):
        binding.bind(r, frame, function, call, receiver)
        if call.dst >= 0:
            give_result(r, frame, call.dst)


def _bound_before(r: Resolver, frame: Frame, call: Call, receiver: int) -> bool:
    """Whether a frame has just these arguments already; it gets another receiver then."""
    place = call.site.node if call.site is not None and not call.site.name else -1
    given = (frame.index, call.arguments, call.dst, place, receiver >= 0)
    first = next(iter(frame.body.parameters), None)
    if receiver < 0 or first is None or first.kind not in POSITIONAL:
        return False
    if given in r.bindings:
        r.solver.add(frame.base + first.slot, receiver)
        return True
    r.bindings.add(given)
    return False


def give_result(r: Resolver, frame: Frame, dst: int) -> None:
    """Let what calling a frame's function gives flow to a node."""
    body = frame.body
    if body.is_generator:
        kind = "async" if body.is_async else "generator"
        r.solver.add(dst, r.of(Running(frame.index, kind)))
        r.solver.copy(frame.result, r.finished)
    elif body.is_async:
        r.solver.add(dst, r.of(Running(frame.index, "coroutine")))
    else:
        r.solver.copy(frame.result, dst)


def _label(r: Resolver, call: Call, receiver: int) -> str:
    """Name the method where the receiver decides it: one of a subclass, or of an annotation."""
    if call.label or receiver < 0:
        return call.label
    info = r.info[receiver]
    if isinstance(info, Instance) and info.at == ():
        return "annotation"
    return ""


def frame_for(r: Resolver, function: int, body: Body, call: Call, receiver: int) -> Frame:
    """Return the frame that a call runs: its own, as far as bounds allow, else the shared one."""
    frames = r.contexts.setdefault(function, {})
    key: object = None
    if (r.small or body.polymorphic) and call.site is not None:
        above: Frame | None = call.frame
        for _ in range(RECURSIVE):
            if above is None:
                break
            if above.function == function:
                return above
            above = above.caller
        key = (call.frame.index, call.node, receiver)
        if key not in frames and len(frames) >= CONTEXTS[r.small]:
            key = None
    frame = frames.get(key)
    if frame is None:
        frame = frames[key] = _new_frame(r, function, body)
        frame.caller = call.frame if key is not None else None
    return frame


def shared_frame(r: Resolver, function: int, body: Body) -> Frame:
    """Return the frame of a function for callers that are not told apart."""
    frames = r.contexts.setdefault(function, {})
    if None not in frames:
        frames[None] = _new_frame(r, function, body)
    return frames[None]


def _new_frame(r: Resolver, function: int, body: Body) -> Frame:
    info = r.info[function]
    frame = r.frame(info.unit, body, r.frames[info.frame])  # type: ignore[union-attr] # a function
    frame.function = function
    _prepare(r, frame)
    r.pending.append(frame)
    return frame


def _prepare(r: Resolver, frame: Frame) -> None:
    """Make the containers of `*args` and `**kwargs`; note annotations for where no value comes."""
    for parameter in frame.body.parameters:
        slot = frame.base + parameter.slot
        if parameter.kind == VAR_POSITIONAL:
            made = binding.rest_of(r, frame)
            r.solver.add(slot, made)
            _annotated(r, frame, r.field(made, "?_T_co"), parameter.annotation)
        elif parameter.kind == VAR_KEYWORD:
            made = binding.keywords_of(r, frame)
            r.solver.add(slot, made)
            _annotated(r, frame, r.field(made, "?_VT"), parameter.annotation)
        else:
            _annotated(r, frame, slot, parameter.annotation)
    if frame.body.annotation:
        _annotated(r, frame, frame.result, frame.body.annotation)


def _annotated(r: Resolver, frame: Frame, node: int, text: str) -> None:
    if text:
        r.fallbacks.append((node, frame.parent or frame, text, frame.unit))


# --- classes -------------------------------------------------------------------------------------
def construct(r: Resolver, cls: int, call: Call) -> None:
    """Call a class: a metaclass may decide, else `__new__` and `__init__` run."""
    key = (call.number, cls, -2)
    if key in r.done:
        return
    r.done.add(key)
    facts = r.classes[cls]
    meta = call._replace(label="metaclass")
    if special(r, cls, "__call__", meta):
        return
    make(r, facts, call)


def make(r: Resolver, facts: ClassFacts, call: Call) -> None:
    """Make an instance, as `type.__call__` does."""
    cls = facts.number
    own = not r.units[facts.unit].outside
    place = (call.frame.unit, call.node) if call.site is None or not own else (call.node,)
    made = r.instance(cls, call.frame if call.frame is not None else None, *place)
    if tools.constructs(r, facts, call, made):
        return
    if facts.transform == "enum" and call.arguments:
        record(r, call, cls, "constructor")
        enums.look_up(r, facts, call)
        return
    new = classes.owner_of(r, facts, "__new__")
    if new is not None and not r.units[new.unit].outside:
        made_node = r.solver.node()
        r.solver.when(r.field(new.number, "__new__"), _new, r, cls, call._replace(dst=made_node))
        r.solver.when(made_node, _init_made, r, facts, call)
        if call.dst >= 0:
            r.solver.copy(made_node, call.dst)
        return
    if call.dst >= 0:
        r.solver.add(call.dst, made)
    if records.maker(r, facts) is not None:
        records.construct(r, made, call._replace(dst=-1))
        record(r, call, cls, "constructor")
        return
    initialise(r, facts, call, made)


def _new(value: int, r: Resolver, cls: int, call: Call) -> None:
    info = r.info[value]
    inner = info.inner if isinstance(info, Static) else value
    if isinstance(r.info[inner], Function):
        invoke(r, inner, call._replace(label="constructor"), cls)


def _init_made(value: int, r: Resolver, facts: ClassFacts, call: Call) -> None:
    if facts.number in r.classes[r.class_of(value)].mro if r.class_of(value) >= 0 else False:
        initialise(r, r.classes[r.class_of(value)], call._replace(dst=-1), value)


def initialise(r: Resolver, facts: ClassFacts, call: Call, made: int) -> None:
    """Run `__init__` on an instance; the class itself is the target where no code of ours runs."""
    classes.ask(r, facts, "__init__", _initialise, made, call)


def _initialise(r: Resolver, facts: ClassFacts, name: str, made: int, call: Call) -> None:
    owner = classes.owner_of(r, facts, name)
    own = owner is not None and not r.units[owner.unit].outside
    if not own:
        record(r, call, facts.number, "constructor")
        if owner is not None and call.arguments:
            node = classes.member(r, owner, "__init__")
            r.solver.when(node, _outside_init, r, made, call._replace(site=None, dst=-1))
        if call.arguments:
            _outside_new(r, facts, made, call._replace(site=None, dst=-1, number=r.number()))
        if facts.outside or facts.unknown:
            for _, node in call.arguments:
                r.solver.when(node, _escaped, r)
        return
    node = classes.member(r, owner, "__init__")  # type: ignore[arg-type] # it is own
    r.solver.when(node, _init, r, made, call._replace(label=call.label or "constructor", dst=-1))


def _outside_new(r: Resolver, facts: ClassFacts, made: int, call: Call) -> None:
    """Match arguments with what the `__new__` of a library class says is in its instances."""
    new = classes.owner_of(r, facts, "__new__")
    if new is not None and new.name != "object" and r.units[new.unit].outside:
        r.solver.when(classes.member(r, new, "__new__"), tools.described, r, made, call)


def _outside_init(value: int, r: Resolver, made: int, call: Call) -> None:
    if isinstance(r.info[value], Function):
        tools.outside(r, value, call, made)


def _init(value: int, r: Resolver, made: int, call: Call) -> None:
    if isinstance(r.info[value], Function):
        invoke(r, value, call, made)
    else:
        r.call(value, r, call)


def types_of(r: Resolver, frame: Frame, text: str, dst: int) -> None:
    """Let the instances that an annotation names flow to a node."""
    for value in types.evaluate(r, frame, text):
        types.instances(r, value, dst)


def call_function(r: Resolver, value: int, frame: Frame, node: int, *nodes: int) -> int:
    """Call an object on behalf of code outside the store; return the node of its result."""
    dst = r.solver.node()
    r.call(value, r, calling(r, frame, node, positional(*nodes), dst, seen=False))
    return dst
