"""The command `tea validate`: checks an agent file without running it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from codeanatomy.cli.tea.say import FAILED, fail, say, tell


def validate(
    file: Annotated[str, typer.Argument(help="The agent file (YAML).")],
    *,
    detailed: Annotated[
        bool, typer.Option("--detailed", help="Print what the file holds first.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Look for more, and let warnings fail too.")
    ] = False,
) -> None:
    """Check an agent file: its structure, its names, its conditions. No code in it is run."""
    from codeanatomy.workflow.load import validate as checks  # noqa: PLC0415 - needs the YAML library

    if not Path(file).is_file():
        fail(f"Error: File not found: {file}")
    findings = list(checks.validate_file(file, strict=strict))
    definition = _definition(file)
    if detailed and definition:
        _details(definition)
    errors = [finding for finding in findings if finding.severity == "error"]
    warnings = [finding for finding in findings if finding.severity != "error"]
    for finding in findings:
        _print(file, finding)
    if errors or (strict and warnings):
        say(f"FAIL: {file} ({len(errors)} error(s), {len(warnings)} warning(s))")
        raise typer.Exit(FAILED)
    nodes, edges = len(definition.get("nodes") or ()), len(definition.get("edges") or ())
    typer.echo(
        f"OK: {file} ({nodes} nodes, {edges} edges) "
        "[structural checks only — run blocks not executed]"
    )


def _definition(file: str) -> dict[str, Any]:
    from codeanatomy.workflow.load.read import read_yaml  # noqa: PLC0415 - as above

    try:
        value = read_yaml(Path(file)).value
    except Exception:  # noqa: BLE001 - the findings say what is wrong with it
        return {}
    return value if isinstance(value, dict) else {}


def _details(definition: dict[str, Any]) -> None:
    nodes, edges = definition.get("nodes") or [], definition.get("edges") or []
    tell(f"Workflow: {definition.get('name', 'unnamed')}")
    typer.echo(f"Nodes ({len(nodes)}):")
    for node in nodes:
        tell(f"  - {node.get('name') if isinstance(node, dict) else node}")
    typer.echo(f"Edges ({len(edges)}):")
    for edge in edges:
        if isinstance(edge, dict):
            tell(f"  - {edge.get('from')} -> {edge.get('to')}")


def _print(file: str, finding: Any) -> None:  # noqa: ANN401 - a Finding
    place = f"{file}:{finding.line or 1}:{finding.column or 1}"
    say(f"{place}: {finding.severity} [{finding.code}]: {finding.message}")
    if finding.node:
        say(f"    node: {finding.node}")
