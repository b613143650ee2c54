"""What the fixpoint says, as facts about files: targets of calls, and what is not known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from codeanatomy.cpg.resolve import classes
from codeanatomy.cpg.resolve.objects import Class, Function, Outside, Tool
from codeanatomy.cpg.resolve.shapes import Shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.resolve.frames import Site
    from codeanatomy.cpg.resolve.resolver import Resolver

Spot: TypeAlias = "tuple[int, int]"  # a file and a syntax node of it
End: TypeAlias = "Spot | str"  # or the dotted name of what lies outside the store

# Of several reasons, the one that says most of what is missing.
REASONS = (
    "dynamic_call", "parameter", "external_value", "attribute_unknown", "star_import", "undefined",
    "base", "no_name", "no_module", "unparsed", "limit", "no_attribute", "not_callable",
    "recursion",
)  # fmt: skip


SEVERAL = 12  # known targets, beside which others are likely
OPEN = frozenset({"dynamic_call", "limit"})


class Target(NamedTuple):
    """One thing that a call can run, and how that was found."""

    spot: Spot  # the call, or the syntax that calls implicitly
    name: str  # the special method of an implicit call; empty for a call expression
    caller: Spot
    callee: End
    method: str


class Open(NamedTuple):
    """A call that may run something else than its targets, and why."""

    spot: Spot
    reason: str


class Answers(NamedTuple):
    """All that is said of calls."""

    targets: list[Target]
    open: list[Open]


def answers(r: Resolver) -> Answers:
    """Read the targets of every call of the store, in the order of files and nodes."""
    shapes = Shapes(r)
    targets: list[Target] = []
    open_: list[Open] = []
    for key in sorted(r.sites):
        site = r.sites[key]
        unit = r.units[site.unit]
        if unit.outside:
            continue
        found = list(_targets(r, shapes, site))
        targets += found
        reason = "" if site.name else _reason(shapes, site, len(found))
        if reason == "recursion" and r.solver.exhausted:
            reason = "limit"
        if reason:
            open_.append(Open((unit.file_no, site.node), reason))
    return Answers(targets, open_)


def _targets(r: Resolver, shapes: Shapes, site: Site) -> Iterator[Target]:
    unit = r.units[site.unit]
    spot = (unit.file_no, site.node)
    caller = (unit.file_no, unit.bodies[site.body].node)
    seen: dict[End, None] = {}
    for value, label in site.targets.items():
        callee = end(r, value)
        if callee is None or callee in seen or _runs_own(r, value):
            continue
        seen[callee] = None
        name = "" if site.name == "@" else site.name
        yield Target(spot, name, caller, callee, label if label and label != "annotation"
                     else shapes.method(site, value, callee, label))  # fmt: skip


def _runs_own(r: Resolver, value: int | str) -> bool:
    """Whether making an instance of a class runs a method of ours, which is the target then."""
    if isinstance(value, str) or not isinstance(r.info[value], Class):
        return False
    return r.own(value, "__init__") or r.own(value, "__new__")


def end(r: Resolver, value: int | str) -> End | None:
    """Return the definition that a target is: its place in the store, or its name outside."""
    if isinstance(value, str):
        return value
    info = r.info[value]
    if isinstance(info, Function | Class):
        unit = r.units[info.unit]
        if info.unit == r.modules.nowhere:
            return _made(r, info)
        body = unit.bodies[info.body]
        return body.qualname if unit.outside else (unit.file_no, body.node)
    if isinstance(info, Tool) and info.number < 0:
        named = r.info[~info.number]
        return named.name if isinstance(named, Outside) else None
    return None


def _made(r: Resolver, info: Function | Class) -> End | None:
    """Name a class that no statement makes, where it lies outside."""
    named = r.info[info.body]
    if isinstance(named, Outside) and " " not in named.name:
        return named.name
    return None


def _reason(shapes: Shapes, site: Site, known: int) -> str:
    """Say why a call may run something else than its targets; empty where that is not likely.

    A few known targets beside a value that is not known are, where programs were seen to run,
    nearly always all there is; beside a dozen of them others are likely (`benchmarks/README.md`).
    """
    if known and (known < SEVERAL or not OPEN & site.unknown):
        return ""
    for reason in REASONS:
        if reason in site.unknown:
            return "attribute_unknown" if reason == "base" else reason
    if site.unknown:
        return "attribute_unknown"
    if shapes.made_outside(site):
        return "external_value"
    if site.receivers:
        return "not_callable"
    return "no_attribute" if shapes.lacks(site) else "recursion"


def overrides(r: Resolver) -> Iterator[tuple[Spot, End]]:
    """Yield each method with the nearest method that it replaces."""
    for number in sorted(r.classes):
        facts = r.classes[number]
        if r.units[facts.unit].outside:
            continue
        for name in sorted(facts.own):
            above = classes.owner_of(r, facts, name, number)
            if above is None:
                continue
            own = _methods(r, number, name)
            replaced = _methods(r, above.number, name)
            for method in own:
                for other in replaced:
                    spot, target = end(r, method), end(r, other)
                    if isinstance(spot, tuple) and target is not None:
                        yield spot, target


def _methods(r: Resolver, cls: int, name: str) -> list[int]:
    """Return the functions that a class holds under a name, out of their wrappers."""
    found = []
    for value in sorted(r.solver.values[r.field(cls, name)]):
        info = r.info[value]
        inner = getattr(info, "inner", getattr(info, "getter", value))
        if inner >= 0 and isinstance(r.info[inner], Function) and r.owners.get(inner) == cls:
            found.append(inner)
    return found


def exceptions(r: Resolver) -> Iterator[tuple[str, Spot, Spot, End]]:
    """Yield RAISES or CATCHES, whose code does it, where, and the class."""
    for unit_no, body_no, kind in sorted(r.raised):
        unit = r.units[unit_no]
        if unit.outside:
            continue
        caller = (unit.file_no, unit.bodies[body_no].node)
        for node, at in r.raised[unit_no, body_no, kind]:
            seen: dict[End, None] = {}
            for cls in _classes(r, node, 0):
                found = end(r, cls)
                if found is not None and found not in seen:
                    seen[found] = None
                    yield kind, caller, (unit.file_no, at), found


def _classes(r: Resolver, node: int, depth: int) -> Iterator[int | str]:
    """Yield the classes that a node holds, their instances' classes, and those in tuples."""
    from codeanatomy.cpg.resolve import containers  # noqa: PLC0415 - one use

    for value in sorted(r.solver.values[node]):
        info = r.info[value]
        if isinstance(info, Class):
            yield value
        elif isinstance(info, Outside):
            yield info.name
        elif r.class_of(value) >= 0:
            letter = containers.variable(r, value)
            if letter and depth < 3:  # noqa: PLR2004 - tuples in tuples
                yield from _classes(r, r.field(value, "$" + letter), depth + 1)
            else:
                yield r.class_of(value)
