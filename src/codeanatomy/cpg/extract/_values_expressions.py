"""Expressions as steps: each function evaluates one kind of node and returns the slot it makes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._texts import clean
from codeanatomy.cpg.extract._values_outcomes import assume, maybe, outcome, path_of
from codeanatomy.cpg.extract._values_versions import slot_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.extract._values_frame import Frame

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

_TEXT, _DIGITS = 80, 20  # longest text and integer that a constant keeps
OPERATORS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv",
    ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.Pow: "pow", ast.LShift: "lshift",
    ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
}  # fmt: skip
_UNARY: dict[type, str] = {
    ast.UAdd: "__pos__", ast.USub: "__neg__", ast.Invert: "__invert__",
}  # fmt: skip
_COMPARE: dict[type, str] = {
    ast.Eq: "__eq__", ast.NotEq: "__ne__", ast.Lt: "__lt__", ast.LtE: "__le__", ast.Gt: "__gt__",
    ast.GtE: "__ge__", ast.In: "__contains__", ast.NotIn: "__contains__", ast.Is: "is",
    ast.IsNot: "is",
}  # fmt: skip


def name(frame: Frame, node: Any) -> int:
    """Read a variable; costs no step when this body binds it."""
    text: str = node.id
    version = frame.vars.get(text)
    if version.__class__ is int:
        return version
    if version is None:
        slot = frame.fixed.get(text)
        return frame.read(frame.mangle(text)) if slot is None else slot
    return slot_of(version)


def constant(frame: Frame, node: Any) -> int:
    """Make a constant, once a body."""
    value = node.value
    cls = value.__class__
    slot = frame.constants.get((cls, value))
    if slot is None:
        kind = "None" if value is None else "ellipsis" if value is ... else cls.__name__
        slot = frame.constant((cls, value), kind, *_texts(value))
    return slot


def _texts(value: Any) -> tuple[str, ...]:
    """Write a constant that is short enough."""
    cls = value.__class__
    if cls is str and len(value) <= _TEXT:
        return (repr(clean(value)),)
    return (repr(value),) if cls is bool or (cls is int and abs(value) < 10**_DIGITS) else ()


def formatted(frame: Frame, node: Any) -> int:
    """Make the text of an f-string out of its parts; what it holds is formatted."""
    parts = [frame.value(part) for part in node.values]
    if all(part.__class__ is ast.Constant for part in node.values):
        return parts[0] if len(parts) == 1 else frame.constant("f-string", "str")
    return frame.make("join", args=parts, node=node)


def interpolated(frame: Frame, node: Any) -> int:
    """Format one value of an f-string; its text is its own where nothing is said of how."""
    slot = frame.value(node.value)
    plain = node.format_spec is None and node.conversion in _PLAIN
    if node.format_spec is not None:
        frame.value(node.format_spec)
    frame.add("format", src=slot, name=_CONVERSIONS.get(node.conversion), node=node)
    return slot if plain else frame.constant("f-string", "str")


_PLAIN = (-1, ord("s"))  # no conversion, or to text
_CONVERSIONS = {ord("s"): "__str__", ord("r"): "__repr__", ord("a"): "__repr__"}


def attribute(frame: Frame, node: Any) -> int:
    """Read an attribute; what it is known to hold now comes before what the object says."""
    base = frame.value(node.value)
    name = node.attr
    if name[:2] == "__":
        name = frame.mangle(name)
    dst = frame.slots
    frame.slots = dst + 1
    frame.steps.append(("attr", dst, base, None, name, (), (), frame.numbers[id(node)]))
    return _known(frame, node, dst) if frame.paths else dst


def subscript(frame: Frame, node: Any) -> int:
    """Read an item."""
    base = frame.value(node.value)
    key = frame.value(node.slice)
    dst = frame.make("item", base, key, node=node)
    return _known(frame, node, dst) if frame.paths else dst


def _known(frame: Frame, node: Any, dst: int) -> int:
    path = path_of(frame, node)
    version = None if path is None else frame.followed(path)
    return dst if version is None else slot_of(version)


def slice_(frame: Frame, node: Any) -> int:
    """Make a slice."""
    parts = (node.lower, node.upper, node.step)
    return frame.make("slice", args=[-1 if p is None else frame.value(p) for p in parts])


def call(frame: Frame, node: Any) -> int:
    """Call: positional arguments in order, then keywords."""
    callee = frame.value(node.func)
    args: list[int] = []
    names: list[str] = []
    for argument in node.args:
        if argument.__class__ is ast.Starred:
            args.append(frame.value(argument.value))
            names.append("*")
        else:
            args.append(frame.value(argument))
            names.append("")
    for keyword in node.keywords:
        args.append(frame.value(keyword.value))
        names.append(keyword.arg or "**")
    dst = frame.new()
    number = frame.numbers[id(node)]
    frame.steps.append(("call", dst, callee, None, None, args, names, number))
    if len(args) > 1:
        frame.second_argument = args[1]
    if frame.paths:
        frame.disturb()
    return dst


def binary(frame: Frame, node: Any) -> int:
    """Apply a binary operator."""
    left = frame.value(node.left)
    right = frame.value(node.right)
    return frame.make("binary", left, right, f"__{OPERATORS[node.op.__class__]}__", node=node)


def unary(frame: Frame, node: Any) -> int:
    """Apply a unary operator."""
    if node.op.__class__ is ast.Not:
        return outcome(frame, node, wanted=True).slot
    return frame.make("unary", frame.value(node.operand), None, _UNARY[node.op.__class__],
                      node=node)  # fmt: skip


def compare(frame: Frame, node: Any) -> int:
    """Compare: one step an operator; the method that runs is the container's for `in`."""
    left = frame.value(node.left)
    made: list[int] = []
    for op, other in zip(node.ops, node.comparators, strict=True):
        right = frame.value(other)
        cls = op.__class__
        pair = (right, left) if cls in _CONTAINS else (left, right)
        made.append(frame.make("compare", *pair, _COMPARE[cls], node=node))
        left = right
    frame.compared = left
    return made[0] if len(made) == 1 else frame.union(made) or made[0]


