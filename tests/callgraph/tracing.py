"""Which calls a small program really makes: run it under `sys.setprofile` and write them down.

A program is a folder of Python files with a `main.py`, which runs as `__main__`. Each executed
call is told by its caller, the span of the call in the caller's text (the caller's code and last
instruction, mapped by `co_positions`), its callee and its kind:

- `call`: the callee starts and the nearest Python frame is the program's. A builtin between the
  two leaves no frame, so a callback of `sorted(key=f)`, an operator's method, a property, an
  `__init__`, a decorator and a metaclass's methods are calls of whoever wrote that expression.
- `through`: Python code outside the program (the standard library; code generated from text, such
  as the `__init__` of a dataclass) lies between; the caller is the nearest frame of the program.
  Without such a frame (a thread) nothing is told.
- `resume`: a generator or coroutine runs on, for the first time or again. `sys.setprofile` says
  nothing when one is *made*, so the functions that make them are wrapped while they are compiled;
  the wrapper's frame is the `call`, and every event of the generator's own frame is a resumption.
- `external`: the program calls a C function (`builtins.list.append`) or a Python function outside
  (`json.dumps`). Constructing a class written in C gives no event.

Bodies of classes and modules are nobody's callees, but are callers. Frames of comprehensions and
generator expressions count for the definition around them. Names are the graph's: dotted, without
`<locals>`, lambdas `<lambda>`, `<lambda2>` ... in source order within the definition around them.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import functools
import gc
import importlib.abc
import importlib.machinery
import inspect
import io
import json
import os
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Span = tuple[int, int, int, int]  # line, column in bytes, last line, column after the end

COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
PAUSING = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
WRAPPER = "__makes_a_generator__"


class Executed(NamedTuple):
    """One executed call: who called what, where, and how the tracer knows."""

    caller: str
    path: str
    span: Span | None
    callee: str
    kind: str


def trace(programs: Sequence[Path]) -> dict[Path, list[Executed]]:
    """Run programs one after the other in one process of their own; return what each executed."""
    command = [sys.executable, "-I", "-B", str(Path(__file__).resolve()), *map(str, programs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {}
    for program, line in zip(programs, done.stdout.splitlines(), strict=True):
        told = json.loads(line)
        assert "error" not in told, f"{program}: {told['error']}"
        found[program] = [
            Executed(caller, path, tuple(span) if span else None, callee, kind)
            for caller, path, span, callee, kind in told["executed"]
        ]
    return found


def run(folder: Path) -> list[Executed]:
    """Run a program in this process; return its executed calls, sorted and without repetition."""
    program = _Program(folder.resolve())
    before, path, main = set(sys.modules), list(sys.path), sys.modules["__main__"]
    sys.path.insert(0, str(program.folder))
    sys.meta_path.insert(0, program)
    gc.collect()
    gc.disable()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            program.start()
    finally:
        gc.enable()
        sys.meta_path.remove(program)
        sys.path[:], sys.modules["__main__"] = path, main
        sys.path_importer_cache.clear()
        _forget(program, before)
    return sorted(program.executed, key=lambda one: one._replace(span=one.span or (0, 0, 0, 0)))


class _Program(importlib.abc.MetaPathFinder):
    """A program under way: its files, the names of its code, and what it executed so far."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.prefix = folder, f"{folder}{os.sep}"
        self.executed: set[Executed] = set()
        self.names: dict[str, _Names] = {}

    def start(self) -> None:
        main = self.folder / "main.py"
        module = ModuleType("__main__")
        vars(module)["__file__"] = str(main)
        sys.modules["__main__"] = module
        code = _Loader("__main__", str(main)).get_code("__main__")
        assert code is not None
        threading.setprofile(self.profile)
        sys.setprofile(self.profile)
        try:
            exec(code, vars(module))  # noqa: S102 - running the program is the purpose
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find modules of the program, so that they are compiled our way."""
        del target
        where = [Path(entry) for entry in path] if path is not None else [self.folder]
        details = (_Loader, [".py"])
        for entry in where:
            if entry.resolve().is_relative_to(self.folder):
                finder = importlib.machinery.FileFinder(str(entry), details)
                spec = finder.find_spec(fullname)
                if spec is not None:
                    return spec
        return None

    def profile(self, frame: FrameType, event: str, arg: Any) -> None:  # noqa: ANN401 - any C callable
        """Take one event of the interpreter."""
        if event == "c_call":
            if self.owns(frame.f_code):
                self._note(frame, _c_name(arg), "external")
        elif event == "call" and frame.f_back is not None:
            self._called(frame, frame.f_back)

    def owns(self, code: CodeType) -> bool:
        return code.co_filename.startswith(self.prefix)

    def _called(self, frame: FrameType, back: FrameType) -> None:
        code, kind = frame.f_code, "call"
        if code is _WRAPPER_CODE:
            code = frame.f_locals["function"].__code__
        elif not code.co_flags & inspect.CO_OPTIMIZED or code.co_name in COMPREHENSIONS:
            return  # the body of a module or class, or part of the definition around it
        elif code.co_flags & PAUSING:
            kind = "resume"
        if not self.owns(code):
            if self.owns(back.f_code) and code.co_filename != __file__ and code.co_name[0] != "<":
                self._note(back, _outside(frame), "external")
            return
        caller = self._nearest(back)
        if caller is not None:
            self._note(
                caller,
                self.name(code),
                "through" if kind == "call" and caller is not back else kind,
            )

    def _nearest(self, frame: FrameType | None) -> FrameType | None:
        while frame is not None and not self.owns(frame.f_code):
            frame = frame.f_back
        return frame

    def _note(self, caller: FrameType, callee: str, kind: str) -> None:
        code = caller.f_code
        path = Path(code.co_filename).relative_to(self.folder).as_posix()
        span = _span(code, caller.f_lasti)
        self.executed.add(Executed(self.name(code), path, span, callee, kind))

    def name(self, code: CodeType) -> str:
        """Return the graph's qualified name of a piece of the program's code."""
        if code.co_filename not in self.names:
            path = Path(code.co_filename)
            parts = path.relative_to(self.folder).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            self.names[code.co_filename] = _Names(path.read_bytes(), module)
        return self.names[code.co_filename].of(code)


class _Names(ast.NodeVisitor):
    """The qualified names of one file's definitions, found by where their code begins."""

    def __init__(self, source: bytes, module: str) -> None:
        self.module = self.around = module
        self.found: dict[tuple[object, ...], str] = {}
        self.lambdas: dict[str, int] = {}
        self.visit(ast.parse(source))

    def of(self, code: CodeType) -> str:
        if code.co_name == "<module>":
            return self.module
        if code.co_name == "<lambda>":
            place = _start(code)
            return self.found[("<lambda>", *place) if place else ("<lambda>", code.co_firstlineno)]
        return self.found[code.co_name, code.co_firstlineno]

    def generic_visit(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._define(node)
            case ast.Lambda():
                self._lambda(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                kind = "genexpr" if isinstance(node, ast.GeneratorExp) else type(node).__name__
                self.found.setdefault((f"<{kind.lower()}>", node.lineno), self.around)
                super().generic_visit(node)
            case _:
                super().generic_visit(node)

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        outside: list[ast.AST] = [*node.decorator_list]
        if isinstance(node, ast.ClassDef):
            outside += [*node.bases, *node.keywords]
        else:
            outside.append(node.args)
        for part in outside:
            self.visit(part)
        name = f"{self.around}.{node.name}"
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        self.found[node.name, first] = name
        self._inside(name, node.body)

    def _lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        number = self.lambdas[self.around] = self.lambdas.get(self.around, 0) + 1
        name = f"{self.around}.<lambda{number if number > 1 else ''}>"
        self.found["<lambda>", node.body.lineno, node.body.col_offset] = name
        if isinstance(node.body, ast.Constant):  # its code may have no places
            self.found.setdefault(("<lambda>", node.lineno), name)
        self._inside(name, [node.body])

    def _inside(self, name: str, body: Sequence[ast.AST]) -> None:
        before, self.around = self.around, name
        for part in body:
            self.visit(part)
        self.around = before


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles a file so that making a generator or coroutine is a call one can see."""

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        tree = _Marked().visit(ast.parse(self.get_data(path), path))
        code: CodeType = compile(tree, path, "exec", dont_inherit=True)
        return code


class _Marked(ast.NodeTransformer):
    """Puts the wrapper innermost on every function that makes a generator or coroutine."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in _own(node)):
            self._mark(node)
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        self._mark(node)
        return self.generic_visit(node)

    def _mark(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        mark = ast.Name(WRAPPER, ast.Load())
        node.decorator_list.append(ast.copy_location(mark, node))


def _own(function: ast.AST) -> Iterator[ast.AST]:
    left = list(ast.iter_child_nodes(function))
    while left:
        node = left.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            left.extend(ast.iter_child_nodes(node))


def _wrap(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def wrapper(*args: object, **kwargs: object) -> object:
        return function(*args, **kwargs)

    return wrapper


_WRAPPER_CODE = next(c for c in _wrap.__code__.co_consts if isinstance(c, CodeType))


def _start(code: CodeType) -> tuple[int, int] | None:
    places = [
        (one.positions.lineno, one.positions.col_offset)
        for one in dis.get_instructions(code)
        if one.positions is not None and one.positions.end_col_offset  # else it is no expression's
    ]
    known = [(line, col) for line, col in places if line is not None and col is not None]
    return min(known, default=None)


def _span(code: CodeType, at: int) -> Span | None:
    place = list(code.co_positions())[at // 2] if at >= 0 else (None,) * 4
    line, last, col, end = place
    if line is None or last is None or col is None or end is None:
        return None
    return line, col, last, end


def _c_name(called: Any) -> str:  # noqa: ANN401 - any C callable
    qualified = called.__qualname__
    if getattr(builtins, qualified, None) is called:
        return f"builtins.{qualified}"
    owner, module = getattr(called, "__objclass__", None), getattr(called, "__module__", None)
    if owner is None and module is None:
        bound = called.__self__
        classes = (bound if isinstance(bound, type) else type(bound)).__mro__
        owner = next((c for c in classes if called.__name__ in vars(c)), None)
        qualified = f"{owner.__qualname__}.{called.__name__}" if owner else qualified
    home = str(module or getattr(owner, "__module__", "builtins"))
    public = home.removeprefix("_")  # `reduce` of `_functools` is known as that of `functools`
    shown = public if hasattr(sys.modules.get(public), qualified.split(".")[0]) else home
    return f"{shown}.{qualified}"


def _outside(frame: FrameType) -> str:
    name = frame.f_code.co_qualname.replace("<locals>.", "")
    return f"{frame.f_globals.get('__name__', '')}.{name}"


def _forget(program: _Program, before: set[str]) -> None:
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(program.prefix):
            del sys.modules[name]


def _main(folders: Sequence[str]) -> None:
    setattr(builtins, WRAPPER, _wrap)
    for folder in folders:
        try:
            told: dict[str, object] = {"executed": run(Path(folder))}
        except BaseException:  # noqa: BLE001 - whatever a program does is told to who runs it
            told = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
