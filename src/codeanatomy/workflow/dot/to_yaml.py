"""Writes an agent file that runs a drawing: its commands are data, its code is always the same."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.dot.analyze import analyze_graph
from codeanatomy.workflow.dot.command import fill
from codeanatomy.workflow.dot.parse import parse_dot

if TYPE_CHECKING:
    from codeanatomy.workflow.dot.model import AnalyzedGraph, DotEdge, ExecutionPhase

Row = dict[str, Any]

_RUN = """\
import subprocess
done = subprocess.run(
    item["command"], shell=True, capture_output=True, text=True, timeout={timeout}
)
if done.returncode:
    raise RuntimeError(
        item["label"] + " failed (exit " + str(done.returncode) + "): " + done.stderr[-2000:]
    )
lines = done.stdout.strip().splitlines()
"""
_RUN_TMUX = """\
import os, shlex, subprocess, tempfile, time
session, folder = {session!r}, tempfile.mkdtemp()
script = os.path.join(folder, "command.sh")
code, log = os.path.join(folder, "code"), os.path.join(folder, "log")
with open(script, "w") as file:
    file.write(item["command"])
line = "sh " + shlex.quote(script) + " 2>&1 | tee " + shlex.quote(log)
line = "bash -o pipefail -c " + shlex.quote(line) + "; echo $? > " + shlex.quote(code + ".new")
line += "; mv " + shlex.quote(code + ".new") + " " + shlex.quote(code)
made = subprocess.run(["tmux", "new-session", "-d", "-s", session, line], capture_output=True)
if made.returncode:
    subprocess.run(["tmux", "new-window", "-d", "-t", session + ":", line], check=True)
until = time.monotonic() + {timeout}
while not os.path.exists(code):
    if time.monotonic() > until:
        raise RuntimeError(item["label"] + " timed out")
    time.sleep(0.2)
with open(code) as file:
    status = file.read().strip()
with open(log) as file:
    lines = file.read().strip().splitlines()
if status != "0":
    raise RuntimeError(item["label"] + " failed (exit " + status + ")")
"""
_ONE = "item = {{ data.KEY[0] }}\n"
_OF_BRANCH = 'item = state["item"]\n'
_RETURN = """\
results = dict(state.get("results") or {})
results[item["label"]] = "\\n".join(lines)
return {"results": results, "route": lines[-1] if lines else ""}
"""
_JOIN = """\
results = dict(state.get("results") or {})
for one in parallel_results:
    if not one.success:
        raise RuntimeError(one.error)
    results.update(one["results"])
