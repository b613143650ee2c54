"""The command `tea inspect`: shows what an agent file holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codeanatomy.cli.tea.say import USAGE, as_json, fail, tell
from codeanatomy.cli.tea.workflow_file import read_definition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.workflow.show.picture import Picture

Definition = dict[str, Any]


def inspect(
    file: Annotated[str, typer.Argument(help="The agent file (YAML).")],
    format_: Annotated[
        str, typer.Option("--format", "-f", help="text, json, dot, mermaid or ascii.")
    ] = "text",
) -> None:
    """Show what an agent file holds, or draw its graph."""
    if format_ not in _FORMATS:
        fail(f"Error: Unknown format '{format_}'; one of: {', '.join(_FORMATS)}", USAGE)
    if not Path(file).is_file() and "://" not in file:
        fail(f"Error: Workflow file not found: {file}")
    definition, path = read_definition(file)
    tell(_FORMATS[format_](definition, path))


def _text(definition: Definition, _: Path) -> str:
    return "\n".join(_lines(definition))


def _lines(definition: Definition) -> Iterator[str]:
    yield f"Workflow: {definition.get('name', 'unnamed')}"
    if definition.get("description"):
        yield f"Description: {definition['description']}"
    nodes = [node for node in definition.get("nodes") or [] if isinstance(node, dict)]
    yield f"\nNodes ({len(nodes)}):"
    yield from (f"  - {node.get('name')}{_kind(node)}" for node in nodes)
    edges = [edge for edge in definition.get("edges") or [] if isinstance(edge, dict)]
    yield f"\nEdges ({len(edges)}):"
    for edge in edges:
        condition = edge.get("when", edge.get("condition"))
        when = f" [when: {_condition(condition)}]" if condition is not None else ""
        yield f"  {edge.get('from')} -> {_names(edge.get('to'))}{when}"
    variables = definition.get("variables")
    if variables:
        yield "\nVariables:"
        yield from (f"  {key}: {value}" for key, value in variables.items())


def _kind(node: Definition) -> str:
    kind = node.get("uses") or node.get("type") or ("run" if "run" in node else "")
    return f" ({kind})" if kind else ""


def _condition(condition: Any) -> str:  # noqa: ANN401 - a text or a mapping
    if isinstance(condition, dict):
        return str(condition.get("value", condition))
    return str(condition)


def _names(to: Any) -> str:  # noqa: ANN401 - a name or a list of names
    return ", ".join(map(str, to)) if isinstance(to, list) else str(to)


def _drawn(definition: Definition, path: Path) -> Picture:
    from codeanatomy.workflow.show.picture import picture_of  # noqa: PLC0415 - only to draw
    from codeanatomy.workflow.yaml_engine.engine import YAMLEngine  # noqa: PLC0415 - heavy

    engine = YAMLEngine()
    try:
        return picture_of(engine.load_from_dict(definition, yaml_dir=str(path.parent)))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a file is said in one line
        fail(f"Error loading workflow: {error}")
    finally:
        engine.close()


def _dot(definition: Definition, path: Path) -> str:
    from codeanatomy.workflow.show.graphviz import to_dot  # noqa: PLC0415 - only to draw

    return to_dot(_drawn(definition, path), str(definition.get("name") or "workflow"))


def _mermaid(definition: Definition, path: Path) -> str:
    from codeanatomy.workflow.show.mermaid import to_mermaid  # noqa: PLC0415 - only to draw

    return to_mermaid(_drawn(definition, path))


def _ascii(definition: Definition, path: Path) -> str:
    from codeanatomy.workflow.show.ascii import to_ascii  # noqa: PLC0415 - only to draw

    return to_ascii(_drawn(definition, path))


_FORMATS: dict[str, Callable[[Definition, Path], str]] = {
    "text": _text,
    "json": lambda definition, _: as_json(definition),
    "dot": _dot,
    "mermaid": _mermaid,
    "ascii": _ascii,
}
