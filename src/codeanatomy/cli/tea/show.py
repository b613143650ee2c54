"""The command `tea show`: one run, step by step, in the terminal or as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from codeanatomy.cli.tea.history import reading
from codeanatomy.cli.tea.options import JournalUri  # noqa: TC001 - typer reads annotations
from codeanatomy.cli.tea.say import as_json, fail, tell, write_file
from codeanatomy.cli.tea.workflow_file import Wanted, load
from codeanatomy.workflow.show.duration import format_duration

if TYPE_CHECKING:
    from codeanatomy.workflow.show.picture import Picture
    from codeanatomy.workflow.show.story import Story, Told

SHOWN = 60  # characters of a value


def show(
    run: Annotated[str, typer.Argument(help="A run, the first characters of one, or a thread.")],
    *,
    journal: JournalUri = None,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="Write a page instead.")
    ] = None,
    workflow: Annotated[
        str | None, typer.Option("--workflow", "-w", help="The agent file, to draw all of it.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the steps of a run, what each changed, and how it ended."""
    from codeanatomy.workflow.redact import redacted  # noqa: PLC0415 - only here
    from codeanatomy.workflow.show.journaled import find_run, read_story  # noqa: PLC0415 - heavy

    with reading(journal) as opened:
        found = find_run(opened, run)
        if found is None:
            fail(f"Error: Run not found: {run}; `tea history` lists them")
        story = read_story(opened, found)
    if html is not None:
        from codeanatomy.workflow.show.report import to_html  # noqa: PLC0415 - only for a page

        write_file(html, to_html(story, _picture(workflow)))
        typer.echo(f"Report written to: {html}")
    elif json:
        from dataclasses import asdict  # noqa: PLC0415 - only here

        typer.echo(as_json(redacted(asdict(story))))
    else:
        tell(redacted(_text(story)))


def _picture(workflow: str | None) -> Picture | None:
    if workflow is None:
        return None
    from codeanatomy.workflow.show.picture import picture_of  # noqa: PLC0415 - only for a page

    loaded = load(Wanted(workflow))
    try:
        return picture_of(loaded.graph)
    finally:
        loaded.engine.close()


def _text(story: Story) -> str:
    lines = [
        f"Run: {story.run}",
        f"Thread: {story.thread}",
        f"Graph: {story.graph}",
        f"Status: {story.status}",
        f"Took: {format_duration(story.seconds)}",
        f"Steps ({len(story.taken)}):",
        *(line for step in story.steps for line in _step(step)),
    ]
    if story.error:
        lines.append(f"Error: {story.error}")
    return "\n".join([*lines, f"Final state: {as_json(story.final)}"])


def _step(step: Told) -> list[str]:
    branch = f" [{step.path}]" if step.path else ""
    if step.is_step:
        mark = "✗" if step.error else "✓"
        again = f" (attempt {step.attempt})" if step.attempt > 1 else ""
        took = format_duration(step.seconds)
        lines = [f"  {step.ordinal:>4} {mark} {step.node}{branch}{again}  {took}"]
    else:
        lines = [f"       ✎ changed at {step.node}{branch}"]
    lines += [f"         {_SIGNS[c.sign]} {c.key}: {_short(c.after)}" for c in step.changes]
    lines += [f"         {effect.name} {effect.key}" for effect in step.effects]
    return [*lines, f"         {step.error}"] if step.error else lines


def _short(value: object) -> str:
    text = as_json(value, indent=None)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


_SIGNS = {"added": "+", "changed": "~", "removed": "-"}
