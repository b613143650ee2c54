"""The commands `tea trace`: old trace files removed, packed ones printed."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codeanatomy.cli.tea.say import FAILED, USAGE, fail, say

if TYPE_CHECKING:
    from collections.abc import Iterator

trace = typer.Typer(help="Trace files.", no_args_is_help=True)

DAY = 86400  # seconds
MEGA = 1024 * 1024
PATTERNS = ("*.jsonl", "*.jsonl.gz")


@trace.command()
def cleanup(
    directory: Annotated[str, typer.Argument(help="The folder with the trace files.")] = ".",
    *,
    older_than: Annotated[
        int | None, typer.Option("--older-than", help="Days; files that are older go.")
    ] = None,
    pattern: Annotated[
        list[str] | None, typer.Option("--pattern", help="Which files: *.jsonl, *.jsonl.gz.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, remove nothing.")
    ] = False,
) -> None:
    """Remove trace files that are older than so many days; links are left alone."""
    if older_than is None or older_than <= 0:
        fail("Error: --older-than is required and must be greater than 0", USAGE)
    place = Path(directory)
    if not place.is_dir():
        fail(f"Error: Directory not found: {directory}", USAGE)
    count, freed, failed = 0, 0, False
    for path in _old(place, pattern or list(PATTERNS), older_than):
        facts = path.stat()
        shown = datetime.fromtimestamp(facts.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        about = f"{path} ({facts.st_size / MEGA:.2f} MB, mtime={shown})"
        if dry_run:
            typer.echo(f"[dry-run] would delete: {about}")
        else:
            try:
                path.unlink()
            except OSError as error:
                say(f"Error: Cannot delete {path}: {error}")
                failed = True
                continue
            typer.echo(f"deleted: {about}")
        count, freed = count + 1, freed + facts.st_size
    total = f"{freed / MEGA:.2f} MB" if count else "0 MB"
    word = "Would delete" if dry_run and count else "Deleted"
    typer.echo(f"{word} {count} files, freed {total}")
    if failed:
        raise typer.Exit(FAILED)


@trace.command()
def cat(
    files: Annotated[list[str], typer.Argument(help="Trace files, packed ones too.")],
) -> None:
    """Print trace files; those packed with gzip are unpacked."""
    for file in files:
        path = Path(file)
        if not path.is_file():
            fail(f"Error: File not found: {file}", USAGE)
        try:
            with (
                gzip.open(path, "rt", encoding="utf-8")
                if _packed(path)
                else path.open(encoding="utf-8") as lines
            ):
                for line in lines:
                    typer.echo(line.rstrip("\n"))
        except (OSError, EOFError, UnicodeDecodeError) as error:
            fail(f"Error: Cannot read {file}: {error}")


def _old(place: Path, patterns: list[str], days: int) -> Iterator[Path]:
    limit = time.time() - days * DAY
    found = {path for pattern in patterns for path in place.rglob(pattern)}
    for path in sorted(found):
        if path.is_file() and not path.is_symlink() and path.stat().st_mtime < limit:
            yield path


def _packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"
