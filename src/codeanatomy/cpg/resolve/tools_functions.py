"""Functions that make or wrap functions: `partial`, `wraps`, `singledispatch`, `reduce`, casts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes, containers, types
from codeanatomy.cpg.resolve.callings import name_of, number_of, places, positional, special
from codeanatomy.cpg.resolve.objects import (
    Bound,
    Class,
    Const,
    Function,
    Instance,
    OfClass,
    Partial,
    Static,
    Tool,
    TypeVar,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Call
    from codeanatomy.cpg.resolve.resolver import Resolver


# --- the simplest --------------------------------------------------------------------------------
def _nothing(*_: object) -> None:
    """Do nothing that anybody sees."""


def _identity(r: Resolver, call: Call) -> None:
    given = places(call)
    if given and call.dst >= 0:
        r.solver.copy(given[0], call.dst)


def _decorating(r: Resolver, call: Call) -> None:
    """Give what marks a function as a wrapper of another."""
    given = places(call)
    r.solver.add(call.dst, r.of(Tool("wrapping", given[0])) if given else r.of(Tool("identity")))


def _wrapping(r: Resolver, call: Call) -> None:
    given = places(call)
    if given:
        r.solver.when(given[0], _wraps, r, number_of(r, call))
        if call.dst >= 0:
            r.solver.copy(given[0], call.dst)


def _wrapped(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 1:
        r.solver.when(given[0], _wraps, r, given[1])
        if call.dst >= 0:
            r.solver.copy(given[0], call.dst)


def _wraps(value: int, r: Resolver, original: int) -> None:
    if isinstance(r.info[value], Function | Partial | Instance):
        r.solver.copy(original, r.field(value, "__wrapped__"))


def _caching(r: Resolver, call: Call) -> None:
    given = places(call)
    if given:
        r.solver.when(given[0], _cached, r, call)
    else:
        r.solver.add(call.dst, r.of(Tool("identity")))


def _cached(value: int, r: Resolver, call: Call) -> None:
    callable_ = isinstance(r.info[value], Function | Bound | Partial | Class)
    r.solver.add(call.dst, value if callable_ else r.of(Tool("identity")))


def _dynamic(r: Resolver, call: Call) -> None:
    r.solver.add(call.dst, r.unknown("dynamic_call"))


def _isinstance(r: Resolver, call: Call) -> None:
    """Test an object; a metaclass may say what an instance is."""
    if call.dst >= 0:
        r.solver.add(call.dst, r.modules.instance("bool"))
    given = places(call)
    if len(given) > 1:
        named = r.info[~number_of(r, call)] if number_of(r, call) < 0 else None
        sub = getattr(named, "name", "").endswith("issubclass")
        name = "__subclasscheck__" if sub else "__instancecheck__"
        r.solver.when(given[1], _checked, r, name, given[0], call)


def _checked(value: int, r: Resolver, name: str, node: int, call: Call) -> None:
    letter = containers.variable(r, value)
    if letter:
        r.solver.when(r.field(value, "$" + letter), _checked, r, name, node, call)
    elif isinstance(r.info[value], Class):
        given = call._replace(
            arguments=positional(node), dst=-1, label="metaclass", number=r.number()
        )
        if classes.own_member(r, value, name) is not None:
            special(r, value, name, given)
        elif r.own(value, "__subclasshook__"):
            owner = classes.owner_of(r, r.classes[value], "__subclasshook__")
            found = r.field(owner.number, "__subclasshook__")  # type: ignore[union-attr] # it is own
            r.solver.when(found, _hooked, r, value, given)


def _hooked(found: int, r: Resolver, cls: int, call: Call) -> None:
    inner = getattr(r.info[found], "inner", found)
    if isinstance(r.info[inner], Function):
        r.call(r.bound(inner, cls), r, call)


def _cast(r: Resolver, call: Call) -> None:
    given = places(call)
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


def _reduce(r: Resolver, call: Call) -> None:
    given = places(call)
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


def _reference(r: Resolver, call: Call) -> None:
    given = places(call)
    if given:
        r.solver.add(call.dst, r.of(Tool("returned", given[0])))


def _returned(r: Resolver, call: Call) -> None:
    r.solver.copy(number_of(r, call), call.dst)


def _comparing(r: Resolver, call: Call) -> None:
    """`cmp_to_key`: what it gives calls the function when two of what it made are compared."""
    if call.arguments and call.dst >= 0:
        r.solver.add(call.dst, r.of(Tool("keyed", call.arguments[0][1])))


def _keyed(r: Resolver, call: Call) -> None:
    if call.arguments:
        node = call.arguments[0][1]
        inner = call._replace(
            arguments=positional(node, node), dst=-1, number=r.number(), label="callback"
        )
        r.solver.when(number_of(r, call), r.call, r, inner)


def _ordering(r: Resolver, call: Call) -> None:
    for node in places(call)[:1]:
        r.solver.when(node, _ordered, r, call.dst)


def _ordered(value: int, r: Resolver, dst: int) -> None:
    if value in r.classes:
        r.classes[value].flags["total"] = None
    if dst >= 0:
        r.solver.add(dst, value)


def _register_class(r: Resolver, call: Call) -> None:
    """`ABCMeta.register`: a class counts for an abstract one."""
    given = places(call)
    if len(given) > 1:
        r.solver.when(given[0], _counts, r, given[1])
        r.solver.copy(given[1], call.dst)


def _counts(value: int, r: Resolver, classes_: int) -> None:
    r.solver.when(classes_, _counted, r, value)


def _counted(value: int, r: Resolver, above: int) -> None:
    r.registered.setdefault(above, {})[value] = None


# --- partial -------------------------------------------------------------------------------------
def _partial(r: Resolver, call: Call) -> None:
    if not call.arguments:
        return
    made = call.arguments[0][1], tuple(call.arguments[1:])
    r.partials.append(made)
    r.solver.add(call.dst, r.of(Partial(len(r.partials) - 1)))


def _partialmethod(r: Resolver, call: Call) -> None:
    if call.arguments:
        r.partials.append((call.arguments[0][1], tuple(call.arguments[1:])))
        r.solver.add(call.dst, r.of(Tool("partial_of_method", len(r.partials) - 1)))


def _run_partialmethod(r: Resolver, call: Call) -> None:
    node, given = r.partials[number_of(r, call)]
    before, rest = call.arguments[:1], call.arguments[1:]
    whole = call._replace(arguments=(*before, *given, *rest), label=call.label or "partial")
    r.solver.when(node, r.call, r, whole)


def _method(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 1:
        r.solver.when(given[0], _bind_to, r, given[1], call.dst)


def _bind_to(value: int, r: Resolver, receiver: int, dst: int) -> None:
    r.solver.when(receiver, _bound_to, r, value, dst)


def _bound_to(value: int, r: Resolver, function: int, dst: int) -> None:
    r.solver.add(dst, r.of(Bound(function, value)))


def _bind(r: Resolver, call: Call) -> None:
    given = places(call)
    if given:
        r.solver.when(given[0], _bound_to, r, number_of(r, call), call.dst)


# --- dispatch ------------------------------------------------------------------------------------
def _dispatching(name: str) -> Callable[..., None]:
    def act(r: Resolver, call: Call) -> None:
        made = r.of(Tool(name, r.solver.node()))
        for node in places(call)[:1]:
            r.solver.copy(node, r.field(made, "default"))
            r.solver.copy(node, r.field(made, "__wrapped__"))
        registering = r.of(Tool("register", made))
        r.solver.add(r.field(made, "register"), registering)
        r.solver.add(r.field(made, "dispatch"), r.of(Tool("dispatched", made)))
        r.solver.add(call.dst, made)

    return act


def _register(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 1:
        r.solver.when(given[0], _registered_class, r, number_of(r, call), given[1], call.dst)
    elif given:
        r.solver.when(given[0], _registered, r, number_of(r, call), call)


def _registered(value: int, r: Resolver, dispatch: int, call: Call) -> None:
    info = r.info[value]
    if isinstance(info, Class):
        r.solver.add(call.dst, r.of(Tool("registering", r.bound(dispatch, value))))
        return
    inner = getattr(info, "inner", value)
    function = r.info[inner]
    if isinstance(function, Function):
        r.late.append(lambda: _by_annotation(r, function, dispatch, value))
    r.solver.add(call.dst, value)


def _by_annotation(r: Resolver, function: Function, dispatch: int, value: int) -> None:
    """Register for what the first annotation names: known once the module's names are."""
    body = r.units[function.unit].bodies[function.body]
    frame = r.frames[function.frame]
    for parameter in [p for p in body.parameters if p.annotation][:1]:
        for cls in types.evaluate(r, frame, parameter.annotation):
            _note(r, dispatch, cls, value)


