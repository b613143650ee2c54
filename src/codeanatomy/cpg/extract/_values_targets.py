"""What an assignment binds: names, attributes, items, and those inside tuples and lists."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._values_outcomes import path_of

if TYPE_CHECKING:
    from codeanatomy.cpg.extract._values_frame import Frame

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


def assign(frame: Frame, target: Any, slot: int) -> None:
    """Assign the value in `slot` to a target."""
    cls = target.__class__
    if cls is ast.Name:
        frame.bind(frame.mangle(target.id), slot)
    elif cls is ast.Attribute:
        store(frame, target, frame.value(target.value), slot)
    elif cls is ast.Subscript:
        base = frame.value(target.value)
        store_item(frame, target, base, frame.value(target.slice), slot)
    elif cls is ast.Starred:
        assign(frame, target.value, slot)
    else:
        _unpack(frame, target, slot)


def assign_all(frame: Frame, targets: list[Any], value: Any) -> None:
    """Assign an expression to targets; a display goes to a tuple of targets piece by piece."""
    pieces: list[int] = []
    if all(_matches(target, value) for target in targets):
        pieces = [frame.value(element) for element in value.elts]
        for target in targets:
            for inner, piece in zip(target.elts, pieces, strict=True):
                assign(frame, inner, piece)
        return
    slot = frame.value(value)
    for target in targets:
        assign(frame, target, slot)


def store(frame: Frame, target: Any, base: int, slot: int) -> None:
    """Set an attribute of the object in `base`; it holds that until something disturbs it."""
    name = frame.mangle(target.attr)
    frame.add("setattr", None, base, slot, name, (), (), target)
    frame.touch(name)
    _follow(frame, target, slot)


def store_item(frame: Frame, target: Any, base: int, key: int, slot: int) -> None:
    """Set an item of the object in `base`."""
    frame.add("setitem", None, base, key, None, (slot,), (), target)
    frame.touch("[]")
    _follow(frame, target, slot)


def delete(frame: Frame, node: Any) -> None:
    """Delete the targets of a `del`."""
    for target in node.targets:
        _delete(frame, target)


def _follow(frame: Frame, target: Any, slot: int) -> None:
    path = path_of(frame, target)
    if path is not None:
        frame.follow(path, slot)


def _delete(frame: Frame, target: Any) -> None:
    cls = target.__class__
    if cls is ast.Name:
        frame.unbind(frame.mangle(target.id))
    elif cls is ast.Attribute:
        name = frame.mangle(target.attr)
        frame.add("delattr", None, frame.value(target.value), None, name, (), (), target)
        frame.touch(name)
    elif cls is ast.Subscript:
        base = frame.value(target.value)
        frame.add("delitem", None, base, frame.value(target.slice), None, (), (), target)
        frame.touch("[]")
    else:
        for inner in target.elts:
            _delete(frame, inner)


def _matches(target: Any, value: Any) -> bool:
    shown = (ast.Tuple, ast.List)
    if target.__class__ not in shown or value.__class__ not in shown:
        return False
    elements = [*target.elts, *value.elts]
    same = len(target.elts) == len(value.elts)
    return same and not any(element.__class__ is ast.Starred for element in elements)


def _unpack(frame: Frame, target: Any, slot: int) -> None:
    elements = target.elts
    count = len(elements)
    rest = next((at for at, e in enumerate(elements) if e.__class__ is ast.Starred), count)
    for at, element in enumerate(elements):
        if at == rest:
            taken = frame.make("unpack_rest", slot, args=(rest, count - rest - 1), node=element)
        else:
            place = at if at < rest else at - count
            taken = frame.make("unpack", slot, place, node=element)
        assign(frame, element, taken)
