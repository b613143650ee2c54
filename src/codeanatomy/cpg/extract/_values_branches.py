"""Statements that branch, as steps: `if`, loops, `try`, `with`, `match`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._texts import dotted
from codeanatomy.cpg.extract._values_decided import decided
from codeanatomy.cpg.extract._values_flow import block
from codeanatomy.cpg.extract._values_frame import Loop
from codeanatomy.cpg.extract._values_outcomes import assume, key_of, outcome
from codeanatomy.cpg.extract._values_patterns import irrefutable, pattern
from codeanatomy.cpg.extract._values_targets import assign
from codeanatomy.cpg.extract._values_versions import Join

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.extract._values_frame import Delta, Frame
    from codeanatomy.cpg.extract._values_versions import Version

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


def if_(frame: Frame, node: Any) -> None:
    """Take either way; a chain of `elif` joins once, at its end."""
    mark = frame.mark()
    ended: list[Delta | None] = []
    while True:
        known = decided(node.test)
        found = outcome(frame, node.test)
        below = frame.mark()
        if known is not False:
            assume(frame, found.yes)
            block(frame, node.body)
            ended.append(_since(frame, mark, below))
        if known is True:
            break
        assume(frame, found.no)
        if len(node.orelse) == 1 and node.orelse[0].__class__ is ast.If:
            node = node.orelse[0]
            continue
        block(frame, node.orelse)
        ended.append(_since(frame, mark, below))
        break
    frame.undo(mark)
    frame.merge(ended)


def _since(frame: Frame, mark: int, below: int) -> Delta | None:
    """End a branch: return what changed since `mark`, and go back to `below`."""
    frame.flush()
    changes = None if frame.dead else frame.delta(mark)
    frame.undo(below)
    frame.dead = False
    return changes


def while_(frame: Frame, node: Any) -> None:
    """Loop while a test holds."""
    known = decided(node.test)
    if known is False:
        block(frame, node.orelse)
        return
    loop, heads = _enter(frame, node)
    found = outcome(frame, node.test)
    below = frame.mark()
    assume(frame, found.yes)
    _turn(frame, node.body, loop, heads, below)
    ended: list[Delta | None] = []
    if known is None:
        assume(frame, found.no)
        block(frame, node.orelse)
        ended.append(frame.take(loop.mark))
    else:
        frame.undo(loop.mark)
    frame.merge([*ended, *loop.breaks])
    frame.disturb()


def for_(frame: Frame, node: Any) -> None:
    """Loop over what an expression gives."""
    source = frame.value(node.iter)
    loop, heads = _enter(frame, node)
    below = frame.mark()
    op = "aiterate" if node.__class__ is ast.AsyncFor else "iterate"
    assign(frame, node.target, frame.make(op, source, node=node.iter))
    _turn(frame, node.body, loop, heads, below)
    block(frame, node.orelse)
    frame.merge([frame.take(loop.mark), *loop.breaks])
    frame.disturb()


def _enter(frame: Frame, node: Any) -> tuple[Loop, dict[str, Join]]:
    """Begin a loop: what it assigns may come from before it or from its last turn."""
    mark = frame.mark()
    frame.disturb()
    names = frame.file.scopes.assigned(frame.scope, node.lineno, node.end_lineno)
    heads: dict[str, Join] = {}
    for name in sorted(names):
        before = frame.vars.get(name)
        if before is not None or frame.is_local(name):
            heads[name] = Join(frame, [] if before is None else [before], more=True)
            frame.set(name, heads[name])
    loop = Loop(mark, frame.sequence)
    frame.loops.append(loop)
    return loop, heads


def _turn(frame: Frame, body: list[Any], loop: Loop, heads: dict[str, Join], below: int) -> None:
    """Run the body of a loop once, and feed its end to its head; go back to `below`."""
    block(frame, body)
    frame.loops.pop()
    ended = _since(frame, loop.mark, below)
    for turn in (ended, *loop.continues):
        for name, head in heads.items() if turn is not None else ():
            version = turn.get(name) if turn is not None else None
            if version is not None:
                head.feed(version)


def try_(frame: Frame, node: Any) -> None:
    """Try; a handler may see whatever the body had assigned when it failed."""
    if not node.finalbody:
        _handled(frame, node)
        return
    mark = frame.mark()
    left = [(loop, len(loop.breaks), len(loop.continues)) for loop in frame.loops]
    outer, frame.caught = frame.caught, []
    _handled(frame, node)
    seen, frame.caught = frame.caught, outer
    ended = frame.take(mark)
    if outer is not None:
        outer.extend(seen)
    _may_hold(frame, seen, ended)
    below = frame.mark()
    block(frame, node.finalbody)
    frame.flush()
    done, frame.dead = frame.dead, False
    last = frame.delta(below)
    frame.undo(mark)
    for loop, breaks, continues in left:
        for changes in (*loop.breaks[breaks:], *loop.continues[continues:]):
            changes.update(last)
    if ended is None or done:
        frame.dead = True
    else:
        frame.put(ended)
        frame.put(last)


def _handled(frame: Frame, node: Any) -> None:
    """Run what stands before `finally`."""
    mark = frame.mark()
    outer, frame.caught = frame.caught, []
    block(frame, node.body)
    seen, frame.caught = frame.caught, outer
    if outer is not None:
        outer.extend(seen)
    if not frame.dead:
        block(frame, node.orelse)
    ended = [frame.take(mark)]
    if node.handlers:
        _may_hold(frame, seen, None)
        below = frame.mark()
        for handler in node.handlers:
            _handler(frame, handler, "*" if node.__class__ is ast.TryStar else None)
            ended.append(_since(frame, mark, below))
        frame.undo(mark)
    frame.merge(ended)


def _handler(frame: Frame, node: Any, star: str | None) -> None:
    """Catch: `star` marks an `except*`, which gets a group."""
    source = None if node.type is None else frame.value(node.type)
    caught = frame.make("catch", source, name=star, node=node)
    if node.name is None:
        block(frame, node.body)
        return
    name = frame.mangle(node.name)
    frame.bind(name, caught)
    block(frame, node.body)
    if not frame.dead:
        frame.unbind(name)


def _may_hold(frame: Frame, seen: list[tuple[Any, Version]], ended: Delta | None) -> None:
    """Go on from a place that may have been reached with any of the versions seen."""
    found: dict[Any, list[Version]] = {}
    for key, version in seen:
        found.setdefault(key, []).append(version)
    for key, version in (ended or {}).items():
        if key.__class__ is str and key and version is not None:
            found.setdefault(key, []).append(version)
    for name, versions in found.items():
        before = frame.vars.get(name)
        listed = versions if before is None else [before, *versions]
        frame.set(name, Join(frame, list(dict.fromkeys(listed))))
    frame.disturb()


def with_(frame: Frame, node: Any) -> None:
    """Enter and leave; some managers swallow what is raised inside."""
    mark = frame.mark()
    outer, frame.caught = frame.caught, []
    op = "aenter" if node.__class__ is ast.AsyncWith else "enter"
    swallows = False
    for item in node.items:
        manager = frame.value(item.context_expr)
        entered = frame.make(op, manager, node=item.context_expr)
        frame.disturb()
        if item.optional_vars is not None:
            assign(frame, item.optional_vars, entered)
        swallows = swallows or _swallows(item.context_expr)
    block(frame, node.body)
    seen, frame.caught = frame.caught, outer
    if outer is not None:
        outer.extend(seen)
    dead = frame.dead
    if dead or swallows:
        ended = frame.take(mark)
        _may_hold(frame, seen, ended)
    frame.disturb()
    frame.dead = dead and not swallows


def _swallows(node: Any) -> bool:
    text = dotted(node).lower()
    return any(word in text for word in ("suppress", "raises", "ignor", "swallow", "catch"))


def match_(frame: Frame, node: Any) -> None:
    """Take the arm of the first pattern that matches."""
    subject = frame.value(node.subject)
    key, _ = key_of(frame, node.subject)
    mark = frame.mark()
    ended: list[Delta | None] = []
    whole = False
    for case in node.cases:
        below = frame.mark()
        matched = pattern(frame, case.pattern, subject)
        if key is not None and matched != subject:
            assume(frame, [(key, matched)])
        if case.guard is not None:
            assume(frame, outcome(frame, case.guard).yes)
        block(frame, case.body)
        ended.append(_since(frame, mark, below))
        if case.guard is None and irrefutable(case.pattern):
            whole = True
            break
    if not whole:
        ended.append(frame.take(mark))
    frame.undo(mark)
    frame.merge(ended)


BRANCHES: dict[type, Callable[[Frame, Any], None]] = {
    ast.If: if_, ast.While: while_, ast.For: for_, ast.AsyncFor: for_, ast.Try: try_,
    ast.TryStar: try_, ast.With: with_, ast.AsyncWith: with_, ast.Match: match_,
}  # fmt: skip
