"""Which values a state may hold, and how they become bytes and come back exactly as they were.

The bytes are MessagePack. What JSON has, and bytes, are stored natively; every other type is an
extension with a number of its own. A value that is none of these is `UnstorableError`, which
names the key: nothing is stored as something else. Secrets are left out by name (`Secrets`).
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import blake2b
from importlib import import_module
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from codeanatomy.workflow.errors import StateBytesError, UnstorableError
from codeanatomy.workflow.secrecy import marker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codeanatomy.workflow.secrecy import Secrets

DEEPEST: Final = 100
"""How many containers may stand one in the other."""

NATIVE: Final = frozenset({type(None), bool, int, float, str, bytes})
"""Types that MessagePack stores as they are, and that cannot be changed in place."""

ATOMS: Final = NATIVE | {
    datetime,
    date,
    Decimal,
    UUID,
    type(Path()),
    PurePosixPath,
    PureWindowsPath,
}
"""Types whose values never change: the same object is the same value."""

_C = TypeVar("_C", bound=type)
_MAP, _TUPLE, _SET, _FROZENSET, _INT, _TEXT, _SECRET = 1, 2, 3, 4, 5, 6, 7
_DATETIME, _DATE, _DECIMAL, _UUID, _PATH, _OBJECT = 8, 9, 10, 11, 12, 13
_WIDTH = 1 << 63
_LAZY = {"ParallelFlowResult": "codeanatomy.workflow.parallel.result"}
_PLAINER: Final[dict[str, tuple[str, Callable[[Any], object]]]] = {
    "BranchState": ("codeanatomy.workflow.parallel.result", dict),
    "Markup": ("markupsafe", str.__str__),
    "DotDict": ("codeanatomy.workflow.template.dotdict", lambda value: dict(dict.items(value))),
}
"""What templates and streams make of texts and dicts; a state takes it for what it is to others."""

_registered: dict[str, type] = {}
_names: dict[type, str] = {}
_pack: Final = msgspec.msgpack.Encoder().encode
_raw: Final = msgspec.msgpack.Decoder(dict[str, msgspec.Raw]).decode


def register(cls: _C) -> _C:
    """Let states hold a dataclass, a msgspec struct or an enum; fit for a decorator.

    It is stored under its module and name, and comes back without its `__init__` being called.
    """
    if not (dataclasses.is_dataclass(cls) or _is_struct(cls) or hasattr(cls, "__members__")):
        raise UnstorableError(
            f"{cls.__qualname__} is no dataclass, msgspec struct or enum: only those can be "
            "registered",
            key="",
            kind=cls.__qualname__,
        )
    name = f"{cls.__module__}.{cls.__qualname__}"
    _registered[name] = cls
    _names[cls] = name
    return cls


def encode(state: Mapping[str, object], secrets: Secrets | None = None) -> bytes:
    """Return a whole state as bytes; raises `UnstorableError` naming the key."""
    return join(encode_values(state, secrets))


def encode_values(state: Mapping[str, object], secrets: Secrets | None = None) -> dict[str, bytes]:
    """Return the bytes of each value by its key."""
    clean = secrets.clean if secrets else str
    return {clean(text_key(k)): encode_value(v, k, secrets) for k, v in state.items()}


def join(values: Mapping[str, bytes]) -> bytes:
    """Put encoded values together to the bytes of a state."""
    return _pack({key: msgspec.Raw(data) for key, data in values.items()})


def part(data: bytes) -> dict[str, bytes]:
    """Take the bytes of a state apart to those of its values."""
    with _Reading():
        return {key: bytes(value) for key, value in _raw(data).items()}


def decode(data: bytes, secrets: Secrets | None = None) -> dict[str, Any]:
    """Return a state from its bytes; raises `StateBytesError`, whatever the bytes are.

    With `secrets`, those it knows are put back in their places; the others stay markers.
    """
    found = decode_value(data, secrets)
    if type(found) is not dict or not all(type(key) is str for key in found):
        raise StateBytesError("the bytes hold no state: a state has names and values")
    return found


def encode_value(value: object, key: object = "", secrets: Secrets | None = None) -> bytes:
    """Return one value as bytes; `key` is what an error names."""
    try:
        data = _natively(value) or _pack(_plain(value, _Where(str(key)), DEEPEST))
        if secrets is not None and secrets.inside(data):
            data = _pack(_plain(value, _Where(str(key), secrets), DEEPEST))
    except RecursionError:
        raise _deep(_Where(str(key))) from None
    return data


def decode_value(data: bytes, secrets: Secrets | None = None) -> Any:  # noqa: ANN401 - any value a state may hold
    """Return one value from its bytes."""
    with _Reading():
        return _decoder(secrets)(data)


def is_native(value: object) -> bool:
    """Say whether a value is stored as it is: JSON types and bytes all the way down."""
    try:
        return _native(value, DEEPEST)
    except RecursionError:
        return False


def digest(data: bytes, before: bytes = b"") -> bytes:
    """Return 16 bytes that stand for a state, or for a change of one that had a digest."""
    return blake2b(data, digest_size=16, key=before).digest()


def text_key(key: object) -> str:
    """Return the key of a state; raises `UnstorableError` for one that is no text."""
    if type(key) is not str:
        raise UnstorableError(
            f"the state has the key {key!r}, which is {_kind(key)}; keys of a state are text",
            key=str(key),
            kind=_kind(key),
        )
    return key


class _Where:
    """The path to a value, put together only when an error names it."""

    __slots__ = ("above", "key", "secrets")

    def __init__(
        self, key: str, secrets: Secrets | None = None, above: _Where | None = None
    ) -> None:
        self.key, self.above, self.secrets = key, above, secrets

    def at(self, key: object) -> _Where:
        """Return the path one step further down."""
        return _Where(f"[{key!r}]", self.secrets, self)

    def __str__(self) -> str:
        return f"{self.above or ''}{self.key}"


class _Reading:
    """Whatever is wrong with stored bytes is `StateBytesError`."""

    def __enter__(self) -> None:
        """Begin to read."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if error is None or isinstance(error, StateBytesError):
            return
        if isinstance(error, RecursionError):
            raise StateBytesError("the bytes nest deeper than any state") from None
        if isinstance(error, Exception):
            raise StateBytesError(f"the bytes hold no state: {error}") from error


