"""The command `agent`: everything that `tea` does, under the name of this package."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter


def agent(*words: Annotated[str, Parameter(allow_leading_hyphen=True, help="As of `tea`.")]) -> int:
    """Run, resume, check and show agents: `codeanatomy agent --help` lists the commands."""
    from codeanatomy.cli.tea.app import app  # noqa: PLC0415 - a second library of commands

    try:
        app(list(words), prog_name="codeanatomy agent")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0