_CONTAINS = frozenset((ast.In, ast.NotIn))


def boolean(frame: Frame, node: Any) -> int:
    """Evaluate `and` or `or` for its value."""
    return outcome(frame, node, wanted=True).slot


def conditional(frame: Frame, node: Any) -> int:
    """Evaluate `a if test else b`."""
    found = outcome(frame, node.test)
    dst = frame.new()
    for facts, branch in ((found.yes, node.body), (found.no, node.orelse)):
        mark = frame.mark()
        assume(frame, facts)
        frame.add("copy", dst, frame.value(branch))
        maybe(frame, mark)
    return dst


def walrus(frame: Frame, node: Any) -> int:
    """Bind a name inside an expression, past the comprehensions around it."""
    slot = frame.value(node.value)
    frame.bind_body(frame.mangle(node.target.id), slot)
    return slot


def sequence(frame: Frame, node: Any) -> int:
    """Make a list, tuple or set display."""
    kind = node.__class__.__name__.lower()
    dst = frame.make("container", name=kind, node=node)
    index = -1 if kind == "set" else 0
    for element in node.elts:
        if element.__class__ is ast.Starred:
            frame.add("spread", src=dst, other=frame.value(element.value), node=element)
            index = -1
        else:
            place = str(index) if index >= 0 else ""
            frame.add("put", src=dst, name=place, args=(frame.value(element),), node=node)
            index += index >= 0
    return dst


def mapping(frame: Frame, node: Any) -> int:
    """Make a dictionary display."""
    dst = frame.make("container", name="dict", node=node)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            frame.add("spread", src=dst, other=frame.value(value), node=node)
        else:
            slot = frame.value(key)
            frame.add("put", src=dst, other=slot, name="", args=(frame.value(value),), node=node)
    return dst


def starred(frame: Frame, node: Any) -> int:
    """Evaluate what a star stands before, where the place around has no say of its own."""
    return frame.value(node.value)


def awaited(frame: Frame, node: Any) -> int:
    """Await: others may run meanwhile."""
    return _suspended(frame, "await", frame.value(node.value), node)


def yielded(frame: Frame, node: Any) -> int:
    """Yield: others may run meanwhile."""
    slot = frame.none() if node.value is None else frame.value(node.value)
    return _suspended(frame, "yield", slot, node)


def yielded_from(frame: Frame, node: Any) -> int:
    """Delegate to another generator."""
    return _suspended(frame, "yield_from", frame.value(node.value), node)


def _suspended(frame: Frame, op: str, slot: int, node: Any) -> int:
    dst = frame.make(op, slot, node=node)
    frame.disturb()
    return dst


EXPRESSIONS: dict[type, Callable[[Frame, Any], int]] = {
    ast.Name: name, ast.Constant: constant, ast.JoinedStr: formatted,
    ast.FormattedValue: interpolated, ast.Attribute: attribute, ast.Subscript: subscript,
    ast.Slice: slice_, ast.Call: call, ast.BinOp: binary, ast.UnaryOp: unary,
    ast.Compare: compare, ast.BoolOp: boolean, ast.IfExp: conditional, ast.NamedExpr: walrus,
    ast.List: sequence, ast.Tuple: sequence, ast.Set: sequence, ast.Dict: mapping,
    ast.Starred: starred, ast.Await: awaited, ast.Yield: yielded, ast.YieldFrom: yielded_from,
}  # fmt: skip
