"""Scopes and the names in them, from the interpreter's own symbol table.

Scopes are numbered in the order in which Python opens them; 0 is the module. Two things that the
interpreter hides are read from the text with small edits that move no line:

- Under `from __future__ import annotations` it skips annotations. A second table, of the text
  without that import, shows their scopes and names: these rows carry `annotation_only`. Where both
  tables have a name, the first one's row is kept.
- From 3.12 on it melts list, set and dict comprehensions into the scope around them. They are read
  as generator expressions, which it leaves whole.
"""

from __future__ import annotations

import _symtable  # type: ignore[import-not-found]  # typeshed leaves out this module of CPython
import ast
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.extract._source import Source

VERSION = 1

Columns: TypeAlias = "dict[str, list[Any] | np.ndarray[Any, Any]]"
Block: TypeAlias = Any  # the interpreter's table: type, name, lineno, symbols, varnames, children
Edit: TypeAlias = tuple[int, int, bytes]  # from, to, what to put there, in text offsets

_KINDS = {
    getattr(_symtable, constant): kind
    for constant, kind in (
        ("TYPE_MODULE", "module"),
        ("TYPE_CLASS", "class"),
        ("TYPE_FUNCTION", "function"),
        ("TYPE_ANNOTATION", "annotation"),
        ("TYPE_TYPE_VAR_BOUND", "type_variable"),  # 3.12's name
        ("TYPE_TYPE_PARAM", "type_parameters"),  # 3.12's name
        ("TYPE_TYPE_ALIAS", "type_alias"),
        ("TYPE_TYPE_PARAMETERS", "type_parameters"),
        ("TYPE_TYPE_VARIABLE", "type_variable"),
    )
    if hasattr(_symtable, constant)
}
_CLASSES: dict[int, str] = {
    _symtable.LOCAL: "local",
    _symtable.CELL: "cell",
    _symtable.FREE: "free",
    _symtable.GLOBAL_EXPLICIT: "explicit_global",
    _symtable.GLOBAL_IMPLICIT: "implicit_global",
}
_FLAGS: dict[str, int] = {
    "referenced": _symtable.USE,
    "imported": _symtable.DEF_IMPORT,
    "parameter": _symtable.DEF_PARAM,
    "type_parameter": 2 << 9,  # the interpreter exports no name for it; 3.11 never sets it
    "nonlocal": _symtable.DEF_NONLOCAL,
    "annotated": _symtable.DEF_ANNOT,
    "assigned": _symtable.DEF_LOCAL,
}
_OFF: int = _symtable.SCOPE_OFF
_MASK: int = _symtable.SCOPE_MASK
_FREE: int = _symtable.FREE
_EXPLICIT: int = _symtable.GLOBAL_EXPLICIT
_IMPLICIT: int = _symtable.GLOBAL_IMPLICIT
_OWN: tuple[int, int] = (_symtable.LOCAL, _symtable.CELL)
_GROUP = {_OWN[0]: 0, _OWN[1]: 0, _EXPLICIT: 1, _IMPLICIT: 1, _FREE: 2}
_BOUND: int = _symtable.DEF_BOUND
_DECLARED: int = _symtable.DEF_GLOBAL
_NONLOCAL: int = _symtable.DEF_NONLOCAL
_TYPE_KINDS = ("annotation", "type_parameters", "type_alias", "type_variable")
_MARKED: dict[type[ast.AST], str] = {
    ast.ListComp: "__codeanatomy_listcomp__",
    ast.SetComp: "__codeanatomy_setcomp__",
    ast.DictComp: "__codeanatomy_dictcomp__",
}
_LEAVES = {str, int, type(None), ast.Name, ast.Constant, ast.Load, ast.Store, ast.alias, ast.Pass}
_MARKS = {mark: mark.strip("_").rpartition("_")[2] for mark in _MARKED.values()}
# Cells that every class makes for the functions in it: no name of its body, and found nowhere else.
_CLASS_CELLS = ("__class__", "__classdict__")


