"""Functions that only a stub or a library describes: their annotations say what they do.

Type variables are solved by matching annotations with arguments; a parameter that is `Callable` is
called with what the annotation says, so that callbacks run and get values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, types
from codeanatomy.cpg.resolve.callings import calling, positional, special
from codeanatomy.cpg.resolve.library import DEFERRED
from codeanatomy.cpg.resolve.objects import (
    Alias,
    Bound,
    Class,
    Const,
    Form,
    Function,
    Instance,
    Partial,
    Running,
    Tool,
    TypeVar,
    Unknown,
)
from codeanatomy.cpg.resolve.program import KEYWORD_ONLY, POSITIONAL, VAR_KEYWORD, VAR_POSITIONAL

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Call, Frame
    from codeanatomy.cpg.resolve.program import Body, Parameter
    from codeanatomy.cpg.resolve.resolver import Resolver


@dataclass(slots=True, eq=False)
class Matching:
    """One call of one described function."""

    function: int
    frame: Frame  # where its annotations are looked up
    call: Call
    receiver: int
    owner: int  # the class it is a method of
    variables: dict[str, int]  # type variables of the function: nodes


def call(r: Resolver, function: int, call: Call, receiver: int) -> None:
    """Match arguments with annotations, and let the result flow to the caller."""
    info = r.info[function]
    body = r.units[info.unit].bodies[info.body]  # type: ignore[union-attr] # a function
    frame = r.frames[info.frame]  # type: ignore[union-attr] # a function
    if not _fits(body, call, receiver):
        return
    matching = Matching(function, frame, call, receiver, r.owners.get(function, -1), {})
    pairs = _pairs(body, call, receiver)
    if any(_clash(r, frame, parameter, node) for parameter, node in pairs):
        return
    for parameter, node in pairs:
        for value in types.evaluate(r, frame, parameter.annotation):
            _match(r, matching, value, node, 0)
        if not parameter.annotation:
            r.solver.when(node, _escaped, r)
    if body.name == "__new__" and receiver >= 0:
        _made_as(r, matching, body, receiver)
    if call.dst < 0:
        return
    if body.is_async:
        given = r.solver.node()
        r.solver.add(call.dst, r.awaitable(given))
        _result(r, matching, body, given)
    else:
        _result(r, matching, body, call.dst)


def _made_as(r: Resolver, m: Matching, body: Body, made: int) -> None:
    """Let the type arguments that `__new__` says of its class be those of what it makes."""
    for value in types.evaluate(r, m.frame, body.annotation) if body.annotation else ():
        info = r.info[value]
        if isinstance(info, Alias) and info.of == r.class_of(made):
            names = classes.parameters(r, r.classes[info.of])
            for name, node in zip(names, info.arguments, strict=False):
                r.solver.copy(_given(r, m, node, 0), r.field(made, "?" + name))


def _result(r: Resolver, m: Matching, body: Body, dst: int) -> None:
    found = types.evaluate(r, m.frame, body.annotation) if body.annotation else []
    if not found:
        r.solver.add(dst, r.unknown("external_value"))
    for value in found:
        _give(r, m, value, dst, 0)


def _escaped(value: int, r: Resolver) -> None:
    r.escaped[value] = None


def _fits(body: Body, call: Call, receiver: int) -> bool:
    """Whether the arguments can be those of this overload, by count and name."""
    places = [p for p in body.parameters if p.kind in POSITIONAL]
    names = {p.name for p in body.parameters if p.kind in (1, KEYWORD_ONLY)}
    count = sum(how == "" for how, _ in call.arguments) + (receiver >= 0)
    star = any(how[:1] == "*" for how, _ in call.arguments)
    keywords = [how for how, _ in call.arguments if how and how[0] != "*"]
    if count > len(places) and not any(p.kind == VAR_POSITIONAL for p in body.parameters):
        return False
    if any(k not in names for k in keywords):
        return any(p.kind == VAR_KEYWORD for p in body.parameters)
    if star:
        return True
    needed = [p.name for p in places[count:]]
    needed += [p.name for p in body.parameters if p.kind == KEYWORD_ONLY]
    needed = [name for name in needed if name not in body.optional]
    return all(name in keywords for name in needed)


def _pairs(body: Body, call: Call, receiver: int) -> list[tuple[Parameter, int]]:
    places = [p for p in body.parameters if p.kind in POSITIONAL]
    names = {p.name: p for p in body.parameters if p.kind in (1, KEYWORD_ONLY)}
    rest = next((p for p in body.parameters if p.kind == VAR_POSITIONAL), None)
    keywords = next((p for p in body.parameters if p.kind == VAR_KEYWORD), None)
    found: list[tuple[Parameter, int]] = []
    at = int(receiver >= 0)
    for how, node in call.arguments:
        if how == "":
            parameter = places[at] if at < len(places) else rest
            at += 1
        else:
            parameter = names.get(how, keywords)
        if parameter is not None and how[:1] != "*":
            found.append((parameter, node))
    return found


def _clash(  # noqa: PLR0911 - one way out a reason
    r: Resolver, frame: Frame, parameter: Parameter, node: int
) -> bool:
    """Whether an argument is surely not what a parameter wants: another overload is meant."""
    held = r.solver.values[node]
    if len(held) != 1 or not parameter.annotation:
        return False
    value = next(iter(held))
    info = r.info[value]
    if not isinstance(info, Const | Instance):
        return False
    wanted = types.evaluate(r, frame, parameter.annotation)
    if not wanted:
        return False
    facts = r.classes.get(info.cls)
    for want in wanted:
        kind = r.info[want]
        if isinstance(kind, Const):
            if want == value or not isinstance(info, Const):
                return False
        elif isinstance(kind, Class):
            other = r.classes[want]
            if facts is None or want in facts.mro or other.parameters == () or _open(r, other):
                return False
            if facts.name == "int" and other.name in ("float", "complex"):
                return False
        else:
            return False
    return True


def _open(r: Resolver, facts: ClassFacts) -> bool:
    """Whether a class is a protocol, which anything may fit."""
    return any(r.classes[n].parameters is not None for n in facts.mro) or facts.name in (
        "object", "Any", "SupportsIndex", "Hashable", "Sized", "Buffer", "PathLike",
    )  # fmt: skip


# --- arguments to type variables -----------------------------------------------------------------
def _match(r: Resolver, m: Matching, value: int, node: int, depth: int) -> None:
    """Let an argument solve the type variables of an annotation."""
    info = r.info[value]
    if isinstance(info, TypeVar):
        r.solver.copy(node, _variable(r, m, info.name, write=True))
    elif isinstance(info, Alias) and depth < types.DEEP:
        _match_alias(r, m, info, node, depth)
    elif isinstance(info, Form) and info.name == "Callable":
        r.solver.when(node, _escaped, r)
    elif isinstance(info, Class | Form):
        r.solver.when(node, _escaped_function, r)


def _escaped_function(value: int, r: Resolver) -> None:
    if isinstance(r.info[value], Function | Bound | Partial):
        r.escaped[value] = None


def _variable(r: Resolver, m: Matching, name: str, *, write: bool = False) -> int:
    if m.receiver >= 0 and m.owner >= 0:
        facts = r.classes[m.owner]
        receiver = m.receiver
        if name in classes.parameters(r, facts) and r.class_of(receiver) >= 0:
            return types.variable_node(r, receiver, m.owner, name, write=write)
        if name == "Self" or (name in ("_Self", "_S") and name not in m.variables):
            return r.holding(receiver)
    node = m.variables.get(name)
    if node is None:
        node = m.variables[name] = r.solver.node()
    return node


def _match_alias(r: Resolver, m: Matching, info: Alias, node: int, depth: int) -> None:
    target = r.info[info.of]
    if isinstance(target, Form):
        if target.name == "Callable":
            r.solver.when(node, _callback, r, m, info, depth)
        elif target.name in ("Type", "type") and info.arguments:
            r.solver.when(node, _of_class, r, m, info.arguments[0], depth)
        return
    if not isinstance(target, Class):
        return
    facts = r.classes[info.of]
    if facts.name == "type" and info.arguments:
        r.solver.when(node, _of_class, r, m, info.arguments[0], depth)
    else:
        r.solver.when(node, _inside, r, m, info, depth)


def _inside(value: int, r: Resolver, m: Matching, info: Alias, depth: int) -> None:
    """Match the type arguments of a generic annotation with what is in an argument."""
    facts = r.classes[info.of]
    names = classes.parameters(r, facts)
    cls = r.class_of(value)
    has = cls in r.classes and info.of in r.classes[cls].mro
    inner = r.info[value]
    for place, wanted in enumerate(info.arguments):
        if isinstance(inner, Running):
            node = _of_running(r, inner, facts.name, place)
        elif has and place < len(names):
            node = types.variable_node(r, value, info.of, names[place])
        elif place == 0 and facts.name in ("Iterable", "Iterator", "SupportsNext", "SupportsIter",
                                           "Sequence", "Collection", "AsyncIterable"):  # fmt: skip
            node = r.solver.node()
            r.iterate(value, r, node, (m.call.frame, m.call.node))
        elif place < len(names) and cls >= 0:
            node = _member_result(r, m, value, facts, names[place])
        else:
            continue
        if node >= 0:
            for want in tuple(r.solver.values[wanted]):
                _match(r, m, want, node, depth + 1)
                kind = r.info[want]
                changes = has and facts.name in _CHANGING and place < len(names)
                if changes and isinstance(kind, TypeVar):
                    held = types.variable_node(r, value, info.of, names[place], write=True)
                    r.solver.copy(_variable(r, m, kind.name, write=True), held)


_CHANGING = ("list", "MutableSequence", "dict", "MutableMapping", "set", "MutableSet", "deque")


def _member_result(r: Resolver, m: Matching, value: int, facts: ClassFacts, name: str) -> int:
    """Ask a protocol's one method what a type variable is: `SupportsAbs[T]` has `__abs__`."""
    asked = (value, facts.number, f"() {name} {m.call.frame.index} {m.call.node}")
    known = r.projected.get(asked)
    if known is not None:
        return known
    for member in sorted(facts.own):
        for found in sorted(r.solver.values[r.field(facts.number, member)]):
            info = r.info[found]
            if isinstance(info, Function):
                body = r.units[info.unit].bodies[info.body]
                if body.annotation == name:
                    dst = r.projected[asked] = r.solver.node()
                    where = calling(r, m.call.frame, m.call.node, (), dst, "callback", name=member)
                    where = where._replace(site=m.call.site)
                    special(r, value, member, where)
                    return dst
    return -1


