"""The reference of agent files: every key, node type, setting and finding of the format."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.workflow.load import format as declared
from docs._pages.writing import grid, page, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.load.format import Rows

_SENTENCE = (
    "Everything an agent file may say. Values are templates where a sentence says so; `${NAME}` "
    "and `${NAME:-default}` in settings are taken from the environment."
)
_TOLD = {
    "load": "the loader and `tea validate`",
    "check": "`tea validate`",
    "strict": "`tea validate --strict`",
}


class Part(NamedTuple):
    """A part of the format: what stands before its names in headings, and its rows."""

    title: str
    before: str
    sentence: str
    rows: Rows


PARTS = (
    Part("Top level", "", "The keys of the file itself.", declared.TOP),
    Part("Nodes", "nodes.", "The keys of a node; a warning names one that is none.", declared.NODE),
    Part(
        "Node types",
        "type: ",
        "What a node is. [Each with an example](../how-to/node-types.md).",
        declared.TYPES,
    ),
    Part(
        "Failures",
        "on_error.",
        "`nodes.on_error`, and `settings.error_handling`.",
        declared.ON_ERROR,
    ),
    Part("Branches", "parallel_config.", "Of nodes and of parallel edges.", declared.PARALLEL),
    Part("Edges", "edges.", "The keys of an edge.", declared.EDGE),
    Part("Config", "config.", "How the graph is made.", declared.CONFIG),
    Part("Imports", "imports.", "The keys of an import.", declared.IMPORT),
    Part("Input", "input_schema.", "What may be said of a field.", declared.INPUT_FIELD),
    Part(
        "Output",
        "output_schema.",
        "A field is a template, or a mapping of these.",
        declared.OUTPUT_FIELD,
    ),
    Part("Endpoint", "endpoint.", "The route of the agent.", declared.ENDPOINT),
    Part("Settings", "settings.", "What nodes use.", declared.SETTINGS),
)


def agent_files_page() -> str:
    """Return the page: a heading for every name; options of a setting are a table below it."""
    return page("Agent files", _SENTENCE, [*map(_part, PARTS), _codes()])


def headings() -> list[str]:
    """Name everything that needs a heading of its own."""
    named = [f"{part.before}{name}" for part in PARTS for name in part.rows if "." not in name]
    return [*named, *(code.name for code in declared.CODES)]


def _part(part: Part) -> str:
    return "\n\n".join([f"## {part.title}", part.sentence, *_rows(part)])


def _rows(part: Part) -> Iterator[str]:
    for name, inner in groupby(sorted(part.rows), key=lambda key: key.partition(".")[0]):
        options = {key.partition(".")[2]: part.rows[key] for key in inner if "." in key}
        yield f"### {part.before}{name}\n\n{part.rows[name]}"
        if options:
            yield grid(("option", "meaning"), quoted(options))


def _codes() -> str:
    rows = [
        f"### {code.name}\n\n{code.meaning}\n\n- told by: {_TOLD[code.told]}"
        for code in declared.CODES
    ]
    sentence = "What is wrong with a file; each names the file, the line and the column."
    return "\n\n".join(["## Findings", sentence, *rows])
