"""The command `completion`: a script that lets a shell complete what is typed."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from codeanatomy.cli.options import Output, emit

Shell = Annotated[Literal["bash", "zsh", "fish"], Parameter(help="The shell.")]


def completion(shell: Shell, /, *, output: Output = None) -> int:
    """Print the completion script of a shell; `--install-completion` installs it."""
    from codeanatomy import cli  # noqa: PLC0415 - the app lists this command

    emit(cli.app.generate_completion(prog_name="codeanatomy", shell=shell), output)
    return 0