def extract(source: Source) -> dict[str, Columns]:
    """Return `scopes` and `scope_symbols`; raises what Python raises for text it cannot read."""
    scopes = _read(source)
    return {"scopes": _scope_rows(scopes), "scope_symbols": _symbol_rows(scopes)}


class _Scope:
    """One scope: its place among the others, and its names with the interpreter's flags."""

    def __init__(
        self, block: Block, plain: Block | None, number: int, around: _Scope | None
    ) -> None:
        self.number = number
        self.around = around
        self.kind = _kind(block)
        self.name: str = block.name
        self.line: int = block.lineno
        self.parameters: list[str] = block.varnames
        self.plain: dict[str, int] | None = None if plain is None else plain.symbols
        flags: dict[str, int] = block.symbols
        if plain is not block and plain is not None:
            flags = {**flags, **plain.symbols}
        if self.kind == "comprehension":
            self.name, flags = _unmarked(self.name, flags)
        self.flags = {name: flags[name] for name in sorted(flags)}
        self.private: str | None = around.private if around else None
        if self.kind == "class":
            self.private = self.name
        self.sees = self._class_seen(around)

    def _class_seen(self, around: _Scope | None) -> _Scope | None:
        """Return the class whose names a scope of types sees though it is not the class's body."""
        if around is None or self.kind not in _TYPE_KINDS or "__classdict__" not in self.flags:
            return None
        return around if around.kind == "class" else around.sees


def _kind(block: Block) -> str:
    kind = _KINDS[block.type]
    if kind != "function":
        return kind
    if block.name == "lambda":
        return "lambda"
    return "comprehension" if ".0" in block.symbols else "function"


def _unmarked(name: str, flags: dict[str, int]) -> tuple[str, dict[str, int]]:
    """Take out the name that says what a comprehension was before it was read as a generator."""
    for written in flags.keys() & _MARKS.keys():
        return _MARKS[written], {n: f for n, f in flags.items() if n != written}
    return name, flags


# --- reading --------------------------------------------------------------------------------------
def _read(source: Source) -> list[_Scope]:
    """Return all scopes in the order in which Python opens them."""
    if source.encoding is None:
        _ = source.tree  # says why Python cannot read these bytes
    whole = _whole_comprehensions(source) if sys.version_info >= (3, 12) else []
    try:
        plain = _table(source.text, whole)
    except SyntaxError:
        plain = _table(source.text, whole := [])
    future = _without_future(source)
    if not future:
        return _paired(plain, plain)
    try:
        return _paired(plain, _table(source.text, [*whole, *future]))
    except (SyntaxError, _UnlikeError):
        return _paired(plain, plain)


