"""The steps of one file as the resolver runs them: bodies, parameters, exported names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Step(NamedTuple):
    """One step of `value_steps`; -1 where a column has no value."""

    op: str
    dst: int
    src: int
    other: int
    name: str
    args: Sequence[int]
    names: Sequence[str]
    node: int


class Parameter(NamedTuple):
    """One parameter: its slot, how it is passed, its annotation."""

    name: str
    kind: int
    slot: int
    annotation: str
    node: int


POSITIONAL = (0, 1)
VAR_POSITIONAL, KEYWORD_ONLY, VAR_KEYWORD = 2, 3, 4


class Body:
    """One module, class, function or lambda."""

    __slots__ = (
        "annotation",
        "binds",
        "cls",
        "index",
        "is_async",
        "is_generator",
        "kind",
        "name",
        "node",
        "offered",
        "optional",
        "parameters",
        "parent",
        "polymorphic",
        "qualname",
        "slots",
        "steps",
    )  # fmt: skip

    def __init__(self, index: int, node: int, parent: int, kind: str, slots: int, cls: int) -> None:
        self.index, self.node, self.parent, self.kind = index, node, parent, kind
        self.slots, self.cls = slots, cls
        self.is_async = self.is_generator = False
        self.name = self.qualname = self.annotation = ""
        self.steps: list[Step] = []
        self.binds: list[tuple[int, str, int]] = []  # scope and name of a variable, a slot of it
        self.parameters: tuple[Parameter, ...] = ()
        self.offered: frozenset[str] = frozenset()
        self.polymorphic = False
        self.optional: frozenset[str] = frozenset()  # parameters that have a default

    def finish(self) -> None:
        """Note what calls and attribute reads need to know of the body at once."""
        self.parameters = tuple(
            Parameter(s.name, s.other, s.dst, s.names[0] if s.names else "", s.node)
            for s in self.steps
            if s.op == "param"
        )
        self.offered = frozenset(s.name for s in self.steps if s.op == "export")
        self.annotation = next((s.name for s in self.steps if s.op == "returns"), "")
        self.polymorphic = self._is_polymorphic()

    def _is_polymorphic(self) -> bool:
        """Whether callers that are told apart can get other results: see `frames`."""
        own = {p.slot for p in self.parameters}
        if any(p.kind in (VAR_POSITIONAL, VAR_KEYWORD) for p in self.parameters):
            return True
        for step in self.steps:
            if step.op == "function":
                return True
            if step.op in ("return", "call") and step.src in own:
                return True
        return False


class Unit:
    """One file: a module of the store, or a stub or source outside it."""

    __slots__ = (
        "bodies", "file_no", "index", "is_package", "module", "outside", "path", "repo", "stars",
        "stub", "submodules",
    )  # fmt: skip

    def __init__(self, index: int, module: str, path: str, *, is_package: bool) -> None:
        self.index, self.module, self.path, self.is_package = index, module, path, is_package
        self.repo = ""
        self.file_no = 0
        self.stub = self.outside = False
        self.bodies: list[Body] = []
        self.stars: list[Step] = []

    def finish(self) -> None:
        """Give every body its qualified name, and note what star imports the module has."""
        lambdas: dict[int, int] = {}
        for body in self.bodies:
            body.finish()
            if body.kind == "lambda":
                lambdas[body.parent] = seen = lambdas.get(body.parent, 0) + 1
                body.name = "<lambda>" if seen == 1 else f"<lambda{seen}>"
            for step in body.steps:
                if step.op == "function":
                    self.bodies[step.other].optional = frozenset(step.names)
            above = self.bodies[body.parent].qualname if body.parent >= 0 else ""
            own = self.module if body.index == 0 else body.name
            body.qualname = f"{above}.{own}" if above else own
        self.stars = [s for b in self.bodies for s in b.steps if s.op == "import_star"]


def fill(unit: Unit, bodies: Iterable[Sequence[Any]], steps: Iterable[Sequence[Any]]) -> None:
    """Take rows of `value_bodies` and `value_steps`, in the order of their columns."""
    for row in bodies:
        index, node, parent, kind, name, cls, slots, is_async, is_generator, _ = row
        body = Body(index, node, _known(parent), kind, slots, _known(cls))
        body.is_async, body.is_generator, body.name = bool(is_async), bool(is_generator), str(name)
        unit.bodies.append(body)
    for body_no, _, op, dst, src, other, name, args, names, node in steps:
        if op == "bind":
            unit.bodies[body_no].binds.append((other, name, src))
            continue
        step = Step(
            op,
            _known(dst),
            _known(src),
            _known(other),
            name or "",
            tuple(args),
            tuple(names),
            _known(node),
        )
        unit.bodies[body_no].steps.append(step)
    unit.finish()


def _known(value: int | None) -> int:
    return -1 if value is None else value
