"""What a test says of the variables in it, on either outcome: narrowing.

A fact is a key of the frame's versions (a name, or a path such as `self.x`) and a narrowed version.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.cpg.extract._values_frame import EPOCH
from codeanatomy.cpg.extract._values_versions import Join, Narrowed, root_of

if TYPE_CHECKING:
    from collections.abc import Container

    from codeanatomy.cpg.extract._values_frame import Delta, Frame
    from codeanatomy.cpg.extract._values_versions import Version

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

Key = str | tuple[str, ...]
Facts = list[tuple[Key, "Version"]]
_PATH = 3  # a name and up to two attributes or items


class Outcome(NamedTuple):
    """The slot of a tested expression, and what holds if it is true and if it is not."""

    slot: int
    yes: Facts
    no: Facts


def outcome(frame: Frame, node: Any, *, wanted: bool = False) -> Outcome:  # noqa: PLR0911 - one return a shape of test
    """Evaluate a test; its slot is only of use when `wanted`."""
    cls = node.__class__
    if cls is ast.BoolOp:
        return _chain(frame, node, wanted=wanted)
    if cls is ast.UnaryOp and node.op.__class__ is ast.Not:
        inner = outcome(frame, node.operand, wanted=wanted)
        slot = frame.make("not", inner.slot, node=node) if wanted else -1
        return Outcome(slot, inner.no, inner.yes)
    slot = frame.value(node)
    if cls is ast.Compare:
        return _compared(frame, node, slot)
    if cls is ast.Constant:
        return Outcome(slot, [], [])
    frame.add("truth", src=slot, node=node)
    if cls is ast.Call and node.func.__class__ is ast.Name and node.args:
        return _called(frame, node, slot)
    if cls is ast.Call and node.func.__class__ is ast.Attribute and len(node.args) == 1:
        return _begun(frame, node, slot)
    return _split(frame, node, slot, "truthy", "falsy")


def assume(frame: Frame, facts: Facts) -> None:
    """Let facts hold from here on."""
    for key, version in facts:
        if isinstance(key, tuple):
            frame.follow(key, version)
        else:
            frame.set(key, version)


def key_of(frame: Frame, node: Any) -> tuple[Key | None, Version | None]:
    """Return the key of a variable or path, and the version that was tested."""
    if node.__class__ is ast.NamedExpr:
        node = node.target
    if node.__class__ is ast.Name:
        name = frame.mangle(node.id)
        version = frame.vars.get(name)
        if version is None:
            version = frame.read(name)
            if frame.is_shared(name):
                return (name,), version
            frame.set(name, version)
        return name, version
    path = path_of(frame, node)
    if path is None or len(path) == 1:
        return None, None
    followed = frame.followed(path)
    return path, followed if followed is not None else _just_read(frame, node)


def path_of(frame: Frame, node: Any) -> tuple[str, ...] | None:
    """Return `a.b`, `a.b.c`, `a["k"]` or the like as a path; None for anything else."""
    parts: list[str] = []
    while node.__class__ is not ast.Name:
        if node.__class__ is ast.Attribute:
            parts.append(frame.mangle(node.attr))
        elif node.__class__ is ast.Subscript and node.slice.__class__ is ast.Constant:
            parts.append(f"[{node.slice.value!r}")
        else:
            return None
        node = node.value
        if len(parts) == _PATH:
            return None
    parts.append(frame.mangle(node.id))
    return tuple(reversed(parts))


def _split(
    frame: Frame, node: Any, slot: int, yes: str, no: str, cls: int | None = None,
    attribute: str = "",
) -> Outcome:  # fmt: skip
    """Say that the variable or path `node` passed the test `yes`, or else `no`."""
    key, version = key_of(frame, node)
    if key is None or version is None:
        return Outcome(slot, [], [])
    return Outcome(
        slot,
        [(key, Narrowed(frame, version, yes, cls, attribute))],
        [(key, Narrowed(frame, version, no, cls, attribute))],
    )


def _just_read(frame: Frame, node: Any) -> int | None:
    """Return the slot of the step that read `node` a moment ago."""
    number = frame.numbers[id(node)]
    for step in reversed(frame.steps[-_RECENT:]):
        if step[-1] == number and step[0] in _READS:
            slot: int = step[1]
            return slot
    return None


_RECENT = 16
_READS = frozenset(("attr", "item"))


def _compared(frame: Frame, node: Any, slot: int) -> Outcome:
    if len(node.ops) > 1:
        return Outcome(slot, [], [])
    left, op, right = node.left, node.ops[0].__class__, node.comparators[0]
    if op not in _SAME and op not in _OTHER:
        return Outcome(slot, [], [])
    found = None
    if right.__class__ is ast.Constant and right.value is None:
        found = _split(frame, left, slot, "none", "not none")
    elif _is_type_of(left):
        found = _split(frame, left.args[0], slot, "type", "not type", frame.compared)
    if found is None:
        return Outcome(slot, [], [])
    return found if op in _SAME else Outcome(slot, found.no, found.yes)


_SAME = frozenset((ast.Is, ast.Eq))
_OTHER = frozenset((ast.IsNot, ast.NotEq))


def _is_type_of(node: Any) -> bool:
    if node.__class__ is not ast.Call or node.func.__class__ is not ast.Name:
        return False
    return node.func.id == "type" and len(node.args) == 1


def _called(frame: Frame, node: Any, slot: int) -> Outcome:
    name, args = node.func.id, node.args
    if name in frame.vars or len(args) != _TESTS.get(name) or node.keywords:
        return Outcome(slot, [], [])
    cls, attribute = None, ""
    if name == "hasattr":
        if args[1].__class__ is not ast.Constant:
            return Outcome(slot, [], [])
        attribute = str(args[1].value)
    elif len(args) > 1:
        cls = frame.second_argument
    return _split(frame, args[0], slot, name, f"not {name}", cls, attribute)


def _begun(frame: Frame, node: Any, slot: int) -> Outcome:
    """Say that a text begins or ends with another."""
    name, given = node.func.attr, node.args[0]
    if name not in _ENDS or given.__class__ is not ast.Constant or given.value.__class__ is not str:
        return Outcome(slot, [], [])
    return _split(frame, node.func.value, slot, name, f"not {name}", None, given.value)


_ENDS = frozenset(("startswith", "endswith"))
_TESTS = {"isinstance": 2, "issubclass": 2, "hasattr": 2, "callable": 1}


def _chain(frame: Frame, node: Any, *, wanted: bool) -> Outcome:
    """Evaluate `and` or `or`: each operand knows what those before it said."""
    is_and = node.op.__class__ is ast.And
    dst = frame.new() if wanted else -1
    kept: Facts = []
    others: list[Facts] = []
    mark = -1
    last = len(node.values) - 1
    for at, operand in enumerate(node.values):
        found = outcome(frame, operand, wanted=wanted)
        if mark < 0:
            mark = frame.mark()
        keep, other = (found.yes, found.no) if is_and else (found.no, found.yes)
        if wanted:
            slot = found.slot
            if at < last and operand.__class__ is not ast.Constant:
                slot = Narrowed(frame, slot, "falsy" if is_and else "truthy").get()
            frame.add("copy", dst, slot)
        kept += keep
        others.append(other)
        if at < last:
            assume(frame, keep)
    maybe(frame, mark)
    either = _either(frame, others)
    return Outcome(dst, kept, either) if is_and else Outcome(dst, either, kept)


def maybe(frame: Frame, mark: int, leave: Container[str] = ()) -> None:
    """Take back what was assumed since a mark; what was bound there, but for `leave`, may be."""
    changes: Delta = frame.delta(mark)
    if not changes:
        return
    frame.undo(mark)
    for key, version in changes.items():
        if key == EPOCH:
            frame.disturb()
        elif isinstance(key, tuple):
            if key[0] == "#":
                frame.touch(key[1])
            elif len(key) == 1 and version is not None and not isinstance(version[0], Narrowed):
                frame.set(key, None)
        elif key not in leave:
            _may_be(frame, str(key), root_of(version))


def _may_be(frame: Frame, name: str, bound: Version | None) -> None:
    old = frame.vars.get(name)
    if bound is not None and bound != root_of(old):
        frame.set(name, bound if old is None else Join(frame, [old, bound]))


def _either(frame: Frame, listed: list[Facts]) -> Facts:
    """Return what holds when one of several lists of facts does."""
    last = [dict(facts) for facts in listed]
    return [
        (key, Join(frame, [facts[key] for facts in last]))
        for key in last[0]
        if all(key in facts for facts in last)
    ]
