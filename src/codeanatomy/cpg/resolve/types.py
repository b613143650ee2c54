"""Annotations: their text evaluated to types, and the instances that a type stands for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codeanatomy.cpg.resolve import classes
from codeanatomy.cpg.resolve.objects import (
    ANY,
    Alias,
    Class,
    Const,
    Form,
    Instance,
    Module,
    Outside,
    Package,
    Tool,
    TypeVar,
    Unknown,
)

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.class_facts import ClassFacts
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver

DEEP = 8  # of types inside types
LONGEST = 200_000  # characters of an annotation: longer ones say nothing
_EXACT = frozenset(
    "int float complex bool str bytes bytearray list tuple dict set frozenset NoneType range slice "
    "object type".split()
)


def evaluate(r: Resolver, frame: Frame, text: str) -> list[int]:
    """Return the types that an annotation names; those not known (yet) are left out."""
    key = (frame.index, text)
    found = r.annotations.get(key)
    if found is None:
        if len(text) > LONGEST:
            return []
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
        found = _of(r, frame, tree, 0)
        if found:
            r.annotations[key] = found
    return found


def _of(  # noqa: PLR0911 - one way out a kind of syntax
    r: Resolver, frame: Frame, tree: ast.expr, depth: int
) -> list[int]:
    if depth > DEEP:
        return []
    if isinstance(tree, ast.Name):
        found = sorted(r.solver.values[lookup(r, frame, tree.id)])
        return [r.modules.class_of_tool(value) for value in found]
    if isinstance(tree, ast.Attribute):
        return _attribute(r, _of(r, frame, tree.value, depth + 1), tree.attr)
    if isinstance(tree, ast.Constant):
        if tree.value is None:
            return [r.modules.none()]
        if isinstance(tree.value, str):
            return evaluate(r, frame, tree.value)
        return []
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitOr):
        return [value for part in _parts(tree) for value in _of(r, frame, part, depth + 1)]
    if isinstance(tree, ast.Subscript):
        return _subscript(r, frame, tree, depth)
    if isinstance(tree, ast.List | ast.Tuple):
        nodes = [_holding(r, _of(r, frame, e, depth + 1)) for e in tree.elts]
        return [r.of(Alias(r.of(Form("[]")), tuple(nodes)))]
    return []


def _parts(tree: ast.expr) -> list[ast.expr]:
    """Return the alternatives of `A | B | C`, however many there are."""
    found: list[ast.expr] = []
    while isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitOr):
        found.append(tree.right)
        tree = tree.left
    return [tree, *reversed(found)]


def _holding(r: Resolver, values: list[int]) -> int:
    node = r.solver.node()
    r.solver.add_all(node, values)
    return node


def _subscript(r: Resolver, frame: Frame, tree: ast.Subscript, depth: int) -> list[int]:
    found: list[int] = []
    inner = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
    for value in _of(r, frame, tree.value, depth + 1):
        info = r.info[value]
        name = info.name if isinstance(info, Form) else ""
        if name in ("Optional", "Union", "ClassVar", "Final", "Required", "NotRequired",
                    "ReadOnly", "TypeGuard", "TypeIs", "Unpack"):  # fmt: skip
            if name in ("TypeGuard", "TypeIs"):
                continue
            for part in inner:
                found += _of(r, frame, part, depth + 1)
        elif name == "Annotated":
            found += _of(r, frame, inner[0], depth + 1)
        elif name == "Literal":
            texts = [e for e in inner if isinstance(e, ast.Constant)]
            found += [r.modules.constant(e.value) for e in texts]
        elif isinstance(info, Class | Form):
            nodes = tuple(_holding(r, _of(r, frame, e, depth + 1)) for e in inner)
            found.append(r.of(Alias(value, nodes)))
        else:
            found.append(value)
    return found


def _attribute(r: Resolver, values: list[int], name: str) -> list[int]:
    found: dict[int, None] = {}
    for value in values:
        info = r.info[value]
        if isinstance(info, Module | Package):
            node = r.solver.node()
            r.modules.attribute(value, name, node)
            found.update(dict.fromkeys(sorted(r.solver.values[node])))
        elif isinstance(info, Class):
            owner = classes.owner_of(r, r.classes[value], name)
            if owner is not None:
                held = sorted(r.solver.values[r.ensure(r.field(owner.number, name))])
                found.update(dict.fromkeys(held))
        elif isinstance(info, Outside):
            found[r.of(Outside(f"{info.name}.{name}"))] = None
    return list(found)


def declare(r: Resolver, node: int, frame: Frame, text: str) -> None:
    """Note what a stub declares of a node: found out when it is asked for."""

    def evaluate_() -> None:
        for value in evaluate(r, frame, text):
            instances(r, value, node)

    r.later(node, evaluate_)


def lookup(r: Resolver, frame: Frame, name: str) -> int:
    """Return the node of a name as code in a frame's scope sees it after all is run."""
    here: Frame | None = frame
    first = True
    while here is not None:
        if name in here.body.offered and (first or here.body.kind == "module"):
            if here.body.kind == "class":
                return r.ensure(r.field(here.cls, name))
            if here.body.kind == "module":
                return r.ensure(r.modules.exported(here.unit, name))
        local = r.locals_of(here).get(name)
        if local is not None:
            return here.base + local
        first = first and here.body.kind != "class"
        here = here.parent
    return r.modules.name(frame.unit, name)


