"""The verbs of `codeanatomy world`, in the order people need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cyclopts import App, Parameter

from codeanatomy.cli.world.create import create
from codeanatomy.cli.world.destroy import destroy
from codeanatomy.cli.world.fork import fork
from codeanatomy.cli.world.history import history
from codeanatomy.cli.world.inspect import inspect
from codeanatomy.cli.world.listing import list_
from codeanatomy.cli.world.query import query
from codeanatomy.cli.world.restore import restore
from codeanatomy.cli.world.run import run
from codeanatomy.cli.world.serve import serve
from codeanatomy.cli.world.spawn import spawn
from codeanatomy.cli.world.step import step

if TYPE_CHECKING:
    from collections.abc import Callable

world = App(
    name="world",
    help="Make worlds of entities, tick them, branch them, and read any tick.",
    sort_key=90,
    default_parameter=Parameter(negative=(), show_default=False),
)
_VERBS: tuple[Callable[..., int], ...] = (
    create,
    inspect,
    spawn,
    step,
    run,
    query,
    fork,
    history,
    destroy,
    restore,
    serve,
)
world.command(list_, name="list", sort_key=1)
for _place, _verb in enumerate(_VERBS):
    world.command(_verb, sort_key=2 * _place)
