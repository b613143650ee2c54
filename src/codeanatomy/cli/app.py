"""The commands by name; what a command needs besides its options is loaded when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cyclopts import App, Parameter

from codeanatomy.cli.agent import agent
from codeanatomy.cli.build import build
from codeanatomy.cli.calibrate import calibrate
from codeanatomy.cli.completion import completion
from codeanatomy.cli.config import config
from codeanatomy.cli.diag import diag
from codeanatomy.cli.export import export
from codeanatomy.cli.history import history
from codeanatomy.cli.plan import plan
from codeanatomy.cli.query import query
from codeanatomy.cli.questions import questions
from codeanatomy.cli.show import show
from codeanatomy.cli.tables import tables
from codeanatomy.cli.version import version, version_text
from codeanatomy.cli.world.app import world

if TYPE_CHECKING:
    from collections.abc import Callable

VERBS: tuple[Callable[..., int], ...] = (
    build,
    query,
    tables,
    show,
    *questions(),
    export,
    plan,
    diag,
    calibrate,
    history,
    version,
    completion,
)

app = App(
    name="codeanatomy",
    help="Build a code property graph of a Python repository and ask it questions in SQL.",
    help_epilogue="`--traceback` after any command shows where an error came from.",
    version=version_text,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
    default_parameter=Parameter(negative=(), show_default=False),
)
for _place, _verb in enumerate(VERBS):
    app.command(_verb, version_flags=(), sort_key=_place)
app.command(config)
app.command(world)
app.command(agent, version_flags=(), help_flags=())  # it has its own
app.register_install_completion_command(add_to_startup=True)