def instances(r: Resolver, value: int, dst: int, depth: int = 0, within: int = -1) -> None:
    """Let what a type stands for flow to a node; `within` is whose type variables it means."""
    info = r.info[value]
    if isinstance(info, Class):
        facts = r.classes[value]
        if r.units[facts.unit].outside and facts.name in _EXACT:
            if facts.name not in ("object", "type"):
                r.solver.add(dst, r.of(Instance(value)))
            return
        r.solver.add(dst, r.of(Instance(value, ANY)))
    elif isinstance(info, Const):
        r.solver.add(dst, value)
    elif isinstance(info, Alias) and depth < DEEP:
        _of_alias(r, value, info, dst, depth, within)
    elif isinstance(info, Outside):
        r.solver.add(dst, r.of(Instance(r.outside_class(info.name), ANY)))
    elif isinstance(info, Tool) and info.name == "newtype_of":
        r.solver.when(info.number, _instances, r, dst, depth + 1)
    elif isinstance(info, TypeVar) and within >= 0:
        r.solver.copy(r.field(within, "$" + info.name), dst)
    elif isinstance(info, Unknown):
        r.solver.add(dst, value)


def _instances(value: int, r: Resolver, dst: int, depth: int, within: int = -1) -> None:
    instances(r, value, dst, depth, within)


def _of_alias(r: Resolver, value: int, info: Alias, dst: int, depth: int, within: int) -> None:
    target = r.info[info.of]
    if isinstance(target, Form):
        if target.name in ("Type", "type") and info.arguments:
            r.solver.when(info.arguments[0], _class_itself, r, dst)
        elif target.name in ("Annotated", "Final", "ClassVar") and info.arguments:
            r.solver.when(info.arguments[0], _instances, r, dst, depth + 1)
        elif target.name in ("Union", "Optional"):
            for node in info.arguments:
                r.solver.when(node, _instances, r, dst, depth + 1)
        return
    if not isinstance(target, Class):
        return
    facts = r.classes[info.of]
    outside = r.units[facts.unit].outside
    if outside and facts.name == "type" and info.arguments:
        r.solver.when(info.arguments[0], _class_itself, r, dst)
        return
    at = ("alias", value) if within < 0 else ("alias", value, within)
    made = r.of(Instance(info.of, at))
    r.solver.add(dst, made)
    fill(r, made, facts, info.arguments, depth, within)


def fill(
    r: Resolver, made: int, facts: ClassFacts, arguments: tuple[int, ...], depth: int,
    within: int = -1,
) -> None:  # fmt: skip
    """Put instances of type arguments into the type variables of an instance, once."""
    if made in r.filled:
        return
    r.filled.add(made)
    if r.units[facts.unit].outside and facts.name == "tuple":
        _fill_tuple(r, made, arguments, depth, within)
        return
    for name, node in zip(classes.parameters(r, facts), arguments, strict=False):
        r.solver.when(node, _instances, r, r.field(made, "?" + name), depth + 1, within)


def _fill_tuple(
    r: Resolver, made: int, arguments: tuple[int, ...], depth: int, within: int
) -> None:
    whole = r.field(made, "?_T_co")
    known = [node for node in arguments if r.solver.values[node]]
    for place, node in enumerate(arguments):
        if len(known) < len(arguments) or len(arguments) == 1:  # `tuple[T, ...]`
            r.solver.when(node, _instances, r, whole, depth + 1, within)
        else:
            one = r.solver.node()
            r.solver.when(node, _instances, r, one, depth + 1, within)
            r.put(made, str(place), one)
            r.solver.copy(one, r.field(made, "$_T_co"))


def _class_itself(value: int, r: Resolver, dst: int) -> None:
    info = r.info[value]
    if isinstance(info, Class):
        r.solver.add(dst, value)
    elif isinstance(info, Alias):
        r.solver.add(dst, info.of)


def variable_node(r: Resolver, value: int, owner: int, name: str, *, write: bool = False) -> int:
    """Return the node of what a type variable of a class stands for in one instance."""
    mark = "?" if write else "$"
    cls = r.class_of(value)
    if cls == owner or cls not in r.classes:
        return r.field(value, mark + name)
    key = (value, owner, mark + name)
    node = r.projected.get(key)
    if node is None:
        node = r.projected[key] = r.solver.node()
        for found in project(r, cls, owner, r.of(TypeVar(name)), 0):
            info = r.info[found]
            if isinstance(info, TypeVar):
                own = r.field(value, mark + info.name)
                r.solver.copy(*((node, own) if write else (own, node)))
            elif not write:
                instances(r, found, node, 0, value)
    return node


def project(r: Resolver, cls: int, owner: int, value: int, depth: int) -> list[int]:
    """Say what a type of a class above means in terms of the type variables of a class."""
    if cls == owner or depth > DEEP:
        return [value]
    facts = r.classes[cls]
    for base in (b for place in facts.bases for b in place):
        above = r.classes[base]
        if owner not in above.mro:
            continue
        arguments = facts.arguments.get(base, ())
        names = classes.parameters(r, above)
        found = []
        for inner in project(r, base, owner, value, depth + 1):
            info = r.info[inner]
            if isinstance(info, TypeVar) and arguments and info.name in names:
                at = names.index(info.name)
                found += sorted(r.solver.values[arguments[at]]) if at < len(arguments) else []
            else:
                found.append(inner)
        return found
    return [value]
