"""The Typer application `tea`: its commands by name."""

from __future__ import annotations

from typing import Annotated

import typer

from codeanatomy.cli.tea.cache_files import cache
from codeanatomy.cli.tea.history import history
from codeanatomy.cli.tea.inspect_file import inspect
from codeanatomy.cli.tea.resume import resume
from codeanatomy.cli.tea.run import run
from codeanatomy.cli.tea.schema_merge import schema
from codeanatomy.cli.tea.show import show
from codeanatomy.cli.tea.trace_files import trace
from codeanatomy.cli.tea.validate import validate

IMPLEMENTATION = "python"

app = typer.Typer(
    name="tea",
    help="Runs agents that are written as state graphs in YAML.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        import codeanatomy  # noqa: PLC0415 - reads the metadata

        typer.echo(f"tea {codeanatomy.__version__}")
        raise typer.Exit


def _implementation(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        typer.echo(IMPLEMENTATION)
        raise typer.Exit


@app.callback()
def tea(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    impl: Annotated[
        bool, typer.Option("--impl", callback=_implementation, is_eager=True, help="Print who.")
    ] = False,
) -> None:
    """Run agents that are written as state graphs in YAML."""


for _command in (run, resume, validate, inspect, history, show):
    app.command()(_command)
app.add_typer(cache, name="cache")
app.add_typer(schema, name="schema")
app.add_typer(trace, name="trace")
