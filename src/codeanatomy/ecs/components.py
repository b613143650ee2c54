"""A component: a class whose annotated fields are typed columns.

Not to be confused with an archetype, which is a set of component names.
"""

from __future__ import annotations

import re
import sys
import types
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from codeanatomy.ecs.errors import (
    ComponentDriftError,
    InvalidComponentError,
    UnknownColumnError,
    UnknownComponentError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from codeanatomy.ecs.column import Column

C = TypeVar("C")

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_FIELD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.IGNORECASE)


@dataclass(frozen=True)
class Component:
    """The declaration of a component: its name and its columns; a tag has none."""

    name: str
    columns: tuple[Column, ...]
    python: type | None = field(default=None, compare=False)

    def as_data(self) -> dict[str, object]:
        """Give the declaration as plain data: what a drifted schema is compared by."""
        return {"name": self.name, "fields": [column.as_data() for column in self.columns]}


@overload
def component(cls: type[C], /) -> type[C]: ...
@overload
def component(*, name: str) -> Callable[[type[C]], type[C]]: ...


@dataclass_transform(eq_default=True)
def component(
    cls: type[C] | None = None, /, *, name: str | None = None
) -> type[C] | Callable[[type[C]], type[C]]:
    """Declare a class as a component; its name is the class name in snake case.

    Fields: int, float, bool, str, bytes, datetime, date, timedelta, enums, numpy scalar types,
    `Annotated[list[float], 3]` (always three), `list[T]`, other components or dataclasses as
    structs, and `T | None`. A field that is not given and has no default can only be part of an
    update. Raises `InvalidComponentError`.
    """
    local = sys._getframe(1).f_locals  # noqa: SLF001 - classes made inside functions name their neighbours
    if cls is None:
        return lambda found: _declared(found, name, local)
    return _declared(cls, name, local)


def component_of(found: object) -> Component:
    """Give the declaration behind a component class, an instance of one, or itself."""
    if isinstance(found, Component):
        return found
    declared = getattr(found, "__component__", None)
    if not isinstance(declared, Component):
        told = found.__name__ if isinstance(found, type) else repr(found)
        raise UnknownComponentError(
            f"{told} is not a component; decorate its class with @component", found=told
        )
    return declared


def given(instance: object) -> dict[str, object]:
    """Give the fields an instance was made with, without defaults, by column name."""
    declared = component_of(instance)
    if isinstance(instance, type | Component):
        return {}
    said: frozenset[str] = instance.__given__  # type: ignore[attr-defined] # set by the decorator
    return {
        c.name: getattr(instance, c.field_name) for c in declared.columns if c.field_name in said
    }


class Components:
    """The components a world knows, by name, in the order they became known."""

    def __init__(self, known: Iterable[object] = ()) -> None:
        self._known: dict[str, Component] = {}
        self._columns: dict[str, Column] = {}
        if isinstance(known, type) or not hasattr(known, "__iter__"):
            raise InvalidComponentError(f"components are listed: [{known!r}], not {known!r}")
        for found in known:
            self.learn(found)

    def learn(self, found: object) -> Component:
        """Take a component class into the world; the same name twice must mean the same thing."""
        declared = component_of(found)
        known = self._known.get(declared.name)
        if known is declared:
            return known
        if known is not None:
            if known.as_data() != declared.as_data():
                if known.python is None:
                    raise drifted(declared.name, difference(known, declared))
                raise InvalidComponentError(
                    f"two different components are called {declared.name}; rename one with "
                    "@component(name=...)",
                    name=declared.name,
                )
            if known.python is not None:
                return known
        self._known[declared.name] = declared
        self._columns.update({column.name: column for column in declared.columns})
        return declared

    def named(self, found: object) -> Component:
        """Find a component by name, class or instance; classes are learnt, names must be known."""
        if not isinstance(found, str):
            return self.learn(found)
        if found not in self._known:
            raise UnknownComponentError(
                f"no component {found!r}; {_nearest(found, self._known)}", name=found
            )
        return self._known[found]

    def column(self, name: str) -> Column:
        """Find a column by its name `component__field`."""
        if name not in self._columns:
            start = name.partition("__")[0]
            if start not in self._known:
                raise UnknownComponentError(
                    f"no component {start!r} for the column {name!r}; "
                    f"{_nearest(start, self._known)}",
                    name=start,
                )
            raise UnknownColumnError(
                f"no column {name!r}; {_nearest(name, self._columns)}", name=name
            )
        return self._columns[name]

    def columns(self, archetype: Iterable[str]) -> tuple[Column, ...]:
        """Give the columns of a set of components, by component name and then as declared."""
        return tuple(c for name in archetype for c in self.named(name).columns)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[Component]:
        return iter(self._known.values())

    def __len__(self) -> int:
        return len(self._known)


