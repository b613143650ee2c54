"""The report that `pyrefly check --report-pysa` writes, as values; only what we read of it.

It is a folder: `pyrefly.pysa.json` lists the modules, and `definitions`, `call_graphs` and
`type_of_expressions` hold a file for each module that was checked. Places are `L:C-L:C`: lines and
UTF-8 bytes, both from 1, the end exclusive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
DEEPEST = 1000  # definitions one in another: a damaged report may go round in a circle


class ReportError(AnatomyError):
    """A report of the type checker cannot be read: it is of another version, or damaged."""

    code = "types-report"


class FunctionRef(msgspec.Struct, frozen=True):
    """A function of a module, by its number there."""

    module_id: int
    module_name: str
    function_id: str
    function_name: str


class ClassRef(msgspec.Struct, frozen=True):
    """A class of a module, by its number there."""

    module_id: int
    module_name: str
    class_id: int
    class_name: str


class CallTarget(msgspec.Struct, frozen=True):
    """What a call may run; under `Overrides` an override of it may run in its place."""

    target: dict[str, FunctionRef] | str
    receiver_class: ClassRef | None = None


class Passed(msgspec.Struct, frozen=True):
    """An argument that may be called by what it is passed to."""

    call_targets: tuple[CallTarget, ...] = ()


class Callees(msgspec.Struct, frozen=True):
    """What one place of the source may run, by the role in which it runs."""

    call_targets: tuple[CallTarget, ...] = ()
    init_targets: tuple[CallTarget, ...] = ()
    new_targets: tuple[CallTarget, ...] = ()
    property_getters: tuple[CallTarget, ...] = ()
    property_setters: tuple[CallTarget, ...] = ()
    targets: tuple[CallTarget, ...] = ()
    higher_order_parameters: dict[str, Passed] = {}
    unresolved: dict[str, str] | str = ""


class Graph(msgspec.Struct, frozen=True):
    """The calls of one module: by function, by place, by sort of expression."""

    format_version: int
    call_graphs: dict[str, dict[str, dict[str, Callees]]]


class Typed(msgspec.Struct, frozen=True):
    """One type, as the checker writes it."""

    string: str


class Located(msgspec.Struct, frozen=True):
    """The types of one function's expressions, and the place of each."""

    type_table: tuple[Typed, ...]
    locations: dict[str, int]


class Types(msgspec.Struct, frozen=True):
    """The types of one module's expressions, by function."""

    format_version: int
    functions: dict[str, Located]


class Definition(msgspec.Struct, frozen=True):
    """A function or class: its name, where that stands, and what it is defined in."""

    name: str
    parent: str | dict[str, dict[str, int]]
    name_location: str | None = None


class Definitions(msgspec.Struct, frozen=True):
    """The functions and classes of one module, by number."""

    format_version: int
    function_definitions: dict[str, Definition]
    class_definitions: dict[str, Definition]


class Module(msgspec.Struct, frozen=True):
    """One module that was looked at, and where it lies."""

    module_id: int
    module_name: str
    source_path: dict[str, str] | str
    info_filename: str | None = None

    @property
    def path(self) -> str | None:
        """The file it is, if it is one of the file system."""
        return self.source_path.get("FileSystem") if isinstance(self.source_path, dict) else None


class Modules(msgspec.Struct, frozen=True):
    """Every module of a report, by number."""

    format_version: int
    modules: dict[str, Module]


class Place(NamedTuple):
    """A place of the source: lines from 1, bytes from 0."""

    line: int
    column: int
    end_line: int
    end_column: int


class Meant(NamedTuple):
    """A definition that is meant: its qualified name, its module, and where its name stands."""

    name: str
    module: Module
    place: Place | None


_Part = TypeVar("_Part", Modules, Definitions, Graph, Types)


class Report:
    """A report in a folder; raises `ReportError` for a part that cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        index = self._read("pyrefly.pysa.json", Modules)
        self.modules = {module.module_id: module for module in index.modules.values()}
        self._definitions: dict[int, Definitions] = {}

    def graph(self, module: Module) -> Graph:
        """Return the calls of a module."""
        return self._read(f"call_graphs/{module.info_filename}", Graph)

    def types(self, module: Module) -> Types:
        """Return the types of a module's expressions."""
        return self._read(f"type_of_expressions/{module.info_filename}", Types)

    def function(self, ref: FunctionRef) -> Meant | None:
        """Return the function that is meant; None for one that no module has."""
        return self._meant(ref.module_id, f"Function {ref.function_id}")

    def class_(self, ref: ClassRef) -> Meant | None:
        """Return the class that is meant; None for one that no module has."""
        return self._meant(ref.module_id, f"Class {ref.class_id}")

    def _meant(self, module_id: int, which: str) -> Meant | None:
        module = self.modules.get(module_id)
        if module is None or module.info_filename is None:
            return None
        if module_id not in self._definitions:
            part = self._read(f"definitions/{module.info_filename}", Definitions)
            self._definitions[module_id] = part
        found = _definition(self._definitions[module_id], which)
        if found is None:
            return None
        names, around = [found.name], found.parent
        while isinstance(around, dict) and len(names) < DEEPEST:
            outer = _definition(self._definitions[module_id], _around(around))
            if outer is None:
                break
            names.append(outer.name)
            around = outer.parent
        name = ".".join([module.module_name, *reversed(names)])
        return Meant(name, module, place(found.name_location) if found.name_location else None)

    def _read(self, name: str, part: type[_Part]) -> _Part:
        try:
            found = msgspec.json.decode((self._folder / name).read_bytes(), type=part)
        except (OSError, msgspec.MsgspecError) as error:
            msg = (
                f"the type checker's report cannot be read: {name}: {error}; this version reads "
                f"reports of pyrefly 1.4"
            )
            raise ReportError(msg, file=name) from error
        if found.format_version != FORMAT:
            msg = (
                f"the type checker's report has format {found.format_version}; this version reads "
                f"format {FORMAT}, of pyrefly 1.4"
            )
            raise ReportError(msg, file=name, format=found.format_version)
        return found


def place(text: str) -> Place:
    """Read a place; raises `ReportError` for a text that is none."""
    try:
        start, end = text.split("-")
        numbers = [int(part) for half in (start, end) for part in half.split(":")]
        return Place(numbers[0], numbers[1] - 1, numbers[2], numbers[3] - 1)
    except (ValueError, IndexError) as error:
        raise ReportError(
            f"the type checker's report has the place {text!r}", place=text
        ) from error


def _definition(module: Definitions, which: str) -> Definition | None:
    sort, _, number = which.partition(" ")
    if sort == "Class":
        return module.class_definitions.get(number)
    return module.function_definitions.get(number)


def _around(parent: dict[str, dict[str, int]]) -> str:
    """Say which definition is around another: `Class 3`, or `Function F:3`."""
    for sort, numbers in parent.items():
        for number in numbers.values():
            return f"{sort} {number}" if sort == "Class" else f"{sort} F:{number}"
    return ""
