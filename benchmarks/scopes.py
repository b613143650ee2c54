"""Python's scoping rules, read from the language reference and written a second time.

`occurrences` lists every identifier that the rules bind, with the scope it stands in; `meaning`
says what one means. `disagreements` holds these rules against the interpreter's own symbol table,
scope by scope and name by name, so that they are as sure as that is.
"""

from __future__ import annotations

import ast
import symtable
import sys
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.source import Source, Word

USED, BOUND, GLOBAL, NONLOCAL = 1, 2, 4, 8
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = {
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}
ROLES = {ast.Load: "load", ast.Store: "store", ast.Del: "delete"}
SEEING = ("type_parameters", "type_variable", "type_alias")  # these see the names of a class around
INLINED = sys.version_info >= (3, 12)
# What `Symbol` holds in its name-mangled `__scope`; the module `_symtable` names them.
CLASSES = {1: "local", 2: "explicit_global", 3: "implicit_global", 4: "free", 5: "cell"}


class Scope:
    """One scope: what its own text does with each name, and the scopes inside it."""

    def __init__(self, kind: str, name: str, node: ast.AST, parent: Scope | None) -> None:
        self.kind, self.name, self.node, self.parent = kind, name, node, parent
        self.line: int = getattr(node, "lineno", 0)
        self.children: list[Scope] = []
        self.flags: dict[str, int] = {}
        self.cells: set[str] = set()
        self.star = False
        if parent is not None:
            parent.children.append(self)

    def note(self, name: str, flag: int) -> None:
        """Remember that the scope's own text does something with a name."""
        self.flags[name] = self.flags.get(name, 0) | flag

    def all(self) -> Iterator[Scope]:
        """Return the scope and every scope below it, outermost first."""
        left = [self]
        while left:
            scope = left.pop()
            yield scope
            left.extend(reversed(scope.children))

    def bound(self) -> set[str]:
        """List the names that this scope's own text binds here."""
        return {
            name
            for name, flags in self.flags.items()
            if flags & BOUND and not flags & (GLOBAL | NONLOCAL)
        }


class Occurrence(NamedTuple):
    """One identifier: its bytes, its name after mangling, how it is used, and where it stands.

    `carrier` holds the bytes of the syntax node that carries it; `skipped` says that it stands in
    an annotation that Python does not look at.
    """

    begin: int
    end: int
    name: str
    text: str
    role: str
    scope: Scope
    carrier: tuple[int, int]
    implicit: bool
    skipped: bool = False


class Reading(NamedTuple):
    """One file's module scope, its identifiers, and what each of its annotations' ones means."""

    module: Scope
    plain: list[Occurrence]
    annotation_module: Scope
    annotations: list[Occurrence]


def read(source: Source) -> Reading:
    """Read a file's scopes; annotations that Python skips are read as if it did not."""
    future = postpones(source.tree)
    walk = _Walk(source, skip=future)
    if not future:
        return Reading(walk.module, walk.found, walk.module, walk.annotated)
    full = _Walk(source, skip=False)
    skipped = [occurrence._replace(skipped=True) for occurrence in full.annotated]
    return Reading(walk.module, walk.found, full.module, skipped)


def meaning(scope: Scope, name: str) -> tuple[str, Scope]:
    """Return the class of a name in a scope, and the scope whose binding it means."""
    flags = scope.flags.get(name, 0)
    if flags & GLOBAL:
        return "explicit_global", _module(scope)
    if flags & BOUND and not flags & NONLOCAL:
        return ("cell" if name in scope.cells else "local"), scope
    return _outward(scope, name)


def global_names(module: Scope) -> set[str]:
    """List the names bound in a module: by its own text, or by a scope that says `global`."""
    names = set()
    for scope in module.all():
        for name, flags in scope.flags.items():
            if flags & BOUND and (flags & GLOBAL or (scope is module and not flags & NONLOCAL)):
                names.add(name)
    return names