def difference(stored: Component, declared: Component) -> list[str]:
    """List every field that differs, as a person would say it; nothing where none does."""
    before = {column.field_name: column for column in stored.columns}
    now = {column.field_name: column for column in declared.columns}
    told = [f"{name} is stored and not declared" for name in before if name not in now]
    told += [f"{name} is declared and not stored" for name in now if name not in before]
    for name in before.keys() & now.keys():
        old, new = before[name].as_data(), now[name].as_data()
        told += [
            f"{name}: {key} is stored as {old.get(key)} and declared as {new.get(key)}"
            for key in sorted(old.keys() | new.keys())
            if old.get(key) != new.get(key)
        ]
    return sorted(told)


def drifted(name: str, left: list[str]) -> ComponentDriftError:
    """Make the error for a component whose stored fields are others."""
    return ComponentDriftError(
        f"the component {name} is stored with other fields: {'; '.join(left)}; declare it as it "
        "was, or give World.open a Migration that says what became of them",
        name=name,
        difference=left,
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(name, names, 3, 0.5) or names[:8]
    if near:
        return f"the nearest are {', '.join(near)}"
    return "the world knows none yet: give classes to World(components=...)"


def _declared(cls: type[C], name: str | None, local: Mapping[str, object]) -> type[C]:
    from codeanatomy.ecs.column import REQUIRED, Column  # noqa: PLC0415 - brings numpy and Arrow

    known = name if name is not None else _snake(cls.__name__)
    if not _NAME.fullmatch(known):
        raise InvalidComponentError(
            f"{known!r} cannot name a component: lower case words joined by single underscores",
            name=known,
        )
    columns = []
    hints = _hints(cls, local)
    _check_fields(cls, known, hints)
    for own, annotation in hints.items():
        if not _FIELD.fullmatch(own):
            raise InvalidComponentError(
                f"{known}.{own} cannot name a field: words joined by single underscores",
                name=known,
                field=own,
            )
        kind, nullable, members = _arrow_type(annotation, f"{known}.{own}")
        default = cls.__dict__.get(own, None if nullable else REQUIRED)
        columns.append(Column(f"{known}__{own}", kind, nullable, default, members))
    declared = Component(known, tuple(columns), cls)
    _furnish(cls, declared)
    for column in columns:
        if column.default is not REQUIRED:
            column.take_in([column.default], 1)
    return cls


def _check_fields(cls: type, known: str, hints: Mapping[str, object]) -> None:
    """Refuse a value without a type: it would be no column, and nobody would be told."""
    for own, value in vars(cls).items():
        plain = not (own.startswith("_") or callable(value) or hasattr(value, "__get__"))
        if plain and own not in hints:
            raise InvalidComponentError(
                f"{known}.{own} has a value and no type; write {own}: {type(value).__name__} = ...",
                name=known,
                field=own,
            )


def _hints(cls: type, local: Mapping[str, object]) -> dict[str, Any]:
    try:
        return get_type_hints(cls, localns=dict(local), include_extras=True)
    except NameError as error:
        raise InvalidComponentError(
            f"{cls.__name__}: the annotation names {error.name!r}, which is not known here",
            name=cls.__name__,
        ) from None


def _furnish(cls: type, declared: Component) -> None:
    """Give the class what a component needs: making, comparing and showing instances."""
    from codeanatomy.ecs.column import REQUIRED  # noqa: PLC0415 - brings numpy and Arrow

    names = tuple(column.field_name for column in declared.columns)
    defaults = {c.field_name: c.default for c in declared.columns if c.default is not REQUIRED}

    def init(self: Any, /, *values: object, **named: object) -> None:  # noqa: ANN401 - any component
        if len(values) > len(names):
            raise TypeError(f"{cls.__name__} has {len(names)} fields, not {len(values)}")
        said = dict(zip(names, values, strict=False))
        if twice := said.keys() & named.keys():
            raise TypeError(f"{cls.__name__} got {', '.join(sorted(twice))} twice")
        if extra := [key for key in named if key not in names]:
            raise UnknownColumnError(
                f"{cls.__name__} has no field {extra[0]!r}; {_nearest(extra[0], names)}",
                name=extra[0],
            )
        said.update(named)
        self.__dict__.update(defaults)
        self.__dict__.update(said)
        self.__dict__["__given__"] = frozenset(said)

    def shown(self: Any) -> str:  # noqa: ANN401 - any component
        told = ", ".join(f"{n}={self.__dict__[n]!r}" for n in names if n in self.__dict__)
        return f"{cls.__name__}({told})"

    def equal(self: Any, other: object) -> bool:  # noqa: ANN401 - any component
        return type(other) is cls and self.__dict__ == other.__dict__

    def refuse(_self: object, key: str, _value: object = None) -> None:
        raise AttributeError(f"{cls.__name__}.{key} cannot be set: components are values")

    furniture = {
        "__component__": declared,
        "__component_fields__": names,
        "__init__": init,
        "__repr__": shown,
        "__eq__": equal,
        "__hash__": None,
        "__setattr__": refuse,
        "__delattr__": refuse,
        "__match_args__": names,
    }
    for key, value in furniture.items():
        setattr(cls, key, value)


def _arrow_type(annotation: Any, where: str) -> tuple[Any, bool, tuple[str, ...] | None]:  # noqa: ANN401 - an annotation may be anything
    """Give the Arrow type of an annotation, whether it may be empty, and an enum's members."""
    import enum  # noqa: PLC0415 - with Arrow, only when components are declared

    import pyarrow as pa  # noqa: PLC0415 - heavy

    inner, nullable = _without_none(annotation)
    if isinstance(inner, type) and issubclass(inner, enum.Enum):
        members = tuple(inner.__members__)
        small = pa.int8() if len(members) < 128 else pa.int32()  # noqa: PLR2004 - what int8 holds
        return pa.dictionary(small, pa.string()), nullable, members
    return _value_type(inner, where), nullable, None


def _value_type(  # noqa: C901, PLR0911 - one return for each family of types
    annotation: Any,  # noqa: ANN401 - an annotation may be anything
    where: str,
) -> Any:  # noqa: ANN401 - Arrow ships no types
    import enum  # noqa: PLC0415 - with Arrow, only when components are declared

    import numpy as np  # noqa: PLC0415 - heavy
    import pyarrow as pa  # noqa: PLC0415 - heavy

    inner, inside_empty = _without_none(annotation)
    if inside_empty:
        raise InvalidComponentError(
            f"{where}: what is inside a list or a struct is always there; only a whole field "
            "may be `| None`",
            field=where,
        )
    if inner in _scalars():
        return _scalars()[inner]
    if isinstance(inner, pa.DataType):
        return inner
    origin, arguments = get_origin(inner), get_args(inner)
    if hasattr(inner, "__metadata__"):  # Annotated[list[float], 3]
        of, size = arguments[0], arguments[1]
        if isinstance(size, pa.DataType):
            return size
        if get_origin(of) not in {list, tuple} or not isinstance(size, int) or size < 1:
            raise InvalidComponentError(
                f"{where}: write Annotated[list[float], 3] for a list of fixed length", field=where
            )
        return pa.list_(_value_type(get_args(of)[0], where), size)
    if origin in {list, tuple} and arguments and set(arguments[1:]) <= {...}:
        return pa.list_(_value_type(arguments[0], where))
    if isinstance(inner, type) and issubclass(inner, np.generic):
        return pa.from_numpy_dtype(inner)
    if isinstance(inner, type) and issubclass(inner, enum.Enum):
        return pa.string()  # inside lists and structs an enum is its name
    fields = _struct_fields(inner)
    if fields is not None:
        return pa.struct([pa.field(n, _value_type(t, f"{where}.{n}")) for n, t in fields.items()])
    raise InvalidComponentError(
        f"{where} has the type {annotation!r}, for which there is no column; use int, float, "
        "bool, str, bytes, datetime, date, timedelta, an enum, a numpy scalar type, a list or "
        "another component",
        field=where,
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:  # noqa: ANN401 - an annotation may be anything
    if get_origin(annotation) in {Union, types.UnionType}:
        rest = [a for a in get_args(annotation) if a is not type(None)]
        if len(rest) == 1:
            return rest[0], len(get_args(annotation)) > 1
    if get_origin(annotation) is Literal:
        kinds = {type(value) for value in get_args(annotation)}
        return (kinds.pop() if len(kinds) == 1 else annotation), False
    return annotation, False


def _scalars() -> dict[Any, Any]:
    from datetime import date, datetime, timedelta  # noqa: PLC0415 - with Arrow, on declaration

    import pyarrow as pa  # noqa: PLC0415 - heavy

    return {
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        str: pa.string(),
        bytes: pa.binary(),
        datetime: pa.timestamp("us", tz="UTC"),
        date: pa.date32(),
        timedelta: pa.duration("us"),
    }


def _struct_fields(found: object) -> dict[str, Any] | None:
    if not isinstance(found, type):
        return None
    plain = hasattr(found, "__dataclass_fields__") or hasattr(found, "_fields")
    if plain or hasattr(found, "__component_fields__"):
        return get_type_hints(found, include_extras=True)
    return None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
