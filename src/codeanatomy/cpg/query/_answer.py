"""What a question gives: rows, how far they can be trusted, and every way to write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from codeanatomy.cpg.graph.formats import aligned, one_line, plain_json
from codeanatomy.cpg.graph.result import Result
from codeanatomy.cpg.query import _draw
from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from codeanatomy.cpg.query._question import Question

WIDTH = 100  # characters of a line of source in a text


class Standing(msgspec.Struct, frozen=True):
    """How far an answer can be trusted.

    `verdict` is `found` when there are rows. An answer without rows is `none` (there are none),
    `not analysed` (`why` says what is missing) or `unresolved` (there may be some: `possible` many
    call sites or references whose target is not known go by the name). `total` counts the rows
    without a limit; `notes` tell of bounds that were met and of what is not known. `holds` is
    whether the answer is a yes, where the question is a check.
    """

    verdict: str
    total: int = 0
    possible: int = 0
    why: str = ""
    notes: tuple[str, ...] = ()
    holds: bool = True


class Answer(Result):
    """The rows of one question, as Python, pandas or polars has them, or as text or a drawing."""

    def __init__(
        self, table: pa.Table, question: Question, asked: tuple[str, ...], standing: Standing
    ) -> None:
        super().__init__(table)
        self.question = question
        self.asked = asked
        self.standing = standing

    @property
    def verdict(self) -> str:
        """`found`, `none`, `not analysed` or `unresolved`."""
        return self.standing.verdict

    @property
    def possible(self) -> int:
        """How many unresolved places could belong to the answer, by name."""
        return self.standing.possible

    def written(self, form: str) -> str:
        """Write it as text, json, mermaid or dot; raises `UnknownNameError` for another form."""
        if form not in FORMS:
            known = ", ".join(FORMS)
            raise UnknownNameError(f"no form {form!r}; the forms are {known}", name=form)
        return FORMS[form](self)

    def to_text(self) -> str:
        """Write the rows as a tree or a table, and below what else is to be known."""
        head = " ".join([self.question.name, *self.asked])
        return "\n".join([head, *_lines(self), *self.notes()])

    def to_json(self) -> str:
        """Write rows and standing as one JSON object."""
        value = {
            "question": self.question.name,
            "asked": self.asked,
            **msgspec.structs.asdict(self.standing),
            "rows": plain_json(self.to_pylist()),
        }
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()

    def to_mermaid(self) -> str:
        """Write a Mermaid flowchart."""
        return _draw.mermaid(self.asked, _arrows(self), self.notes())

    def to_dot(self) -> str:
        """Write a graph in the DOT language."""
        return _draw.dot(self.asked, _arrows(self), self.notes())

    def notes(self) -> list[str]:
        """Say in words how far the answer can be trusted."""
        standing = self.standing
        if standing.verdict == "not analysed":
            said = [f"not analysed: {standing.why}"]
        elif not len(self):
            said = ["none" if standing.verdict == "none" else "none that is known"]
        else:
            said = [_counted(standing.total, "row")]
            if standing.total > len(self):
                said = [f"the first {len(self):,} of {standing.total:,} rows; `limit` 0 is all"]
        if standing.possible:
            said.append(f"unresolved sites that could match: {standing.possible:,}")
        return [*said, *standing.notes]

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - only where a notebook shows it

        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes())
        return super()._repr_html_() + notes


FORMS: dict[str, Callable[[Answer], str]] = {
    "text": Answer.to_text,
    "json": Answer.to_json,
    "mermaid": Answer.to_mermaid,
    "dot": Answer.to_dot,
}


def _arrows(answer: Answer) -> list[_draw.Arrow]:
    """Draw each pair of names once."""
    tail, head = answer.question.arrow
    label = answer.question.label
    rows = answer.to_pylist() if tail else []
    drawn = [
        _draw.Arrow(row[tail] or row["path"] or "", row[head], str(row[label]) if label else "")
        for row in rows
    ]
    return list(dict.fromkeys(drawn))


def _lines(answer: Answer) -> list[str]:
    """Lay the rows out: what was found first, then its place, other columns, and its source."""
    rows = answer.to_pylist()
    if not rows:
        return []
    found = answer.question.found
    ordered = _tree(answer, rows) if found else [(0, row) for row in rows]
    hidden = {found, *answer.question.arrow, "depth"} if found else set()
    columns = [c.name for c in answer.question.columns if c.name not in (*hidden, *_MERGED)]
    columns = [name for name in columns if any(row[name] is not None for row in rows)]
    head = [found, *columns] if found else columns
    cells = [[*(_TITLES.get(name, name) for name in head), "source" if "source" in rows[0] else ""]]
    for depth, row in ordered:
        first = ["  " * depth + one_line(row[found], WIDTH)] if found else []
        cells.append([*first, *(_cell(row, name) for name in columns), _source(row)])
    return [f"  {line}" for line in aligned(cells)]


_TITLES = {"path": "place"}
_MERGED = ("source", "line", "site_lines")  # shown after the row, and with the path


def _tree(answer: Answer, rows: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Order rows so that each stands below the row that it was found through, depth first.

    A thing found again, as in a circle, is not followed again. What hangs below nothing that is
    shown, because of the limit, comes last.
    """
    question = answer.question
    below: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        one, other = (row[end] for end in question.arrow)
        below.setdefault(other if row[question.found] == one else one, []).append(row)
    ordered: list[tuple[int, dict[str, Any]]] = []
    roots = [name for name in below if all(row["depth"] == 1 for row in below[name])]
    for root in [*roots, *below]:
        stack = [(0, row) for row in reversed(below.pop(root, []))]
        while stack:
            depth, row = stack.pop()
            ordered.append((depth, row))
            stack += [(depth + 1, r) for r in reversed(below.pop(row[question.found], []))]
    return ordered


def _cell(row: dict[str, Any], name: str) -> str:
    value = row[name]
    if name == "path":
        lines = ",".join(map(str, row.get("site_lines") or [row["line"]] if row["line"] else []))
        return "" if value is None else f"{value}:{lines}" if lines else value
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.2f}"
    return one_line(str(value), WIDTH)


def _source(row: dict[str, Any]) -> str:
    return one_line((row.get("source") or "").strip(), WIDTH)


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