def postpones(tree: ast.Module) -> bool:
    """Say whether a module imports `annotations` from `__future__`."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


def disagreements(source: Source, reading: Reading) -> list[str]:
    """List where these rules and the interpreter's symbol table differ; empty is right."""
    found = list(_compare(reading.module, _table(source.raw)))
    if reading.annotation_module is not reading.module:
        text = _without_future(source)
        found += list(_compare(reading.annotation_module, _table(text)))
    return found


def _outward(scope: Scope, name: str) -> tuple[str, Scope]:
    seeing = scope.kind in SEEING
    at = scope.parent
    while at is not None and at.kind != "module":
        flags = at.flags.get(name, 0)
        if at.kind == "class":
            if name == "__class__":
                return "free", at
            if seeing and flags & GLOBAL:
                return "explicit_global", _module(at)
            if seeing and flags & BOUND:
                return "implicit_global", at
        elif flags & GLOBAL:
            return "implicit_global", _module(at)
        elif flags & BOUND and not flags & NONLOCAL:
            return "free", at
        seeing = seeing and at.kind in SEEING
        at = at.parent
    return "implicit_global", at or scope


def _module(scope: Scope) -> Scope:
    while scope.parent is not None:
        scope = scope.parent
    return scope


def mangle(name: str, private: str) -> str:
    """Return a name as code inside the class `private` means it."""
    stripped = private.lstrip("_")
    if not stripped or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    return f"_{stripped}{name}"


