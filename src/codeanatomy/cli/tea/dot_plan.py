"""From a drawing and the options to what will be run: phases of labels and commands."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.cli.tea.say import fail, say

if TYPE_CHECKING:
    from codeanatomy.cli.tea.options import RunOptions
    from codeanatomy.workflow.dot.model import AnalyzedGraph


@dataclass(frozen=True, slots=True)
class Planned:
    """A node that is run, or skipped because the run starts behind it."""

    label: str
    command: str | None
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The phases in their order, and what is to be said about where the run starts."""

    phases: list[list[Planned]]
    notes: list[str]


def plan_of(options: RunOptions, extra: dict[str, Any]) -> Plan:
    """Read the drawing and plan its run; every mistake ends the command."""
    graph = _read(str(options.from_dot))
    notes: list[str] = []
    wave, step = _start(graph, options, notes)
    phases = []
    for number, phase in enumerate(graph.phases, 1):
        row = []
        for place, node in enumerate(phase.nodes, 1):
            skipped = number < wave or (number == wave and place < step)
            command = _command(graph, node, options, extra)
            row.append(Planned(graph.label(node), command, skipped))
        phases.append(row)
    return Plan(phases, notes)


def _read(file: str) -> AnalyzedGraph:
    from codeanatomy.workflow.dot.analyze import analyze_graph  # noqa: PLC0415 - only for drawings
    from codeanatomy.workflow.dot.parse import parse_dot  # noqa: PLC0415 - as above

    if not Path(file).is_file():
        fail(f"Error: DOT file not found: {file}")
    say(f"Loading DOT graph from {file}...")
    try:
        graph = analyze_graph(parse_dot(file))
    except (ValueError, OSError) as error:
        fail(f"Error: {error}")
    say(f"Graph loaded: {len(graph.tasks)} nodes in {len(graph.phases)} phases")
    return graph


def _start(graph: AnalyzedGraph, options: RunOptions, notes: list[str]) -> tuple[int, int]:
    wave, step, label = options.dot_start_wave, options.dot_start_step, options.dot_start_from
    if label is not None:
        if wave is not None or step is not None:
            other = "--dot-start-wave" if wave is not None else "--dot-start-step"
            fail(f"Error: --dot-start-from is mutually exclusive with {other}")
        wave, step = _resolved(graph, label)
        notes.append(f"Resolved --dot-start-from '{label}' to wave {wave}, step {step}")
    wave, step = wave or 1, step or 1
    waves = len(graph.phases)
    if wave > waves:
        fail(f"Error: Wave {wave} exceeds total waves ({waves}). Valid range: 1-{waves}")
    steps = len(graph.phases[wave - 1].nodes) if graph.phases else 1
    if step > steps:
        fail(
            f"Error: Step {step} exceeds steps in wave {wave} ({steps} steps). "
            f"Valid range: 1-{steps}"
        )
    if wave > 1:
        notes.append(f"Skipping waves 1-{wave - 1}, starting from wave {wave}")
    if step > 1:
        notes.append(f"Skipping steps 1-{step - 1} in wave {wave}, starting from step {step}")
    return wave, step


def _resolved(graph: AnalyzedGraph, label: str) -> tuple[int, int]:
    places = {
        name: (phase.number, place)
        for phase in graph.phases[::-1]
        for place, node in reversed(list(enumerate(phase.nodes, 1)))
        for name in (node, graph.label(node))
    }
    if label not in places:
        known = ", ".join(f"'{graph.label(node)}'" for node in graph.tasks)
        fail(f"Error: Label '{label}' not found. Available: {known}")
    return places[label]


def _command(
    graph: AnalyzedGraph, node: str, options: RunOptions, extra: dict[str, Any]
) -> str | None:
    drawn = graph.parsed.nodes[node]
    if options.dot_workflow is None:
        return drawn.command
    given = json.dumps({options.dot_arg: drawn.label, **extra}, ensure_ascii=False)
    words = [*shlex.split(options.dot_exec), "run", options.dot_workflow, "--input", given]
    return shlex.join(words)
