"""Modules: finding them in the store or outside, and what their names are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from codeanatomy.cpg.resolve import classes, texts
from codeanatomy.cpg.resolve.callings import calling, positional
from codeanatomy.cpg.resolve.library import FORMS, OLD_NAMES, TOOLS
from codeanatomy.cpg.resolve.objects import (
    Class,
    Const,
    Form,
    Instance,
    Module,
    Outside,
    Package,
    Tool,
)
from codeanatomy.cpg.resolve.program import Unit

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.resolver import Resolver

_TYPING = ("typing", "typing_extensions", "_typeshed", "collections.abc", "_collections_abc")
_LITERALS = {bool: "bool", int: "int", float: "float", complex: "complex", str: "str",
             bytes: "bytes"}  # fmt: skip
MOST_OUTSIDE = 3000  # modules outside the store that one run reads


class Finder(Protocol):
    """Says what file a module's name stands for."""

    def store(self, file_no: int, dotted: str, level: int) -> tuple[str, tuple[int, ...]] | None:
        """Return the absolute name and the files of a module of the store; files may be none."""

    def child(self, file_no: int, dotted: str, name: str) -> tuple[str, tuple[int, ...]] | None:
        """Return a module directly in a package of the store."""

    def absolute(self, file_no: int, dotted: str, level: int) -> str:
        """Return the absolute name that a statement means, wherever the module is."""

    def outside(self, dotted: str) -> Unit | None:
        """Return a module outside the store, read."""


