"""An order: a command as plain data or Python values, checked and made columns, not yet queued.

    {"kind": "spawn", "components": {"position": {"x": 1, "y": 2}, "alive": {}}}
    {"kind": "spawn", "columns": {"position__x": [1, 2]}, "components": ["alive"]}
    {"kind": "update", "entities": [3], "set": {"position__x": 0.5}}     # or "where": "..."
    {"kind": "despawn", "entities": [3, 4]}                              # or "where": "..."
    {"kind": "add", "entities": [3], "components": {"alive": {}}}
    {"kind": "remove", "entities": [3], "components": ["alive"]}

All take `id` (of the command), `tick` and `priority`. In Python `components` may be instances
and the values of `columns` and `set` anything a world takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.ecs.backend.value import encode
from codeanatomy.ecs.buffer import CommandBuffer
from codeanatomy.ecs.column import plain
from codeanatomy.ecs.components import component_of, given
from codeanatomy.ecs.entity import IdCounter
from codeanatomy.ecs.errors import InvalidCommandError
from codeanatomy.ecs.runtime.operation import COMMANDS
from codeanatomy.ecs.runtime.wire import of_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.world import World

_TAKES = {
    "spawn": {"components", "columns", "count", "entities"},
    "despawn": {"entities", "where", "having", "without"},
    "update": {"entities", "where", "set", "having", "without"},
    "add": {"entities", "components"},
    "remove": {"entities", "components"},
}
_ALL_TAKE = {"kind", "id", "tick", "priority"}


class Order(NamedTuple):
    """A checked command: what it will queue, and the digest of what was asked."""

    kind: str
    digest: bytes
    tick: int
    priority: int
    commands: tuple[Command, ...]


def kind_of(asked: Mapping[str, object]) -> str:
    """Give the kind of a command, or refuse one that there is not."""
    kind = asked.get("kind")
    if kind not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise InvalidCommandError(f"no command is a {kind!r}; there are {known}", kind=kind)
    return str(kind)


def order_of(asked: Mapping[str, object], world: World) -> Order:
    """Check a command against a world and make it columns; nothing is queued, no id is used."""
    kind = kind_of(asked)
    extra = sorted(asked.keys() - _TAKES[kind] - _ALL_TAKE)
    if extra:
        allowed = ", ".join(sorted(_TAKES[kind] | _ALL_TAKE))
        raise InvalidCommandError(
            f"a {kind} has no {extra[0]!r}; it takes {allowed}", kind=kind, key=extra[0]
        )
    tick, priority = _whole(asked, "tick"), _whole(asked, "priority") or 0
    buffer = _buffer(world)
    _FILL[kind](buffer, asked, world, {"tick": tick, "priority": priority})
    commands = tuple(buffer.commands)
    due = commands[0].tick if commands else (tick if tick is not None else world.tick + 1)
    return Order(kind, digest_of(asked), due, priority, commands)


def _buffer(world: World) -> CommandBuffer:
    """Give a buffer that checks as the world's own queue does, and changes nothing."""
    own = world._work.ids  # noqa: SLF001 - a copy of what is handed out, to check against
    ids = IdCounter(own.next_id, own.reserved)
    numbers = count()
    return CommandBuffer(
        world.components,
        ids,
        numbers.__next__,
        now=lambda: world.tick + 1,
        view=world.tables.values,
    )


def _spawn(
    buffer: CommandBuffer, asked: Mapping[str, object], world: World, when: dict[str, int | None]
) -> None:
    columns = _columns(asked.get("columns"), world)
    named, parts = _parts(asked.get("components"), world)
    said, ids = asked.get("count"), asked.get("entities")
    if said is not None and (isinstance(said, bool) or not isinstance(said, int) or columns):
        raise InvalidCommandError("`count` is a whole number and stands instead of `columns`")
    many = 1 if said is None else int(said)
    rows: object
    if columns:
        rows = {**named, **columns}
    elif named:
        rows = {name: [value] * many for name, value in named.items()}
    else:
        rows = many
    buffer.spawn_batch(rows, parts, entity_id=ids, **when)  # type: ignore[arg-type] # tick and priority


def _despawn(
    buffer: CommandBuffer, asked: Mapping[str, object], _world: World, when: dict[str, int | None]
) -> None:
    if "where" in asked:
        buffer.despawn_where(_where(asked), **_tables(asked), **when)  # type: ignore[arg-type] # as told
    else:
        buffer.despawn(_entities(asked), **when)  # type: ignore[arg-type] # tick and priority


def _update(
    buffer: CommandBuffer, asked: Mapping[str, object], world: World, when: dict[str, int | None]
) -> None:
    changes = _changes(asked.get("set"), world)
    if "where" in asked:
        buffer.update_where(_where(asked), changes, **_tables(asked), **when)  # type: ignore[arg-type] # as told
    else:
        buffer.update(_entities(asked), changes, **when)  # type: ignore[arg-type] # tick and priority


def _add(
    buffer: CommandBuffer, asked: Mapping[str, object], world: World, when: dict[str, int | None]
) -> None:
    named, parts = _parts(asked.get("components"), world)
    buffer.add(_entities(asked), named, *_tags(parts, named, world), **when)  # type: ignore[arg-type] # as told


