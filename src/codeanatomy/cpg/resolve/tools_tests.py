"""Decorators of a test runner: fixtures, tables of rows, and what a row is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import containers
from codeanatomy.cpg.resolve.callings import places
from codeanatomy.cpg.resolve.objects import Function, Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Call
    from codeanatomy.cpg.resolve.resolver import Resolver


def _fixture(r: Resolver, call: Call) -> None:
    """`fixture`, applied at once or with arguments: note the function, and hand it on."""
    given = places(call)
    if not given:
        made = r.of(Tool("fixture", _noted(r, call)))
        r.solver.add(call.dst, made)
        return
    number = _number(r, call)
    r.solver.when(given[0], _is_fixture, r, number)
    r.solver.copy(given[0], call.dst)


def _is_fixture(value: int, r: Resolver, number: int) -> None:
    if isinstance(r.info[value], Function):
        r.fixtures[value] = number


def _parametrize(r: Resolver, call: Call) -> None:
    """`mark.parametrize(names, rows)` gives a decorator that remembers them."""
    r.solver.add(call.dst, r.of(Tool("parametrized", _noted(r, call))))


def _parametrized(r: Resolver, call: Call) -> None:
    for node in places(call)[:1]:
        r.solver.when(node, _has_rows, r, _number(r, call))
        r.solver.copy(node, call.dst)


def _has_rows(value: int, r: Resolver, number: int) -> None:
    if isinstance(r.info[value], Function):
        r.rows.setdefault(value, {})[number] = None


def _param(r: Resolver, call: Call) -> None:
    """`param(...)`: one row."""
    made = containers.make(r, "tuple", ("param", call.frame.index, call.node))
    for place, node in enumerate(places(call)):
        containers.store(r, made, str(place), node)
    r.solver.add(call.dst, made)


def _noted(r: Resolver, call: Call) -> int:
    r.noted.append(call)
    return len(r.noted)


def _number(r: Resolver, call: Call) -> int:
    info = r.info[call.callee]
    return max(info.number, 0) if isinstance(info, Tool) else 0


ACTS: dict[str, Callable[[Resolver, Call], None]] = {
    "fixture": _fixture, "parametrize": _parametrize, "parametrized": _parametrized,
    "param": _param,
}  # fmt: skip