class Modules:
    """The modules of one run."""

    def __init__(self, r: Resolver, finder: Finder) -> None:
        """Start with no module."""
        self._r, self._finder = r, finder
        self._units: dict[int, int] = {}  # file_no: unit
        self._outside: dict[str, int] = {}  # dotted: unit, -1 where there is none
        self._names: dict[tuple[int, str], int] = {}
        self._rebound: dict[tuple[int, str], int] = {}
        self._exports: dict[tuple[int, str], int] = {}
        self._pending: list[int] = []
        self._library: dict[tuple[str, str], int] = {}
        self._busy: set[int] = set()
        self.nowhere = self._add(Unit(0, "", "", is_package=False), outside=True)

    def _add(self, unit: Unit, *, outside: bool) -> int:
        unit.index = len(self._r.units)
        unit.outside = outside
        self._r.units.append(unit)
        if unit.file_no:
            self._units[unit.file_no] = unit.index
        return unit.index

    def add(self, unit: Unit) -> None:
        """Add a module of the store."""
        self._add(unit, outside=False)

    # --- running their bodies ----------------------------------------------------------------
    def need(self, unit: int) -> None:
        """See that a module's body runs: now, or once nothing moves."""
        r = self._r
        if unit in r.module_frames or unit in self._busy or not r.units[unit].bodies:
            return
        if r.solver.draining:
            self._busy.add(unit)
            self._pending.append(unit)
            return
        frame = r.frame(unit, r.units[unit].bodies[0], None)
        r.module_frames[unit] = frame
        r.enter(r, frame)

    def run_pending(self) -> bool:
        """Run the bodies of modules that were met while values moved; say whether there were."""
        pending, self._pending = self._pending, []
        for unit in pending:
            self._busy.discard(unit)
            self.need(unit)
        return bool(pending)

    def frame(self, unit: int) -> Frame:
        """Return the frame of a module's body."""
        return self._r.module_frames[unit]

    # --- names ---------------------------------------------------------------------------------
    def exported(self, unit: int, name: str) -> int:
        """Return the node of what a module's own code binds a name to."""
        key = (unit, name)
        node = self._exports.get(key)
        if node is None:
            node = self._exports[key] = self._r.solver.node()
            self._r.solver.copy(self.rebound(unit, name), node)
        return node

    def rebound(self, unit: int, name: str) -> int:
        """Return the node of what code elsewhere binds a name of a module to."""
        key = (unit, name)
        node = self._rebound.get(key)
        if node is None:
            node = self._rebound[key] = self._r.solver.node()
        return node

    def global_name(self, unit: int, name: str) -> int:
        """Return the node of a name as `globals()` gives it."""
        self.need(unit)
        return self._r.ensure(self.exported(unit, name))

    def names(self, unit: int) -> list[str]:
        """Name what a module binds, or others bind in it."""
        own = self._r.units[unit].bodies[0].offered if self._r.units[unit].bodies else ()
        return sorted({*own, *(name for at, name in self._rebound if at == unit)})

    def fitting(self, unit: int, ends: tuple[str, str]) -> list[int]:
        """Return the modules of the store whose names are texts of which the ends are known."""
        own = [other.module for other in self._r.units if not other.outside and other.module]
        return [self.named(unit, name, 0) for name in own if texts.fits(name, ends)]

    def member(self, unit: int, name: str, home: int) -> int | None:
        """Return the node of a name of a module: its own, a submodule, or starred; else None."""
        found = self._r.units[unit]
        self.need(unit)
        described = self.described(unit, name)
        if described is not None:
            return self._r.holding(described)
        if (unit, name) in self._exports or name in found.bodies[0].offered if found.bodies else 0:
            return self._r.ensure(self.exported(unit, name))
        child = self._child(unit, name)
        if child is not None:
            return self._r.holding(child)
        return self._starred(unit, name, home, set())

    def described(self, unit: int, name: str) -> int | None:
        """Return the callable or special form that a name of the library is, if a page says so."""
        found = self._r.units[unit]
        if not found.outside:
            return None
        tool = TOOLS.get(f"{found.module}.{name}")
        if tool is not None:
            qualified = self._r.of(Outside(f"{found.module}.{name}"))
            return self._r.of(Tool(tool, ~qualified))
        if name in FORMS and found.module in _TYPING:
            return self._r.of(Form(name))
        if name in OLD_NAMES and found.module in ("typing", "typing_extensions"):
            module, _, cls = OLD_NAMES[name].rpartition(".")
            return self.library(module, cls)
        return None

    def submodule(self, value: int, name: str, unit: int) -> int:
        """Return the submodule that a package's own body imports from itself; -1 if it is none."""
        info = self._r.info[value]
        if not isinstance(info, Module) or info.unit != unit:
            return -1
        child = self._child(unit, name)
        return -1 if child is None else child

    def _child(self, unit: int, name: str) -> int | None:
        found = self._r.units[unit]
        if not found.is_package:
            return None
        if found.outside:
            inner = self._outside_unit(f"{found.module}.{name}")
            return self._r.of(Module(inner)) if inner >= 0 else None
        placed = self._finder.child(found.file_no, found.module, name)
        return self._placed(placed, unit) if placed is not None else None

    def _starred(self, unit: int, name: str, home: int, seen: set[int]) -> int | None:
        """Look in the star imports of a module; the last that has the name wins."""
        seen.add(unit)
        for step in reversed(self._r.units[unit].stars):
            target = self.named(unit, step.name, max(step.other, 0))
            info = self._r.info[target]
            if not isinstance(info, Module) or info.unit in seen:
                continue
            self.need(info.unit)
            if not self._is_starred(info.unit, name):
                continue
            found = self._r.units[info.unit]
            if found.bodies and name in found.bodies[0].offered:
                node = self.member(info.unit, name, home)
            else:
                node = self._starred(info.unit, name, home, seen)
            if node is not None:
                return node
        return None

    def _is_starred(self, unit: int, name: str) -> bool:
        """Whether a star import takes a name from a module: by its `__all__`, else public ones."""
        r = self._r
        bodies = r.units[unit].bodies
        if not bodies or "__all__" not in bodies[0].offered or r.units[unit].outside:
            return name[:1] != "_"
        said = set()
        r.solver.drain()  # what is listed may still be on its way there
        for value in r.solver.values[self.exported(unit, "__all__")]:
            facts = r.classes.get(r.class_of(value))
            letter = facts.shape.letter if facts is not None and facts.shape is not None else "_T"
            for held in r.solver.values[r.field(value, "$" + letter)]:
                info = r.info[held]
                said.add(info.text if isinstance(info, Const) else "")
        return name in said or not said or "" in said

    def name(self, unit: int, name: str) -> int:
        """Return the node of a name that a module does not bind: starred, builtin, or unknown."""
        key = (unit, name)
        node = self._names.get(key)
        if node is None:
            found = self._starred(unit, name, unit, set())
            if found is None and self._r.units[unit].module != "builtins":
                found = self.library_or_none("builtins", name)
            if found is None:
                open_ = any(self._is_open(unit, step) for step in self._r.units[unit].stars)
                reason = "star_import" if open_ else "undefined"
                found = self._r.holding(self._r.unknown(reason))
                if name in ("__name__", "__file__", "__doc__", "__package__", "__qualname__"):
                    found = self._r.holding(self.instance("str"))
                node = self._set_elsewhere(unit, name, found)
            else:
                node = found
            self._names[key] = node
        return node

    def _set_elsewhere(self, unit: int, name: str, unknown: int) -> int:
        """Return a node for a name that code may set by text, or from another module."""
        r = self._r
        if r.units[unit].outside:
            return unknown
        node = r.solver.node()
        r.solver.copy(self.rebound(unit, name), node)
        r.otherwise(node, lambda: r.solver.copy(unknown, node))
        return node

    def _is_open(self, unit: int, step: object) -> bool:
        target = self.named(unit, step.name, max(step.other, 0))  # type: ignore[attr-defined] # a step
        return not isinstance(self._r.info[target], Module)

    def attribute(
        self, value: int, name: str, dst: int, where: tuple[Frame, int] | None = None
    ) -> None:
        """Let a name of a module flow to a node; `where` says who asks."""
        r = self._r
        info = r.info[value]
        if isinstance(info, Module):
            if name == "__dict__":
                r.solver.add(dst, r.of(Tool("names", info.unit)))
                return
            node = self.member(info.unit, name, info.unit)
            if node is not None:
                r.solver.copy(node, dst)
                return
            self._made(info.unit, name, dst, where)
        elif isinstance(info, Package):
            unit = r.units[info.home]
            placed = self._finder.child(unit.file_no, info.name, name)
            if placed is not None:
                r.solver.add(dst, self._placed(placed, info.home))
            else:
                r.solver.add(dst, r.unknown("no_name"))

    def attribute_of_class(self, module: str, cls: str, name: str, dst: int) -> None:
        """Let a member of a class of the library flow to a node."""
        r = self._r
        found = self.library(module, cls)
        if found in r.classes and name in r.classes[found].own:
            r.solver.copy(r.ensure(r.field(found, name)), dst)

    def _made(self, unit: int, name: str, dst: int, where: tuple[Frame, int] | None) -> None:
        """Give what a module makes of a name that it has not: by `__getattr__`, or unknown."""
        r = self._r
        found = r.units[unit]
        if found.bodies and "__getattr__" in found.bodies[0].offered and not found.outside:
            given = positional(r.holding(self.text(name)))
            frame, node = where or (self.frame(unit), 0)
            call = calling(r, frame, node, given, dst, "protocol", name="__getattr__",
                           seen=where is not None)  # fmt: skip
            r.solver.when(self.exported(unit, "__getattr__"), r.call, r, call)
        elif found.outside:
            r.solver.add(dst, r.of(Outside(f"{found.module}.{name}")))
        else:
            node_ = self.exported(unit, name)  # somebody may set it
            r.solver.copy(node_, dst)
            if where is not None:
                reason = "no_name" if found.bodies else "unparsed"
                r.otherwise(node_, lambda: r.solver.add(dst, r.unknown(reason)))

    # --- finding -------------------------------------------------------------------------------
    def named(self, unit: int, dotted: str, level: int) -> int:
        """Return the module that a statement in a unit names: a module, package or outside."""
        home = self._r.units[unit]
        if home.outside:
            return self._absolute(self._relative(home, dotted, level))
        placed = self._finder.store(home.file_no, dotted, level)
        if placed is not None:
            return self._placed(placed, unit)
        full = self._finder.absolute(home.file_no, dotted, level)
        return self._absolute(full) if full else self._r.unknown("no_module")

    def _placed(self, placed: tuple[str, tuple[int, ...]], unit: int) -> int:
        name, files = placed
        for file_no in files:
            if file_no in self._units:
                index = self._units[file_no]
                self.need(index)
                return self._r.of(Module(index))
        return self._r.unknown("unparsed") if files else self._r.of(Package(name, unit))

    @staticmethod
    def _relative(home: Unit, dotted: str, level: int) -> str:
        if not level:
            return dotted
        parts = home.module.split(".")
        kept = parts[: len(parts) - level + home.is_package]
        return ".".join([*kept, dotted] if dotted else kept)

    def _absolute(self, dotted: str) -> int:
        unit = self._outside_unit(dotted)
        return self._r.of(Module(unit) if unit >= 0 else Outside(dotted))

    def _outside_unit(self, dotted: str) -> int:
        found = self._outside.get(dotted)
        if found is None:
            unit = None
            if len(self._outside) < MOST_OUTSIDE:
                unit = self._finder.outside(dotted)
            found = self._add(unit, outside=True) if unit is not None else -1
            self._outside[dotted] = found
        if found >= 0:
            self.need(found)
        return found

    # --- the library ---------------------------------------------------------------------------
    def library_or_none(self, module: str, name: str) -> int | None:
        """Return the node of a name of a library module; None if it has no such name."""
        unit = self._outside_unit(module)
        return self.member(unit, name, unit) if unit >= 0 else None

    def library_node(self, module: str, name: str) -> int:
        """Return the node of a name of a library module."""
        node = self.library_or_none(module, name)
        if node is None:
            node = self._r.holding(self._r.of(Outside(f"{module}.{name}")))
        return node

    def library(self, module: str, name: str) -> int:
        """Return a class of the library: the one of that name that its module's body makes."""
        key = (module, name)
        found = self._library.get(key)
        if found is None:
            unit = self._outside_unit(module)
            bodies = self._r.units[unit].bodies if unit >= 0 else []
            body = next((b for b in bodies if b.name == name and b.kind == "class"), None)
            if body is None:
                found = self._r.outside_class(f"{module}.{name}")
            else:
                frame = self._r.module_frames[unit].index if unit in self._r.module_frames else -1
                if frame < 0:
                    return self._r.outside_class(f"{module}.{name}")
                found = self._r.of(Class(unit, body.index, frame))
                classes.of(self._r, found)
            self._library[key] = found
        return found

    def class_of_tool(self, value: int) -> int:
        """Return the class of the library that a described callable is; itself if it is none."""
        info = self._r.info[value]
        if not isinstance(info, Tool) or info.number >= 0:
            return value
        named = self._r.info[~info.number]
        module, _, name = named.name.rpartition(".") if isinstance(named, Outside) else ("", "", "")
        unit = self._outside_unit(module)
        bodies = self._r.units[unit].bodies if unit >= 0 else []
        is_class = any(b.name == name and b.kind == "class" for b in bodies)
        return self.library(module, name) if is_class else value

    def text(self, value: str) -> int:
        """Return the object of a known string."""
        return self._r.of(Const(self.library("builtins", "str"), value))

    def instance(self, name: str) -> int:
        """Return some instance of a builtin class."""
        return self._r.of(Instance(self.library("builtins", name)))

    def none(self) -> int:
        """Return `None`."""
        return self._r.of(Const(self.library("types", "NoneType"), "None"))

    def constant(self, value: object) -> int:
        """Return the object of a constant."""
        kind = _LITERALS.get(value.__class__)
        if kind is None:
            return self.none()
        return self._r.of(Const(self.library("builtins", kind), str(value)))
