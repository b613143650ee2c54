"""Answers as drawings: the text of a Mermaid flowchart, and a graph in the DOT language."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.graph.formats import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDTH = 80  # characters of a label
_MERMAID = str.maketrans({c: f"#{ord(c)};" for c in '"#<>&`\\|[]{}()'})
_DOT = str.maketrans({'"': r"\"", "\\": r"\\"})


class Arrow(NamedTuple):
    """One arrow of a drawing: two names, and what is written beside it."""

    tail: str
    head: str
    label: str


def mermaid(asked: Sequence[str], arrows: Iterable[Arrow], notes: Iterable[str]) -> str:
    """Write a Mermaid flowchart; what was asked about has a thick border, notes are comments.

    Whatever Mermaid could take for syntax is written as an entity: `#35;` is a number sign.
    """
    drawn = list(arrows)
    ids = _ids(asked, drawn)
    lines = ["flowchart LR", *(f"  %% {_comment(note)}" for note in notes)]
    lines += [f'  {ids[name]}["{_cut(name).translate(_MERMAID)}"]' for name in ids]
    for tail, head, label in drawn:
        beside = f'|"{_cut(label).translate(_MERMAID)}"|' if label else ""
        lines.append(f"  {ids[tail]} -->{beside} {ids[head]}")
    lines += [f"  style {ids[name]} stroke-width:3px" for name in dict.fromkeys(asked)]
    return "\n".join(lines)


def dot(asked: Sequence[str], arrows: Iterable[Arrow], notes: Iterable[str]) -> str:
    """Write a directed graph in DOT; what was asked about has a thick border, notes are comments.

    Names and labels are quoted strings, in which only quotes and backslashes are special.
    """
    drawn = list(arrows)
    ids = _ids(asked, drawn)
    lines = ["digraph answer {", *(f"  // {_comment(note)}" for note in notes)]
    lines += ["  rankdir=LR;", "  node [shape=box];"]
    thick = frozenset(asked)
    for name, number in ids.items():
        width = ", penwidth=3" if name in thick else ""
        lines.append(f'  {number} [label="{_cut(name).translate(_DOT)}"{width}];')
    for tail, head, label in drawn:
        beside = f' [label="{_cut(label).translate(_DOT)}"]' if label else ""
        lines.append(f"  {ids[tail]} -> {ids[head]}{beside};")
    return "\n".join([*lines, "}"])


def _ids(asked: Sequence[str], arrows: Sequence[Arrow]) -> dict[str, str]:
    """Give each name a number, in the order in which they come."""
    names = dict.fromkeys([*asked, *(end for arrow in arrows for end in arrow[:2])])
    return {name: f"n{number}" for number, name in enumerate(names)}


def _cut(text: str) -> str:
    return one_line(text, _WIDTH)


def _comment(text: str) -> str:
    """Make a text one line that no directive of Mermaid can begin."""
    return one_line(text).replace("{", "(").replace("}", ")")