def _natively(value: object) -> bytes | None:
    """Encode what MessagePack has a type for, without looking at it twice."""
    if not _native(value, DEEPEST):
        return None
    try:
        return _pack(value)
    except (OverflowError, UnicodeEncodeError):
        return None


def _native(value: object, room: int) -> bool:
    if type(value) in NATIVE:
        return True
    if type(value) is dict:
        members: Iterable[object] = value.values()
        for key in value:
            if type(key) is not str:
                return False
    elif type(value) is list:
        members = value
    else:
        return False
    for member in members:
        if type(member) not in NATIVE and not (room and _native(member, room - 1)):
            return False
    return True


def _plain(value: object, where: _Where, room: int) -> object:
    """Return a value that MessagePack can hold, with extensions for what it has no type for."""
    if not room:
        raise _deep(where)
    kind = type(value)
    maker = _MAKERS.get(kind)
    if maker is not None:
        return maker(value, where, room)
    plainer = _PLAINER.get(kind.__qualname__)
    if plainer is not None and plainer[0] == kind.__module__:
        return _plain(plainer[1](value), where, room)
    if kind in _names or _lazy(kind):
        return _ext(_OBJECT, _object(value, where, room))
    raise UnstorableError(
        f"state key {str(where)!r} holds {_kind(value)}, which cannot be stored; it may hold what "
        "JSON has, bytes, datetime, date, Decimal, UUID, set, frozenset, tuple, Path, and "
        "dataclasses, msgspec structs and enums given to codeanatomy.workflow.register",
        key=str(where),
        kind=_kind(value),
    )


def _ext(code: int, content: object) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(code, _pack(content))


def _same(value: object, _where: _Where, _room: int) -> object:
    return value


def _int(value: int, _where: _Where, _room: int) -> object:
    if -_WIDTH <= value < 2 * _WIDTH:
        return value
    length = value.bit_length() // 8 + 1
    return msgspec.msgpack.Ext(_INT, value.to_bytes(length, "little", signed=True))


def _text(value: str, where: _Where, _room: int) -> object:
    pieces = where.secrets.split(value) if where.secrets is not None else None
    if pieces is not None:
        return _ext(
            _SECRET, [_text(p, _BARE, 1) if isinstance(p, str) else list(p) for p in pieces]
        )
    try:
        value.encode()
    except UnicodeEncodeError:
        return msgspec.msgpack.Ext(_TEXT, value.encode("utf-8", "surrogatepass"))
    return value


