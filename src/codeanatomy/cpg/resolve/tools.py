"""Callables of the language and its library whose effect no annotation says: what calling one does.

The page `library` names the function for each; the modules `tools_*` hold them by theme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import (
    asks,
    attributes,
    classes,
    containers,
    records,
    stubs,
    texts,
    tools_attributes,
    tools_classes,
    tools_containers,
    tools_functions,
    tools_iteration,
    tools_managers,
    tools_tests,
)
from codeanatomy.cpg.resolve.callings import calling, places, special
from codeanatomy.cpg.resolve.frames import Use
from codeanatomy.cpg.resolve.library import BESIDES, EVERY, METHODS, OWN
from codeanatomy.cpg.resolve.objects import ANY, Function, Instance, Static, Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.resolver import Resolver

_ACTS: dict[str, Callable[[Resolver, Call], None]] = {
    **tools_attributes.ACTS, **tools_classes.ACTS, **tools_containers.ACTS,
    **tools_functions.ACTS, **tools_iteration.ACTS, **tools_managers.ACTS, **records.ACTS,
    **tools_tests.ACTS,
}  # fmt: skip


def run(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    """Do what calling a tool does."""
    act = _ACTS.get(tool.name)
    if tool.number < 0:
        asks.ask(r, getattr(r.info[~tool.number], "name", ""), call)
    if act is not None:
        act(r, _of(r, value, call))


def _of(r: Resolver, value: int, call: Call) -> Call:
    """Return a call as the function of a tool gets it: with its callee, and a result."""
    return call._replace(callee=value, dst=call.dst if call.dst >= 0 else r.solver.node())


def outside(r: Resolver, function: int, call: Call, receiver: int) -> None:
    """Call a function that only a stub describes."""
    info = r.info[function]
    name = r.units[info.unit].bodies[info.body].qualname  # type: ignore[union-attr] # a function
    asks.ask(r, name, call, receiver)
    for every in EVERY.get(name, ()):
        _calls_every(r, every, call)
    if receiver >= 0:
        _calls_own(r, name, call, receiver)
        if name.startswith("builtins.str."):
            short = name.rpartition(".")[2]
            if texts.method(r, receiver, short, call.arguments, call.dst):
                return
    wanted = METHODS.get(name)
    if name.endswith(".__new__") and receiver < 0 and wanted is None:
        tools_classes.new(r, call)
        return
    if wanted is not None:
        given = (("", r.holding(receiver)), *call.arguments) if receiver >= 0 else call.arguments
        _ACTS[wanted](r, _of(r, function, call._replace(arguments=given)))
        if wanted not in BESIDES:
            return
    stubs.call(r, function, call, receiver)


def _calls_own(r: Resolver, name: str, call: Call, receiver: int) -> None:
    """Call the methods of ours that a method of a library class calls on its own object."""
    for wanted in OWN.get(name, ()):
        names = [wanted]
        if wanted.endswith("*"):
            names = [n for n in attributes.names(r, receiver) if n.startswith(wanted[:-1])]
        for own in names:
            if r.own(r.class_of(receiver), own):
                found = r.solver.node()
                attributes.read(receiver, r, own, Use(call.frame, call.node, found))
                inner = call._replace(dst=-1, number=r.number(), label="callback")
                r.solver.when(found, r.call, r, inner)


def _calls_every(r: Resolver, wanted: str, call: Call) -> None:
    """Call a method of every class of ours below a class of the library."""
    above, _, name = wanted.rpartition(".")
    module, _, cls = above.rpartition(".")
    facts = r.classes[r.modules.library(module, cls)]
    classes.ask_any(r, facts, name, _call_on_any, call)


def _call_on_any(r: Resolver, below: int, name: str, call: Call) -> None:
    if not r.own(below, name):
        return
    found = r.solver.node()
    receiver = r.of(Instance(below, ANY))
    attributes.read(receiver, r, name, Use(call.frame, call.node, found))
    arguments = (("", r.holding(r.modules.instance("object"))),)
    inner = call._replace(dst=-1, number=r.number(), label="callback", arguments=arguments)
    r.solver.when(found, r.call, r, inner)


# --- construction of library classes -------------------------------------------------------------
def constructs(r: Resolver, facts: ClassFacts, call: Call, made: int) -> bool:
    """Make an instance of a class of the library; False if the class is none of it."""
    if not r.units[facts.unit].outside or facts.unit == r.modules.nowhere:
        return False
    if call.site is not None and not call.site.name:
        call.site.targets.setdefault(facts.number, call.label or "constructor")
    asks.ask(r, f"{r.units[facts.unit].module}.{facts.name}", call)
    _filled(r, facts, call, made)
    if call.dst >= 0 and facts.name not in ("str", "bool", "int", "float"):
        r.solver.add(call.dst, made)
    elif call.dst >= 0:
        _converted(r, facts, call)
    initialise(r, facts, call, made)
    return True


def _filled(r: Resolver, facts: ClassFacts, call: Call, made: int) -> None:
    """Put what a container is made of into it, under its keys or in its places."""
    where = (call.frame, call.node)
    given = places(call)
    if facts.name == "defaultdict" and given:
        inner = call._replace(
            dst=r.field(made, "default"), arguments=(), label="callback", number=r.number()
        )
        r.solver.when(given[0], r.call, r, inner)
        r.solver.copy(r.field(made, "default"), r.field(made, "?_VT"))
        rest = call._replace(arguments=call.arguments[1:])
        tools_containers.fill_mapping(r, made, rest)
    elif facts.name in ("dict", "OrderedDict", "UserDict", "MappingProxyType"):
        tools_containers.fill_mapping(r, made, call)
    elif facts.name in ("list", "tuple") and given:
        r.solver.when(given[0], containers.copy_places, r, made, where)
    elif facts.name == "reversed" and given:
        letter = next(iter(classes.parameters(r, facts)), "")
        r.solver.when(given[0], _backwards, r, r.field(made, f"?{letter}"), where)


def _backwards(value: int, r: Resolver, dst: int, where: tuple[Frame, int]) -> None:
    """Go through an object from its end: by its own `__reversed__`, or all its elements."""
    if r.own(r.class_of(value), "__reversed__"):
        made = r.solver.node()
        call = calling(r, *where, (), made, "protocol", name="__reversed__")
        special(r, value, "__reversed__", call)
        r.solver.when(made, r.next_of, r, dst, where)
    elif not r.own(r.class_of(value), "__getitem__"):
        r.iterate(value, r, dst, where)


def _converted(r: Resolver, facts: ClassFacts, call: Call) -> None:
    """Give a plain value; a text that is known stays known."""
    if facts.name == "str" and len(call.arguments) == 1 and places(call):
        texts.joined(r, (places(call)[0],), call.dst)
    else:
        r.solver.add(call.dst, r.modules.instance(facts.name))


def initialise(r: Resolver, facts: ClassFacts, call: Call, made: int) -> None:
    """Match the arguments of a library class with what its stub says of making one."""
    if facts.name in ("dict", "list", "tuple", "defaultdict", "OrderedDict", "str"):
        return
    for name in ("__new__", "__init__"):
        owner = classes.owner_of(r, facts, name)
        if owner is not None and owner.name != "object":
            node = classes.member(r, owner, name)
            inner = call._replace(dst=-1, number=r.number())
            r.solver.when(node, described, r, made, inner)


def described(value: int, r: Resolver, made: int, call: Call) -> None:
    """Match arguments with what a stub says of a method that makes an instance."""
    info = r.info[value]
    inner = info.inner if isinstance(info, Static) else value
    if isinstance(r.info[inner], Function):
        stubs.call(r, inner, call, made)
