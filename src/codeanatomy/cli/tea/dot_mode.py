"""Runs a drawing in DOT: a phase after the other, its nodes side by side, in tmux where it is."""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from codeanatomy.cli.tea.dot_plan import Planned, plan_of
from codeanatomy.cli.tea.dot_windows import Processes, Tmux, has_tmux
from codeanatomy.cli.tea.inputs import json_object
from codeanatomy.cli.tea.say import FAILED, INTERRUPTED, fail, say
from codeanatomy.workflow.show.duration import format_duration

if TYPE_CHECKING:
    from codeanatomy.cli.tea.dot_plan import Plan
    from codeanatomy.cli.tea.options import RunOptions


def run_drawing(options: RunOptions) -> None:
    """Print the plan of a drawing and run it; exit 1 when a node failed."""
    extra = json_object(options.dot_input, "--dot-input")
    plan = plan_of(options, extra)
    _announce(plan)
    if options.dot_dry_run:
        say("(Dry run - no commands executed)")
        return
    _check_commands(plan)
    run_id = f"{os.getpid()}_{int(time.time())}"
    place = Path(tempfile.gettempdir())
    if has_tmux() and not options.dot_no_tmux:
        session = options.dot_session or f"tea-{run_id}"
        windows: Tmux | Processes = Tmux(session, run_id, place)
        say(f"tmux session: {session}")
        say(f"Attach with: tmux attach -t {session}")
    else:
        windows = Processes(run_id, place)
    try:
        failed, stopped = _run(plan, windows, options)
    except KeyboardInterrupt:
        windows.stop()
        say("Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    _summary(plan, failed, stopped)
    if failed:
        raise typer.Exit(FAILED)


def _announce(plan: Plan) -> None:
    for note in plan.notes:
        say(note)
    say("\n=== Execution Plan ===")
    for number, phase in enumerate(plan.phases, 1):
        parallel = " (parallel)" if len(phase) > 1 else ""
        say(f"Phase {number}{parallel}:")
        for node in phase:
            skipped = " [SKIPPED]" if node.skipped else ""
            say(f"  - {_one_line(node.label)}{skipped}")
            if not node.skipped and node.command:
                say(f"      {_one_line(node.command)}")


def _check_commands(plan: Plan) -> None:
    bare = [n.label for phase in plan.phases for n in phase if not n.skipped and not n.command]
    if bare:
        shown = ", ".join(f"'{_one_line(label)}'" for label in bare)
        fail(f"Error: No command for {shown}; give a `command` attribute or use --dot-workflow")


def _run(
    plan: Plan, windows: Tmux | Processes, options: RunOptions
) -> tuple[list[Planned], list[int]]:
    failed: list[Planned] = []
    for number, phase in enumerate(plan.phases, 1):
        todo = [node for node in phase if not node.skipped]
        with ThreadPoolExecutor(options.dot_max_parallel) as pool:
            places = range(1, len(todo) + 1)
            jobs = [
                pool.submit(_one, windows, node, number, place)
                for node, place in zip(todo, places, strict=True)
            ]
            try:
                failed += [node for node, job in zip(todo, jobs, strict=True) if job.result()]
            except KeyboardInterrupt:
                windows.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        if failed and not options.dot_no_stop:
            left = [n for n, rest in enumerate(plan.phases[number:], number + 1) if rest]
            return failed, left
    return failed, []


def _one(windows: Tmux | Processes, node: Planned, phase: int, place: int) -> int:
    began = time.perf_counter()
    code = windows.run(node.label, node.command or "", phase, place)
    took = format_duration(time.perf_counter() - began)
    label = _one_line(node.label)
    if code:
        say(f"✗ Failed: {label} (exit code {code}, {took})")
    else:
        say(f"✓ Completed: {label} ({took})")
    return code


def _summary(plan: Plan, failed: list[Planned], stopped: list[int]) -> None:
    nodes = [node for phase in plan.phases for node in phase]
    skipped = sum(node.skipped for node in nodes)
    never = sum(not node.skipped for number in stopped for node in plan.phases[number - 1])
    total = len(nodes) - skipped
    say("\n=== Summary ===")
    more = f", {skipped} skipped" if skipped else ""
    say(f"Nodes: {total - never - len(failed)}/{total} succeeded{more}")
    if failed:
        say("Failed nodes:")
        for node in failed:
            say(f"  - {_one_line(node.label)}")
    if stopped:
        say(f"Skipped phases: {', '.join(map(str, stopped))}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
