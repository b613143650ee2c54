"""Callables of the language and its library whose effect no annotation says.

A tool's row names what it is; its function below says what calling it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import attributes, classes, containers, types
from codeanatomy.cpg.resolve.attributes import Use
from codeanatomy.cpg.resolve.callings import Call, calling, positional, special
from codeanatomy.cpg.resolve.objects import (
    ANY, Alias, Bound, Class, Const, Function, Instance, Module, OfClass, Outside, Partial,
    Property, Running, Setter, Static, Super, Tool, TypeVar, Unknown,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.classes import ClassFacts
    from codeanatomy.cpg.resolve.resolver import Frame, Resolver

FORMS = frozenset(
    "Any Optional Union Callable ClassVar Final Literal Annotated Type Generic Protocol Self "
    "NoReturn Never Concatenate TypeGuard TypeIs Unpack Required NotRequired ReadOnly LiteralString "
    "TypeAlias NamedTuple TypedDict".split()
)
TOOLS = {
    "builtins.super": "super", "builtins.getattr": "getattr", "builtins.setattr": "setattr",
    "builtins.type": "type", "builtins.property": "property",
    "builtins.staticmethod": "staticmethod", "builtins.classmethod": "classmethod",
    "abc.abstractproperty": "property", "abc.abstractclassmethod": "classmethod",
    "abc.abstractstaticmethod": "staticmethod", "abc.abstractmethod": "identity",
    "typing.overload": "identity", "typing.final": "identity", "typing.no_type_check": "identity",
    "typing_extensions.overload": "identity", "typing_extensions.final": "identity",
    "typing.override": "identity", "typing_extensions.override": "identity",
    "typing.runtime_checkable": "identity", "typing_extensions.runtime_checkable": "identity",
    "functools.partial": "partial", "functools.partialmethod": "partialmethod",
    "functools.wraps": "decorating", "functools.update_wrapper": "identity",
    "functools.lru_cache": "caching", "functools.cache": "identity",
    "functools.cached_property": "cached_property", "functools.total_ordering": "identity",
    "functools.singledispatch": "singledispatch",
    "functools.singledispatchmethod": "singledispatchmethod", "functools.reduce": "reduce",
    "builtins.iter": "iter", "builtins.next": "next", "builtins.vars": "vars",
    "builtins.globals": "globals", "builtins.locals": "globals", "builtins.eval": "dynamic",
    "builtins.exec": "dynamic", "builtins.__import__": "import",
    "importlib.import_module": "import", "typing.cast": "cast", "typing_extensions.cast": "cast",
    "typing.TypeVar": "typevar", "typing.ParamSpec": "typevar", "typing.TypeVarTuple": "typevar",
    "typing_extensions.TypeVar": "typevar", "typing_extensions.ParamSpec": "typevar",
    "typing.NewType": "newtype", "collections.namedtuple": "namedtuple",
    "dataclasses.dataclass": "dataclass", "dataclasses.field": "field",
    "contextlib.contextmanager": "contextmanager",
    "contextlib.asynccontextmanager": "contextmanager",
    "copy.copy": "identity", "copy.deepcopy": "identity", "types.MethodType": "method",
    "types.coroutine": "identity", "types.DynamicClassAttribute": "property",
    "enum.unique": "identity", "enum.member": "identity", "enum.nonmember": "identity",
    "enum.property": "property", "builtins.isinstance": "isinstance",
    "weakref.ref": "reference", "weakref.proxy": "identity", "builtins.sum": "sum",
    "operator.attrgetter": "dynamic", "operator.methodcaller": "methodcaller",
    "operator.itemgetter": "dynamic", "asyncio.coroutine": "identity",
    "itertools.chain": "chain",
}  # fmt: skip
DATACLASSES = frozenset(
    "attr.s attr.attrs attr.define attr.frozen attr.mutable attr.dataclass attrs.define "
    "attrs.frozen attrs.mutable".split()
)
# What C code asks of the first argument of a builtin function or class.
ASKED = {
    "len": ("__len__",), "repr": ("__repr__",), "hash": ("__hash__",), "abs": ("__abs__",),
    "format": ("__format__", "__str__", "__repr__"), "round": ("__round__",),
    "divmod": ("__divmod__",), "str": ("__str__", "__repr__"), "int": ("__int__", "__index__"),
    "float": ("__float__", "__index__"), "bool": ("__bool__", "__len__"),
    "bytes": ("__bytes__",), "complex": ("__complex__",), "dir": ("__dir__",),
    "reversed": ("__reversed__",), "print": ("__str__", "__repr__"), "pow": ("__pow__",),
    "next": ("__next__",), "anext": ("__anext__",), "sorted": (), "oct": ("__index__",),
    "hex": ("__index__",), "bin": ("__index__",), "ascii": ("__repr__",),
}  # fmt: skip


def run(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    """Do what calling a tool does."""
    act = _ACTS.get(tool.name)
    if act is not None:
        act(r, value, tool, call)


def nodes(call: Call) -> list[int]:
    """Return the nodes of the positional arguments of a call."""
    return [node for how, node in call.arguments if how == ""]


def keyword(call: Call, name: str) -> int:
    """Return the node of a keyword argument; -1 if it is not there."""
    return next((node for how, node in call.arguments if how == name), -1)


def asked(r: Resolver, name: str, call: Call) -> None:
    """Run what a builtin asks of its arguments."""
    wanted = ASKED.get(name)
    if wanted is None or call.site is None:
        return
    for node in nodes(call) if name == "print" else nodes(call)[:1]:
        r.solver.when(node, _ask, r, wanted, call)


def _ask(value: int, r: Resolver, wanted: tuple[str, ...], call: Call) -> None:
    cls = r.class_of(value)
    if cls < 0:
        return
    for name in wanted:
        owner = classes.owner_of(r, r.classes[cls], name)
        if owner is not None and not r.units[owner.unit].outside:
            special(r, value, name, call._replace(label="protocol", arguments=(), dst=-1,
                                                  number=r.number()))  # fmt: skip
            return


# --- the simplest --------------------------------------------------------------------------------
def _identity(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if given and call.dst >= 0:
        r.solver.copy(given[0], call.dst)


def _decorating(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    r.solver.add(call.dst, r.of(Tool("identity")))


def _caching(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if given:
        r.solver.when(given[0], _cached, r, call)
    else:
        r.solver.add(call.dst, r.of(Tool("identity")))


def _cached(value: int, r: Resolver, call: Call) -> None:
    callable_ = isinstance(r.info[value], Function | Bound | Partial | Class)
    r.solver.add(call.dst, value if callable_ else r.of(Tool("identity")))


def _dynamic(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    r.solver.add(call.dst, r.unknown("dynamic_call"))


def _isinstance(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    r.solver.add(call.dst, r.modules.instance("bool"))


def _cast(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if len(given) > 1:
        r.solver.when(given[0], _cast_to, r, call)
        r.solver.when(given[1], _unless_unknown, r, call.dst)


def _cast_to(value: int, r: Resolver, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        for found in types.evaluate(r, call.frame, info.text):
            types.instances(r, found, call.dst)
    else:
        types.instances(r, value, call.dst)


def _unless_unknown(value: int, r: Resolver, dst: int) -> None:
    if not isinstance(r.info[value], Unknown):
        r.solver.add(dst, value)


def _sum(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    inner = r.solver.node()
    if given:
        r.solver.when(given[0], r.iterate, r, inner, (call.frame, call.node))
        r.solver.when(inner, _added, r, inner, call)
    for node in given[1:]:
        r.solver.copy(node, inner)
    r.solver.copy(inner, call.dst)
    r.solver.add(call.dst, r.modules.instance("int"))


def _added(value: int, r: Resolver, inner: int, call: Call) -> None:
    for name in ("__radd__", "__add__"):
        given = call._replace(label="protocol", arguments=positional(inner), number=r.number())
        _ask_own(r, value, name, given)


def _ask_own(r: Resolver, value: int, name: str, call: Call) -> None:
    cls = r.class_of(value)
    owner = classes.owner_of(r, r.classes[cls], name) if cls >= 0 else None
    if owner is not None and not r.units[owner.unit].outside:
        special(r, value, name, call)


def _reduce(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if len(given) < 2:  # noqa: PLR2004 - a function and what it is applied to
        return
    inner = r.solver.node()
    r.solver.when(given[1], r.iterate, r, inner, (call.frame, call.node))
    for node in (*given[2:], inner):
        r.solver.copy(node, call.dst)
    again = call._replace(
        number=r.number(), arguments=positional(call.dst, inner), label="callback"
    )
    r.solver.when(given[0], r.call, r, again)


def _chain(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    made = containers.make(r, "list", ("chain", call.frame.index, call.node))
    for node in nodes(call):
        r.solver.when(node, containers.spread, r, made, (call.frame, call.node))
    r.solver.add(call.dst, made)


# --- attributes by name --------------------------------------------------------------------------
def _getattr(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if len(given) > 1:
        r.solver.when(given[1], _get_named, r, given[0], call)
    for node in given[2:]:
        r.solver.copy(node, call.dst)


def _get_named(value: int, r: Resolver, target: int, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        r.solver.when(target, attributes.read, r, info.text, Use(call.frame, call.node, call.dst))
    else:
        r.solver.add(call.dst, r.unknown("dynamic_call"))


def _setattr(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if len(given) > 2:  # noqa: PLR2004 - object, name, value
        r.solver.when(given[1], _set_named, r, given[0], given[2], call)


def _set_named(value: int, r: Resolver, target: int, given: int, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        r.solver.when(target, attributes.write, r, info.text, given, call.frame, call.node)


def _vars(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if given:
        r.solver.when(given[0], _attributes_of, r, call.dst)
    else:
        _globals(r, value, tool, call)


def _attributes_of(value: int, r: Resolver, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Module):
        r.solver.add(dst, r.of(Tool("names", r.modules.frame(info.unit).index)))
    else:
        r.solver.add(dst, r.of(Tool("attributes", value)))


def _globals(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    r.solver.add(call.dst, r.of(Tool("names", call.frame.index)))


def _import(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if given:
        r.solver.when(given[0], _imported, r, call)


def _imported(value: int, r: Resolver, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        text = info.text
        level = len(text) - len(text.lstrip("."))
        r.solver.add(call.dst, r.modules.named(call.frame.unit, text.lstrip("."), level))
    else:
        r.solver.add(call.dst, r.unknown("dynamic_call"))


def _methodcaller(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    r.solver.add(call.dst, r.unknown("dynamic_call"))


def _reference(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if given:
        r.solver.add(call.dst, r.of(Tool("returned", given[0])))


def _returned(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    r.solver.copy(tool.number, call.dst)


# --- super and type ------------------------------------------------------------------------------
def method_frame(r: Resolver, frame: Frame) -> Frame | None:
    """Return the frame of the method whose code a frame is part of."""
    here: Frame | None = frame
    while here is not None:
        if here.parent is not None and here.parent.body.kind == "class":
            return here if here.body.kind != "class" else None
        here = here.parent
    return None


def _super(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if not given:
        method = method_frame(r, call.frame)
        if method is None or not method.body.parameters or method.parent is None:
            return
        first = method.base + method.body.parameters[0].slot
        if method.body.parameters[0].kind == 2:  # noqa: PLR2004 - `*args` takes the receiver
            inner = r.solver.node()
            r.solver.when(first, _first_of, r, inner)
            first = inner
        r.solver.when(first, _super_of, r, method.parent.cls, call.dst)
    elif len(given) > 1:
        r.solver.when(given[0], _super_with, r, given[1], call.dst)


def _first_of(value: int, r: Resolver, dst: int) -> None:
    containers.load(r, value, "0", dst)


def _super_with(value: int, r: Resolver, receiver: int, dst: int) -> None:
    if isinstance(r.info[value], Class):
        r.solver.when(receiver, _super_of, r, value, dst)


def _super_of(value: int, r: Resolver, cls: int, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Instance | Const | Class):
        r.solver.add(dst, r.of(Super(cls, value)))
    elif isinstance(info, Unknown):
        r.solver.add(dst, r.of(Super(cls, r.of(Instance(cls, ANY)))))


def _type(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if len(given) == 1:
        r.solver.when(given[0], _class_of, r, call.dst)
    elif len(given) > 2:  # noqa: PLR2004 - name, bases, namespace
        made = synthetic(r, call, "type")
        r.solver.when(given[1], _bases_from, r, r.classes[made])
        r.solver.when(given[2], _members_from, r, made)
        r.solver.add(call.dst, made)


def _class_of(value: int, r: Resolver, dst: int) -> None:
    cls = r.class_of(value)
    if cls >= 0:
        r.solver.add(dst, cls)
    elif isinstance(r.info[value], Unknown):
        r.solver.add(dst, value)


def synthetic(r: Resolver, call: Call, kind: str) -> int:
    """Make a class that no statement makes."""
    key = r.of(Outside(f"{kind} {call.frame.index} {call.node}"))
    made = r.of(Class(r.modules.nowhere, key, call.frame.index))
    if made not in r.classes:
        facts = classes.declare(r, made, kind, set(), r.modules.nowhere, 0)
        classes.add_base(r, facts, 0, r.modules.library_node("builtins", "object"))
    return made


def _bases_from(value: int, r: Resolver, facts: ClassFacts) -> None:
    def base(key: str, node: int) -> None:
        classes.add_base(r, facts, int(key) if key.isdigit() else 0, node)

    r.each_element(value, base)


def _members_from(value: int, r: Resolver, cls: int) -> None:
    def member(key: str, node: int) -> None:
        r.solver.copy(node, r.field(cls, key))
        classes.define(r, r.classes[cls], key)

    r.each_element(value, member)


def _namedtuple(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    made = synthetic(r, call, "namedtuple")
    facts = r.classes[made]
    facts.transform = "namedtuple"
    classes.add_base(r, facts, 0, r.modules.library_node("builtins", "tuple"))
    if len(given) > 1:
        r.solver.when(given[1], _names_from, r, facts)
    r.solver.add(call.dst, made)


def _names_from(value: int, r: Resolver, facts: ClassFacts) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        facts.slots = info.text.replace(",", " ").split()
    else:
        texts = []
        for _, node in sorted(r.elements(value).items()):
            texts += [i.text for v in r.solver.values[node] if isinstance(i := r.info[v], Const)]
        facts.slots = texts


# --- decorators of methods and classes -----------------------------------------------------------
def _property(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    roles = ("fget", "fset", "fdel")
    given = nodes(call)
    for place, role in enumerate(roles):
        node = given[place] if place < len(given) else keyword(call, role)
        if node >= 0:
            r.solver.when(node, _accessor, r, place, (given, call))


def _accessor(value: int, r: Resolver, place: int, made: tuple[list[int], Call]) -> None:
    given, call = made
    parts = [-1, -1, -1]
    for at, node in enumerate(given[:3]):
        held = [v for v in r.solver.values[node] if isinstance(r.info[v], Function | Bound)]
        parts[at] = held[0] if held else -1
    for at, role in enumerate(("fget", "fset", "fdel")):
        node = keyword(call, role)
        held = [v for v in r.solver.values[node]] if node >= 0 else []
        parts[at] = held[0] if held else parts[at]
    parts[place] = value
    r.solver.add(call.dst, r.of(Property(*parts)))


def set_property(r: Resolver, info: Setter, call: Call) -> None:
    """Give a property another accessor, as `@p.setter` does."""
    place = ("getter", "setter", "deleter").index(info.role)
    if nodes(call):
        r.solver.when(nodes(call)[0], _with_accessor, r, info.of, place, call.dst)


def _with_accessor(value: int, r: Resolver, of: int, place: int, dst: int) -> None:
    kept = list(r.info[of])  # type: ignore[arg-type] # a property
    kept[place] = value
    r.solver.add(dst, r.of(Property(*kept)))


def _wrapping(kind: type) -> Callable[..., None]:
    def act(r: Resolver, value: int, tool: Tool, call: Call) -> None:
        if nodes(call) and call.dst >= 0:
            r.solver.when(nodes(call)[0], _wrapped, r, kind, call.dst)

    return act


def _wrapped(value: int, r: Resolver, kind: type, dst: int) -> None:
    r.solver.add(dst, r.of(kind(value)))


def _cached_property(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    if nodes(call):
        r.solver.when(nodes(call)[0], _tooled, r, "cached_property", call.dst)


def _tooled(value: int, r: Resolver, name: str, dst: int) -> None:
    r.solver.add(dst, r.of(Tool(name, value)))


def _partial(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    if not call.arguments:
        return
    made = call.arguments[0][1], tuple(call.arguments[1:])
    r.partials.append(made)
    r.solver.add(call.dst, r.of(Partial(len(r.partials) - 1)))


def _partialmethod(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    if call.arguments:
        r.partials.append((call.arguments[0][1], tuple(call.arguments[1:])))
        r.solver.add(call.dst, r.of(Tool("partialmethod", len(r.partials) - 1)))


def _run_partialmethod(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    node, given = r.partials[tool.number]
    before, rest = call.arguments[:1], call.arguments[1:]
    whole = call._replace(arguments=(*before, *given, *rest), label=call.label or "partial")
    r.solver.when(node, r.call, r, whole)


def _method(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if len(given) > 1:
        r.solver.when(given[0], _bind_to, r, given[1], call.dst)


def _bind_to(value: int, r: Resolver, receiver: int, dst: int) -> None:
    r.solver.when(receiver, _bound_to, r, value, dst)


def _bound_to(value: int, r: Resolver, function: int, dst: int) -> None:
    r.solver.add(dst, r.of(Bound(function, value)))


def _bind(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if given:
        r.solver.when(given[0], _bound_to, r, tool.number, call.dst)


# --- dispatch ------------------------------------------------------------------------------------
def _singledispatch(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    made = r.of(Tool("dispatch", r.solver.node()))
    for node in nodes(call)[:1]:
        r.solver.copy(node, r.field(made, "default"))
    registering = r.of(Tool("register", made))
    r.solver.add(r.field(made, "register"), registering)
    r.solver.add(call.dst, made)


def _register(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if len(given) > 1:
        r.solver.when(given[0], _registered_class, r, tool.number, given[1], call.dst)
    elif given:
        r.solver.when(given[0], _registered, r, tool.number, call)


def _registered(value: int, r: Resolver, dispatch: int, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, Class):
        r.solver.add(call.dst, r.of(Tool("registering", r.of(Bound(dispatch, value)))))
    elif isinstance(info, Function):
        body = r.units[info.unit].bodies[info.body]
        first = [p for p in body.parameters if p.annotation][:1]
        frame = r.frames[info.frame]
        for parameter in first:
            for cls in types.evaluate(r, frame, parameter.annotation):
                _note(r, dispatch, cls, value)
        r.solver.add(call.dst, value)


def _registered_class(value: int, r: Resolver, dispatch: int, function: int, dst: int) -> None:
    r.solver.when(function, _noted, r, dispatch, value)
    r.solver.copy(function, dst)


def _noted(value: int, r: Resolver, dispatch: int, cls: int) -> None:
    _note(r, dispatch, cls, value)


def _note(r: Resolver, dispatch: int, cls: int, function: int) -> None:
    r.solver.add(r.field(dispatch, f"for {cls}"), function)
    r.dispatched.setdefault(dispatch, {})[cls] = None


def _registering(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    bound = r.info[tool.number]
    if nodes(call) and isinstance(bound, Bound):
        r.solver.when(nodes(call)[0], _noted, r, bound.function, bound.receiver)
        r.solver.copy(nodes(call)[0], call.dst)


def _dispatch(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    place = 1 if call.label == "method" else 0
    if len(nodes(call)) > place:
        r.solver.when(nodes(call)[place], _dispatched, r, value, call)


def _dispatched(value: int, r: Resolver, dispatch: int, call: Call) -> None:
    call = call._replace(label="callback")
    facts = r.classes.get(r.class_of(value))
    for cls in facts.mro if facts else ():
        if cls in r.dispatched.get(dispatch, {}):
            r.solver.when(r.field(dispatch, f"for {cls}"), r.call, r, call)
            return
    r.solver.when(r.field(dispatch, "default"), r.call, r, call)


# --- iteration -----------------------------------------------------------------------------------
def _iter(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
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
        made = containers.make(r, "list", ("iter", value))
        r.iterate(value, r, r.field(made, "?_T"), (call.frame, call.node))
        r.solver.add(call.dst, made)


def _next(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if given:
        r.solver.when(given[0], r.next_of, r, call.dst, (call.frame, call.node))
    for node in given[1:]:
        r.solver.copy(node, call.dst)


def _contextmanager(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    if nodes(call):
        r.solver.when(nodes(call)[0], _manager, r, call.dst)


def _manager(value: int, r: Resolver, dst: int) -> None:
    r.solver.add(dst, r.of(Tool("bindable", value)))


def _bindable(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    held = r.solver.node()
    r.call(tool.number, r, call._replace(dst=held, label="callback"))
    r.solver.add(call.dst, r.of(Tool("managed", held)))


# --- types and dataclasses -----------------------------------------------------------------------
def _typevar(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    for node in nodes(call)[:1]:
        r.solver.when(node, _typevar_of, r, call.dst)


def _typevar_of(value: int, r: Resolver, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        r.solver.add(dst, r.of(TypeVar(info.text)))


def _newtype(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    if len(nodes(call)) > 1:
        r.solver.add(call.dst, r.of(Tool("newtype", nodes(call)[1])))


def _run_newtype(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    _identity(r, value, tool, call)


def _dataclass(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    given = nodes(call)
    if given:
        r.solver.when(given[0], _made_dataclass, r, call.dst)
    else:
        r.solver.add(call.dst, r.of(Tool("dataclass")))


def _made_dataclass(value: int, r: Resolver, dst: int) -> None:
    if isinstance(r.info[value], Class):
        as_dataclass(r, value)
    r.solver.add(dst, value)


def as_dataclass(r: Resolver, cls: int) -> None:
    """Note that the `__init__` of a class sets its fields."""
    facts = r.classes[cls]
    if facts.transform:
        return
    facts.transform = "dataclass"
    for name in facts.slots:
        r.solver.when(r.field(cls, name), _field_of, r, facts, name)


def _field_of(value: int, r: Resolver, facts: ClassFacts, name: str) -> None:
    info = r.info[value]
    if isinstance(info, Tool) and info.name == "fielded":
        call = r.fielded[info.number]
        factory, default = keyword(call, "default_factory"), keyword(call, "default")
        if factory >= 0:
            r.factories.setdefault(facts.number, {})[name] = factory
        if default >= 0:
            r.solver.copy(default, r.field(r.of(Instance(facts.number, ANY)), name))


def _field(r: Resolver, value: int, tool: Tool, call: Call) -> None:
    r.fielded.append(call)
    r.solver.add(call.dst, r.of(Tool("fielded", len(r.fielded) - 1)))


# --- construction of library classes -------------------------------------------------------------
def constructs(r: Resolver, facts: ClassFacts, call: Call, made: int) -> bool:
    """Make an instance of a class of the library; False if the class is none of it."""
    if not r.units[facts.unit].outside or facts.unit == r.modules.nowhere:
        return False
    from codeanatomy.cpg.resolve import stubs  # noqa: PLC0415 - they call tools

    if call.site is not None and not call.site.name:
        call.site.targets.setdefault(facts.number, call.label or "constructor")
    module = r.units[facts.unit].module
    if module == "builtins":
        asked(r, facts.name, call)
        if facts.name == "dict":
            _dict(r, call, made)
    if facts.name == "defaultdict" and nodes(call):
        first = nodes(call)[0]
        inner = call._replace(
            dst=r.field(made, "default"), arguments=(), label="callback", number=r.number()
        )
        r.solver.when(first, r.call, r, inner)
        r.solver.copy(r.field(made, "default"), r.field(made, "?_VT"))
    if call.dst >= 0:
        r.solver.add(call.dst, made)
    for name in ("__new__", "__init__"):
        owner = classes.owner_of(r, facts, name)
        if owner is not None and owner.name != "object":
            node = r.field(owner.number, name)
            inner = call._replace(dst=-1, number=r.number())
            r.solver.when(node, _described, r, stubs.call, made, inner)
    return True


def _described(
    value: int, r: Resolver, act: Callable[..., None], made: int, call: Call
) -> None:
    info = r.info[value]
    inner = info.inner if isinstance(info, Static) else value
    if isinstance(r.info[inner], Function):
        act(r, inner, call, made)


def _dict(r: Resolver, call: Call, made: int) -> None:
    for how, node in call.arguments:
        if how == "**":
            r.solver.when(node, containers.spread, r, made, (call.frame, call.node))
        elif how:
            containers.store(r, made, how, node)
            r.solver.add(r.field(made, "$_KT"), r.modules.text(how))
    for node in nodes(call)[:1]:
        r.solver.when(node, _copied, r, made, call)


def _copied(value: int, r: Resolver, made: int, call: Call) -> None:
    if containers.is_mapping(r, value):
        containers.spread(value, r, made, (call.frame, call.node))


_ACTS: dict[str, Callable[[Resolver, int, Tool, Call], None]] = {
    "identity": _identity, "decorating": _decorating, "caching": _caching, "dynamic": _dynamic,
    "isinstance": _isinstance, "cast": _cast, "sum": _sum, "reduce": _reduce, "chain": _chain,
    "getattr": _getattr, "setattr": _setattr, "vars": _vars, "globals": _globals,
    "import": _import, "methodcaller": _methodcaller, "reference": _reference,
    "returned": _returned, "super": _super, "type": _type, "namedtuple": _namedtuple,
    "property": _property, "staticmethod": _wrapping(Static), "classmethod": _wrapping(OfClass),
    "cached_property": _cached_property, "partial": _partial, "partialmethod": _partialmethod,
    "method": _method, "bind": _bind, "singledispatch": _singledispatch,
    "singledispatchmethod": _singledispatch, "register": _register,
    "registering": _registering, "dispatch": _dispatch, "iter": _iter, "next": _next,
    "contextmanager": _contextmanager, "bindable": _bindable, "typevar": _typevar,
    "newtype": _newtype, "dataclass": _dataclass, "field": _field,
}  # fmt: skip
_ = (Alias, calling)
