"""The rows that declare a question: what it is given, and what its answer holds."""

from __future__ import annotations

from typing import Literal

import msgspec

from codeanatomy.kernel.schema import Column, Table


class Given(msgspec.Struct, frozen=True):
    """One thing that a question is given.

    `type` is `node` (a name, last parts of one, FILE:LINE or node_id), or what the value is;
    `words` are several texts, joined by commas in SQL. What has no default must be given.
    """

    name: str
    type: Literal["node", "int", "float", "bool", "words"]
    meaning: str
    default: int | float | bool | tuple[str, ...] | None = None
    optional: bool = False


class Question(msgspec.Struct, frozen=True):
    """A question: the file of its name in `query` answers it in a function `answer`.

    `needs` are the kinds of edge without which it is not answered, `uses` those whose absence is
    told. `about` are the kinds of node that may be asked about; none is any. `arrow` are the two
    columns that a drawing joins, from and to; with `found`, what each row is about, rows are a
    tree: what is found at one end stands below the other. `label` is written at the arrow. `exit`
    says when the command ends with a status that is not 0.
    """

    name: str
    meaning: str
    given: tuple[Given, ...]
    columns: tuple[Column, ...]
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    arrow: tuple[str, str] = ("", "")
    found: str = ""
    label: str = ""
    exit: str = ""

    def table(self) -> Table:
        """Return what the rows of its answer look like."""
        return Table(self.name, self.meaning, self.name, (), self.columns)

    def sql(self) -> str:
        """Write a call of it as SQL has it."""
        names = (f"[{given.name}]" if _may_miss(given) else given.name for given in self.given)
        return f"SELECT * FROM {self.name}({', '.join(names)})"  # noqa: S608 - shown, never run


def _may_miss(given: Given) -> bool:
    return given.optional or given.default is not None
