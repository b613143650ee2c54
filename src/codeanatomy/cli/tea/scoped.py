"""Runs a part of a graph: from one node up to, not including, another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from codeanatomy.cli.tea.following import write_output
from codeanatomy.cli.tea.say import BAR, as_json, fail, say
from codeanatomy.workflow.names import END, START

if TYPE_CHECKING:
    from codeanatomy.cli.tea.options import RunOptions
    from codeanatomy.cli.tea.workflow_file import Loaded


def run_scoped(loaded: Loaded, state: dict[str, Any], options: RunOptions, *, given: bool) -> None:
    """Run the part, print its final state; a node that fails ends the command."""
    first = options.entry_point or _first(loaded.graph)
    last = options.exit_point or END
    if options.entry_point is not None and not given:
        say("Warning: --entry-point without --input means starting with empty state")
    if not options.quiet:
        typer.echo(f"{BAR}\nRunning scoped execution: {first} → (stop before {last})")
        typer.echo(f"Workflow: {loaded.path}\n{BAR}")
    try:
        final = loaded.graph.execute_scoped(state, first, last)
    except ValueError as error:
        fail(f"Error: {error}")
    except Exception as error:  # noqa: BLE001 - what a node raises
        text = str(error)
        fail(text if text.startswith("Error in node") else f"Error: {text}")
    finally:
        loaded.engine.close()
    wrong = final.get("_scoped_error") if isinstance(final, dict) else None
    if wrong:
        fail(f"Error in node '{wrong['node']}': {wrong['error']}")
    if not options.quiet:
        typer.echo(f"\n{BAR}\n✓ Scoped execution completed\n{BAR}\nFinal state: {as_json(final)}")
    if options.output:
        write_output(options.output, final, told=not options.quiet)


def _first(graph: Any) -> str:  # noqa: ANN401 - a StateGraph
    following: list[str] = graph.successors(START)
    return following[0] if following else START