def _remove(
    buffer: CommandBuffer, asked: Mapping[str, object], world: World, when: dict[str, int | None]
) -> None:
    _, parts = _parts(asked.get("components"), world)
    buffer.remove(_entities(asked), *parts, **when)  # type: ignore[arg-type] # tick and priority


_FILL: dict[str, Callable[..., None]] = {
    "spawn": _spawn,
    "despawn": _despawn,
    "update": _update,
    "add": _add,
    "remove": _remove,
}


def _parts(found: object, world: World) -> tuple[dict[str, object], list[str]]:
    """Give the fields that are said, by column, and the names of all components."""
    if found is None:
        return {}, []
    if isinstance(found, Mapping):
        pairs = [(str(name), fields) for name, fields in found.items()]
    elif isinstance(found, list | tuple):
        pairs = [_pair(one, world) for one in found]
    else:
        raise InvalidCommandError(
            "components are a list of names, or a mapping of names to their fields"
        )
    named: dict[str, object] = {}
    for name, fields in pairs:
        world.components.named(name)
        if not isinstance(fields, Mapping):
            raise InvalidCommandError(f"the fields of {name} are a mapping", name=name)
        for field, value in fields.items():
            column = world.components.column(f"{name}__{field}")
            named[column.name] = of_wire(column, value)
    return named, [name for name, _ in pairs]


def _pair(one: object, world: World) -> tuple[str, Mapping[str, object]]:
    if isinstance(one, str):
        return one, {}
    declared = component_of(one)
    world.components.named(one)
    return declared.name, {k.partition("__")[2]: v for k, v in given(one).items()}


def _tags(parts: list[str], named: Mapping[str, object], world: World) -> list[object]:
    """Give the components of which no field was said."""
    said = {name.partition("__")[0] for name in named}
    return [world.components.named(name) for name in parts if name not in said]


def _columns(found: object, world: World) -> dict[str, object]:
    if found is None:
        return {}
    if isinstance(found, Mapping):
        return {str(name): _many(world, str(name), values) for name, values in found.items()}
    if hasattr(found, "__arrow_c_stream__"):
        import pyarrow as pa  # noqa: PLC0415 - only where Arrow comes in

        table = pa.table(found)
        return {name: table[name] for name in table.column_names}
    raise InvalidCommandError("columns are a mapping of names `component__field` to values")


def _many(world: World, name: str, values: object) -> object:
    if name == "entity_id" or not isinstance(values, list):
        return values
    column = world.components.column(name)
    return [of_wire(column, value) for value in values]


def _changes(found: object, world: World) -> dict[str, object]:
    if not isinstance(found, Mapping) and isinstance(found, list | tuple):
        named, _ = _parts(found, world)
        return named
    if not isinstance(found, Mapping) or not found:
        raise InvalidCommandError("an update says `set`: a mapping of `component__field` to values")
    changed: dict[str, object] = {}
    for name, value in found.items():
        column = world.components.column(str(name))
        changed[column.name] = of_wire(column, value)
    return changed


def _entities(asked: Mapping[str, object]) -> object:
    if asked.get("entities") is None:
        kind = asked["kind"]
        raise InvalidCommandError(f"a {kind} names `entities`: a list of ids", kind=kind)
    return asked["entities"]


def _where(asked: Mapping[str, object]) -> Callable[..., object]:
    from codeanatomy.ecs.expression import parse  # noqa: PLC0415 - only where rows are chosen by text

    if "entities" in asked or not isinstance(asked["where"], str):
        raise InvalidCommandError("`where` is a text and stands instead of `entities`")
    expression = parse(asked["where"])
    return lambda columns: expression.mask(columns, columns.rows)


def _tables(asked: Mapping[str, object]) -> dict[str, Iterable[object]]:
    """Give the components that the tables of a `where` must have and lack."""
    from codeanatomy.ecs.expression import parse  # noqa: PLC0415 - as above

    used = {name.partition("__")[0] for name in parse(str(asked["where"])).columns}
    having = [*_names(asked, "having"), *sorted(used - {"entity_id"})]
    return {"having": having, "without": _names(asked, "without")}


def _names(asked: Mapping[str, object], key: str) -> list[str]:
    found = asked.get(key, [])
    if not isinstance(found, list | tuple) or not all(isinstance(name, str) for name in found):
        raise InvalidCommandError(f"`{key}` is a list of component names", key=key)
    return list(found)


def _whole(asked: Mapping[str, object], key: str) -> int | None:
    found = asked.get(key)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or abs(found) >= 1 << 62:
        raise InvalidCommandError(f"`{key}` is a whole number, not {found!r}", key=key)
    return found


def digest_of(asked: Mapping[str, object]) -> bytes:
    """Digest what was asked, without the id: the same content gives the same bytes."""
    content = {key: value for key, value in asked.items() if key != "id" and value is not None}
    return blake2b(encode(_canonical(content)), digest_size=16).digest()


def _canonical(value: object) -> object:
    """Put what was asked into one form: mappings in the order of their keys, instances named."""
    if isinstance(value, Mapping):
        return {str(key): _canonical(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    if hasattr(value, "__component__"):
        fields = {} if isinstance(value, type) else given(value)
        return [component_of(value).name, _canonical(fields)]
    if hasattr(value, "__arrow_c_stream__"):
        import pyarrow as pa  # noqa: PLC0415 - only where Arrow comes in

        return pa.table(value)
    return plain(value)
