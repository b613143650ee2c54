"""What `tea` says beside its output, on standard error, and how a command ends early."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import typer

from codeanatomy.workflow.show.printable import printable

FAILED, USAGE, INTERRUPTED = 1, 2, 130
BAR = "=" * 80


def tell(text: str) -> None:
    """Print a line on standard output; what is in it cannot steer the terminal."""
    typer.echo(printable(text))


def say(text: str) -> None:
    """Print a line on standard error, as `tell` does."""
    typer.echo(printable(text), err=True)


def fail(text: str, status: int = FAILED) -> NoReturn:
    """Print what went wrong and end the command."""
    say(text)
    raise typer.Exit(status)


def write_file(path: str, text: str) -> None:
    """Write what the command was asked to write; where it cannot be, the command ends."""
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"Error: Cannot write {path}: {error.strerror}; name another file")


def as_json(value: Any, indent: int | None = 2) -> str:  # noqa: ANN401 - a state holds anything
    """Write a value as JSON; what JSON lacks is written as its `to_dict` or its text."""
    return printable(json.dumps(value, indent=indent, ensure_ascii=False, default=_plain))


def at_terminal() -> bool:
    """Tell whether a person can answer: input and output are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def _plain(value: Any) -> Any:  # noqa: ANN401 - as above
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    return str(value)