return {"results": results}
"""


def dot_to_yaml(  # noqa: PLR0913, PLR0917 - the promised signature
    file_path: str,
    command_template: str,
    output_path: str | None = None,
    max_concurrency: int = 3,
    workflow_name: str | None = None,
    use_tmux: bool = False,  # noqa: FBT001, FBT002 - the promised signature
    tmux_session: str | None = None,
    validate: bool = False,  # noqa: FBT001, FBT002 - as above
    use_node_commands: bool = False,  # noqa: FBT001, FBT002 - as above
    allow_cycles: bool = False,  # noqa: FBT001, FBT002 - as above
    tea_executable: str | None = None,
    subprocess_timeout: int = 900,
) -> str:
    """Return the agent file of a drawing, and write it to `output_path` when that is given.

    `command_template` holds `{{ item }}` where a node's label goes, quoted for the shell; with
    `use_node_commands` a node's own `command` comes first. `tea` at the start of a command becomes
    `tea_executable`. The results stand in `state["results"]` by label. A drawing with circles
    becomes a file whose edges are followed by their labels: the last line a command writes is
    compared with the label of the edge, an edge without one is always followed.
    """
    import yaml  # noqa: PLC0415 - a parser of DOT needs none of it

    analyzed = analyze_graph(parse_dot(file_path), allow_cycles)
    commands = {
        node: _command(analyzed, node, command_template, tea_executable, own=use_node_commands)
        for node in analyzed.tasks
    }
    name = workflow_name or analyzed.name
    session = tmux_session or f"tea-{_slug(name)}"
    run = _RUN_TMUX.replace("{session!r}", repr(session)) if use_tmux else _RUN
    run = run.replace("{timeout}", str(int(subprocess_timeout)))
    parts = (_circular if analyzed.back_edges else _phased)(
        analyzed, commands, run, max_concurrency
    )
    document = {
        "name": name,
        "description": f"Runs the drawing {Path(file_path).name}",
        "state_schema": {"results": "dict", "route": "str"},
        **parts,
    }
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    if validate:
        _check(text)
    if output_path is not None:
        Path(output_path).write_text(text, encoding="utf-8")
    return text


def _command(
    analyzed: AnalyzedGraph, node: str, template: str, tea: str | None, *, own: bool
) -> str:
    drawn = analyzed.parsed.nodes[node]
    command = drawn.command if own and drawn.command else fill(template, drawn.label)
    return re.sub(r"^tea(?=\s)", lambda _: tea, command) if tea else command


def _phased(analyzed: AnalyzedGraph, commands: dict[str, str], run: str, most: int) -> Row:
    nodes: list[Row] = []
    for phase in analyzed.phases:
        nodes += _phase_nodes(phase, run, most)
    data = {
        f"phase_{phase.number}": [_item(analyzed, commands, node) for node in phase.nodes]
        for phase in analyzed.phases
    }
    return {"data": data, "nodes": nodes, "edges": _chain([row["name"] for row in nodes])}


def _phase_nodes(phase: ExecutionPhase, run: str, most: int) -> list[Row]:
    key = f"phase_{phase.number}"
    if not phase.is_parallel:
        return [{"name": key, "run": _ONE.replace("KEY", key) + run + _RETURN}]
    join = f"{key}_join"
    return [
        {
            "name": key,
            "type": "dynamic_parallel",
            "items": f"{{{{ data.{key} }}}}",
            "item_var": "item",
            "max_concurrency": most,
            "steps": [{"name": "execute", "run": _OF_BRANCH + run + _RETURN}],
            "fan_in": join,
        },
        {"name": join, "fan_in": True, "run": _JOIN},
    ]


def _circular(analyzed: AnalyzedGraph, commands: dict[str, str], run: str, most: int) -> Row:  # noqa: ARG001 - one at a time
    slugs = {node: f"step_{i}_{_slug(node)}" for i, node in enumerate(analyzed.parsed.nodes, 1)}
    tasks = [node for node in analyzed.parsed.nodes if node in commands]
    data = {slugs[node]: [_item(analyzed, commands, node)] for node in tasks}
    nodes = []
    for node, slug in slugs.items():
        body = _ONE.replace("KEY", slug) + run + _RETURN if node in commands else None
        goto = [_rule(edge, slugs) for edge in analyzed.parsed.edges if edge.source == node]
        row: Row = {"name": slug, **({"run": body} if body else {})}
        nodes.append({**row, "goto": [*goto, {"to": "__end__"}]})
    entered = {edge.target for edge in analyzed.parsed.edges}
    first = next((node for node in slugs if node not in entered), next(iter(slugs)))
    edges = [{"from": "__start__", "to": slugs[first]}]
    return {"data": data, "nodes": nodes, "edges": edges}


def _rule(edge: DotEdge, slugs: dict[str, str]) -> Row:
    to = {"to": slugs[edge.target]}
    if condition := edge.attributes.get("condition"):
        return {"if": condition, **to}
    if edge.label:
        return {"if": f"state.route == {edge.label!r}", **to}
    return to


def _item(analyzed: AnalyzedGraph, commands: dict[str, str], node: str) -> Row:
    return {"id": node, "label": analyzed.label(node), "command": commands[node]}


def _chain(names: list[str]) -> list[Row]:
    ends = ["__start__", *names, "__end__"]
    return [{"from": a, "to": b} for a, b in itertools.pairwise(ends)]


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text).strip("_").lower() or "node"


def _check(text: str) -> None:
    from codeanatomy.workflow.load.read import read_yaml  # noqa: PLC0415 - only when asked for
    from codeanatomy.workflow.load.validate import validate  # noqa: PLC0415 - as above

    errors = [f for f in validate(read_yaml(text)) if f.severity == "error"]
    if errors:
        shown = "; ".join(f"[{error.code}] {error.message}" for error in errors)
        msg = f"the generated agent file is not valid: {shown}"
        raise SpecError(msg, findings=errors)