def _registered_class(value: int, r: Resolver, dispatch: int, function: int, dst: int) -> None:
    r.solver.when(function, _noted, r, dispatch, value)
    r.solver.copy(function, dst)


def _noted(value: int, r: Resolver, dispatch: int, cls: int) -> None:
    _note(r, dispatch, cls, value)


def _note(r: Resolver, dispatch: int, cls: int, function: int) -> None:
    info = r.info[cls]
    if isinstance(info, Const):
        cls = info.cls
    cls = getattr(info, "of", cls)
    r.solver.add(r.field(dispatch, f"for {cls}"), function)
    r.dispatched.setdefault(dispatch, {})[cls] = None


def _registering(r: Resolver, call: Call) -> None:
    bound = r.info[number_of(r, call)]
    if places(call) and isinstance(bound, Bound):
        r.solver.when(places(call)[0], _noted, r, bound.function, bound.receiver)
        r.solver.copy(places(call)[0], call.dst)


def _dispatch(r: Resolver, call: Call) -> None:
    place = 1 if name_of(r, call) == "dispatchmethod" else 0
    if len(places(call)) > place:
        r.solver.when(places(call)[place], _dispatch_on, r, call.callee, call)


def _dispatch_on(value: int, r: Resolver, dispatch: int, call: Call) -> None:
    """Call what is registered for the class of an object: once all is registered."""
    r.late.append(lambda: _chosen(r, value, dispatch, call))


