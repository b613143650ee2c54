"""What a test runner passes: results of fixtures by their names, and rows of parametrized tests.

Test functions have no caller in a program: pytest finds them, and gives each parameter the result
of the fixture of that name: of the same file, else of the nearest folder that has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import calls, containers
from codeanatomy.cpg.resolve.callings import keyword, places
from codeanatomy.cpg.resolve.objects import ANY, Const, Function, Instance
from codeanatomy.cpg.resolve.program import POSITIONAL

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.program import Body, Unit
    from codeanatomy.cpg.resolve.resolver import Resolver

_AUTOMATIC = ("setup_method", "setup_class", "setup_function", "setup_module", "setup",
              "teardown_method", "teardown", "setUp", "tearDown")  # fmt: skip


def start(r: Resolver) -> None:
    """Run test functions with what their fixtures and rows give."""
    named = _by_name(r)
    if not named and not r.rows:
        return
    for function in tuple(r.functions):
        info = r.info[function]
        assert isinstance(info, Function)  # noqa: S101 - only functions are noted
        body = r.units[info.unit].bodies[info.body]
        fixture = function in r.fixtures
        if function not in r.contexts and (fixture or _is_test(body)):
            _run(r, function, body, named)
    r.settle()


def _is_test(body: Body) -> bool:
    return body.kind != "lambda" and (body.name[:4] == "test" or body.name in _AUTOMATIC)


def _by_name(r: Resolver) -> dict[str, list[int]]:
    """Return the fixtures of the store by the names that ask for them."""
    found: dict[str, list[int]] = {}
    for function, number in r.fixtures.items():
        info = r.info[function]
        assert isinstance(info, Function)  # noqa: S101 - only functions are noted
        name = r.units[info.unit].bodies[info.body].name
        if number:
            node = keyword(r.noted[number - 1], "name")
            held = r.solver.values[node] if node >= 0 else ()
            name = next((i.text for v in held if isinstance(i := r.info[v], Const)), name)
        found.setdefault(name, []).append(function)
    return found


def _run(r: Resolver, function: int, body: Body, named: dict[str, list[int]]) -> None:
    frame = calls.shared_frame(r, function, body)
    method = r.owners.get(function, -1)
    for place, parameter in enumerate(body.parameters):
        slot = frame.base + parameter.slot
        if place == 0 and method >= 0 and parameter.kind in POSITIONAL:
            r.solver.add(slot, r.of(Instance(method, ANY)))
            continue
        rows = [n for n in r.rows.get(function, ()) if _rows_to(r, n, parameter.name, slot)]
        if not rows:
            for fixture in _nearest(r, function, named.get(parameter.name, [])):
                _result(r, fixture, slot)
        default = r.defaults.get(function, {}).get(parameter.name)
        if default is not None:
            r.solver.copy(default, slot)
        if not r.solver.values[slot]:
            r.otherwise(slot, lambda slot=slot: r.solver.add(slot, r.unknown("parameter")))  # type: ignore[misc] # bound now


def _nearest(r: Resolver, function: int, offered: list[int]) -> list[int]:
    """Return the fixtures of a name that a function can mean: the nearest to its file."""
    home = _unit(r, function)
    at = home.path.split("/")
    best = -1
    found: list[int] = []
    for one in offered:
        if one == function:
            continue
        other = _unit(r, one)
        parts = other.path.split("/")
        common = next((i for i, (a, b) in enumerate(zip(at, parts, strict=False)) if a != b),
                      min(len(at), len(parts)))  # fmt: skip
        near = len(at) + 1 if other is home else common
        if near > best:
            best, found = near, []
        if near == best:
            found.append(one)
    return found


def _unit(r: Resolver, function: int) -> Unit:
    info = r.info[function]
    assert isinstance(info, Function)  # noqa: S101 - only functions are asked for
    return r.units[info.unit]


def _result(r: Resolver, fixture: int, slot: int) -> None:
    """Let what a fixture gives, returned or yielded, flow to a parameter."""
    info = r.info[fixture]
    assert isinstance(info, Function)  # noqa: S101 - only functions are noted
    body = r.units[info.unit].bodies[info.body]
    frame = calls.shared_frame(r, fixture, body)
    r.solver.copy(frame.yields if body.is_generator else frame.result, slot)
    number = r.fixtures[fixture]
    asked = next((p for p in body.parameters if p.name == "request"), None)
    node = keyword(r.noted[number - 1], "params") if number else -1
    if asked is not None and node >= 0:
        made = r.of(Instance(r.modules.library("types", "SimpleNamespace"), ("request", fixture)))
        r.solver.add(frame.base + asked.slot, made)
        call = r.noted[number - 1]
        r.solver.when(node, r.iterate, r, r.field(made, "param"), (call.frame, call.node))


def _rows_to(r: Resolver, number: int, name: str, slot: int) -> bool:
    """Let the column of a name, of a table of rows, flow to a parameter; say if it has one."""
    call = r.noted[number - 1]
    given = places(call)
    names_node = given[0] if given else keyword(call, "argnames")
    rows = given[1] if len(given) > 1 else keyword(call, "argvalues")
    names = _names(r, names_node) if names_node >= 0 else []
    if name not in names or rows < 0:
        return False
    each = r.solver.node()
    r.solver.when(rows, r.iterate, r, each, (call.frame, call.node))
    place = names.index(name)
    r.solver.when(each, _cell, r, str(place), slot, len(names) == 1)
    return True


def _names(r: Resolver, node: int) -> list[str]:
    found: list[str] = []
    for value in sorted(r.solver.values[node]):
        info = r.info[value]
        if isinstance(info, Const):
            found += [name.strip() for name in info.text.split(",")]
            continue
        for _, element in sorted(r.elements(value).items(), key=lambda item: len(item[0])):
            found += [i.text for v in r.solver.values[element] if isinstance(i := r.info[v], Const)]
    return found


def _cell(value: int, r: Resolver, place: str, slot: int, only: bool) -> None:  # noqa: FBT001 - handed on by a watch
    info = r.info[value]
    marked = isinstance(info, Instance) and bool(info.at) and info.at[0] == "param"  # type: ignore[index] # not empty
    if only and not marked:
        r.solver.add(slot, value)
    elif containers.variable(r, value):
        containers.load(r, value, place, slot)
