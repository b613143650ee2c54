"""The commands `tea cache`: the remote files that are kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from codeanatomy.cli.tea.cached import Cached, Entry, parse_age
from codeanatomy.cli.tea.options import CacheDir  # noqa: TC001 - typer reads annotations
from codeanatomy.cli.tea.say import as_json, fail
from codeanatomy.workflow.show.duration import format_duration

cache = typer.Typer(help="The remote files that are kept.", no_args_is_help=True)

KILO = 1024


@cache.command("list")
def list_entries(
    *,
    cache_dir: CacheDir = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what is kept."""
    cached = Cached(cache_dir)
    rows = sorted(cached.entries().values(), key=lambda entry: entry.fetched)
    if json:
        typer.echo(as_json([{**asdict(row), "fresh": row.is_fresh(cached.ttl)} for row in rows]))
        return
    if not rows:
        typer.echo("Cache is empty")
        return
    typer.echo(f"{'AGE':>10}  {'SIZE':>10}  {'STATE':<7}  URL")
    for row in rows:
        typer.echo(_line(row, cached.ttl))
    typer.echo(f"Total: {len(rows)} entries")


@cache.command()
def clear(
    *,
    older_than: Annotated[
        str | None, typer.Option("--older-than", help="Only what is older: 7d, 24h, 30m, 45s.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Do not ask.")] = False,
    cache_dir: CacheDir = None,
) -> None:
    """Remove what is kept."""
    age = 0.0
    if older_than is not None:
        parsed = parse_age(older_than)
        if parsed is None:
            fail(f"Error: Invalid duration format '{older_than}'. Use 7d, 24h, 30m or 45s.")
        age = parsed
    cached = Cached(cache_dir)
    count = len(cached.entries())
    if not count:
        typer.echo("Cache is already empty")
        return
    if not force and older_than is None:
        typer.confirm(f"Remove all {count} cache entries?", abort=True)
    typer.echo(f"Cleared {cached.clear(age)} cache entries")


@cache.command()
def info(cache_dir: CacheDir = None) -> None:
    """Say where the cache is and how much it holds."""
    cached = Cached(cache_dir)
    rows = list(cached.entries().values())
    size = sum(row.size for row in rows)
    fresh = sum(row.is_fresh(cached.ttl) for row in rows)
    typer.echo(f"Location: {cached.folder}")
    typer.echo(f"Entries: {len(rows)} ({fresh} fresh, {len(rows) - fresh} expired)")
    typer.echo(f"Size: {size / KILO:.1f} KB of at most {cached.most / KILO:.0f} KB")
    typer.echo(f"TTL: {cached.ttl:.0f} seconds")


def _line(entry: Entry, ttl: float) -> str:
    state = "fixed" if entry.fixed else "fresh" if entry.is_fresh(ttl) else "expired"
    age = format_duration(entry.age)
    return f"{age:>10}  {entry.size / KILO:>7.1f} KB  {state:<7}  {entry.url}"
