"""The command `world run`: many ticks."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from codeanatomy.cli.options import AsJson  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Models, Where, WorldName
from codeanatomy.cli.world.said import tell
from codeanatomy.kernel.errors import SpecError

_AT_ONCE = 1000
"""Ticks in one call: others may come between two of them."""


def run(
    name: WorldName,
    ticks: Annotated[int, Parameter(help="How many ticks to make.")],
    /,
    *,
    model: Models = (),
    where: Where = HERE,
    json: AsJson = False,
) -> int:
    """Make many ticks; an interrupt between two of them leaves whole ticks."""
    if ticks < 1:
        raise SpecError(f"ticks is a number from 1, not {ticks}", ticks=ticks)
    done = {"ticks": 0, "spawned": 0, "despawned": 0, "tick": 0}
    with asking(where, model) as ask:
        while done["ticks"] < ticks:
            now = min(_AT_ONCE, ticks - done["ticks"])
            found = ask.data("POST", WORLD + "/run", {"ticks": now}, name=name)
            for key in ("ticks", "spawned", "despawned"):
                done[key] += found[key]
            done["tick"] = found["last"]["tick"]
    text = (
        f"{done['ticks']:,} ticks, now at tick {done['tick']:,}: "
        f"{done['spawned']:,} spawned, {done['despawned']:,} despawned"
    )
    tell(done, text, json=json)
    return 0
