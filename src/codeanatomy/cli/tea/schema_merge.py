"""The command `tea schema merge`: puts JSON schemas on top of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from codeanatomy.cli.tea.say import as_json, fail, say, write_file

schema = typer.Typer(help="JSON schemas.", no_args_is_help=True)


@schema.callback()
def schemas() -> None:
    """JSON schemas."""


@schema.command()
def merge(
    files: Annotated[
        list[str] | None, typer.Argument(help="The schemas (JSON or YAML), the last one wins.")
    ] = None,
    *,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the result to this file.")
    ] = None,
    validate: Annotated[
        bool, typer.Option("--validate", help="Check that the result is a JSON Schema.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the result, write nothing.")
    ] = False,
) -> None:
    """Merge schemas deeply and print the result."""
    from codeanatomy.workflow.load.overlay import deep_merge  # noqa: PLC0415 - only here

    if not files:
        fail("Error: No schemas provided")
    merged: dict[str, Any] = {}
    for file in files:
        merged = deep_merge(merged, _read(file))
    if validate:
        _check(merged)
    if dry_run or output is None:
        typer.echo(as_json(merged))
        return
    write_file(output, as_json(merged) + "\n")
    say(f"✓ Merged schema written to {output}")


def _read(file: str) -> dict[str, Any]:
    from codeanatomy.workflow.load.read import read_yaml  # noqa: PLC0415 - only here

    path = Path(file)
    if not path.is_file():
        fail(f"Error: File not found: {file}")
    try:
        value = read_yaml(path).value  # JSON is YAML too
    except Exception as error:  # noqa: BLE001 - whatever the parser dislikes
        fail(f"Error: Invalid schema file {file}: {error}")
    if not isinstance(value, dict):
        fail(f"Error: Schema {file} must be a mapping, got {type(value).__name__}")
    return value


def _check(merged: dict[str, Any]) -> None:
    from jsonschema import SchemaError  # noqa: PLC0415 - only when asked for
    from jsonschema.validators import validator_for  # noqa: PLC0415 - as above

    try:
        validator_for(merged).check_schema(merged)
    except SchemaError as error:
        fail(f"Error: Merged schema is not valid JSON Schema: {error.message}")
    say("✓ Merged schema is valid JSON Schema")