def _blob(value: bytes, where: _Where, _room: int) -> object:
    if where.secrets is None or not where.secrets.inside(value):
        return value
    return where.secrets.clean(value.decode("utf-8", "surrogateescape")).encode(
        "utf-8", "surrogateescape"
    )


def _list(value: Iterable[object], where: _Where, room: int) -> list[object]:
    return [
        x if type(x) in _PLAINEST else _plain(x, where.at(number), room - 1)
        for number, x in enumerate(value)
    ]


def _dict(value: dict[object, object], where: _Where, room: int) -> object:
    keys = [_plain(key, where.at(key), room - 1) for key in value]
    values = [_plain(x, where.at(key), room - 1) for key, x in value.items()]
    if all(type(key) is str for key in keys):
        return dict(zip(keys, values, strict=True))
    return _ext(_MAP, [keys, values])


def _tuple(value: tuple[object, ...], where: _Where, room: int) -> object:
    return _ext(_TUPLE, _list(value, where, room))


def _set(value: set[object], where: _Where, room: int) -> object:
    return _ext(_SET, _members(value, where, room))


def _frozenset(value: frozenset[object], where: _Where, room: int) -> object:
    return _ext(_FROZENSET, _members(value, where, room))


def _members(value: Iterable[object], where: _Where, room: int) -> list[msgspec.Raw]:
    """Return members in the order of their bytes: equal sets have equal bytes."""
    return [msgspec.Raw(data) for data in sorted(_pack(x) for x in _list(value, where, room))]


def _datetime(value: datetime, where: _Where, _room: int) -> object:
    zone = value.tzinfo
    if zone is None or zone is UTC:
        name: object = None if zone is None else "UTC"
    elif type(zone) is timezone:
        name = zone.utcoffset(None) / timedelta(microseconds=1)
    elif type(zone) is ZoneInfo and zone.key:
        name = zone.key
    else:
        raise UnstorableError(
            f"state key {str(where)!r} holds a time in a zone of type {_kind(zone)}; use "
            "zoneinfo.ZoneInfo, or datetime.timezone",
            key=str(where),
            kind=_kind(zone),
        )
    kind = "zone" if type(zone) is ZoneInfo else "offset"
    return _ext(_DATETIME, [value.replace(tzinfo=None).isoformat(), value.fold, kind, name])


def _date(value: date, _where: _Where, _room: int) -> object:
    return _ext(_DATE, value.isoformat())


def _decimal(value: Decimal, _where: _Where, _room: int) -> object:
    return _ext(_DECIMAL, str(value))


def _uuid(value: UUID, _where: _Where, _room: int) -> object:
    return msgspec.msgpack.Ext(_UUID, value.bytes)


def _path(value: Path, where: _Where, _room: int) -> object:
    return _ext(_PATH, [_FLAVOURS[type(value)], _text(str(value), where, 1)])


def _object(value: Any, where: _Where, room: int) -> list[object]:  # noqa: ANN401 - whatever was registered
    name = _names[type(value)]
    if hasattr(type(value), "__members__"):
        return [name, value.name]
    fields = {
        field: _plain(getattr(value, field), where.at(field), room - 1)
        for field in _fields(type(value))
        if hasattr(value, field)
    }
    return [name, fields]


def _fields(cls: Any) -> tuple[str, ...]:  # noqa: ANN401 - a dataclass or a struct
    if _is_struct(cls):
        return tuple(cls.__struct_fields__)
    return tuple(field.name for field in dataclasses.fields(cls))


def _is_struct(cls: type) -> bool:
    return issubclass(cls, msgspec.Struct)


def _lazy(kind: type) -> bool:
    """Register one of our own classes when it is first seen."""
    if _LAZY.get(kind.__qualname__) != kind.__module__:
        return False
    register(kind)
    return True


def _kind(value: object) -> str:
    kind = type(value)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else (f"{kind.__module__}.{kind.__qualname__}")
    )


def _deep(where: _Where) -> UnstorableError:
    key = str(where)
    start = key.split("[", 1)[0]
    return UnstorableError(
        f"state key {start!r} nests deeper than {DEEPEST} levels, or holds itself",
        key=start,
        kind="depth",
    )