_RESULT = {"Awaitable": 0, "Future": 0, "Task": 0, "Coroutine": 2}  # place of what is awaited


def _of_running(r: Resolver, info: Running, name: str, place: int) -> int:
    """Return the node that a type argument of a generator or coroutine stands for; -1: none."""
    frame = r.frames[info.frame]
    if name in _RESULT:
        return frame.result if place == _RESULT[name] and info.kind == "coroutine" else -1
    if place == 0 and info.kind != "coroutine":
        return frame.yields
    return frame.result if (name, place) == ("Generator", 2) else -1


def _of_class(value: int, r: Resolver, m: Matching, wanted: int, depth: int) -> None:
    info = r.info[value]
    if isinstance(info, Class):
        made = r.solver.node()
        r.solver.add(made, r.of(Instance(value)))
        for want in tuple(r.solver.values[wanted]):
            _match(r, m, want, made, depth + 1)


def _callback(value: int, r: Resolver, m: Matching, info: Alias, depth: int) -> None:
    """Call what was passed for a `Callable` parameter; its result solves the result's variables."""
    kind = r.info[value]
    if isinstance(kind, Const | Unknown):
        return
    result = r.solver.node()
    nodes = []
    wanted = info.arguments[0] if info.arguments else -1
    for held in sorted(r.solver.values[wanted]) if wanted >= 0 else ():
        listed = r.info[held]
        if isinstance(listed, Alias) and isinstance(r.info[listed.of], Form):
            nodes = [_given(r, m, node, depth) for node in listed.arguments]
    eager = not _is_deferred(r, m)
    call = m.call._replace(
        number=r.number(), arguments=positional(*nodes), dst=result, label="callback"
    )
    r.call(value, r, call if eager else call._replace(site=None))
    if not eager:
        r.escaped[value] = None
    for node in info.arguments[1:2]:
        for want in tuple(r.solver.values[node]):
            _match(r, m, want, result, depth + 1)


