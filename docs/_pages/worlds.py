"""The reference of what worlds declare: columns, commands, receipts, hooks, stores, the gate."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

from docs._pages.writing import grid, page, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

STORES = ("memory", "log", "parquet", "delta")


class Colour(Enum):
    """An enumeration, for the table of column types."""

    RED = 1
    BLUE = 2


@dataclass
class Point:
    """A class of fields, for the table of column types."""

    x: float
    y: float


ANNOTATIONS: Mapping[str, Any] = {
    "int": int,
    "float": float,
    "float | None": float | None,
    "bool": bool,
    "str": str,
    "str | None": str | None,
    "bytes": bytes,
    "datetime": datetime,
    "date": date,
    "timedelta": timedelta,
    "np.float32": "numpy.float32",
    "np.int8": "numpy.int8",
    "np.uint16": "numpy.uint16",
    "Colour (an Enum)": Colour,
    "Annotated[list[float], 3]": Annotated[list[float], 3],
    "list[int]": list[int],
    "tuple[str, ...]": tuple[str, ...],
    "Point (a component or dataclass)": Point,
}
"""What a field may be annotated with: as people write it, to the annotation."""


def worlds_page() -> str:
    """Return the page of what a world is made of."""
    sections = (
        _columns(), _commands(), _receipts(), _moments(), _expressions(), _durability(),
        _stores(),
    )  # fmt: skip
    return page("What worlds are made of", "Read from the declarations of the engine.", sections)


def world_runtime_page() -> str:
    """Return the page of the runtime: who may do what, what it costs, over which route."""
    sections = (_roles(), _operations(), _quotas(), _states(), _routes())
    told = "Named worlds at one address behind a gate: `ArchetypeRuntime`, and the same over HTTP."
    return page("The runtime of worlds", told, sections)


def world_words() -> list[str]:
    """Name everything the first page must have a row for."""
    names = [*_of("command", "RULES"), *_of("receipt", "ERROR_ROWS"), *_of("hook", "MOMENTS")]
    names += [*_of("backend.durability", "SETTINGS"), *_of("backend.open", "SETTINGS")]
    return [*names, *_of("syntax", "AGGREGATES"), *_of("syntax", "FUNCTIONS")]


def runtime_words() -> list[str]:
    """Name everything the second page must have a row for."""
    names = [operation.name for operation in _of("runtime.operation", "OPERATIONS")]
    names += [role.title for role in _of("runtime.role", "Role")]
    return [*names, *_of("runtime.ledger", "STATES"), *(r.path for r in _routes_of())]


def _of(module: str, name: str) -> Any:  # noqa: ANN401 - a declaration of a room not imported here
    return getattr(import_module(f"codeanatomy.ecs.{module}"), name)


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *parts])


def _columns() -> str:
    told = (
        "A field `x` of a component `Position` is the column `position__x`. Every row has besides "
        "`world_id`, `run_id`, `tick`, `entity_id` and `is_active`. A processor gets read-only "
        "numpy arrays or Arrow arrays, as the last column says. NaN is refused where the field "
        "is not `| None`."
    )
    rows = [(f"`{written}`", *_column(annotation)) for written, annotation in ANNOTATIONS.items()]
    return _section("Columns", told, grid(("annotation", "Arrow type", "null", "held as"), rows))


def _column(annotation: Any) -> tuple[str, str, str]:  # noqa: ANN401 - any annotation
    """Declare a component with one such field, and read what became of it."""
    if isinstance(annotation, str):
        module, _, name = annotation.partition(".")
        annotation = getattr(import_module(module), name)
    one = type("One", (), {"__annotations__": {"field": annotation}})
    (column,) = _of("components", "component")(one).__component__.columns
    wide = "" if column.width is None else f", {column.width}"
    held = "Arrow" if column.dtype is None else f"numpy `{column.dtype}` (n{wide or ','})"
    return f"`{column.type}`", "yes" if column.nullable else "", held


def _commands() -> str:
    told = (
        "Queued ones apply in the order (tick, priority, sequence), then those of processors by "
        "(priority, processor, sequence). One call is one command, for one entity or a million."
    )
    return _section("Commands", told, grid(("command", "rule"), quoted(_of("command", "RULES"))))


def _receipts() -> str:
    receipt = _of("receipt", "Receipt")
    fields = [(f"`{n}`", f"`{t}`") for n, t in receipt.__annotations__.items()]
    return _section(
        "Receipts", inspect.getdoc(receipt) or "", grid(("field", "type"), fields),
        "An error row is a command that was refused for one entity; the rest of the tick stands:",
        grid(("code", "meaning"), quoted(_of("receipt", "ERROR_ROWS"))),
    )  # fmt: skip


def _moments() -> str:
    told = "`world.on(moment, function)` adds one, `world.off` takes it away."
    return _section("Hooks", told, grid(("moment", "meaning"), quoted(_of("hook", "MOMENTS"))))


def _expressions() -> str:
    told = (
        "The text of `where`, `update_where`, `despawn_where`, `until`, `measure`, `collect`, "
        "`plot` and `live`: columns, numbers, text in quotes, `+ - * / %`, comparisons, `and`, "
        "`or`, `not`, `in`, `between`, `like`, `is null`, and these functions."
    )
    words = [
        ("of all rows", ", ".join(f"`{name}`" for name in _of("syntax", "AGGREGATES"))),
        ("of every row", ", ".join(f"`{name}`" for name in _of("syntax", "FUNCTIONS"))),
    ]
    return _section("Expressions", told, grid(("gives a value", "functions"), words))


def _durability() -> str:
    told = "The argument `durability` of `World` and `World.open`; any number may stand in it."
    settings = _of("backend.durability", "SETTINGS")
    return _section("Durability", told, grid(("setting", "promise"), quoted(settings)))


def _stores() -> str:
    told = (
        "The address of `World` and `World.open`: `scheme:PLACE?setting=value`. A path alone is a "
        "log. What a store cannot do is an error that says so."
    )
    settings = [
        (f"`{scheme}`", f"`{name}`", meaning)
        for scheme, known in _of("backend.open", "SETTINGS").items()
        for name, meaning in known.items()
    ]
    can = [_of(f"backend.{store}", "CAPABILITIES") for store in STORES]
    fields = can[0]._fields[1:]
    words = _of("backend.capability", "MEANINGS")
    rows = [
        (words[field], *("yes" if getattr(one, field) else "no" for one in can)) for field in fields
    ]
    return _section(
        "Stores", told, grid(("", *(one.backend for one in can)), rows),
        grid(("scheme", "setting", "meaning"), settings),
    )  # fmt: skip


def _roles() -> str:
    told = "Each has the rights of all before it."
    rows = [
        (f"`{role.title}`", ", ".join(f"`{o.name}`" for o in _operations_of() if o.role == role))
        for role in _of("runtime.role", "Role")
    ]
    return _section("Roles", told, grid(("role", "and may besides"), rows))


def _operations_of() -> Any:  # noqa: ANN401 - rows of a room not imported here
    return _of("runtime.operation", "OPERATIONS")


def _operations() -> str:
    rows = [
        (f"`{o.name}`", o.meaning, o.role.title, str(o.units), "yes" if o.is_command else "")
        for o in _operations_of()
    ]
    header = ("operation", "meaning", "role", "units", "waits for a tick")
    return _section("Operations", "What passes the gate.", grid(header, rows))


def _quotas() -> str:
    quotas = _of("runtime.quota", "Quotas")()
    more = (
        ("commands of an actor for one tick of a world", quotas.commands_per_tick),
        ("units of an actor in a day (UTC)", quotas.units_per_day),
        ("commands in a batch", _of("runtime.submit", "MOST_COMMANDS")),
        ("ticks in a run", _of("runtime.seat", "MOST_TICKS")),
        ("attempts of a command before it is a dead letter", _of("runtime.queue", "MOST_ATTEMPTS")),
        ("bytes of a request", _of("runtime.web.app", "MOST_BYTES")),
    )
    rows = [(meaning, f"{number:,}") for meaning, number in more]
    told = "A batch is checked whole before anything is charged."
    return _section("Quotas and bounds", told, grid(("what", "at most"), rows))


def _states() -> str:
    told = (
        "What may have become of a command. The same id with the same content does nothing a "
        "second time, with other content it is a conflict."
    )
    states = _of("runtime.ledger", "STATES")
    return _section("The ledger", told, grid(("state", "meaning"), quoted(states)))


def _routes_of() -> Any:  # noqa: ANN401 - rows of a room not imported here
    return _of("runtime.web.routes", "ROUTES")


def _routes() -> str:
    told = (
        "`codeanatomy world serve` answers these; `/openapi.json` describes them in full, and `/` "
        "is a page to see the worlds. Rows come as JSON, or as an Arrow stream to who accepts "
        f"`{_of('runtime.web.answer', 'ARROW')}`. What a request says is the query string of a "
        "GET and the JSON body of all others."
    )
    rows = [
        (f"`{r.method}`", f"`{r.path}`", f"`{r.operation}`", _asked(r.asks)) for r in _routes_of()
    ]
    return _section("HTTP", told, grid(("method", "path", "operation", "says"), rows))


def _asked(body: Any) -> str:  # noqa: ANN401 - a declared body
    names = ", ".join(f"`{name}`" for name in body.__struct_fields__)
    told = " ".join((inspect.getdoc(body) or "").partition("\n\n")[0].split())
    return f"{names}: {told}" if names else ""
