"""The command `world step`: one tick."""

from __future__ import annotations

from codeanatomy.cli.options import AsJson  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Models, Where, WorldName
from codeanatomy.cli.world.said import receipt_text, tell


def step(
    name: WorldName, /, *, model: Models = (), where: Where = HERE, json: AsJson = False
) -> int:
    """Make one tick, durable when this ends.

    A world that was made with a model wants it again (`--model FILE`): its processors are code,
    and code is never taken from a store.
    """
    with asking(where, model) as ask:
        found = ask.data("POST", WORLD + "/step", {}, name=name)
    tell(found, receipt_text(found), json=json)
    return 0
