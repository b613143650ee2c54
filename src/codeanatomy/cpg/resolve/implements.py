"""Implements: which classes have every member of a protocol, or define what a base left abstract.

A protocol is met by its members alone (PEP 544): what it and the protocols above it declare, but
for private names and those that every class has. An abstract base is implemented by a class below
it that defines an abstract method of it, itself or by a class between, and leaves none undefined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes
from codeanatomy.cpg.resolve.answers import end
from codeanatomy.cpg.resolve.objects import Outside, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codeanatomy.cpg.resolve.answers import End, Spot
    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver

ABSTRACT = frozenset(
    f"abc.abstract{kind}" for kind in ("method", "property", "classmethod", "staticmethod")
)
_EVERY = frozenset(
    "__init__ __new__ __slots__ __doc__ __module__ __annotations__ __dict__ __weakref__ "
    "__match_args__ __subclasshook__ __class_getitem__ __init_subclass__ __hash__".split()
)  # of the library's own list of what is no member of a protocol; every class has a hash


def implements(r: Resolver, attributes: Mapping[Spot, set[str]]) -> Iterator[tuple[Spot, End, str]]:
    """Yield each class, what it implements, and how: `protocol` or `abstract`.

    `attributes` are the names that methods of a class set on `self`, by file and syntax node.
    """
    own = {n: f for n, f in r.classes.items()
           if f.unit != r.modules.nowhere and not r.units[f.unit].outside}  # fmt: skip
    found = [*_protocols(r, own, attributes), *_abstract(r, own)]
    for cls, above, method in sorted(found):
        spot, target = end(r, cls), end(r, above)
        if isinstance(spot, tuple) and target is not None:
            yield spot, target, method


def _protocols(
    r: Resolver, own: Mapping[int, ClassFacts], attributes: Mapping[Spot, set[str]]
) -> Iterator[tuple[int, int, str]]:
    having: dict[str, list[int]] = {}  # a name: classes that have it themselves
    for number, facts in own.items():
        spot = end(r, number)
        set_ = attributes.get(spot, set()) if isinstance(spot, tuple) else set()
        for name in (*facts.own, *set_) if "protocol" not in facts.flags else ():
            having.setdefault(name, []).append(number)
    for number, facts in own.items():
        if "protocol" not in facts.flags:
            continue
        members = _members(r, facts)
        holders = [_with_below(r, having.get(name, ())) for name in sorted(members)]
        for cls in set.intersection(*holders) if holders else ():
            if cls in own and "protocol" not in own[cls].flags:
                yield cls, number, "protocol"


def _members(r: Resolver, facts: ClassFacts) -> set[str]:
    """Return what a class must have for a protocol."""
    found: set[str] = set()
    for number in facts.mro:
        above = r.classes[number]
        if "protocol" in above.flags:
            found |= above.own | above.annotations.keys()
    return {n for n in found if n not in _EVERY and (not n.startswith("_") or n.endswith("__"))}


def _with_below(r: Resolver, numbers: list[int] | tuple[int, ...]) -> set[int]:
    found = set(numbers)
    for number in numbers:
        found.update(classes.below(r, r.classes[number]))
    return found


def _abstract(r: Resolver, own: Mapping[int, ClassFacts]) -> Iterator[tuple[int, int, str]]:
    abstract = {number: names for number, facts in own.items() if (names := _undefined(r, facts))}
    for base, names in abstract.items():
        for cls in classes.below(r, own[base]):
            facts = own.get(cls)
            if facts is None or _left(r, facts, abstract):
                continue
            if any(_definer(r, facts, name) != base for name in names):
                yield cls, base, "abstract"


def _left(r: Resolver, facts: ClassFacts, abstract: Mapping[int, set[str]]) -> bool:
    """Whether a class has an abstract method that no class before defines."""
    return any(
        _definer(r, facts, name) == number
        for number in facts.mro
        for name in abstract.get(number, ())
    )


def _definer(r: Resolver, facts: ClassFacts, name: str) -> int:
    found = classes.owner_of(r, facts, name)
    return -1 if found is None else found.number


def _undefined(r: Resolver, facts: ClassFacts) -> set[str]:
    """Return the methods that a class's own body leaves abstract."""
    frame = facts.body_frame
    if frame is None:
        return set()
    marked: set[int] = set()  # slots of what is abstract
    found = set()
    for step in frame.body.steps:
        if step.op == "decorate":
            if step.src in marked or _is_mark(r, frame, step.other):
                marked.add(step.dst)
        elif step.op == "export" and step.src in marked:
            found.add(step.name)
    return found


def _is_mark(r: Resolver, frame: Frame, slot: int) -> bool:
    for value in r.solver.values[frame.base + slot]:
        info = r.info[value]
        named = r.info[~info.number] if isinstance(info, Tool) and info.number < 0 else info
        if isinstance(named, Outside) and named.name in ABSTRACT:
            return True
    return False
