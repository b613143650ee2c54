"""The command `agent`: everything that `tea` does, under the name of this package."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from codeanatomy.kernel.errors import MissingPartError


def agent(*words: Annotated[str, Parameter(allow_leading_hyphen=True, help="As of `tea`.")]) -> int:
    """Run, resume, check and show agents: `codeanatomy agent --help` lists the commands."""
    try:
        from codeanatomy.cli.tea.app import app  # noqa: PLC0415 - a second library of commands
    except ImportError as error:
        msg = f"{error.name} is not installed; `pip install codeanatomy[workflow]` installs it"
        raise MissingPartError(msg, extra="workflow") from error
    try:
        app(list(words), prog_name="codeanatomy agent")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0
