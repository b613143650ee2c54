"""The command `world spawn`: new entities at the next tick, from words or from a file."""

from __future__ import annotations

import json as reading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from codeanatomy.cli.options import AsJson  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Models, Where, WorldName
from codeanatomy.cli.world.said import tell
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    import pyarrow as pa


def spawn(  # noqa: PLR0913 - the options of the command
    name: WorldName,
    /,
    *what: Annotated[
        str, Parameter(help="Fields as `position__x=1.5`, and components as `alive`.")
    ],
    count: Annotated[int, Parameter(help="How many equal entities.")] = 1,
    file: Annotated[
        str | None,
        Parameter(help="Columns from a .csv, .jsonl, .parquet or .arrow file, a row an entity."),
    ] = None,
    tick: Annotated[int | None, Parameter(help="The tick to be born at; the next one.")] = None,
    priority: Annotated[int, Parameter(help="Lower comes first among a tick's commands.")] = 0,
    id: Annotated[  # noqa: A002 - the name of the option
        str | None, Parameter(help="The id of the command: the same one again does nothing.")
    ] = None,
    model: Models = (),
    where: Where = HERE,
    json: AsJson = False,
) -> int:
    """Queue new entities; they are there after the next tick."""
    fields = {key: _value(text) for key, eq, text in (word.partition("=") for word in what) if eq}
    parts = [word for word in what if "=" not in word]
    order: dict[str, Any] = {"kind": "spawn", "priority": priority}
    if file is not None:
        if fields or count != 1:
            raise SpecError("with --file the fields come from its columns")
        order |= {"columns": _columns(Path(file)), "components": parts}
    else:
        order |= {"components": _components(fields, parts), "count": count}
    order |= {key: value for key, value in (("tick", tick), ("id", id)) if value is not None}
    with asking(where, model) as ask:
        found = ask.data("POST", WORLD + "/commands", {"commands": [order]}, name=name)
    entry = found["commands"][0]
    spans = [f"{a}" if n == 1 else f"{a}-{a + n - 1}" for a, n in entry["entities"]]
    text = f"{entry['state']}: entity {', '.join(spans)} at tick {entry['tick']:,}"
    tell(entry, text, json=json)
    return 0


def _components(fields: dict[str, Any], parts: list[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {name: {} for name in parts}
    for key, value in fields.items():
        component, sep, field = key.partition("__" if "__" in key else ".")
        if not sep:
            raise SpecError(f"{key!r} names no field; write component__field=value", key=key)
        found.setdefault(component, {})[field] = value
    return found


def _value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return reading.loads(text)
    except ValueError:
        return text


def _columns(path: Path) -> dict[str, list[Any]]:
    if not path.is_file():
        raise SpecError(f"no file at {path}", path=str(path))
    from codeanatomy.ecs.runtime.wire import to_wire  # noqa: PLC0415 - heavy: only where a file is read

    return {
        column: [to_wire(value) for value in values]
        for column, values in _read(path).to_pydict().items()
    }


def _read(path: Path) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - heavy: only where a file is read

    try:
        if path.suffix == ".csv":
            from pyarrow import csv  # noqa: PLC0415 - as above

            return csv.read_csv(path)
        if path.suffix in (".jsonl", ".ndjson"):
            from pyarrow import json  # noqa: PLC0415 - as above

            return json.read_json(path)
        if path.suffix == ".parquet":
            from pyarrow import parquet  # noqa: PLC0415 - as above

            return parquet.read_table(path)
        if path.suffix in (".arrow", ".ipc", ".feather"):
            from pyarrow import feather  # noqa: PLC0415 - as above

            return feather.read_table(path)
    except pa.ArrowException as error:
        raise SpecError(f"{path} cannot be read: {error}", path=str(path)) from None
    raise SpecError(
        f"{path} ends in {path.suffix!r}; files of rows are .csv, .jsonl, .parquet and .arrow",
        path=str(path),
    )