def _is_deferred(r: Resolver, m: Matching) -> bool:
    """Whether a function keeps its callback for later, when no code of ours is around."""
    info = r.info[m.function]
    name = r.units[info.unit].bodies[info.body].qualname  # type: ignore[union-attr] # a function
    return name in DEFERRED or name.rpartition(".")[0] in DEFERRED


def _given(r: Resolver, m: Matching, wanted: int, depth: int) -> int:
    node = r.solver.node()
    for value in sorted(r.solver.values[wanted]):
        _give(r, m, value, node, depth + 1)
        info = r.info[value]
        if isinstance(info, Form) and info.name == "Any":
            for how, given in m.call.arguments[:1]:
                if how == "":
                    r.solver.when(given, _handed_on, r, node)
    return node


def _handed_on(value: int, r: Resolver, dst: int) -> None:
    """Hand an object of ours on to a callback of which only is known that it takes anything."""
    info = r.info[value]
    if isinstance(info, Instance) and not r.units[r.classes[info.cls].unit].outside:
        r.solver.add(dst, value)


# --- results -------------------------------------------------------------------------------------
def _give(r: Resolver, m: Matching, value: int, dst: int, depth: int) -> None:
    """Let what a result's annotation stands for flow to a node."""
    info = r.info[value]
    if isinstance(info, TypeVar):
        r.solver.copy(_variable(r, m, info.name), dst)
    elif isinstance(info, Form):
        if info.name == "Self" and m.receiver >= 0:
            cls = r.info[m.receiver]
            made = m.receiver if not isinstance(cls, Class) else r.of(Instance(m.receiver))
            r.solver.add(dst, made)
        elif info.name not in ("NoReturn", "Never"):
            r.solver.add(dst, r.unknown("external_value"))
    elif isinstance(info, Alias) and depth < types.DEEP:
        _give_alias(r, m, value, info, dst, depth)
    elif isinstance(info, Class | Const):
        types.instances(r, value, dst)
    elif isinstance(info, Tool | Unknown):
        r.solver.add(dst, r.unknown("external_value"))