def _decoder(secrets: Secrets | None) -> Callable[[bytes], Any]:
    if not secrets:
        return _DECODE
    return msgspec.msgpack.Decoder(ext_hook=lambda code, data: _revive(code, data, secrets)).decode


def _revive(code: int, data: memoryview, secrets: Secrets | None = None) -> object:
    """Return the value of an extension."""
    if code == _INT:
        return int.from_bytes(data, "little", signed=True)
    if code == _TEXT:
        return bytes(data).decode("utf-8", "surrogatepass")
    if code == _UUID:
        return UUID(bytes=bytes(data))
    content = _decoder(secrets)(data)  # type: ignore[arg-type] # msgspec reads any buffer
    if code == _SECRET:
        return "".join(p if isinstance(p, str) else _shown(p[0], secrets) for p in content)
    reviver = _REVIVERS.get(code)
    if reviver is None:
        raise StateBytesError(f"the bytes hold a value of an unknown type, number {code}")
    return reviver(content)


def _shown(name: str, secrets: Secrets | None) -> str:
    value = secrets.value(name) if secrets else None
    return marker(name) if value is None else value


def _revive_datetime(content: list[Any]) -> datetime:
    text, fold, kind, name = content
    zone = (
        None
        if name is None
        else UTC
        if name == "UTC" and kind == "offset"
        else (ZoneInfo(name) if kind == "zone" else timezone(timedelta(microseconds=name)))
    )
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def _revive_object(content: list[Any]) -> object:
    name, fields = content
    cls = _found(name)
    if isinstance(fields, str):
        return cls[fields]
    known = _fields(cls)
    if not fields.keys() <= set(known):
        extra = ", ".join(sorted(fields.keys() - set(known)))
        raise StateBytesError(f"{name} was stored with fields that it does not have: {extra}")
    if _is_struct(cls):
        return cls(**fields)
    made = object.__new__(cls)
    for field in dataclasses.fields(cls):
        if field.name in fields:
            object.__setattr__(made, field.name, fields[field.name])
        elif field.default is not dataclasses.MISSING:
            object.__setattr__(made, field.name, field.default)
        elif field.default_factory is not dataclasses.MISSING:
            object.__setattr__(made, field.name, field.default_factory())
    return made


def _found(name: str) -> Any:  # noqa: ANN401 - a registered class
    """Return a registered class; nothing is imported but what this package registers itself."""
    module, _, short = name.rpartition(".")
    if name not in _registered and _LAZY.get(short) == module:
        register(getattr(import_module(module), short))
    if name not in _registered:
        raise StateBytesError(
            f"the bytes hold a {name}, which is not registered here: "
            "call codeanatomy.workflow.register with the class first",
            kind=name,
        )
    return _registered[name]


_BARE: Final = _Where("")
_PLAINEST: Final = frozenset({type(None), bool, float})
_FLAVOURS: Final[dict[type, str]] = {
    type(Path()): "path",
    PurePosixPath: "posix",
    PureWindowsPath: "windows",
}
_PATHS: Final[dict[str, Any]] = {name: cls for cls, name in _FLAVOURS.items()}
_MAKERS: Final[dict[type, Callable[[Any, _Where, int], object]]] = {
    type(None): _same,
    bool: _same,
    float: _same,
    int: _int,
    str: _text,
    bytes: _blob,
    list: _list,
    dict: _dict,
    tuple: _tuple,
    set: _set,
    frozenset: _frozenset,
    datetime: _datetime,
    date: _date,
    Decimal: _decimal,
    UUID: _uuid,
    **dict.fromkeys(_FLAVOURS, _path),
}
_REVIVERS: Final[dict[int, Callable[[Any], object]]] = {
    _MAP: lambda content: dict(zip(*content, strict=True)),
    _TUPLE: tuple,
    _SET: set,
    _FROZENSET: frozenset,
    _DATETIME: _revive_datetime,
    _DATE: date.fromisoformat,
    _DECIMAL: Decimal,
    _PATH: lambda content: _PATHS[content[0]](content[1]),
    _OBJECT: _revive_object,
}
_DECODE: Final = msgspec.msgpack.Decoder(ext_hook=_revive).decode
