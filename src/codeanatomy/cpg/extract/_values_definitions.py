"""Definitions as steps: functions, lambdas, classes, comprehensions, type parameters."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._values_annotations import may_run, text_of
from codeanatomy.cpg.extract._values_flow import block, finish
from codeanatomy.cpg.extract._values_frame import Frame
from codeanatomy.cpg.extract._values_outcomes import assume, maybe, outcome
from codeanatomy.cpg.extract._values_targets import assign
from codeanatomy.cpg.extract._values_versions import Join

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


def function(frame: Frame, node: Any) -> None:
    """Make a function: decorators and defaults here, its body once this one is done."""
    decorators = [frame.value(decorator) for decorator in node.decorator_list]
    number = frame.numbers[id(node)]
    outer = _type_parameters(frame, node, number)
    _annotations(frame, node)
    slot = _function(frame, node, number)
    _leave(frame, node, outer)
    slot = _decorated(frame, node, slot, decorators)
    name = frame.mangle(node.name)
    _overloads(frame, node, name, slot)
    frame.bind(name, slot)


def lambda_(frame: Frame, node: Any) -> int:
    """Make a lambda."""
    return _function(frame, node, frame.numbers[id(node)])


def class_(frame: Frame, node: Any) -> None:
    """Make a class; its body runs here and now."""
    decorators = [frame.value(decorator) for decorator in node.decorator_list]
    number = frame.numbers[id(node)]
    outer = _type_parameters(frame, node, number)
    args: list[int] = []
    names: list[str] = []
    for base in node.bases:
        starred = base.__class__ is ast.Starred
        args.append(frame.value(base.value if starred else base))
        names.append("*" if starred else "")
    for keyword in node.keywords:
        args.append(frame.value(keyword.value))
        names.append(keyword.arg or "**")
    scope = frame.file.opened[number]
    frame.escape(scope)
    inside = Frame(frame.file, number, scope, "class", frame)
    block(inside, node.body)
    finish(inside)
    slot = frame.make("class", None, inside.body, node.name, args, names, node)
    frame.disturb()
    _leave(frame, node, outer)
    frame.bind(frame.mangle(node.name), _decorated(frame, node, slot, decorators))


def comprehension(frame: Frame, node: Any) -> int:
    """Make what a comprehension makes; its variables are its own."""
    number = frame.numbers[id(node)]
    first = frame.value(node.generators[0].iter)
    outside, scope = frame.here, frame.file.opened[number]
    dst = frame.make("container", name=_MADE[node.__class__], node=node)
    held = frame.vars
    if frame.kind == "class" and outside == frame.scope:
        frame.vars = {}  # what is inside does not see the class's variables
    mark = frame.mark()
    heads = _heads(frame, node)
    frame.here = scope
    frame.file.owners[scope] = frame
    names = frame.file.scopes.bound[scope]
    for at, generator in enumerate(node.generators):
        source = frame.value(generator.iter) if at else first
        op = "aiterate" if generator.is_async else "iterate"
        assign(frame, generator.target, frame.make(op, source, node=generator.iter))
        for condition in generator.ifs:
            assume(frame, outcome(frame, condition).yes)
    _element(frame, node, dst)
    frame.here = outside
    for name, head in heads.items():
        head.feed(frame.vars.get(name, head))
    maybe(frame, mark, names)
    frame.vars = held
    frame.disturb()
    return dst


_MADE: dict[type, str] = {
    ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict", ast.GeneratorExp: "generator",
}  # fmt: skip


def _heads(frame: Frame, node: Any) -> dict[str, Join]:
    """Begin the loop of a comprehension for the names that it binds outside itself."""
    scopes = frame.file.scopes
    heads: dict[str, Join] = {}
    if frame.scope in scopes.walruses:
        names = scopes.assigned(frame.scope, node.lineno, node.end_lineno)
        for name in sorted(names & scopes.walruses[frame.scope].keys()):
            if not frame.is_local(name):
                continue
            before = frame.vars.get(name)
            heads[name] = Join(frame, [] if before is None else [before], more=True)
            frame.set(name, heads[name])
    return heads


def _element(frame: Frame, node: Any, dst: int) -> None:
    key = None
    if node.__class__ is ast.DictComp:
        key = frame.value(node.key)
        slot = frame.value(node.value)
    else:
        slot = frame.value(node.elt)
    frame.add("put", src=dst, other=key, name="", args=(slot,), node=node)


def body_of(frame: Frame, node: Any) -> None:
    """Make the body of a function or lambda that stands in `frame`, which is done."""
    file = frame.file
    number = file.numbers[id(node)]
    kind = "lambda" if node.__class__ is ast.Lambda else "function"
    inside = Frame(file, number, file.opened[number], kind, frame)
    _parameters(inside, node.args)
    inside.binds = True
    if kind == "lambda":
        inside.add("return", src=inside.value(node.body))
        return
    if node.returns is not None:
        inside.add("returns", name=text_of(node.returns))
    block(inside, node.body)
    if not inside.dead:
        inside.add("return", src=inside.none())
    finish(inside)


def _parameters(frame: Frame, args: Any) -> None:
    groups = (args.posonlyargs, args.args, [args.vararg], args.kwonlyargs, [args.kwarg])
    place = 0
    for kind, group in enumerate(groups):
        for arg in group:
            if arg is None:
                continue
            name = frame.mangle(arg.arg)
            annotation = arg.annotation
            if annotation.__class__ is ast.Starred:
                annotation = annotation.value
            said = () if annotation is None else (text_of(annotation),)
            frame.bind(name, frame.make("param", place, kind, name, (), said, arg))
            place += 1


def _function(frame: Frame, node: Any, number: int) -> int:
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    last = positional[len(positional) - len(args.defaults) :]
    pairs = list(zip(last, args.defaults, strict=True))
    pairs += [
        pair for pair in zip(args.kwonlyargs, args.kw_defaults, strict=True) if pair[1] is not None
    ]
    slots = [frame.value(default) for _, default in pairs]
    names = [frame.mangle(arg.arg) for arg, _ in pairs]
    frame.escape(frame.file.opened[number])
    frame.file.waiting.append((node, frame))
    body = frame.file.bodies[number]
    return frame.make("function", None, body, getattr(node, "name", "<lambda>"), slots, names, node)


def _decorated(frame: Frame, node: Any, slot: int, decorators: Sequence[int]) -> int:
    for decorator, shown in zip(reversed(decorators), reversed(node.decorator_list), strict=True):
        slot = frame.make("decorate", slot, decorator, node=shown)
        frame.disturb()
    return slot


def _annotations(frame: Frame, node: Any) -> None:
    """Evaluate annotations that call something."""
    args = node.args
    for arg in (*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg):
        if arg is not None and arg.annotation is not None and may_run(arg.annotation):
            frame.value(arg.annotation)
    if node.returns is not None and may_run(node.returns):
        frame.value(node.returns)


def _overloads(frame: Frame, node: Any, name: str, slot: int) -> None:
    """Say which signatures a function has besides its own."""
    earlier = frame.overloads.get(name, [])
    last = [getattr(d, "attr", getattr(d, "id", "")) for d in node.decorator_list]
    if any(text.endswith("overload") for text in last):
        frame.overloads[name] = [*earlier, slot]
    elif earlier:
        for version in earlier:
            frame.add("overload", slot, version)
        del frame.overloads[name]


def _type_parameters(frame: Frame, node: Any, number: int) -> int:
    """Bind the type parameters of a definition; return where the code stood before."""
    outside = frame.here
    if getattr(node, "type_params", None):
        scope = frame.file.generic[number]
        frame.here = scope
        frame.file.owners[scope] = frame
        for parameter in node.type_params:
            name = frame.mangle(parameter.name)
            frame.bind(name, frame.make("typevar", name=name, node=parameter))
            for part in ("bound", "default_value"):
                value = getattr(parameter, part, None)
                if value is not None and may_run(value):
                    frame.value(value)
    return outside


def _leave(frame: Frame, node: Any, outside: int) -> None:
    """Forget the type parameters of a definition."""
    if frame.here != outside:
        frame.here = outside
        for parameter in node.type_params:
            frame.set(frame.mangle(parameter.name), None)


def type_alias(frame: Frame, node: Any) -> None:
    """Bind the name of a `type` statement."""
    outer = _type_parameters(frame, node, frame.numbers[id(node)])
    if may_run(node.value):
        frame.value(node.value)
    _leave(frame, node, outer)
    name = frame.mangle(node.name.id)
    frame.bind(name, frame.make("type_alias", name=name, names=(text_of(node.value),), node=node))


MAKERS: dict[type, Callable[[Frame, Any], int]] = {
    ast.Lambda: lambda_, ast.ListComp: comprehension, ast.SetComp: comprehension,
    ast.DictComp: comprehension, ast.GeneratorExp: comprehension,
}  # fmt: skip
DEFINITIONS: dict[type, Callable[[Frame, Any], None]] = {
    ast.FunctionDef: function, ast.AsyncFunctionDef: function, ast.ClassDef: class_,
}  # fmt: skip
if hasattr(ast, "TypeAlias"):
    DEFINITIONS[ast.TypeAlias] = type_alias