def _give_alias(r: Resolver, m: Matching, value: int, info: Alias, dst: int, depth: int) -> None:
    target = r.info[info.of]
    if not isinstance(target, Class):
        if isinstance(target, Form) and target.name == "Callable":
            r.solver.add(dst, r.of(Tool("returned", _returned(r, m, info, depth))))
        return
    facts = r.classes[info.of]
    if facts.name == "type" and info.arguments:
        for inner in tuple(r.solver.values[info.arguments[0]]):
            kind = r.info[inner]
            if isinstance(kind, TypeVar):
                r.solver.when(_variable(r, m, kind.name), _class_of, r, dst)
            elif isinstance(kind, Class):
                r.solver.add(dst, inner)
        return
    at = ("result", *r.place(m.call.frame), m.call.node, m.function, value)
    made = r.of(Instance(info.of, at))
    r.solver.add(dst, made)
    names = classes.parameters(r, facts)
    if facts.name == "tuple":
        _give_tuple(r, m, info, made, depth)
        return
    for name, node in zip(names, info.arguments, strict=False):
        r.solver.copy(_given(r, m, node, depth), r.field(made, "?" + name))


def _give_tuple(r: Resolver, m: Matching, info: Alias, made: int, depth: int) -> None:
    several = len(info.arguments) > 1 and all(r.solver.values[n] for n in info.arguments)
    for place, node in enumerate(info.arguments):
        given = _given(r, m, node, depth)
        if several:
            r.put(made, str(place), given)
            r.solver.copy(given, r.field(made, "$_T_co"))
        else:
            r.solver.copy(given, r.field(made, "?_T_co"))


def _returned(r: Resolver, m: Matching, info: Alias, depth: int) -> int:
    """Return the node of what a returned callable gives."""
    node = r.solver.node()
    for wanted in info.arguments[1:2]:
        for value in tuple(r.solver.values[wanted]):
            _give(r, m, value, node, depth + 1)
    return node


def _class_of(value: int, r: Resolver, dst: int) -> None:
    cls = r.class_of(value)
    if cls >= 0:
        r.solver.add(dst, cls)
