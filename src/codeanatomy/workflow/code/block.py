"""The Python text of a node: compiled when it first runs, with state bound and never written in."""

from __future__ import annotations

import ast
import dis
import sys
import textwrap
from functools import lru_cache
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.code.errors import CodeError
from codeanatomy.workflow.code.scan import SCOPE_NAMES
from codeanatomy.workflow.code.slots import Binding, bound, own_templates, take_slots, take_texts

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from codeanatomy.workflow.template.environment import Templates

_GIVEN = SCOPE_NAMES | {"actions", "json", "requests", "datetime"}
_FUNCTION = "run"


def compile_block(text: str, name: str = "<run>", line: int = 1) -> Block:
    """Return the block of a text that begins on `line` of the file `name`."""
    return Block(text, name, line)


class Block:
    """A text with a `return` is the body of a function; of any other, the names it sets are kept.

    Raises CodeError when it first runs, or when it is checked, if it is not Python.
    """

    __slots__ = ("_compiled", "line", "name", "text")

    def __init__(self, text: str, name: str, line: int) -> None:
        self.text, self.name, self.line = text, name, line
        self._compiled: _Compiled | None = None

    def run(
        self,
        scope: Mapping[str, Any],
        state: Any = None,  # noqa: ANN401 - a dict, mostly
        *,
        templates: Templates | None = None,
        names: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - what the block returns
        """Run with the globals of `scope`; `names` is what its templates see, else the scope.

        Gives what the text returns, or the names it set; a coroutine if it awaits.
        """
        compiled = self._compiled or self._compile()
        space = {**scope, "__name__": "__run__", "__file__": self.name}
        if state is not None:
            space["state"] = state
        if compiled.bindings:
            seen = space if names is None else {**space, **names}
            space.update(bound(templates or own_templates(), compiled.bindings, seen))
        return compiled.run(space)

    def check(self) -> None:
        """Raise CodeError if the text is not Python."""
        self._compile()

    def _compile(self) -> _Compiled:
        self._compiled = _compiled(self.text, self.name, self.line)
        return self._compiled


class _Compiled:
    """What a block comes to: code, the names its templates are bound to, and what it sets."""

    __slots__ = ("_code", "_keeps", "_takes", "bindings")

    def __init__(
        self,
        code: CodeType,
        bindings: list[Binding],
        keeps: tuple[str, ...],
        takes: tuple[str, ...] | None,
    ) -> None:
        self._code, self.bindings, self._keeps, self._takes = code, bindings, keeps, takes

    def run(self, space: dict[str, Any]) -> Any:  # noqa: ANN401 - what the block returns
        """Run in `space`, which becomes the globals of the block."""
        if self._takes is None:
            pending = eval(self._code, space)  # noqa: S307 - the block is code of the file's author
            return self._kept_after(pending, space) if pending is not None else self._kept(space)
        exec(self._code, space)  # noqa: S102 - as above; defines the function
        return space[_FUNCTION](*(space.get(name) for name in self._takes))

    async def _kept_after(self, pending: Coroutine[Any, Any, Any], space: dict[str, Any]) -> Any:  # noqa: ANN401 - as `run`
        await pending
        return self._kept(space)

    def _kept(self, space: dict[str, Any]) -> dict[str, Any]:
        return {
            name: space[name]
            for name in self._keeps
            if name in space and not isinstance(space[name], ModuleType)
        }


@lru_cache(maxsize=1024)
def _compiled(text: str, name: str, line: int) -> _Compiled:
    source = textwrap.dedent(text)
    bindings: list[Binding] = []
    has_templates, shifted = "{{" in source or "{%" in source, False
    try:
        if has_templates:
            source, bindings = take_slots(source, own_templates(), name)
        tree = ast.parse(source, name)
        if has_templates:
            tree = take_texts(tree, bindings, own_templates())
        ast.increment_lineno(tree, line - 1)
        shifted = True
        inside = _Outermost(tree)
        takes = inside.takes if inside.returns else None
        if takes is not None:
            tree = _function(tree, takes, awaits=inside.awaits)
        code = compile(tree, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except CodeError:
        raise
    except SyntaxError as exc:
        at = (exc.lineno or 1) + (0 if shifted else line - 1)
        raise _not_python(f"{name}:{at}: {exc.msg}", name, at, exc.text) from exc
    except (ValueError, RecursionError, MemoryError) as exc:
        raise _not_python(f"{name}:{line}: {exc or type(exc).__name__}", name, line) from exc
    return _Compiled(code, bindings, _sets(code, inside.defined), takes)


class _Outermost(ast.NodeVisitor):
    """What a text does outside its own functions and classes."""

    def __init__(self, tree: ast.Module) -> None:
        self.returns = self.awaits = False
        self._stored: set[str] = set()
        self._imported: set[str] = set()
        self._global: set[str] = set()
        for statement in tree.body:
            self.visit(statement)

    @property
    def takes(self) -> tuple[str, ...]:
        """Names of the scope that the text sets itself: they arrive as arguments."""
        return tuple(sorted((self._stored | self._imported) & _GIVEN - self._global))

    @property
    def defined(self) -> set[str]:
        """Names that only an import, a `def` or a `class` sets."""
        return self._imported - self._stored

    def visit_Return(self, node: ast.Return) -> None:
        """Note a return."""
        self.returns = True
        self.generic_visit(node)

    def visit_Await(self, node: ast.Await) -> None:
        """Note an await."""
        self.awaits = True
        self.generic_visit(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        """Note an await."""
        self.awaits = True
        self.generic_visit(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        """Note an await."""
        self.awaits = True
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Note a name that is set."""
        if isinstance(node.ctx, ast.Store):
            self._stored.add(node.id)

    def visit_Global(self, node: ast.Global) -> None:
        """Note names that are not the function's own."""
        self._global.update(node.names)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Note what an import sets."""
        self._imported.update((a.asname or a.name).partition(".")[0] for a in node.names)

    visit_ImportFrom = visit_Import  # noqa: N815 - ast's name

    def visit_FunctionDef(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> None:
        """Note the name; what is inside is its own affair."""
        self._imported.add(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast's name
    visit_ClassDef = visit_FunctionDef  # noqa: N815 - ast's name

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Pass over: nothing in it is set here."""


def _function(tree: ast.Module, takes: tuple[str, ...], *, awaits: bool) -> ast.Module:
    """Return a module that defines one function with the text as its body."""
    kind = ast.AsyncFunctionDef if awaits else ast.FunctionDef
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(n) for n in takes], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    function = kind(_FUNCTION, arguments, tree.body, [], None, None, lineno=1, col_offset=0)
    if sys.version_info >= (3, 12):
        function.type_params = []
    return ast.fix_missing_locations(ast.Module([function], []))


def _sets(code: CodeType, defined: set[str]) -> tuple[str, ...]:
    """Return the names that running the code sets and that become updates of the state."""
    stored = (
        str(step.argval)
        for step in dis.get_instructions(code)
        if step.opname in {"STORE_NAME", "STORE_GLOBAL"}
    )
    return tuple(
        name
        for name in dict.fromkeys(stored)
        if not name.startswith("_") and name not in defined and name != "state"
    )


def _not_python(message: str, name: str, line: int, text: str | None = None) -> CodeError:
    error = CodeError(message, file=name, line=line)
    error.filename, error.lineno, error.text, error.msg = name, line, text, message
    return error
