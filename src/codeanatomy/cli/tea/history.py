"""The command `tea history`: the runs that a journal holds."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codeanatomy.cli.tea.options import JournalUri  # noqa: TC001 - typer reads annotations
from codeanatomy.cli.tea.say import USAGE, as_json, fail, tell
from codeanatomy.workflow.show.duration import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.journal.base import Journal

DEFAULT = 50


def history(
    *,
    journal: JournalUri = None,
    thread: Annotated[str | None, typer.Option("--thread", help="Only this thread.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many, the newest.")] = DEFAULT,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the runs of a journal, oldest first."""
    with reading(journal) as opened:
        rows = [_row(run) for run in opened.runs(thread)][-limit:]
    if json:
        typer.echo(as_json(rows))
    elif not rows:
        typer.echo("No runs.")
    else:
        _table(rows)


@contextmanager
def reading(uri: str | None) -> Iterator[Journal]:
    """Open the journal that `--journal` or `TEA_JOURNAL` names, for a while."""
    from codeanatomy.workflow.journal.open import open_journal  # noqa: PLC0415 - heavy
    from codeanatomy.workflow.show.journaled import is_missing  # noqa: PLC0415 - as above

    if not uri:
        fail("Error: --journal is required (or set TEA_JOURNAL)", USAGE)
    if is_missing(uri):
        fail(f"Error: Journal not found: {uri}")
    opened = open_journal(uri)
    try:
        yield opened
    except typer.Exit:
        raise
    except Exception as error:  # noqa: BLE001 - a database fails in any way
        fail(f"Error: Cannot read journal {uri}: {error}")
    finally:
        opened.close()


def _row(run: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of the journal
    from codeanatomy.workflow.show.journaled import run_row  # noqa: PLC0415 - as above

    return run_row(run)


def _table(rows: list[dict[str, Any]]) -> None:
    heads = ("run", "thread", "graph", "status", "began", "took", "steps")
    cells = [[str(row[head]) for head in heads] for row in map(_shown, rows)]
    wide = [max(len(c) for c in column) for column in zip(heads, *cells, strict=True)]
    for line in (map(str.upper, heads), *cells):
        tell("  ".join(c.ljust(w) for c, w in zip(line, wide, strict=True)).rstrip())


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    began = datetime.fromtimestamp(row["began"], UTC).strftime("%Y-%m-%d %H:%M:%S")
    return {**row, "began": began, "took": format_duration(row["seconds"])}
