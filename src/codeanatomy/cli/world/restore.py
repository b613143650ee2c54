"""The command `world restore`: a destroyed world back."""

from __future__ import annotations

from codeanatomy.cli.options import emit
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Where, WorldName


def restore(name: WorldName, /, *, where: Where = HERE) -> int:
    """Bring the last destroyed world of this name back, as it was."""
    with asking(where) as ask:
        found = ask.data("POST", WORLD + "/restore", {}, name=name)
    emit(f"{name} is back, at tick {found['tick']:,}")
    return 0