def _chosen(r: Resolver, value: int, dispatch: int, call: Call) -> None:
    call = call._replace(label="callback", number=r.number())
    known = r.dispatched.get(dispatch, {})
    found = None
    for cls in _order(r, value):
        if cls in known:
            found = f"for {cls}"
            break
    if found is None and isinstance(r.info[value], Unknown):
        for cls in known:
            r.solver.when(r.field(dispatch, f"for {cls}"), _implementation, r, call)
    r.solver.when(r.field(dispatch, found or "default"), _implementation, r, call)


def _dispatched(r: Resolver, call: Call) -> None:
    """`f.dispatch(cls)`: what is registered for a class, once all is registered."""
    for node in places(call)[:1]:
        r.solver.when(node, _registered_for, r, number_of(r, call), call.dst)


def _registered_for(value: int, r: Resolver, dispatch: int, dst: int) -> None:
    r.late.append(lambda: _give_registered(r, value, dispatch, dst))


def _give_registered(r: Resolver, value: int, dispatch: int, dst: int) -> None:
    known = r.dispatched.get(dispatch, {})
    facts = r.classes.get(value)
    nearest = [cls for cls in facts.mro if cls in known][:1] if facts is not None else list(known)
    for cls in nearest:
        r.solver.copy(r.field(dispatch, f"for {cls}"), dst)
    if facts is None or not nearest:
        r.solver.copy(r.field(dispatch, "default"), dst)


_NUMBERS = {"int": "Integral", "bool": "Integral", "float": "Real", "complex": "Complex"}


def _order(r: Resolver, value: int) -> list[int]:
    """Return the classes of an object, nearest first, with the abstract ones it counts for."""
    cls = r.class_of(value)
    info = r.info[value]
    if cls < 0:
        name = "FunctionType" if isinstance(info, Function) else "type"
        made = r.modules.library("types" if isinstance(info, Function) else "builtins", name)
        return [made, r.modules.library("typing", "Callable")]
    facts = r.classes.get(cls)
    order = list(facts.mro) if facts is not None else []
    number = _NUMBERS.get(facts.name) if facts is not None else None
    if number is not None:
        order[-1:-1] = [r.modules.library("numbers", name) for name in
                        ("Integral", "Rational", "Real", "Complex", "Number")]  # fmt: skip
    return order


def _implementation(value: int, r: Resolver, call: Call) -> None:
    """Call an implementation; of a method, its receiver comes first in the arguments."""
    info = r.info[value]
    if isinstance(info, Static):
        r.call(info.inner, r, call._replace(arguments=call.arguments[1:]))
    elif isinstance(info, OfClass):
        r.solver.when(call.arguments[0][1], _of_class, r, info.inner, call)
    else:
        r.call(value, r, call)


def _of_class(receiver: int, r: Resolver, function: int, call: Call) -> None:
    cls = receiver if isinstance(r.info[receiver], Class) else r.class_of(receiver)
    if cls >= 0:
        inner = call._replace(arguments=call.arguments[1:], number=r.number())
        r.call(r.bound(function, cls), r, inner)


# --- types ---------------------------------------------------------------------------------------
def _typevar(r: Resolver, call: Call) -> None:
    for node in places(call)[:1]:
        r.solver.when(node, _typevar_of, r, call.dst)


def _typevar_of(value: int, r: Resolver, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Const):
        r.solver.add(dst, r.of(TypeVar(info.text)))


def _newtype(r: Resolver, call: Call) -> None:
    if len(places(call)) > 1:
        r.solver.add(call.dst, r.of(Tool("newtype_of", places(call)[1])))


def _member(r: Resolver, call: Call) -> None:
    """`enum.member`: what it wraps becomes a member, whatever it is."""
    for node in places(call)[:1]:
        r.solver.add(call.dst, r.of(Tool("member", node)))


ACTS: dict[str, Callable[[Resolver, Call], None]] = {
    "nothing": _nothing, "identity": _identity, "decorating": _decorating, "wrapping": _wrapping,
    "wrapped": _wrapped, "caching": _caching, "dynamic": _dynamic, "isinstance": _isinstance,
    "cast": _cast, "reduce": _reduce, "reference": _reference, "returned": _returned,
    "register_class": _register_class, "comparing": _comparing, "keyed": _keyed,
    "ordering": _ordering, "partial": _partial,
    "partialmethod": _partialmethod, "partial_of_method": _run_partialmethod,
    "method": _method, "bind": _bind, "singledispatch": _dispatching("dispatch"),
    "singledispatchmethod": _dispatching("dispatchmethod"), "register": _register,
    "registering": _registering, "dispatched": _dispatched, "dispatch": _dispatch,
    "dispatchmethod": _dispatch,
    "typevar": _typevar, "newtype": _newtype, "newtype_of": _identity,
    "member": _member,
}  # fmt: skip