class _Walk:
    """One pass over a tree in the order in which the interpreter opens scopes."""

    def __init__(self, source: Source, *, skip: bool) -> None:
        self.source, self.skip = source, skip
        self.found: list[Occurrence] = []
        self.annotated: list[Occurrence] = []
        self.private, self.in_annotation = "", False
        self.bracketed: ast.AST | None = None
        self.module = self.scope = Scope("module", "top", source.tree, None)
        self.visit_all(source.tree.body)
        for scope in self.module.all():
            for name, flags in scope.flags.items():
                word, owner = meaning(scope, name)
                if flags and word == "free" and owner.kind != "class":
                    owner.cells.add(name)

    # -- the plain cases -------------------------------------------------------------------------
    def visit(self, node: ast.AST | None) -> None:
        """Visit one node by the rule of its class, else its children in order."""
        if node is None:
            return
        special = getattr(self, "visit_" + type(node).__name__.lower(), None)
        if special is not None:
            special(node)
        else:
            for child in ast.iter_child_nodes(node):
                self.visit(child)

    def visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        """Visit some nodes."""
        for node in nodes:
            self.visit(node)

    def visit_name(self, node: ast.Name) -> None:
        """Note a name that is read, written or deleted."""
        role = ROLES[type(node.ctx)]
        self.use(self.source.span(node), node.id, role, node, implicit=False)
        if role == "load" and node.id == "super" and self.scope.kind in ("function", "lambda"):
            self.scope.note("__class__", USED)

    def use(
        self, span: tuple[int, int], text: str, role: str, node: ast.AST, *, implicit: bool = True
    ) -> None:
        """Note one identifier in the scope where it stands."""
        name = mangle(text, self.private)
        flag = {"load": USED, "global": GLOBAL, "nonlocal": NONLOCAL}.get(role, BOUND)
        self.scope.note(name, 0 if node is self.bracketed else flag)
        if flag == GLOBAL:
            self.module.note(name, GLOBAL)
        carrier = self.source.span(node)
        found = self.annotated if self.in_annotation else self.found
        found.append(Occurrence(*span, name, text, role, self.scope, carrier, implicit))

    def word(self, word: Word, role: str, node: ast.AST, text: str | None = None) -> None:
        """Note an identifier that only the words of the file show."""
        self.use(self.source.word_span(word), text or word.text, role, node)

    # -- statements ------------------------------------------------------------------------------
    def definition(self, node: ast.AST, keyword: str, role: str, name: str) -> None:
        """Note the name of a definition: the word after its keyword."""
        words = self.source.words_of(node)
        at = next(i for i, word in enumerate(words) if word.text == keyword)
        self.word(words[at + 1], role, node, name)

    def visit_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Visit a function: its defaults, decorators and annotations stand outside it."""
        self.definition(node, "def", "function", node.name)
        self.defaults(node.args)
        parameters = getattr(node, "type_params", [])
        if INLINED:
            self.visit_all(node.decorator_list)
        outer = self.open_type_parameters(node, node.name, parameters)
        self.signature(node.args, node.returns)
        if not INLINED:
            self.visit_all(node.decorator_list)
        self.inside("function", node.name, node, node.args, node.body)
        self.scope = outer

    visit_asyncfunctiondef = visit_functiondef

    def visit_lambda(self, node: ast.Lambda) -> None:
        """Visit a lambda."""
        self.defaults(node.args)
        self.inside("lambda", "lambda", node, node.args, [node.body])

    def inside(
        self, kind: str, name: str, node: ast.AST, args: ast.arguments, body: Sequence[ast.AST]
    ) -> None:
        """Visit the parameters and the body of a function in a scope of its own."""
        outer, self.scope = self.scope, Scope(kind, name, node, self.scope)
        stars = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
        for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, *stars):
            self.word(self.source.word_at(arg), "parameter", arg, arg.arg)
        self.visit_all(body)
        self.scope = outer

    def defaults(self, args: ast.arguments) -> None:
        """Visit the defaults of parameters."""
        self.visit_all(args.defaults)
        self.visit_all(args.kw_defaults)

    def signature(self, args: ast.arguments, returns: ast.expr | None) -> None:
        """Visit the annotations of a function."""
        ordered = [*args.posonlyargs, *args.args, args.vararg, args.kwarg, *args.kwonlyargs]
        for arg in ordered:
            if arg is not None:
                self.annotation(arg.annotation)
        self.annotation(returns)

    def annotation(self, node: ast.expr | None) -> None:
        """Visit an annotation, unless Python skips it."""
        if self.skip:
            return
        before, self.in_annotation = self.in_annotation, True
        self.visit(node)
        self.in_annotation = before

    def visit_classdef(self, node: ast.ClassDef) -> None:
        """Visit a class: its bases, keywords and decorators stand outside it."""
        self.definition(node, "class", "class", node.name)
        if INLINED:
            self.visit_all(node.decorator_list)
        outer = self.open_type_parameters(node, node.name, getattr(node, "type_params", []))
        self.visit_all(node.bases)
        self.visit_all(node.keywords)
        if not INLINED:
            self.visit_all(node.decorator_list)
        around, private = self.scope, self.private
        self.scope, self.private = Scope("class", node.name, node, self.scope), node.name
        self.visit_all(node.body)
        self.scope, self.private = around, private
        self.scope = outer

    def open_type_parameters(
        self, node: ast.AST, name: str, parameters: Sequence[ast.AST]
    ) -> Scope:
        """Open the scope of type parameters if there are any; return the scope around."""
        outer = self.scope
        if parameters:
            self.scope = Scope("type_parameters", name, node, self.scope)
            private = self.private
            for parameter in parameters:
                self.private = node.name if isinstance(node, ast.ClassDef) else private
                self.type_parameter(parameter, private)
            self.private = private
        return outer

    def type_parameter(self, node: ast.AST, private: str) -> None:
        """Visit one type parameter; its bound and default are scopes of their own."""
        name: str = node.name  # type: ignore[attr-defined] # each class of them has one
        self.word(self.source.words_of(node)[0], "type_parameter", node, name)
        self.private = private
        for part in ("bound", "default_value"):
            value = getattr(node, part, None)
            if value is not None:
                outer, self.scope = self.scope, Scope("type_variable", name, node, self.scope)
                self.visit(value)
                self.scope = outer

    def visit_typealias(self, node: ast.AST) -> None:
        """Visit a `type` statement; its value is a scope of its own."""
        name: ast.Name = node.name  # type: ignore[attr-defined] # newer than the oldest Python
        self.visit(name)
        parameters = node.type_params  # type: ignore[attr-defined] # the same
        outer = self.open_type_parameters(node, name.id, parameters)
        around, self.scope = self.scope, Scope("type_alias", name.id, node, self.scope)
        self.visit(node.value)  # type: ignore[attr-defined] # the same
        self.scope = around
        self.scope = outer

    def visit_assign(self, node: ast.Assign) -> None:
        """Visit an assignment."""
        self.visit_all(node.targets)
        self.visit(node.value)

    def visit_annassign(self, node: ast.AnnAssign) -> None:
        """Visit an annotated assignment; `(x): int` alone does nothing with `x`."""
        if not node.simple and node.value is None:
            self.bracketed = node.target
        self.visit(node.target)
        self.annotation(node.annotation)
        self.visit(node.value)

    def visit_for(self, node: ast.For | ast.AsyncFor) -> None:
        """Visit a loop."""
        self.visit_all([node.target, node.iter, *node.body, *node.orelse])

    visit_asyncfor = visit_for

    def visit_if(self, node: ast.If | ast.While) -> None:
        """Visit a branch or a loop."""
        self.visit_all([node.test, *node.body, *node.orelse])

    visit_while = visit_if

    def visit_try(self, node: ast.Try) -> None:
        """Visit a `try`; older tables take `else` before the handlers."""
        late = [*node.orelse, *node.handlers]
        if sys.version_info >= (3, 13):
            late = [*node.handlers, *node.orelse]
        self.visit_all([*node.body, *late, *node.finalbody])

    visit_trystar = visit_try

    def visit_excepthandler(self, node: ast.ExceptHandler) -> None:
        """Visit a handler; its name is the word after the `as` that follows its type."""
        self.visit(node.type)
        if node.name and node.type is not None:
            after = (node.type.end_lineno or 0, node.type.end_col_offset or 0)
            end = (node.end_lineno or 0, node.end_col_offset or 0)
            self.word(self.source.words_between(after, end)[1], "except", node, node.name)
        self.visit_all(node.body)

    def visit_import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Note what an import binds: its alias, else the first part of its name."""
        for alias in node.names:
            if alias.name == "*":
                self.scope.star = True
                continue
            words = self.source.words_of(alias)
            if alias.asname:
                self.word(words[-1], "import", alias, alias.asname)
            else:
                self.word(words[0], "import", alias, alias.name.split(".")[0])

    visit_importfrom = visit_import

    def visit_global(self, node: ast.Global | ast.Nonlocal) -> None:
        """Note the names of a `global` or `nonlocal` statement."""
        role = type(node).__name__.lower()
        words = self.source.words_of(node)[1:]
        for name, word in zip(node.names, words, strict=True):
            self.word(word, role, node, name)

    visit_nonlocal = visit_global

    # -- expressions -----------------------------------------------------------------------------
    def visit_namedexpr(self, node: ast.NamedExpr) -> None:
        """Visit `:=`: inside comprehensions it binds in the scope around them."""
        if self.scope.kind == "comprehension":
            name = mangle(node.target.id, self.private)
            around, inner = self.scope, []
            while around.kind == "comprehension" and around.parent is not None:
                inner.append(around)
                around = around.parent
            if around.kind == "module" or around.flags.get(name, 0) & GLOBAL:
                around.note(name, BOUND)
                self.module.note(name, GLOBAL)
                inner[0].note(name, GLOBAL)
            else:
                around.note(name, BOUND)
                inner[0].note(name, NONLOCAL)
        self.visit(node.value)
        self.visit(node.target)

    def visit_dict(self, node: ast.Dict) -> None:
        """Visit a dictionary: keys first."""
        self.visit_all([*node.keys, *node.values])

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        """Visit a comprehension: only its first iterable stands outside it."""
        first, *rest = node.generators
        self.visit(first.iter)
        name = COMPREHENSIONS[type(node)]
        outer, self.scope = self.scope, Scope("comprehension", name, node, self.scope)
        self.visit(first.target)
        self.visit_all(first.ifs)
        for generator in rest:
            self.visit_all([generator.target, generator.iter, *generator.ifs])
        if isinstance(node, ast.DictComp):
            self.visit_all([node.value, node.key])
        else:
            self.visit(node.elt)
        self.scope = outer

    visit_listcomp = visit_setcomp = visit_dictcomp = visit_generatorexp = comprehension

    # -- patterns --------------------------------------------------------------------------------
    def visit_matchas(self, node: ast.MatchAs) -> None:
        """Visit a capture: its name is its last word."""
        self.visit(node.pattern)
        if node.name:
            self.word(self.source.words_of(node)[-1], "pattern", node, node.name)

    def visit_matchstar(self, node: ast.MatchStar) -> None:
        """Visit a starred capture."""
        if node.name:
            self.word(self.source.words_of(node)[-1], "pattern", node, node.name)

    def visit_matchmapping(self, node: ast.MatchMapping) -> None:
        """Visit a mapping pattern: what takes the rest is the last word."""
        self.visit_all(node.keys)
        self.visit_all(node.patterns)
        if node.rest:
            self.word(self.source.words_of(node)[-1], "pattern", node, node.rest)


