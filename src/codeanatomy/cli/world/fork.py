"""The command `world fork`: a branch of a world."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from codeanatomy.cli.options import AsJson  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Models, Where, WorldName
from codeanatomy.cli.world.said import tell


def fork(
    name: WorldName,
    branch: Annotated[str, Parameter(help="The name of the branch.")],
    /,
    *,
    at_tick: Annotated[int | None, Parameter(help="The tick to branch at; the last one.")] = None,
    seed: Annotated[int | None, Parameter(help="Other chance than the parent's.")] = None,
    model: Models = (),
    where: Where = HERE,
    json: AsJson = False,
) -> int:
    """Begin a branch: a world of its own that shares every row up to a tick."""
    said = {"name": branch, "at_tick": at_tick, "seed": seed}
    with asking(where, model) as ask:
        found = ask.data("POST", WORLD + "/fork", said, name=name)
    tell(found, f"{branch} is {name} as of tick {found['tick']:,}", json=json)
    return 0
