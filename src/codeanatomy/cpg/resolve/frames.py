"""Where code runs and calls: a body as called from some place, a place that calls, one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from codeanatomy.cpg.resolve.program import Body


class Frame:
    """One body with its own copy of every slot: a definition as called from some place."""

    __slots__ = (
        "base", "body", "caller", "cls", "function", "index", "parent", "result", "sent", "unit",
        "yields",
    )  # fmt: skip

    def __init__(self, index: int, unit: int, body: Body, parent: Frame | None, base: int) -> None:
        self.index, self.unit, self.body, self.parent, self.base = index, unit, body, parent, base
        self.result = self.yields = self.sent = self.function = self.cls = -1
        self.caller: Frame | None = None


class Site:
    """One place that calls: what it can run, and why that may not be all."""

    __slots__ = ("body", "name", "node", "receivers", "targets", "unit", "unknown")

    def __init__(self, unit: int, node: int, name: str, body: int) -> None:
        self.unit, self.node, self.name, self.body = unit, node, name, body
        self.targets: dict[int | str, str] = {}  # a function, class, or dotted name: the method
        self.unknown: set[str] = set()
        self.receivers: set[int] = set()


class Call(NamedTuple):
    """A call: where it stands, what it passes, and the node that gets its result, or -1.

    Arguments are (how, node): empty for positional, `*`, `**`, else the keyword. `label` is the
    method that its edges say, where that follows from the kind of call. `site` is None for what
    code outside the store calls; `callee` is the object that is called, where `tools` run it.
    """

    number: int
    site: Site | None
    frame: Frame
    node: int
    arguments: tuple[tuple[str, int], ...]
    dst: int
    label: str = ""
    callee: int = -1
    depth: int = 0  # objects gone through so far: a partial, its function, a wrapper ...


class Use(NamedTuple):
    """Where an attribute is used, and the node that gets it.

    `plain`: past the `__getattribute__` of the object's class, as `object` itself does it.
    """

    frame: Frame
    node: int
    dst: int
    plain: bool = False
