"""What is known of one class: its bases, their order, its own names, and who asked for members."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.resolve.frames import Frame

    Again = tuple[Callable[..., None], tuple[object, ...]]


class Shape(NamedTuple):
    """What kind of container the instances of a class are."""

    letter: str  # the type variable of the elements; empty: it is no container
    ordered: bool  # a list or tuple, whose elements have places
    hashed: bool  # a dictionary or set, which looks elements up


class ClassFacts:
    """What is known of one class."""

    __slots__ = (
        "annotations", "any_asked", "arguments", "asked", "bases", "body", "body_frame", "flags",
        "found", "keywords", "made",
        "metaclasses", "mro", "name", "node", "number", "outside", "own", "parameters", "shape",
        "slots",
        "subclasses", "transform", "unit", "unknown",
    )  # fmt: skip

    def __init__(self, number: int, unit: int, body: int, name: str, own: set[str]) -> None:
        self.number, self.unit, self.body, self.name, self.own = number, unit, body, name, own
        self.bases: list[list[int]] = []  # classes at each place
        self.arguments: dict[int, tuple[int, ...]] = {}  # a base: nodes of its type arguments
        self.parameters: tuple[str, ...] | None = None  # of Generic[...] or Protocol[...]
        self.keywords: dict[str, int] = {}
        self.metaclasses: list[int] = []
        self.mro: list[int] = [number]
        self.subclasses: dict[int, None] = {}
        self.outside: dict[str, None] = {}
        self.unknown: dict[str, None] = {}
        self.asked: dict[str, list[Again]] = {}
        self.found: dict[str, ClassFacts | None] = {}  # members looked up, until it changes
        self.any_asked: dict[str, list[Again]] = {}
        self.body_frame: Frame | None = None
        self.transform = ""  # dataclass, namedtuple or enum: what makes its `__init__`
        self.flags: dict[str, None] = {}  # `kw_only` of a dataclass, `total` of an ordering
        self.annotations: dict[str, str] = {}
        self.shape: Shape | None = None
        self.slots: list[str] = []  # its fields then, in order
        self.made = False
        self.node = -1