def _table(text: bytes, edits: list[Edit]) -> Block:
    pieces: list[bytes] = []
    at = 0
    for start, end, instead in sorted(edits):
        pieces += (text[at:start], instead)
        at = end
    edited = b"".join((*pieces, text[at:])).decode("utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _symtable.symtable(edited, "<source>", "exec")


class _UnlikeError(Exception):
    """The table without the future import does not contain the one with it."""


def _paired(plain: Block, full: Block) -> list[_Scope]:
    """List the scopes of `full`, each beside its own in `plain` where that has it."""
    scopes: list[_Scope] = []
    waiting: list[tuple[Block, Block | None, _Scope | None]] = [(full, plain, None)]
    while waiting:
        block, twin, around = waiting.pop()
        scope = _Scope(block, twin, len(scopes), around)
        scopes.append(scope)
        children = block.children
        if not children:
            continue
        twins = children if block is twin else _twins(children, twin.children if twin else [])
        waiting.extend((c, t, scope) for c, t in zip(reversed(children), reversed(twins)))  # noqa: B905 - equal by construction
    return scopes


def _twins(children: list[Block], plain: list[Block]) -> list[Block | None]:
    """Find the plain twin of each child; those of annotations have none.

    Both lists are in the order of the text and only annotations are missing, so the first that
    looks the same is the twin.
    """
    twins: list[Block | None] = []
    at = 0
    for child in children:
        same = at < len(plain) and _look(child) == _look(plain[at])
        twins.append(plain[at] if same else None)
        at += same
    if at < len(plain):
        raise _UnlikeError
    return twins


def _look(block: Block) -> tuple[object, ...]:
    named = _kind(block) not in ("lambda", "comprehension")
    return block.type, block.name, block.lineno, named or frozenset(block.symbols)


def _without_future(source: Source) -> list[Edit]:
    """Put another future feature in the place of `annotations`; it binds the same name."""
    if b"__future__" not in source.text or b"annotations" not in source.text:
        return []
    edits: list[Edit] = []
    for statement in source.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                if alias.name == "annotations":
                    start = _offset(source, alias.lineno, alias.col_offset)
                    instead = b"division" if alias.asname else b"division as annotations"
                    edits.append((start, start + len("annotations"), instead))
    return edits


def _offset(source: Source, line: int, column: int) -> int:
    return int(source.line_starts[line - 1]) + column


# --- comprehensions, from 3.12 on -----------------------------------------------------------------
_COLON = re.compile(rb"(?:[^:#]|#[^\n]*)*")
_FOR = re.compile(rb"(?:[\s)\\]|#[^\n]*)*")


def _whole_comprehensions(source: Source) -> list[Edit]:
    """Write list, set and dict comprehensions as generator expressions that say what they were."""
    edits: list[Edit] = []
    for node in _comprehensions(source.tree):
        start = _offset(source, node.lineno, node.col_offset)
        end = _offset(source, node.end_lineno or 0, node.end_col_offset or 0)
        if source.text[start : start + 1] not in (b"[", b"{"):
            continue  # a position inside an f-string that the interpreter gives wrongly
        mark = _MARKED[type(node)].encode()
        edits += ((start, start + 1, b"("), (end - 1, end, b" if " + mark + b")"))
        if isinstance(node, ast.DictComp):
            edits[-2] = (start, start + 1, b"((")
            edits += _pair(source, node)
    return edits


def _pair(source: Source, node: ast.DictComp) -> Iterator[Edit]:
    """Write `key: value` as `(key)if(value)else 0`: Python opens the value's scopes first, too."""
    text = source.text
    key_end = _offset(source, node.key.end_lineno or 0, node.key.end_col_offset or 0)
    value_end = _offset(source, node.value.end_lineno or 0, node.value.end_col_offset or 0)
    colon = _COLON.match(text, key_end)
    loop = _FOR.match(text, value_end)
    if colon and loop:
        yield colon.end(), colon.end() + 1, b")if("
        yield loop.end(), loop.end(), b")else 0 "


def _comprehensions(tree: ast.Module) -> Iterator[ast.ListComp | ast.SetComp | ast.DictComp]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for field in node._fields:
            value: object = getattr(node, field, None)
            if isinstance(value, list):
                waiting += [v for v in value if type(v) not in _LEAVES and isinstance(v, ast.AST)]
            elif type(value) not in _LEAVES and isinstance(value, ast.AST):
                waiting.append(value)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
            yield node


# --- rows -----------------------------------------------------------------------------------------
def _scope_rows(scopes: list[_Scope]) -> Columns:
    local: list[list[str]] = []
    taken: list[list[str]] = []
    nonlocals: list[list[str]] = []
    frees: list[list[str]] = []
    for scope in scopes:
        by_code: tuple[list[str], ...] = ([], [], [])
        for name, flag in scope.flags.items():
            by_code[_GROUP[flag >> _OFF & _MASK]].append(name)
        local.append(by_code[0])
        taken.append(by_code[1])
        frees.append(by_code[2])
        nonlocals.append([n for n, flag in scope.flags.items() if flag & _NONLOCAL])
    return {
        "scope": np.arange(len(scopes), dtype=np.int32),
        "parent": [s.around.number if s.around else None for s in scopes],
        "kind": [s.kind for s in scopes],
        "name": [s.name for s in scopes],
        "line": [s.line for s in scopes],
        "parameters": [s.parameters for s in scopes],
        "locals": local,
        "globals": taken,
        "nonlocals": nonlocals,
        "frees": frees,
    }


def _symbol_rows(scopes: list[_Scope]) -> Columns:
    names: list[str] = []
    flags: list[int] = []
    owners: list[int] = []
    namespaces: list[bool] = []
    hidden: list[bool] = []
    binds = _namespaces(scopes)
    for scope in scopes:
        names += scope.flags
        flags += scope.flags.values()
        owners += _owners(scope)
        bound, plain = binds.get(scope.number, ()), scope.plain
        namespaces += [name in bound for name in scope.flags]
        hidden += [plain is None or name not in plain for name in scope.flags]
    columns = _flag_columns(np.array(flags, np.int64), [len(s.flags) for s in scopes])
    return {
        **columns, "name": names, "owner": owners, "namespace": namespaces,
        "annotation_only": hidden,
    }  # fmt: skip


def _flag_columns(flags: np.ndarray[Any, Any], counts: list[int]) -> Columns:
    """Read the columns that lie in the flags themselves; `counts` names in each scope."""
    scope = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    code = flags >> _OFF & _MASK
    at_top = (scope == 0) & (flags & _BOUND != 0)
    columns: Columns = {name: flags & bit != 0 for name, bit in _FLAGS.items()}
    return {
        "scope": scope,
        "class": [_CLASSES[c] for c in code.tolist()],
        **columns,
        "global": (code == _EXPLICIT) | (code == _IMPLICIT) | at_top,
        "declared_global": code == _EXPLICIT,
        "local": (code == _OWN[0]) | (code == _OWN[1]) | at_top,
        "free": code == _FREE,
    }


def _owners(scope: _Scope) -> Iterator[int]:
    """Yield, for each name of a scope, the scope whose binding it means."""
    for name, flag in scope.flags.items():
        code = flag >> _OFF & _MASK
        if code in _OWN:
            yield scope.number
        elif code == _FREE:
            yield _free_owner(name, scope)
        elif code == _IMPLICIT and scope.sees and _binds(scope.sees, name):
            yield scope.sees.number
        else:
            yield 0


def _free_owner(name: str, scope: _Scope) -> int:
    """Find the nearest scope around that has the cell; a class has none but its implicit ones."""
    around = scope.around
    while around:
        if around.kind == "class":
            if name in _CLASS_CELLS:
                return around.number
        elif around.flags.get(name, 0) >> _OFF & _MASK in _OWN:
            return around.number
        around = around.around
    msg = f"the symbol table gives no scope for the free name {name!r}"
    raise ValueError(msg)


def _binds(scope: _Scope, name: str) -> bool:
    flag = scope.flags.get(name, 0)
    return bool(flag & _BOUND) and not flag & (_NONLOCAL | _DECLARED)


def _namespaces(scopes: list[_Scope]) -> dict[int, set[str]]:
    """Collect, for each scope, the names that class and function statements bind in it."""
    found: dict[int, set[str]] = {}
    for scope in scopes:
        if scope.kind not in ("class", "function") or not scope.around:
            continue
        binder = scope.around
        if binder.kind == "type_parameters" and binder.name == scope.name and binder.around:
            binder = binder.around
        name = _mangled(scope.name, binder.private)
        found.setdefault(binder.number, set()).add(name)
    return found


def _mangled(name: str, private: str | None) -> str:
    """Mangle a private name as the language reference, section 6.2.1, says."""
    if private is None or not name.startswith("__") or name.endswith("__"):
        return name
    stripped = private.lstrip("_")
    return f"_{stripped}{name}" if stripped else name
