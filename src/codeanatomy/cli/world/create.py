"""The command `world create`: a new world, of a model or of declared components."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from codeanatomy.cli.options import AsJson  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import asking
from codeanatomy.cli.world.options import HERE, Models, Where, WorldName
from codeanatomy.cli.world.said import tell


def create(
    name: WorldName,
    /,
    *,
    model: Models = (),
    of: Annotated[
        str | None, Parameter(help="The name of a model of the server (the stem of its file).")
    ] = None,
    component: Annotated[
        tuple[str, ...],
        Parameter(help="A component without a file: `position.x:double,y:double`; `alive` a tag."),
    ] = (),
    seed: Annotated[int, Parameter(help="The seed of all chance in the world.")] = 0,
    where: Where = HERE,
    json: AsJson = False,
) -> int:
    """Create a world.

    Its components and processors come from a Python file (`--model`), from a model of the server
    (`--of`), or are declared here (`--component`), then without processors.
    """
    said = {
        "name": name,
        "model": of if of is not None else (Path(model[0]).stem if model else None),
        "components": dict(_component(text) for text in component),
        "seed": seed,
    }
    with asking(where, model) as ask:
        found = ask.data("POST", "/api/worlds", said)
    parts = ", ".join(one["name"] for one in found["components"]) or "no components yet"
    tell(found, f"created {name} (seed {found['seed']}): {parts}", json=json)
    return 0


def _component(text: str) -> tuple[str, dict[str, str]]:
    """Read `name.field:type,field:type`."""
    name, _, rest = text.partition(".")
    fields = [part.partition(":") for part in rest.split(",") if part.strip()]
    return name.strip(), {field.strip(): kind.strip() or "double" for field, _, kind in fields}
