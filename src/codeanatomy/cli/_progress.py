"""How a build shows that it goes on: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codeanatomy.cli._say import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.cpg.progress import Progress

MEGABYTE = 1_000_000


@contextmanager
def shown(*, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """Give what a build calls with each `Progress`; on standard error, so that output is clean."""
    if quiet:
        yield _ignore
    elif sys.stderr.isatty():
        with _bar() as listener:
            yield listener
    else:
        yield _lines()


def _ignore(_: Progress) -> None:
    return None


def _lines() -> Callable[[Progress], None]:
    """Print a line when a stage begins."""
    last = ""

    def listen(now: Progress) -> None:
        nonlocal last
        if now.stage != last:
            last = now.stage
            files = f" {now.all_files:,} files" if now.all_files else ""
            say(f"{now.stage}{files}")

    return listen


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - as above
    from rich.progress import Progress as Bars  # noqa: PLC0415 - as above

    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(24),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None, note="")
        stage, began = "", time.monotonic()

        def listen(now: Progress) -> None:
            nonlocal stage, began
            if now.stage != stage:
                stage, began = now.stage, time.monotonic()
            done, total = (
                (now.bytes, now.all_bytes) if now.all_bytes else (now.files, now.all_files)
            )
            note = note_of(now, time.monotonic() - began)
            bars.update(
                task, description=stage, total=total if done else None, completed=done, note=note
            )

        yield listen


def note_of(now: Progress, seconds: float) -> str:
    """Say in words how far it is: files, speed, and what is slow."""
    parts = []
    if now.all_files:
        done = f"{now.files:,}/" if now.files else ""
        parts.append(f"{done}{now.all_files:,} files")
    if now.bytes and seconds > 0:
        parts.append(f"{now.bytes / MEGABYTE / seconds:.1f} MB/s")
    if now.slow:
        parts.append(f"slowest {now.slow}")
    return "  ".join(parts)