def _table(text: bytes) -> symtable.SymbolTable:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return symtable.symtable(text, "<oracle>", "exec")  # type: ignore[arg-type] # bytes work


def _compare(scope: Scope, table: symtable.SymbolTable) -> Iterator[str]:
    left = [(scope, table)]
    while left:
        ours, theirs = left.pop()
        children, tables = _visible(ours), theirs.get_children()
        shown = [(child.name, child.line) for child in children]
        listed = [(child.get_name(), child.get_lineno()) for child in tables]
        if shown != listed:
            yield f"line {ours.line}: scopes {shown} are {listed} in the symbol table"
            continue
        left.extend(zip(children, tables, strict=True))
        yield from _names(ours, theirs)


def _visible(scope: Scope) -> list[Scope]:
    """List the scopes inside one that have a table of their own: some comprehensions have none."""
    found = []
    for child in scope.children:
        if INLINED and child.kind == "comprehension" and child.name != "genexpr":
            found += _visible(child)
        else:
            found.append(child)
    return found


def _names(ours: Scope, theirs: symtable.SymbolTable) -> Iterator[str]:
    symbols = {symbol.get_name(): symbol for symbol in theirs.get_symbols()}
    for name, flags in ours.flags.items():
        mine = meaning(ours, name)[0]
        if name not in symbols and not flags:
            continue
        if name not in symbols:
            yield f"line {ours.line}: {name} in {ours.name} is missing from the symbol table"
            continue
        scope = symbols[name]._Symbol__scope  # type: ignore[attr-defined] # noqa: SLF001 - no other way to tell cells
        word = CLASSES[scope]
        if word != mine and not (INLINED and {word, mine} <= {"local", "cell"}):
            yield f"line {ours.line}: {name} in {ours.name} is {word}, not {mine}"


def _without_future(source: Source) -> bytes:
    """Write the text so that annotations count: what `__future__` bound stays bound."""
    lines = [line.encode() for line in source.lines]
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            names = ", ".join(
                alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in node.names
            )
            first, last = node.lineno - 1, (node.end_lineno or 0) - 1
            after = lines[last][node.end_col_offset :]
            before = lines[first][: node.col_offset]
            lines[first : last + 1] = [
                before + f"import {names}".encode() + b" \\\n" * (last - first) + after
            ]
            lines = b"".join(lines).splitlines(keepends=True) if last > first else lines
    return b"".join(lines)
