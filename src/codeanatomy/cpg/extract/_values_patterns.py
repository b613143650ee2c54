"""Patterns of `match` as steps: what each part is compared with, and what it binds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._values_versions import Join, slot_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.extract._values_frame import Frame

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


def pattern(frame: Frame, node: Any, subject: int) -> int:
    """Match a subject; return the slot of the subject as the pattern narrows it."""
    return _PATTERNS[node.__class__](frame, node, subject)


def irrefutable(node: Any) -> bool:
    """Whether a pattern matches anything."""
    if node.__class__ is ast.MatchAs:
        return node.pattern is None or irrefutable(node.pattern)
    return node.__class__ is ast.MatchOr and any(irrefutable(inner) for inner in node.patterns)


def _value(frame: Frame, node: Any, subject: int) -> int:
    frame.make("compare", subject, frame.value(node.value), "__eq__", node=node.value)
    return subject


def _singleton(frame: Frame, node: Any, subject: int) -> int:
    if node.value is None:
        return frame.make("narrow", subject, None, "none")
    return subject


def _sequence(frame: Frame, node: Any, subject: int) -> int:
    count = len(node.patterns)
    inner = node.patterns
    rest = next((at for at, p in enumerate(inner) if p.__class__ is ast.MatchStar), count)
    for at, part in enumerate(inner):
        if at == rest:
            args = (rest, count - rest - 1)
            taken = frame.make("unpack_rest", subject, args=args, node=part)
        else:
            taken = frame.make("unpack", subject, at if at < rest else at - count, node=part)
        pattern(frame, part, taken)
    return subject


def _mapping(frame: Frame, node: Any, subject: int) -> int:
    for key, part in zip(node.keys, node.patterns, strict=True):
        pattern(frame, part, frame.make("item", subject, frame.value(key), node=part))
    if node.rest is not None:
        dst = frame.make("container", name="dict", node=node)
        frame.add("spread", src=dst, other=subject, node=node)
        frame.bind(frame.mangle(node.rest), dst)
    return subject


def _class(frame: Frame, node: Any, subject: int) -> int:
    cls = frame.value(node.cls)
    matched = frame.make("match_class", subject, cls, node=node)
    for at, part in enumerate(node.patterns):
        pattern(frame, part, frame.make("match_arg", matched, cls, str(at), node=part))
    for name, part in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
        pattern(frame, part, frame.make("attr", matched, None, name, node=part))
    return matched


def _as(frame: Frame, node: Any, subject: int) -> int:
    inner = getattr(node, "pattern", None)  # `*rest` has none
    if inner is not None:
        subject = pattern(frame, inner, subject)
    if node.name is not None:
        frame.bind(frame.mangle(node.name), frame.make("copy", subject))
    return subject


def _or(frame: Frame, node: Any, subject: int) -> int:
    mark = frame.mark()
    ended = []
    matched = []
    for part in node.patterns:
        matched.append(pattern(frame, part, subject))
        ended.append(frame.take(mark))
    frame.merge(ended)
    return slot_of(Join(frame, [*matched]))


_PATTERNS: dict[type, Callable[[Frame, Any, int], int]] = {
    ast.MatchValue: _value, ast.MatchSingleton: _singleton, ast.MatchSequence: _sequence,
    ast.MatchMapping: _mapping, ast.MatchClass: _class, ast.MatchStar: _as, ast.MatchAs: _as,
    ast.MatchOr: _or,
}  # fmt: skip
