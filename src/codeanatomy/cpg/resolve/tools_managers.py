"""Context managers of the library, and generators that are run by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import attributes, protocols
from codeanatomy.cpg.resolve.callings import calling, number_of, places, positional, special
from codeanatomy.cpg.resolve.frames import Use
from codeanatomy.cpg.resolve.objects import Instance, Running, Tool, Unknown
from codeanatomy.cpg.resolve.tools_containers import on_receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Call
    from codeanatomy.cpg.resolve.resolver import Resolver


def _contextmanager(r: Resolver, call: Call) -> None:
    if places(call):
        r.solver.when(places(call)[0], _manager, r, call.dst)


def _manager(value: int, r: Resolver, dst: int) -> None:
    made = r.of(Tool("bindable", value))
    r.solver.add(r.field(made, "__wrapped__"), value)
    r.solver.add(dst, made)


def _bindable(r: Resolver, call: Call) -> None:
    held = r.solver.node()
    r.call(number_of(r, call), r, call._replace(dst=held, label="callback"))
    if call.dst >= 0:
        r.solver.add(call.dst, r.of(Tool("managed", held)))


def _managed(r: Resolver, call: Call) -> None:
    """Decorate a function with a manager that a generator function made."""
    for node in places(call)[:1]:
        r.solver.when(node, _wrap, r, call.callee, call.dst)


def _within(r: Resolver, call: Call) -> None:
    """Decorate with a manager of the library's base class, or call what it decorates."""
    if number_of(r, call) >= 0:
        manager, node = r.pairs[number_of(r, call)]
        protocols.enter(manager, r, r.solver.node(), (call.frame, call.node), "")
        r.solver.when(node, r.call, r, call._replace(label="callback", number=r.number()))
        return
    given = places(call)
    if len(given) > 1:
        r.solver.when(given[0], _wrap_with, r, given[1], call.dst)


def _wrap_with(manager: int, r: Resolver, node: int, dst: int) -> None:
    r.solver.when(node, _wrap, r, manager, dst)


def _wrap(value: int, r: Resolver, manager: int, dst: int) -> None:
    r.pairs.append((manager, r.holding(value)))
    made = r.of(Tool("within", len(r.pairs) - 1))
    r.solver.add(r.field(made, "__wrapped__"), value)
    r.solver.add(dst, made)


# --- exit stacks ---------------------------------------------------------------------------------
def _enter_context(r: Resolver, call: Call) -> None:
    for node in places(call)[1:2]:
        dst = call.dst if call.dst >= 0 else r.solver.node()
        r.solver.when(node, protocols.enter, r, dst, (call.frame, call.node), "")


def _enter_async_context(r: Resolver, call: Call) -> None:
    for node in places(call)[1:2]:
        given = r.solver.node()
        r.solver.when(node, protocols.enter, r, given, (call.frame, call.node), "a")
        if call.dst >= 0:
            r.solver.add(call.dst, r.awaitable(given))


def _push_exit(r: Resolver, call: Call) -> None:
    for node in places(call)[1:2]:
        r.solver.when(node, _pushed, r, call)
        if call.dst >= 0:
            r.solver.copy(node, call.dst)


def _pushed(value: int, r: Resolver, call: Call) -> None:
    none = r.holding(r.modules.none())
    inner = call._replace(arguments=positional(none, none, none), dst=-1, label="callback",
                          number=r.number())  # fmt: skip
    for name in ("__exit__", "__aexit__"):
        if r.own(r.class_of(value), name):
            special(r, value, name, inner)
            return
    if not isinstance(r.info[value], Instance):
        r.call(value, r, inner)


def _callback(r: Resolver, call: Call) -> None:
    given = places(call)
    if len(given) > 1:
        rest = (*[("", n) for n in given[2:]], *[a for a in call.arguments if a[0]])
        inner = call._replace(arguments=rest, dst=-1, label="callback", number=r.number())
        r.solver.when(given[1], r.call, r, inner)
        if call.dst >= 0:
            r.solver.copy(given[1], call.dst)


def _close(value: int, r: Resolver, call: Call) -> None:
    """Call the `close` of what `closing` was given."""
    letter = next((n for n in ("_SupportsCloseT", "_SupportsAcloseT")
                   if r.has_field(value, "$" + n) or r.has_field(value, "?" + n)), "")  # fmt: skip
    if letter:
        name = "aclose" if "Aclose" in letter else "close"
        found = r.solver.node()
        use = Use(call.frame, call.node, found)
        r.solver.when(r.field(value, "$" + letter), attributes.read, r, name, use)
        inner = calling(r, call.frame, call.node, (), -1, "callback", name=name)
        r.solver.when(found, r.call, r, inner)


# --- generators ----------------------------------------------------------------------------------
def _send(r: Resolver, call: Call) -> None:
    given = places(call)
    if given:
        r.solver.when(given[0], _sent, r, given[1:2], call.dst)


def _sent(value: int, r: Resolver, given: list[int], dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Running):
        frame = r.frames[info.frame]
        for node in given:
            r.solver.copy(node, frame.sent)
        if dst >= 0:
            r.solver.copy(frame.yields, dst)
    elif isinstance(info, Unknown) and dst >= 0:
        r.solver.add(dst, value)


def _resumed(r: Resolver, call: Call) -> None:
    for node in places(call)[:1]:
        r.solver.when(node, _sent, r, [], call.dst)


def _asend(r: Resolver, call: Call) -> None:
    given = places(call)
    made = r.solver.node()
    for node in given[:1]:
        r.solver.when(node, _sent, r, given[1:2], made)
    if call.dst >= 0:
        r.solver.add(call.dst, r.awaitable(made))


def _nothing_async(*_: object) -> None:
    """`aclose` gives nothing, to be awaited."""


ACTS: dict[str, Callable[[Resolver, Call], None]] = {
    "contextmanager": _contextmanager, "bindable": _bindable, "managed": _managed,
    "within": _within, "enter_context": _enter_context, "push_exit": _push_exit,
    "enter_async_context": _enter_async_context, "callback": _callback,
    "close": on_receiver(_close), "send": _send, "resumed": _resumed, "asend": _asend,
    "nothing_async": _nothing_async,
}  # fmt: skip
