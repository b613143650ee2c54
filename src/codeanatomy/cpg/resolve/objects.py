"""What a node of the assignment graph can hold: functions, classes, instances, and what is open."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Function(NamedTuple):
    """A function or lambda made by one evaluation of its statement."""

    unit: int
    body: int
    frame: int


class Class(NamedTuple):
    """A class made by one evaluation of its statement."""

    unit: int
    body: int
    frame: int


class Instance(NamedTuple):
    """An instance of a class.

    `at` says where it was made; None: anywhere, of exactly this class; `ANY`: of it or a subclass.
    """

    cls: int
    at: tuple[int | str, ...] | None = None


class Const(NamedTuple):
    """A constant whose value is known."""

    cls: int
    text: str


class Bound(NamedTuple):
    """A function with its first argument."""

    function: int
    receiver: int


class Module(NamedTuple):
    """A module of the store or of the library: its unit."""

    unit: int


class Package(NamedTuple):
    """A folder of modules without a file of its own, or a module outside; found by its name."""

    name: str
    home: int  # the unit that imports it


class Outside(NamedTuple):
    """A name of a module that cannot be read."""

    name: str


class Super(NamedTuple):
    """What `super()` gives: members after `cls` in the order of the receiver's class."""

    cls: int
    receiver: int


class Property(NamedTuple):
    """A property: its getter, setter and deleter, -1 where there is none."""

    getter: int
    setter: int = -1
    deleter: int = -1


class Setter(NamedTuple):
    """The decorator `p.setter`, `p.deleter` or `p.getter` of a property."""

    of: int
    role: str


class Static(NamedTuple):
    """A static method."""

    inner: int


class OfClass(NamedTuple):
    """A class method."""

    inner: int


class Partial(NamedTuple):
    """A callable with arguments given before: its number among those that were made."""

    number: int


class Alias(NamedTuple):
    """A class or special form with type arguments, each a node that holds types."""

    of: int
    arguments: tuple[int, ...]


class TypeVar(NamedTuple):
    """A type variable."""

    name: str


class Form(NamedTuple):
    """A special form of `typing`."""

    name: str


class Running(NamedTuple):
    """What a generator or coroutine function gives: its frame, and which of them it is."""

    frame: int
    kind: str


class Tool(NamedTuple):
    """A callable of the language or library whose effect is known: see `tools`.

    A negative number is the complement of the `Outside` that names it.
    """

    name: str
    number: int = 0


class Unknown(NamedTuple):
    """Something that is not known, and why."""

    reason: str


Value: TypeAlias = (
    Function | Class | Instance | Const | Bound | Module | Package | Outside | Super | Property
    | Setter | Static | OfClass | Partial | Alias | TypeVar | Form | Running | Tool | Unknown
)  # fmt: skip

ANY: tuple[int | str, ...] = ()
LIMIT = Unknown("limit")


class Objects:
    """Every object once, by number."""

    def __init__(self) -> None:
        """Start with the one that stands for what a bound cut off: number 0."""
        self.info: list[Value] = []
        self._numbers: dict[tuple[type, Value], int] = {}
        self.of(LIMIT)

    def of(self, value: Value) -> int:
        """Return the number of an object."""
        key = (value.__class__, value)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.info)
            self.info.append(value)
        return number
