"""What the rest of the resolver asks of the modules of a run: see `modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.frames import Frame
    from codeanatomy.cpg.resolve.program import Unit


class Names(Protocol):
    """The modules of one run, by their names and by those of what is in them."""

    nowhere: int

    def add(self, unit: Unit) -> None:
        """Add a module of the store."""

    def need(self, unit: int) -> None:
        """See that a module's body runs."""

    def run_pending(self) -> bool:
        """Run the bodies of modules that were met meanwhile; say whether there were."""

    def exported(self, unit: int, name: str) -> int:
        """Return the node of what a module's own code binds a name to."""

    def rebound(self, unit: int, name: str) -> int:
        """Return the node of what code elsewhere binds a name of a module to."""

    def global_name(self, unit: int, name: str) -> int:
        """Return the node of a name as `globals()` gives it."""

    def names(self, unit: int) -> list[str]:
        """Name what a module binds, or others bind in it."""

    def fitting(self, unit: int, ends: tuple[str, str]) -> list[int]:
        """Return the modules of the store whose names are texts of which the ends are known."""

    def described(self, unit: int, name: str) -> int | None:
        """Return the callable or special form that a name of the library is, if a page says so."""

    def name(self, unit: int, name: str) -> int:
        """Return the node of a name that a module does not bind."""

    def attribute(
        self, value: int, name: str, dst: int, where: tuple[Frame, int] | None = None
    ) -> None:
        """Let a name of a module flow to a node."""

    def attribute_of_class(self, module: str, cls: str, name: str, dst: int) -> None:
        """Let a member of a class of the library flow to a node."""

    def named(self, unit: int, dotted: str, level: int) -> int:
        """Return the module that a statement in a unit names."""

    def submodule(self, value: int, name: str, unit: int) -> int:
        """Return the submodule that a package's own body imports from itself; -1 if it is none."""

    def library_node(self, module: str, name: str) -> int:
        """Return the node of a name of a library module."""

    def library(self, module: str, name: str) -> int:
        """Return a class of the library."""

    def class_of_tool(self, value: int) -> int:
        """Return the class of the library that a described callable is; itself if it is none."""

    def text(self, value: str) -> int:
        """Return the object of a known string."""

    def instance(self, name: str) -> int:
        """Return some instance of a builtin class."""

    def none(self) -> int:
        """Return `None`."""

    def constant(self, value: object) -> int:
        """Return the object of a constant."""
