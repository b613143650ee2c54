"""The command `completion`: a script that lets a shell complete what is typed."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Literal

from cyclopts import Parameter

from codeanatomy.cli.options import Output, emit

Shell = Annotated[Literal["bash", "zsh", "fish"], Parameter(help="The shell.")]


def completion(shell: Shell, /, *, output: Output = None) -> int:
    """Print the completion script of a shell; `--install-completion` installs it."""
    app = import_module("codeanatomy.cli.app").app  # the app lists this command
    emit(app.generate_completion(prog_name="codeanatomy", shell=shell), output)
    return 0
