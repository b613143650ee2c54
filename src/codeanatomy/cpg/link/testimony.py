"""What witnesses say that calls run, in one form: the place of the call, and a definition or name.

A witness that says nothing of a call has no row; one that names several targets has several. For a
class that is called, SCIP names the class, and so does a row here whose `target_kind` is `class`,
since no `__init__` of ours need be what runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import scip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

TARGETS = pa.schema(
    [
        pa.field("witness", pa.string(), nullable=False),  # scip or pyrefly
        pa.field("file_no", pa.int32(), nullable=False),
        # a written call's callee: its last identifier; else the expression that runs something
        pa.field("bstart", pa.int32(), nullable=False),
        pa.field("bend", pa.int32(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # as in `type_calls`
        pa.field("role", pa.string(), nullable=False),  # as in `type_calls`
        pa.field("target", pa.string(), nullable=False),  # qualified name
        pa.field("target_kind", pa.string(), nullable=False),  # class or function
        pa.field("target_file", pa.int32()),  # with the next two: the definition's name, if ours
        pa.field("target_bstart", pa.int32()),
        pa.field("target_bend", pa.int32()),
        pa.field("overridden", pa.bool_(), nullable=False),  # an override may run in its place
    ]
)
"""The columns of `witness_targets`; rows are in order of witness and place."""

_OBJECT = ("builtins.object.__init__", "builtins.object.__new__")


def witness_targets(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return what witnesses say that calls run, as `TARGETS` declares it.

    `tables` are evidence by name, of any number of repositories: `ast_calls`, and as far as they
    are there `scip_occurrences` and `type_calls`.
    """
    calls = tables["ast_calls"]
    named = calls.filter(pc.is_valid(calls["callee_bstart"]))
    parts = [TARGETS.empty_table()]
    if "scip_occurrences" in tables:
        parts.append(_from_scip(tables["scip_occurrences"], named))
    if "type_calls" in tables:
        parts.append(_from_types(tables["type_calls"], named))
    return pa.concat_tables(parts).sort_by([(name, "ascending") for name in TARGETS.names])


def _from_scip(occurrences: pa.Table, calls: pa.Table) -> pa.Table:
    """Take the symbol that stands on the last identifier of a callee."""
    defines = (_numbers(occurrences, "roles") & scip.DEFINITION) > 0
    definitions = _definitions(occurrences.filter(pa.array(defines)))
    places = set(zip(*(_columns(calls, "file_no", "callee_bstart", "callee_bend")), strict=True))
    uses = occurrences.filter(pa.array(~defines))
    columns = _columns(uses, "file_no", "bstart", "bend", "symbol")
    rows = {row for row in zip(*columns, strict=True) if row[:3] in places}
    found = []
    for file_no, start, end, symbol in sorted(rows):
        name, kind = scip.dotted(symbol), _kind(symbol)
        if name is not None and kind is not None:
            at = definitions.get(symbol, (None, None, None))
            found.append(("scip", file_no, start, end, "call", "call", name, kind, *at, False))
    return _table(found)


def _kind(symbol: str) -> str | None:
    """Say what a call of a symbol runs; None for a value, of which no code is known."""
    known = scip.parsed(symbol)
    return {"#": "class", "().": "function"}.get(known.descriptors[-1].suffix) if known else None


def _definitions(occurrences: pa.Table) -> dict[str, tuple[int, int, int]]:
    """Return the first place where each symbol is defined."""
    columns = _columns(occurrences, "file_no", "bstart", "bend", "symbol")
    rows = sorted(zip(*columns, strict=True), reverse=True)
    return {symbol: (file_no, start, end) for file_no, start, end, symbol in rows}


def _from_types(calls: pa.Table, named: pa.Table) -> pa.Table:
    """Take what the type checker says; a class stands for what it inherits from `object`."""
    callees = {
        (file_no, start, end): (first, after)
        for file_no, start, end, first, after in zip(
            *_columns(named, "file_no", "bstart", "bend", "callee_bstart", "callee_bend"),
            strict=True,
        )
    }
    rows = set()
    for row in calls.to_pylist():
        place = (row["file_no"], row["bstart"], row["bend"])
        if row["kind"] == "call" and place not in callees:
            continue  # the callee has no name: it is what another call returns
        start, end = callees[place] if row["kind"] == "call" else place[1:]
        made = row["target"] in _OBJECT and row["role"] in ("init", "new")
        what = "receiver" if made else "target"
        if row[what] is not None:
            about = (row[what], "class" if made else "function",
                     *(row[f"{what}_{end}"] for end in ("file", "bstart", "bend")))  # fmt: skip
            said = (row["kind"], row["role"], *about, row["overridden"])
            rows.add(("pyrefly", place[0], start, end, *said))
    return _table(list(rows))


def _table(rows: list[tuple[object, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(TARGETS)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, TARGETS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=TARGETS)


def _columns(table: pa.Table, *names: str) -> list[list[Any]]:
    return [table[name].to_pylist() for name in names]


def _numbers(table: pa.Table, column: str) -> Ints:
    found: Ints = table[column].to_numpy().astype(np.int64)
    return found
