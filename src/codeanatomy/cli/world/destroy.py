"""The command `world destroy`: a world out of reach, its rows kept."""

from __future__ import annotations

from codeanatomy.cli.options import emit
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Where, WorldName


def destroy(name: WorldName, /, *, where: Where = HERE) -> int:
    """Take a world out of reach; `world restore` brings it back, and its branches go on."""
    with asking(where) as ask:
        ask.data("DELETE", WORLD, {}, name=name)
    emit(f"destroyed {name}; `codeanatomy world restore {name}` brings it back")
    return 0
